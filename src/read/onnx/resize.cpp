// Resize (opset 10 on) and its predecessor Upsample.
#include "read/onnx/import.h"

#include <cmath>

namespace espalier::read::onnx {
namespace {

// Both spatial scales and the output size of a map in NCHW, from scales or sizes.
struct Target {
  std::vector<int64_t> size;
  std::vector<float> scales;
};

Result<Target> target_from_scales(const Shape& input, const std::vector<float>& scales) {
  if (scales.size() != 4) return error("it has {} scales, 4 are needed", scales.size());
  if (scales[0] != 1.0f || scales[1] != 1.0f) return error("it resizes batch or channels, only maps are supported");
  Target target;
  for (size_t d = 2; d < 4; ++d) {
    if (!(scales[d] > 0) || !(scales[d] < 1e6f)) return error("scale {} is impossible", scales[d]);
    target.size.push_back(static_cast<int64_t>(std::floor(static_cast<float>(input[d]) * scales[d])));
    target.scales.push_back(scales[d]);
  }
  return target;
}

Result<Target> target_from_sizes(const Shape& input, const std::vector<int64_t>& sizes) {
  if (sizes.size() != 4) return error("it has {} sizes, 4 are needed", sizes.size());
  if (sizes[0] != input[0] || sizes[1] != input[1])
    return error("it resizes batch or channels, only maps are supported");
  Target target;
  for (size_t d = 2; d < 4; ++d) {
    target.size.push_back(sizes[d]);
    target.scales.push_back(static_cast<float>(sizes[d]) / static_cast<float>(input[d]));
  }
  return target;
}

Outputs resized(Import& import, const OnnxNode& node, Value* x, const Target& target, const std::string& coordinates,
                const std::string& rounding) {
  const std::string mode = TRY(node.text("mode", "nearest"));
  if (mode != "nearest" && mode != "linear") return error("mode \"{}\" is not supported, nearest and linear are", mode);
  Attributes attributes = {
      {"size", target.size}, {"scales", target.scales}, {"mode", mode}, {"coordinates", coordinates}};
  if (mode == "nearest") attributes["rounding"] = rounding;
  Value* y = TRY(import.emit("resize", node.name(), {TRY(import.to_nhwc(x))}, attributes));
  return std::vector<Value*>{TRY(import.to_nchw(y))};
}

Status check_map(const Value* x) {
  if (x->shape().size() != 4)
    return error("the input has {} dimensions ({}); only 2-d maps in NCHW, 4 dimensions, are supported",
                 x->shape().size(), to_string(x->shape()));
  return {};
}

}  // namespace

Outputs convert_Resize(Import& import, const OnnxNode& node) {
  Value* x = TRY(node.required(0));
  TRY_STATUS(check_map(x));
  if (import.opset() < 11) {
    const auto scales = TRY(node.constant_reals(1, "scales"));
    if (!scales) return error("its scales are missing");
    return resized(import, node, x, TRY(target_from_scales(x->shape(), *scales)), "asymmetric", "floor");
  }
  if (TRY(node.integer("antialias", 0)) != 0) return error("antialias is not supported");
  const std::string coordinates = TRY(node.text("coordinate_transformation_mode", "half_pixel"));
  const std::string rounding = TRY(node.text("nearest_mode", "round_prefer_floor"));
  if (TRY(node.text("keep_aspect_ratio_policy", "stretch")) != "stretch")
    return error("keep_aspect_ratio_policy is not supported");
  const std::vector<int64_t> axes = TRY(node.integers("axes"));
  auto scales = TRY(node.constant_reals(2, "scales"));
  auto sizes = TRY(node.constant_integers(3, "sizes"));
  if (!axes.empty()) {
    if (axes != std::vector<int64_t>{2, 3}) return error("it resizes axes other than the spatial ones");
    if (scales && scales->size() == 2) scales->insert(scales->begin(), {1.0f, 1.0f});
    if (sizes && sizes->size() == 2) sizes->insert(sizes->begin(), x->shape().begin(), x->shape().begin() + 2);
  }
  const bool by_scales = scales && !scales->empty();
  if (!by_scales && !(sizes && !sizes->empty())) return error("neither scales nor sizes are given");
  const Target target =
      by_scales ? TRY(target_from_scales(x->shape(), *scales)) : TRY(target_from_sizes(x->shape(), *sizes));
  return resized(import, node, x, target, coordinates, rounding);
}

Outputs convert_Upsample(Import& import, const OnnxNode& node) {
  Value* x = TRY(node.required(0));
  TRY_STATUS(check_map(x));
  std::vector<float> scales = TRY(node.reals("scales"));
  if (const auto given = TRY(node.constant_reals(1, "scales"))) scales = *given;
  return resized(import, node, x, TRY(target_from_scales(x->shape(), scales)), "asymmetric", "floor");
}

}  // namespace espalier::read::onnx
