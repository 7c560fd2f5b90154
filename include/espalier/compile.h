// From a model file and calibration samples to a package.
//
//   auto recipe = espalier::read_recipe("net.json");
//   if (!recipe.ok()) return recipe.error();
//   espalier::CompileOptions options{.calibration = "images/", .output = "net.esp"};
//   options.model.recipe = *recipe;
//   auto report = espalier::compile("net.onnx", options);
//   if (!report.ok()) return report.error();
//   std::printf("%lld bytes\n", static_cast<long long>(report->package_size_bytes));
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "espalier/model.h"

namespace espalier {

// Sets the inputs of the next calibration sample; false when there is none left.
using CalibrationSource = std::function<Result<bool>(Session& session)>;

struct CompileOptions {
  ModelOptions model = {};
  std::string calibration = {};   // a folder of pictures (by the recipe) or of .npz files with the inputs by name;
                                  // a model with scales of its own needs none
  int64_t calibration_first = 0;  // sample numbers first, first + step, ...; at most `calibration_count`, 0 = all
  int64_t calibration_step = 1;
  int64_t calibration_count = 0;
  CalibrationSource samples = {};           // instead of a folder
  std::string range_method = "percentile";  // or "min-max", "mean-square"
  double percentile = 99.99;
  bool requantize = false;               // discard the scales of a quantized model and calibrate anew
  std::vector<std::string> labels = {};  // empty: those that the model file carries
  std::string output = {};               // the package's file; empty: none, where the graph is exported
  std::string qdq = {};        // also an ONNX file: real operators between QuantizeLinear and DequantizeLinear
  std::string qoperator = {};  // also an ONNX file: QLinearConv, QLinearMatMul and their like
  int thread_count = 1;
  std::string kernels = "best";  // of the calibration runs; the package does not depend on it
  std::string dump_folder = {};  // the graph as text after each stage and pass; empty: none
  std::function<void(const std::string& what, int64_t done, int64_t total)> progress = {};
};

struct FloatLayer {
  std::string name;
  std::string op;
  std::string reason;
  int64_t mac_count = 0;
};

// One run of a pass of simplify; they run round after round until one changes nothing.
struct PassRun {
  std::string name;
  int rewrite_count = 0;
  double time_ms = 0;
};

struct CompileReport {
  std::vector<std::string> notes;
  std::vector<PassRun> passes;           // in running order, also those that changed nothing
  std::vector<std::string> transposes;   // left after simplification
  std::vector<FloatLayer> float_layers;  // nodes that stay float, with reasons
  bool has_stored_scales = false;        // the model's own scales were used; nothing was calibrated
  int64_t sample_count = 0;
  int64_t mac_count = 0;
  int64_t integer_mac_count = 0;
  int64_t package_size_bytes = 0;
  int64_t weight_size_bytes = 0;
};

// Writes files aside and renames them: on an error nothing is there that was not before.
Result<CompileReport> compile(const std::string& model_path, const CompileOptions& options);

// Runs of the golden case of a package.
struct VerifyRun {
  std::string kernels;
  int thread_count = 1;
  bool equal = true;
  std::string first_different;  // name of the first layer that differs
};
struct VerifyReport {
  bool ok = true;
  bool reference_equal = true;  // all runs give the stored bits
  std::vector<VerifyRun> runs;
  std::vector<std::string> differences;  // of hashes, as sentences
};
// Hashes of sections and layers, of the model file where one is given, and the golden case on the reference and on all
// kernels that this processor has, with 1 and 2 threads. A damaged package is an Error.
Result<VerifyReport> verify_package(
    const std::string& path, const std::string& model_path = "",
    const std::function<void(const std::string& what, int64_t done, int64_t total)>& progress = {});

// What a package remembers of its model: 32 hex digits over the model's file and its external data.
Result<std::string> hash_model(const std::string& path);

// The package as text.
Result<std::string> disassemble(const std::string& path);

}  // namespace espalier
