// espalier compile: a model file and calibration samples -> an INT8 package.
#include <nlohmann/json.hpp>

#include "dataset/labels.h"
#include "network.h"

namespace espalier::cli {
namespace {

class Compile : public Invocation {
 public:
  void declare(Arguments& arguments) override {
    arguments.positional("model", path_, "model file (.onnx)");
    arguments.option("-o,--output", options_.output, "package to write (.esp)");
    arguments.option("--export-qdq", options_.qdq, "ONNX file to write: QuantizeLinear and DequantizeLinear");
    arguments.option("--export-qoperator", options_.qoperator, "ONNX file to write: QLinearConv, QLinearMatMul");
    arguments.option("--calibration", options_.calibration,
                     "folder of pictures, or of .npz files with one array per input");
    arguments.option("--first", options_.calibration_first, "calibrate on samples first, first + step, ...");
    arguments.option("--step", options_.calibration_step, "distance of calibration samples");
    arguments.option("--count", options_.calibration_count, "at most so many calibration samples, 0 = all");
    arguments.option("--range", options_.range_method, "ranges of activations: percentile, min-max or mean-square");
    arguments.option("--percentile", options_.percentile, "percent of the seen values that a range holds");
    arguments.flag("--requantize", options_.requantize,
                   "discard the scales of a quantized model and take ranges from the samples");
    arguments.option("--labels", labels_, "class names, one a line, kept in the package");
    arguments.option("--threads", options_.thread_count,
                     "threads of the calibration runs; the package does not depend on it");
    arguments.option("--kernels", options_.kernels,
                     "kernels of the calibration runs; the package does not depend on it");
    arguments.option("--dump", options_.dump_folder, "folder for the graph as text after each stage and pass");
    arguments.flag("--passes", shows_passes_, "a row per pass of simplify: rewrites and time");
    model_.declare(arguments);
  }

  Result<Outcome> run(Progress& progress) override {
    options_.model = TRY(model_.options());
    if (!labels_.empty()) options_.labels = TRY(read_class_names(labels_));
    options_.progress = [&](const std::string& what, int64_t done, int64_t total) {
      progress.update(what, done, total);
    };
    const CompileReport report = TRY(espalier::compile(path_, options_));
    return Outcome{.text = text_of(report), .json = json_of(report)};
  }

 private:
  static double integer_percent(const CompileReport& report) {
    return report.mac_count == 0
               ? 0
               : 100.0 * static_cast<double>(report.integer_mac_count) / static_cast<double>(report.mac_count);
  }

  std::string text_of(const CompileReport& report) const {
    std::string text;
    if (shows_passes_)
      for (const PassRun& pass : report.passes)
        text += fmt::format("{:<26} {:>12} {:>9.3f} ms\n", pass.name,
                            pass.rewrite_count == 0 ? "(unchanged)" : fmt::format("{} rewrites", pass.rewrite_count),
                            pass.time_ms);
    for (const std::string& note : report.notes) text += "note: " + note + "\n";
    text +=
        fmt::format("{}; INT8: {:.2f} % of {:.3f} GMAC; {} transposes are left\n",
                    report.has_stored_scales ? "scales of the model" : fmt::format("{} samples", report.sample_count),
                    integer_percent(report), static_cast<double>(report.mac_count) * 1e-9, report.transposes.size());
    for (const FloatLayer& layer : report.float_layers)
      text += fmt::format("float: {} ({}): {}\n", layer.name, layer.op, layer.reason);
    if (!options_.output.empty())
      text += fmt::format("{}: {:.1f} KB\n", options_.output, static_cast<double>(report.package_size_bytes) / 1000);
    for (const std::string& path : {options_.qdq, options_.qoperator})
      if (!path.empty()) text += path + ": ONNX\n";
    return text;
  }

  std::shared_ptr<nlohmann::json> json_of(const CompileReport& report) const {
    auto json = std::make_shared<nlohmann::json>();
    *json = {{"output", options_.output},
             {"qdq", options_.qdq},
             {"qoperator", options_.qoperator},
             {"samples", report.sample_count},
             {"scales", report.has_stored_scales ? "model" : "calibration"},
             {"macs", report.mac_count},
             {"integer_macs", report.integer_mac_count},
             {"package_size_bytes", report.package_size_bytes},
             {"weight_size_bytes", report.weight_size_bytes},
             {"notes", report.notes},
             {"transposes", report.transposes}};
    (*json)["float_layers"] = nlohmann::json::array();
    for (const FloatLayer& layer : report.float_layers)
      (*json)["float_layers"].push_back(
          {{"name", layer.name}, {"op", layer.op}, {"reason", layer.reason}, {"macs", layer.mac_count}});
    (*json)["passes"] = nlohmann::json::array();
    for (const PassRun& pass : report.passes)
      (*json)["passes"].push_back({{"name", pass.name}, {"rewrites", pass.rewrite_count}, {"time_ms", pass.time_ms}});
    return json;
  }

  std::string path_, labels_;
  ModelArguments model_;
  bool shows_passes_ = false;
  CompileOptions options_;
};

}  // namespace

const Command compile_command = {
    "compile", "quantize a model with your samples and write a package",
    "espalier compile yolox_nano.onnx --preprocess yolox_nano.json --calibration images/ -o yolox_nano.esp",
    create<Compile>};

}  // namespace espalier::cli
