// espalier verify: hashes of a package, and its golden case on the reference and on every kernel of this CPU.
#include <nlohmann/json.hpp>

#include "network.h"

namespace espalier::cli {
namespace {

class Verify : public Invocation {
 public:
  void declare(Arguments& arguments) override {
    arguments.positional("package", path_, "package (.esp)");
    arguments.option("--model", model_path_, "the model file that it should have been compiled from");
  }

  Result<Outcome> run(Progress& progress) override {
    const VerifyReport report =
        TRY(verify_package(path_, model_path_, [&](const std::string& what, int64_t done, int64_t total) {
          progress.update(what, done, total);
        }));
    Outcome outcome{.text = {}, .json = std::make_shared<nlohmann::json>(), .exit_code = report.ok ? 0 : 1};
    auto& json = *outcome.json;
    json = {{"ok", report.ok}, {"reference_equal", report.reference_equal}, {"differences", report.differences}};
    json["runs"] = nlohmann::json::array();
    for (const VerifyRun& run : report.runs) {
      outcome.text +=
          fmt::format("{:<12} {} thread{}: {}\n", run.kernels, run.thread_count, run.thread_count == 1 ? " " : "s",
                      run.equal ? "the stored bits" : "DIFFERS, first at layer " + run.first_different);
      json["runs"].push_back({{"kernels", run.kernels},
                              {"threads", run.thread_count},
                              {"equal", run.equal},
                              {"first_different", run.first_different}});
    }
    for (const std::string& difference : report.differences) outcome.text += "DIFFERS: " + difference + "\n";
    outcome.text += report.ok ? path_ + ": ok\n" : path_ + ": NOT ok\n";
    return outcome;
  }

 private:
  std::string path_, model_path_;
};

}  // namespace

const Command verify_command = {"verify", "hashes, golden case, reference = kernels", "espalier verify yolox_nano.esp",
                                create<Verify>};

}  // namespace espalier::cli
