// espalier bench: latency of a package or a model on this CPU, per thread count and per layer.
#include <algorithm>
#include <charconv>
#include <chrono>
#include <map>
#include <nlohmann/json.hpp>

#include "base/cpu_features.h"
#include "network.h"

namespace espalier::cli {
namespace {

struct Latency {
  double min = 0, median = 0, p90 = 0;
};

Latency latency_of(std::vector<double> times) {
  std::sort(times.begin(), times.end());
  const auto at = [&](double share) {
    return times[static_cast<size_t>(share * static_cast<double>(times.size() - 1) + 0.5)];
  };
  return {times.front(), at(0.5), at(0.9)};
}

constexpr int64_t kRunCountMax = 1'000'000;

struct LayerTime {
  std::string name, op, kernel;
  std::vector<std::string> refusals;
  int64_t mac_count = 0;
  double time_us = 0;  // the smallest of all runs
};

class Bench : public Invocation {
 public:
  void declare(Arguments& arguments) override {
    arguments.positional("network", path_, "package (.esp) or model file (.onnx)");
    arguments.list("--threads", threads_, "thread counts, such as 1,2");
    arguments.option("--runs", run_count_, "timed runs per thread count");
    arguments.option("--warmup", warmup_count_, "runs before that");
    arguments.option("--kernels", kernels_, "best, reference, portable, or avx2, avx512vnni, neon, neondot");
    arguments.option("--sample", sample_, "picture or .npz to run; zeros otherwise");
    arguments.flag("--per-layer", per_layer_,
                   "a row per layer; for portable and reference kernels, why no better one took it");
    model_.declare(arguments);
  }

  Result<Outcome> run(Progress& progress) override {
    if (run_count_ < 1 || warmup_count_ < 0 || std::max(run_count_, warmup_count_) > kRunCountMax)
      return error("--runs must be 1 to {} and --warmup 0 to {}, they are {} and {}", kRunCountMax, kRunCountMax,
                   run_count_, warmup_count_);
    if (threads_.empty()) threads_ = {"1"};
    std::vector<int> thread_counts;
    for (const std::string& text : threads_) thread_counts.push_back(TRY(parse_thread_count(text)));
    Outcome outcome{.text = {}, .json = std::make_shared<nlohmann::json>()};
    auto& json = *outcome.json;
    outcome.text += fmt::format("cpu {}   kernels {}   {} runs\n", to_string(cpu_features()), kernels_, run_count_);
    for (const int count : thread_counts) {
      Session session = TRY(open_network(path_, TRY(model_.options()), {.thread_count = count, .kernels = kernels_}));
      TRY_STATUS(sample_.empty() ? set_zeros(session) : set_sample(session, sample_));
      const Latency latency = TRY(time_runs(session, progress));
      const nlohmann::json figures = {{"min", latency.min}, {"median", latency.median}, {"p90", latency.p90}};
      if (!json.contains("latency_ms")) json["latency_ms"] = figures;
      json["per_threads"][std::to_string(count)] = figures;
      outcome.text += fmt::format("{} thread{}: min {:.3f} ms, median {:.3f} ms, 90th percentile {:.3f} ms\n", count,
                                  count == 1 ? "" : "s", latency.min, latency.median, latency.p90);
      if (layers_.empty()) TRY_STATUS(time_layers(session));
    }
    add_layers(outcome);
    return outcome;
  }

 private:
  static Result<int> parse_thread_count(const std::string& text) {
    int count = 0;
    const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), count);
    if (code != std::errc{} || end != text.data() + text.size()) return error("--threads: \"{}\" is no number", text);
    return count;
  }

  static Status set_zeros(Session& session) {
    for (const TensorInfo& input : session.inputs())
      TRY_STATUS(session.set_input(input.name, Tensor(input.type, input.shape)));
    return {};
  }

