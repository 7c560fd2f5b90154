// Resize (opset 10 on) and its predecessor Upsample. Spatial maps by nearest neighbour or bilinear interpolation are
// the operator resize. Everything else works along one axis after the other: the nearest neighbour chooses slices, the
// interpolations are products with a matrix of weights.
#include "ops/resize.h"

#include <algorithm>
#include <cmath>

#include "read/onnx/import.h"

namespace espalier::read::onnx {
namespace {

constexpr int64_t kExtentMax = int64_t{1} << 24;

struct Plan {
  Shape size;                  // of the output
  std::vector<float> scales;   // per dimension
  std::vector<float> regions;  // begins, then ends, per dimension
  std::string mode = {}, coordinates = {};
  std::vector<std::string> roundings = {};  // per dimension
  float cubic_a = -0.75f;
  float outside_value = 0;
  bool excludes_outside = false, antialiases = false;
};

Status set_scales(const Shape& input, const std::vector<int64_t>& axes, const std::vector<float>& scales, Plan& plan) {
  if (scales.size() != axes.size()) return error("it has {} scales for {} dimensions", scales.size(), axes.size());
  for (size_t i = 0; i < axes.size(); ++i) {
    const auto d = static_cast<size_t>(axes[i]);
    if (!(scales[i] > 0) || !(scales[i] < 1e6f)) return error("scale {} is impossible", scales[i]);
    plan.scales[d] = scales[i];
    plan.size[d] = static_cast<int64_t>(std::floor(static_cast<float>(input[d]) * scales[i]));
  }
  return {};
}

// Sizes as they are, or as the bounds of one scale for all axes.
Status set_sizes(const Shape& input, const std::vector<int64_t>& axes, const std::vector<int64_t>& sizes,
                 const std::string& policy, Plan& plan) {
  if (sizes.size() != axes.size()) return error("it has {} sizes for {} dimensions", sizes.size(), axes.size());
  std::vector<float> scales;
  for (size_t i = 0; i < axes.size(); ++i) {
    if (sizes[i] < 1 || sizes[i] > kExtentMax) return error("size {} is impossible", sizes[i]);
    scales.push_back(static_cast<float>(sizes[i]) / static_cast<float>(input[static_cast<size_t>(axes[i])]));
  }
  if (policy != "stretch" && policy != "not_larger" && policy != "not_smaller")
    return error("keep_aspect_ratio_policy \"{}\" is none of stretch, not_larger, not_smaller", policy);
  const auto [smallest, largest] = std::minmax_element(scales.begin(), scales.end());
  for (size_t i = 0; i < axes.size(); ++i) {
    const auto d = static_cast<size_t>(axes[i]);
    plan.size[d] = sizes[i];
    plan.scales[d] = scales[i];
    if (policy == "stretch") continue;
    // The size is rounded, the coordinates keep the one scale.
    plan.scales[d] = policy == "not_larger" ? *smallest : *largest;
    plan.size[d] = static_cast<int64_t>(std::floor(plan.scales[d] * static_cast<float>(input[d]) + 0.5f));
  }
  return {};
}

Result<Plan> read_plan(const OnnxNode& node, const Shape& input, int64_t opset) {
  Plan plan{.size = input, .scales = std::vector<float>(input.size(), 1.0f), .regions = {}};
  plan.mode = TRY(node.text("mode", "nearest"));
  if (plan.mode == "bilinear") plan.mode = "linear";  // its name before opset 9
  std::vector<int64_t> axes = TRY(node.integers("axes"));
  for (int64_t& axis : axes) axis = TRY(ops::normalize_axis(axis, input.size()));
  if (axes.empty())
    for (size_t d = 0; d < input.size(); ++d) axes.push_back(static_cast<int64_t>(d));
  if (opset < 11 || node.op() == "Upsample") {
    plan.coordinates = "asymmetric";
    std::vector<float> scales = TRY(node.reals("scales"));
    if (const auto given = TRY(node.constant_reals(1, "scales"))) scales = *given;
    TRY_STATUS(set_scales(input, axes, scales, plan));
    // The text of opset 10 names no rounding; this is what ONNX Runtime does.
    for (const float scale : plan.scales) plan.roundings.push_back(scale < 1 ? "ceil" : "floor");
    return plan;
  }
  plan.coordinates = TRY(node.text("coordinate_transformation_mode", "half_pixel"));
  plan.roundings.assign(input.size(), TRY(node.text("nearest_mode", "round_prefer_floor")));
  plan.cubic_a = TRY(node.real("cubic_coeff_a", -0.75f));
  plan.excludes_outside = TRY(node.integer("exclude_outside", 0)) != 0;
  plan.antialiases = TRY(node.integer("antialias", 0)) != 0;
  plan.outside_value = TRY(node.real("extrapolation_value", 0.0f));
  const auto scales = TRY(node.constant_reals(2, "scales"));
  const auto sizes = TRY(node.constant_integers(3, "sizes"));
  if (scales && !scales->empty()) {
    TRY_STATUS(set_scales(input, axes, *scales, plan));
  } else if (sizes && !sizes->empty()) {
    TRY_STATUS(set_sizes(input, axes, *sizes, TRY(node.text("keep_aspect_ratio_policy", "stretch")), plan));
  } else {
    return error("neither scales nor sizes are given");
  }
  plan.regions.assign(input.size(), 0.0f);
  plan.regions.resize(2 * input.size(), 1.0f);
  if (plan.coordinates != "tf_crop_and_resize") return plan;
  const auto regions = TRY(node.constant_reals(1, "region"));
  if (!regions || regions->size() != 2 * axes.size())
    return error("tf_crop_and_resize needs a region of {} numbers", 2 * axes.size());
  for (size_t i = 0; i < axes.size(); ++i)
    for (const size_t part : {size_t{0}, size_t{1}})
      plan.regions[part * input.size() + static_cast<size_t>(axes[i])] = (*regions)[part * axes.size() + i];
  return plan;
}

Status check_plan(const Plan& plan, const Shape& input) {
  const auto is_one_of = [](const std::string& word, std::initializer_list<const char*> words) {
    return std::find(words.begin(), words.end(), word) != words.end();
  };
  if (!is_one_of(plan.mode, {"nearest", "linear", "cubic"}))
    return error("mode \"{}\" is none of nearest, linear, cubic", plan.mode);
  if (!is_one_of(plan.coordinates, {"asymmetric", "half_pixel", "half_pixel_symmetric", "pytorch_half_pixel",
                                    "align_corners", "tf_half_pixel_for_nn", "tf_crop_and_resize"}))
    return error("coordinate_transformation_mode \"{}\" is unknown", plan.coordinates);
  for (const std::string& rounding : plan.roundings)
    if (!is_one_of(rounding, {"floor", "ceil", "round_prefer_floor", "round_prefer_ceil"}))
      return error("nearest_mode \"{}\" is none of floor, ceil, round_prefer_floor, round_prefer_ceil", rounding);
  for (size_t d = 0; d < input.size(); ++d)
    if (plan.size[d] < 1 || plan.size[d] > kExtentMax || input[d] < 1)
      return error("dimension {} would become {} of {}", d, plan.size[d], input[d]);
  return {};
}

ops::ResizeSide side_of(const Plan& plan, const Shape& input, size_t d) {
  ops::ResizeSide side{
      .coordinates = plan.coordinates, .scale = plan.scales[d], .input_size = input[d], .output_size = plan.size[d]};
  if (!plan.regions.empty()) {
    side.region_begin = plan.regions[d];
    side.region_end = plan.regions[input.size() + d];
  }
  return side;
}

// Whether the operator resize does it.
bool is_plain_map(const Plan& plan, const Shape& input) {
  const bool known = plan.coordinates == "asymmetric" || plan.coordinates == "half_pixel" ||
                     plan.coordinates == "pytorch_half_pixel" || plan.coordinates == "align_corners";
  return input.size() == 4 && plan.size[0] == input[0] && plan.size[1] == input[1] && plan.scales[0] == 1.0f &&
         plan.scales[1] == 1.0f && plan.mode != "cubic" && known && !plan.antialiases &&
         plan.roundings[2] == plan.roundings[3];
}

Outputs resized_map(Import& import, const OnnxNode& node, Value* x, const Plan& plan) {
  Attributes attributes = {{"size", std::vector<int64_t>{plan.size[2], plan.size[3]}},
                           {"scales", std::vector<float>{plan.scales[2], plan.scales[3]}},
                           {"mode", plan.mode},
                           {"coordinates", plan.coordinates}};
  if (plan.mode == "nearest") attributes["rounding"] = plan.roundings[2];
  Value* y = TRY(import.emit("resize", node.name(), {TRY(import.to_nhwc(x))}, attributes));
  return std::vector<Value*>{TRY(import.to_nchw(y))};
}

bool is_outside(const Plan& plan, float position, int64_t extent) {
  return plan.coordinates == "tf_crop_and_resize" && !(position >= 0 && position <= static_cast<float>(extent - 1));
}

// Weight of a neighbour `distance` elements away, both filters being 1 at 0.
float filter(const Plan& plan, float distance) {
  const float d = std::abs(distance);
  if (plan.mode == "linear") return std::max(0.0f, 1.0f - d);
  const float a = plan.cubic_a;
  if (d <= 1) return ((a + 2) * d - (a + 3)) * d * d + 1;
  if (d < 2) return ((a * d - 5 * a) * d + 8 * a) * d - 4 * a;
  return 0;
}

// Row i holds what output i takes of each input: [output size, input size].
Tensor interpolation(const Plan& plan, const ops::ResizeSide& side) {
  Tensor weights(DataType::f32, {side.output_size, side.input_size});
  float* row = weights.mutable_data<float>();
  std::fill_n(row, weights.count(), 0.0f);
  // A filter that is to keep out aliases is as wide as the pixels of the output.
  const float narrowing = plan.antialiases ? std::min(side.scale, 1.0f) : 1.0f;
  const float reach = (plan.mode == "linear" ? 1.0f : 2.0f) / narrowing;
  for (int64_t output = 0; output < side.output_size; ++output, row += side.input_size) {
    const float position = ops::resize_position(side, output);
    if (is_outside(plan, position, side.input_size)) continue;
    const auto clipped = std::clamp(position, -reach, static_cast<float>(side.input_size) + reach);
    float sum = 0;
    std::vector<std::pair<int64_t, float>> taps;
    for (auto i = static_cast<int64_t>(std::floor(clipped - reach)); static_cast<float>(i) <= clipped + reach; ++i) {
      const bool outside = i < 0 || i >= side.input_size;
      const float weight =
          outside && plan.excludes_outside ? 0.0f : filter(plan, (static_cast<float>(i) - clipped) * narrowing);
      taps.emplace_back(std::clamp<int64_t>(i, 0, side.input_size - 1), weight);
      sum += weight;
    }
    const bool normalizes = plan.excludes_outside || plan.antialiases;
    for (const auto& [index, weight] : taps) row[index] += normalizes && sum != 0 ? weight / sum : weight;
  }
  return weights;
}

Result<Value*> interpolated(Import& import, const std::string& name, Value* x, const Plan& plan,
                            const ops::ResizeSide& side, size_t d) {
  TRY_STATUS(import.spend(side.output_size * side.input_size * int64_t{sizeof(float)}));
  Value* weights = import.constant(name + ".weights", interpolation(plan, side));
  std::vector<int64_t> swap;
  for (size_t i = 0; i < x->shape().size(); ++i) swap.push_back(static_cast<int64_t>(i));
  std::swap(swap[d], swap.back());
  if (d + 1 != swap.size()) x = TRY(import.emit("transpose", name + ".last", {x}, {{"permutation", swap}}));
  x = TRY(import.emit("linear", name, {x, weights}));
  if (d + 1 != swap.size()) x = TRY(import.emit("transpose", name + ".back", {x}, {{"permutation", swap}}));
  return x;
}

Result<Value*> chosen(Import& import, const std::string& name, Value* x, const Plan& plan, const ops::ResizeSide& side,
                      size_t d) {
  std::vector<int64_t> indices;
  for (int64_t output = 0; output < side.output_size; ++output) {
    const float position = ops::resize_position(side, output);
    if (is_outside(plan, position, side.input_size))
      return error("tf_crop_and_resize beyond the input by the nearest neighbour is not supported");
    const float inside = std::clamp(position, -1.0f, static_cast<float>(side.input_size));
    indices.push_back(std::clamp<int64_t>(ops::nearest_index(inside, plan.roundings[d]), 0, side.input_size - 1));
  }
  Value* places = import.constant_s64(name + ".places", indices);
  return import.emit("gather", name, {x, places}, {{"axis", static_cast<int64_t>(d)}});
}

// The value outside of the region, where some axis lies outside; the interpolation has left 0 there.
Result<Value*> with_outside(Import& import, const OnnxNode& node, Value* y, const Plan& plan, const Shape& input) {
  if (plan.coordinates != "tf_crop_and_resize" || plan.outside_value == 0) return y;
  TRY_STATUS(import.spend(element_count(plan.size) * int64_t{sizeof(float)}));
  Tensor values(DataType::f32, plan.size);
  float* data = values.mutable_data<float>();
  const std::vector<int64_t> strides = ops::dense_strides(plan.size);
  for (int64_t i = 0; i < values.count(); ++i) {
    bool outside = false;
    for (size_t d = 0; d < plan.size.size(); ++d)
      outside |=
          is_outside(plan, ops::resize_position(side_of(plan, input, d), i / strides[d] % plan.size[d]), input[d]);
    data[i] = outside ? plan.outside_value : 0.0f;
  }
  return import.emit("add", node.name() + ".outside",
                     {y, import.constant(node.name() + ".outside", std::move(values))});
}

Outputs resized(Import& import, const OnnxNode& node) {
  Value* x = TRY(node.required(0));
  const Shape input = x->shape();
  const Plan plan = TRY(read_plan(node, input, import.opset()));
  TRY_STATUS(check_plan(plan, input));
  if (is_plain_map(plan, input)) return resized_map(import, node, x, plan);
  for (size_t d = 0; d < input.size(); ++d) {
    const bool whole =
        plan.coordinates != "tf_crop_and_resize" || (plan.regions[d] == 0 && plan.regions[input.size() + d] == 1);
    if (plan.size[d] == input[d] && plan.scales[d] == 1.0f && whole) continue;
    const ops::ResizeSide side = side_of(plan, input, d);
    const std::string name = fmt::format("{}.{}", node.name(), d);
    x = plan.mode == "nearest" ? TRY(chosen(import, name, x, plan, side, d))
                               : TRY(interpolated(import, name, x, plan, side, d));
  }
  return std::vector<Value*>{TRY(with_outside(import, node, x, plan, input))};
}

}  // namespace

Outputs convert_Resize(Import& import, const OnnxNode& node) { return resized(import, node); }
Outputs convert_Upsample(Import& import, const OnnxNode& node) { return resized(import, node); }

}  // namespace espalier::read::onnx
