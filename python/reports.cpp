// One function per report (python/reports.h).
#include "reports.h"

#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

namespace nb = nanobind;

namespace espalier {
namespace {

// One dictionary per row, which `fill` fills.
template <class T, class Fill>
nb::list rows_of(const std::vector<T>& rows, const Fill& fill) {
  nb::list list;
  for (const T& row : rows) {
    nb::dict dictionary;
    fill(row, dictionary);
    list.append(dictionary);
  }
  return list;
}

}  // namespace

nb::list python_of(const std::vector<TensorInfo>& tensors) {
  nb::list list;
  for (const TensorInfo& info : tensors)
    list.append(nb::make_tuple(info.name, std::string(name(info.type)), nb::tuple(nb::cast(info.shape))));
  return list;
}

nb::dict python_of(const ModelCheck& check) {
  nb::dict answer;
  answer["supported"] = check.supported;
  answer["macs"] = check.mac_count;
  answer["integer_macs"] = check.integer_mac_count;
  answer["parameters"] = check.parameter_count;
  answer["inputs"] = python_of(check.inputs);
  answer["outputs"] = python_of(check.outputs);
  answer["notes"] = check.notes;
  answer["constant_inputs"] = check.constant_inputs;
  answer["transposes"] = check.transposes;
  answer["nodes"] = rows_of(check.nodes, [](const CheckedNode& node, nb::dict& row) {
    row["name"] = node.name;
    row["op"] = node.op;
    row["supported"] = node.supported;
    row["reason"] = node.reason;
    row["macs"] = node.mac_count;
    row["output_shape"] = node.output_shape;
  });
  return answer;
}

nb::dict python_of(const CompileReport& report, const CompileOptions& options) {
  nb::dict answer;
  answer["output"] = options.output;
  answer["qdq"] = options.qdq;
  answer["qoperator"] = options.qoperator;
  answer["samples"] = report.sample_count;
  answer["scales"] = report.has_stored_scales ? "model" : "calibration";
  answer["macs"] = report.mac_count;
  answer["integer_macs"] = report.integer_mac_count;
  answer["package_size_bytes"] = report.package_size_bytes;
  answer["weight_size_bytes"] = report.weight_size_bytes;
  answer["notes"] = report.notes;
  answer["transposes"] = report.transposes;
  answer["float_layers"] = rows_of(report.float_layers, [](const FloatLayer& layer, nb::dict& row) {
    row["name"] = layer.name;
    row["op"] = layer.op;
    row["reason"] = layer.reason;
    row["macs"] = layer.mac_count;
  });
  answer["passes"] = rows_of(report.passes, [](const PassRun& pass, nb::dict& row) {
    row["name"] = pass.name;
    row["rewrites"] = pass.rewrite_count;
    row["time_ms"] = pass.time_ms;
  });
  return answer;
}

nb::dict python_of(const VerifyReport& report) {
  nb::dict answer;
  answer["ok"] = report.ok;
  answer["reference_equal"] = report.reference_equal;
  answer["differences"] = report.differences;
  answer["runs"] = rows_of(report.runs, [](const VerifyRun& run, nb::dict& row) {
    row["kernels"] = run.kernels;
    row["threads"] = run.thread_count;
    row["equal"] = run.equal;
    row["first_different"] = run.first_different;
  });
  return answer;
}

}  // namespace espalier