  Result<Latency> time_runs(Session& session, Progress& progress) {
    std::vector<double> times;
    for (int64_t i = 0; i < warmup_count_ + run_count_; ++i) {
      const auto start = std::chrono::steady_clock::now();
      TRY_STATUS(session.run());
      const std::chrono::duration<double, std::milli> elapsed = std::chrono::steady_clock::now() - start;
      if (i >= warmup_count_) times.push_back(elapsed.count());
      progress.update("timing", i + 1, warmup_count_ + run_count_);
    }
    return latency_of(times);
  }

  // The smallest time of each layer, in runs of their own since observing costs time between layers.
  Status time_layers(Session& session) {
    for (int64_t i = 0; i < std::min<int64_t>(run_count_, 20); ++i) {
      size_t index = 0;
      TRY_STATUS(session.run([&](const LayerRun& layer) {
        if (index == layers_.size())
          layers_.push_back({layer.name, layer.op, layer.kernel, layer.refusals, layer.mac_count, layer.time_us});
        layers_[index].time_us = std::min(layers_[index].time_us, layer.time_us);
        ++index;
      }));
    }
    return {};
  }

  void add_layers(Outcome& outcome) const {
    double total = 0, reference = 0;
    int64_t macs = 0, reference_macs = 0;
    for (const LayerTime& layer : layers_) {
      total += layer.time_us;
      macs += layer.mac_count;
      if (layer.kernel != "reference") continue;
      reference += layer.time_us;
      reference_macs += layer.mac_count;
    }
    const double reference_share = total > 0 ? reference / total : 0;
    const double reference_mac_share = macs > 0 ? static_cast<double>(reference_macs) / static_cast<double>(macs) : 0;
    auto& json = *outcome.json;
    json["reference_time_share"] = reference_share;
    json["reference_mac_share"] = reference_mac_share;
    outcome.text += fmt::format("reference kernels: {:.2f} % of the time, {:.2f} % of the MACs\n",
                                100 * reference_share, 100 * reference_mac_share);
    if (per_layer_ && threads_.size() > 1) outcome.text += fmt::format("layers with --threads {}:\n", threads_[0]);
    json["layers_threads"] = threads_[0];
    json["layers"] = nlohmann::json::array();
    std::map<std::string, int> refusals;  // with the number of layers
    for (const LayerTime& layer : layers_) {
      const double gops = layer.time_us > 0 ? 2e-3 * static_cast<double>(layer.mac_count) / layer.time_us : 0;
      json["layers"].push_back({{"name", layer.name},
                                {"op", layer.op},
                                {"kernel", layer.kernel},
                                {"refusals", layer.refusals},
                                {"macs", layer.mac_count},
                                {"time_us", layer.time_us},
                                {"gops", gops}});
      if (!per_layer_) continue;
      outcome.text += fmt::format("{:<48} {:<16} {:<28} {:>9.1f} us {:>8}\n", layer.name, layer.op, layer.kernel,
                                  layer.time_us, gops > 0 ? fmt::format("{:.1f} GOP/s", gops) : "");
      if (layer.kernel == "reference" || layer.kernel.ends_with("_portable"))
        for (const std::string& refusal : layer.refusals) ++refusals[refusal];
    }
    if (!refusals.empty()) outcome.text += "why layers run on portable or reference kernels:\n";
    for (const auto& [refusal, count] : refusals)
      outcome.text += fmt::format("  {} layer{}: {}\n", count, count == 1 ? "" : "s", refusal);
  }

  std::string path_, kernels_ = "best", sample_;
  std::vector<std::string> threads_;
  int64_t run_count_ = 50, warmup_count_ = 5;
  bool per_layer_ = false;
  ModelArguments model_;
  std::vector<LayerTime> layers_;
};

}  // namespace

const Command bench_command = {"bench", "latency on this CPU",
                               "espalier bench yolox_nano.esp --threads 1,2 --per-layer", create<Bench>};

}  // namespace espalier::cli
