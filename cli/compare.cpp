// espalier compare: float against integer, a row per layer, and the layers at fault.
#include "compare/compare.h"

#include <map>
#include <nlohmann/json.hpp>

#include "base/bytes.h"
#include "dataset/samples.h"
#include "network.h"
#include "package/package.h"
#include "session_parts.h"

namespace espalier::cli {
namespace {

class Compare : public Invocation {
 public:
  void declare(Arguments& arguments) override {
    arguments.positional("model", model_path_, "model file (.onnx), run in float32");
    arguments.positional("package", package_path_, "package (.esp) that was compiled from it");
    arguments.option("--images", samples_, "folder of pictures or .npz files, or one file");
    arguments.option("--first", selection_.first, "samples first, first + step, ...");
    arguments.option("--step", selection_.step, "distance of samples");
    arguments.option("--count", selection_.count, "at most so many samples, 0 = all");
    arguments.option("--threads", session_.thread_count, "threads, 1 to 256");
    arguments.option("--worst", worst_count_, "how many layers at fault are named");
    model_.declare_shapes(arguments);
  }

  Result<Outcome> run(Progress& progress) override {
    if (samples_.empty()) return error("no samples are given: --images FOLDER");
    if (!TRY(is_package_file(package_path_)))
      return error("{}: is no package; compare takes the model first, then the package", package_path_);
    Session integer = TRY(Session::open(package_path_, session_));
    if (TRY(hash_model(model_path_)) != to_hex(SessionParts::package(integer).model_hash))
      return error("{} was not compiled from {}: the model's hash is another one", package_path_, model_path_);
    ModelOptions model = TRY(model_.options());
    model.recipe = integer.recipe();  // both see the same pixels
    Session real = TRY(open_model(model_path_, model, session_));
    const std::vector<std::string> paths = TRY(select(TRY(list_samples(samples_)).paths, selection_));
    Comparison layers;
    Comparison outputs;
    for (size_t i = 0; i < paths.size(); ++i) {
      TRY_STATUS(add_sample(real, integer, paths[i], layers, outputs));
      progress.update("comparing", static_cast<int64_t>(i + 1), static_cast<int64_t>(paths.size()));
    }
    return summarize(layers, outputs, paths.size());
  }

 private:
  static Status add_sample(Session& real, Session& integer, const std::string& path, Comparison& layers,
                           Comparison& outputs) {
    std::map<std::string, Tensor> expected;
    TRY_STATUS(set_sample(real, path));
    TRY_STATUS(real.run([&](const LayerRun& layer) { expected.emplace(layer.output, layer.real_output()); }));
    TRY_STATUS(set_sample(integer, path));
    TRY_STATUS(integer.run([&](const LayerRun& layer) {
      // Values keep their names through quantization; seams between float and integer have no twin.
      const auto found = expected.find(layer.output);
      if (found == expected.end()) return;
      const Tensor got = layer.real_output();
      if (got.type() == DataType::f32 && got.count() == found->second.count())
        layers.add(layer.name, layer.op, layer.output, layer.inputs, found->second, got);
    }));
    for (const TensorInfo& info : real.outputs()) {
      const Tensor a = TRY(real.output(info.name));
      const Tensor b = TRY(integer.output(info.name));
      if (a.type() == DataType::f32 && a.count() == b.count()) outputs.add(info.name, "output", info.name, {}, a, b);
    }
    return {};
  }

  Outcome summarize(const Comparison& layers, const Comparison& outputs, size_t sample_count) const {
    Outcome outcome{.text = {}, .json = std::make_shared<nlohmann::json>()};
    auto& json = *outcome.json;
    const auto rows_json = [](const std::vector<LayerRow>& rows) {
      nlohmann::json list = nlohmann::json::array();
      for (const LayerRow& row : rows)
        list.push_back({{"name", row.name},
                        {"op", row.op},
                        {"snr_db", row.snr_db},
                        {"max_error", row.max_error},
                        {"drop_db", row.drop_db}});
      return list;
    };
    outcome.text +=
        fmt::format("{:<48} {:<14} {:>9} {:>9} {:>12}\n", "layer", "operator", "SNR dB", "lost dB", "max error");
    for (const LayerRow& row : layers.rows())
      outcome.text += fmt::format("{:<48} {:<14} {:9.2f} {:9.2f} {:12.5g}\n", row.name, row.op, row.snr_db, row.drop_db,
                                  row.max_error);
    outcome.text += fmt::format("\nover {} samples\n", sample_count);
    for (const LayerRow& row : outputs.rows())
      outcome.text +=
          fmt::format("output {:<41} {:<14} {:9.2f} {:>9} {:12.5g}\n", row.name, "", row.snr_db, "", row.max_error);
    const std::vector<LayerRow> worst = layers.at_fault(static_cast<size_t>(std::max<int64_t>(worst_count_, 0)));
    outcome.text += "\nat fault, by what each loses against its worst input:\n";
    for (const LayerRow& row : worst)
      outcome.text +=
          fmt::format("  {} ({}): {:.2f} dB lost, {:.2f} dB left\n", row.name, row.op, row.drop_db, row.snr_db);
    json = {{"layers", rows_json(layers.rows())},
            {"outputs", rows_json(outputs.rows())},
            {"at_fault", rows_json(worst)},
            {"samples", sample_count}};
    return outcome;
  }

  std::string model_path_, package_path_, samples_;
  SampleSelection selection_;
  SessionOptions session_;
  int64_t worst_count_ = 5;
  ModelArguments model_;
};

}  // namespace

const Command compare_command = {"compare", "float against integer, a row per layer",
                                 "espalier compare yolox_nano.onnx yolox_nano.esp --images images/", create<Compare>};

}  // namespace espalier::cli
