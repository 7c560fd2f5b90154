// ConvTranspose: a transposed convolution of stride s is an ordinary one with s * s times the output channels, whose
// channels then become blocks of s x s pixels. So it needs no operator and no kernel of its own.
//
//   y[Y - pad] = sum of x[i] * w[k] over all i, k with i * s + k * d = Y.
//   With Y = m * s + phase: k * d = t * s + phase, i = m - t, for t = 0 .. last.
//
// For each phase that is a convolution over t, backwards; taps that a phase does not have are zero.
#include <algorithm>

#include "graph/stored_constant.h"
#include "ops/shapes.h"
#include "read/onnx/import.h"

namespace espalier::read::onnx {
namespace {

// One spatial dimension.
struct Side {
  int64_t input = 0, kernel = 0, stride = 1, dilation = 1;
  int64_t pad_begin = 0, output = 0;

  int64_t last() const { return (kernel - 1) * dilation / stride; }  // of the taps t
  int64_t whole_end() const { return pad_begin + output; }           // Y of the first row that is cut off
  int64_t positions() const { return std::max(input + last(), (whole_end() + stride - 1) / stride); }  // of m
};

constexpr int64_t kExtentMax = int64_t{1} << 24;

Result<Side> read_side(const OnnxNode& node, size_t index, int64_t input, int64_t kernel) {
  Side side{.input = input, .kernel = kernel};
  const std::vector<int64_t> strides = TRY(node.integers("strides", {1, 1}));
  const std::vector<int64_t> dilations = TRY(node.integers("dilations", {1, 1}));
  const std::vector<int64_t> pads = TRY(node.integers("pads", {0, 0, 0, 0}));
  const std::vector<int64_t> extra = TRY(node.integers("output_padding", {0, 0}));
  const std::vector<int64_t> shape = TRY(node.integers("output_shape"));
  const std::string automatic = TRY(node.text("auto_pad", "NOTSET"));
  if (strides.size() != 2 || dilations.size() != 2 || pads.size() != 4 || extra.size() != 2 ||
      (!shape.empty() && shape.size() != 2))
    return error(
        "strides, dilations, output_padding and output_shape need 2 numbers, pads 4; they have {}, {}, {}, {}, {}",
        strides.size(), dilations.size(), extra.size(), shape.size(), pads.size());
  side.stride = strides[index];
  side.dilation = dilations[index];
  for (const int64_t number : {side.stride, side.dilation, kernel})
    if (number < 1 || number > kExtentMax)
      return error("strides, dilations and kernels must be 1 to {}, one is {}", kExtentMax, number);
  for (const int64_t number : {pads[index], pads[index + 2], extra[index]})
    if (number < 0 || number > kExtentMax) return error("pads must be 0 to {}, one is {}", kExtentMax, number);
  if (input > kExtentMax) return error("the input has {} rows or columns, at most {} are supported", input, kExtentMax);
  const int64_t whole = (input - 1) * side.stride + (kernel - 1) * side.dilation + 1 + extra[index];
  side.pad_begin = pads[index];
  side.output = whole - pads[index] - pads[index + 2];
  const bool same = automatic == "SAME_UPPER" || automatic == "SAME_LOWER";
  if (same || !shape.empty()) {
    side.output = shape.empty() ? input * side.stride : shape[index];
    const int64_t total = std::max<int64_t>(whole - side.output, 0);
    side.pad_begin = automatic == "SAME_UPPER" ? total / 2 : total - total / 2;
  } else if (automatic == "VALID") {
    side.pad_begin = 0;
    side.output = whole;
  } else if (automatic != "NOTSET") {
    return error("auto_pad \"{}\" is none of NOTSET, VALID, SAME_UPPER, SAME_LOWER", automatic);
  }
  if (side.output < 1)
    return error("pads of {} and {} leave {} rows or columns", pads[index], pads[index + 2], side.output);
  return side;
}

// For each element of the convolution's OHWI weights the place of its source in ONNX's [input channels, output
// channels / groups, height, width], one behind the last for a tap that a phase does not have. Output channel
// (c * s_y + phase_y) * s_x + phase_x is what puts the pixels in place, whatever the groups.
Tensor weight_places(const Shape& stored, int64_t groups, const Side& y, const Side& x) {
  const int64_t group_inputs = stored[0] / groups;
  const int64_t group_outputs = stored[1];
  const int64_t taps_y = y.last() + 1;
  const int64_t taps_x = x.last() + 1;
  Tensor places(DataType::s64, {groups * group_outputs * y.stride * x.stride, taps_y, taps_x, group_inputs});
  int64_t* to = places.mutable_data<int64_t>();
  std::fill_n(to, places.count(), element_count(stored));
  for (int64_t output = 0; output < groups * group_outputs; ++output)
    for (int64_t ky = 0; ky < y.kernel; ++ky)
      for (int64_t kx = 0; kx < x.kernel; ++kx)
        for (int64_t i = 0; i < group_inputs; ++i) {
          const int64_t input = output / group_outputs * group_inputs + i;
          const int64_t at_y = ky * y.dilation;
          const int64_t at_x = kx * x.dilation;
          const int64_t channel = (output * y.stride + at_y % y.stride) * x.stride + at_x % x.stride;
          const int64_t tap_y = y.last() - at_y / y.stride;
          const int64_t tap_x = x.last() - at_x / x.stride;
          to[((channel * taps_y + tap_y) * taps_x + tap_x) * group_inputs + i] =
              ((input * group_outputs + output % group_outputs) * y.kernel + ky) * x.kernel + kx;
        }
  return places;
}

// Works for computed weights as well; constant ones fold on the spot.
Result<Value*> convolution_weights(Import& import, Value* weights, int64_t groups, const Side& y, const Side& x) {
  const Shape& stored = weights->shape();
  Value* flat =
      TRY(import.emit("reshape", weights->name + ".flat", {weights}, {{"shape", Shape{element_count(stored)}}}));
  Value* zero = import.constant(weights->name + ".zero", tensor_f32({1}, {0}));
  Value* with_zero = TRY(import.emit("concat", weights->name + ".with_zero", {flat, zero}, {{"axis", int64_t{0}}}));
  Value* places = import.constant(weights->name + ".places", weight_places(stored, groups, y, x));
  return import.emit("gather", weights->name + ".phases", {with_zero, places}, {{"axis", int64_t{0}}});
}

// Each channel's bias for all of its pixels.
Result<Value*> repeated(Import& import, Value* bias, int64_t times) {
  std::vector<int64_t> places;
  for (int64_t i = 0; i < element_count(bias->shape()) * times; ++i) places.push_back(i / times);
  Value* indices = import.constant_s64(bias->name + ".places", places);
  return import.emit("gather", bias->name + ".phases", {bias, indices}, {{"axis", int64_t{0}}});
}

// Channels (c * s_y + phase_y) * s_x + phase_x become pixels.
Result<Value*> pixels_of(Import& import, const std::string& name, Value* value, int64_t stride_y, int64_t stride_x) {
  if (stride_y == 1 && stride_x == 1) return value;
  if (stride_y == stride_x)
    return import.emit("depth_to_space", name + ".pixels", {value},
                       {{"block", stride_y}, {"order", std::string("channels_first")}});
  const Shape from = value->shape();
  const int64_t channels = from[3] / (stride_y * stride_x);
  value = TRY(import.emit("reshape", name + ".phases", {value},
                          {{"shape", Shape{from[0], from[1], from[2], channels, stride_y, stride_x}}}));
  value = TRY(
      import.emit("transpose", name + ".pixels", {value}, {{"permutation", std::vector<int64_t>{0, 1, 4, 2, 5, 3}}}));
  return import.emit("reshape", name + ".map", {value},
                     {{"shape", Shape{from[0], from[1] * stride_y, from[2] * stride_x, channels}}});
}

// The scales of output channels for all of their pixels.
Quantization repeated_scales(const Quantization& quantization, size_t times) {
  if (quantization.per_tensor()) return quantization;
  Quantization result{.scales = {}, .zero_point = quantization.zero_point, .axis = 0};
  for (const float scale : quantization.scales) result.scales.insert(result.scales.end(), times, scale);
  return result;
}

// Elements by their places; the place behind the last one holds `missing`.
template <class T>
Tensor chosen(const Tensor& from, const Tensor& places, T missing) {
  Tensor result(from.type(), places.shape());
  for (int64_t i = 0; i < places.count(); ++i) {
    const int64_t place = places.data<int64_t>()[i];
    result.mutable_data<T>()[i] = place == from.count() ? missing : from.data<T>()[place];
  }
  return result;
}

// Weights that are stored as integers, with scales that belong to output channels if to any dimension, stay integers.
Result<Value*> phase_weights(Import& import, Value* weights, int64_t groups, const Side& y, const Side& x) {
  const bool keeps = weights->is_stored_as_integers() && weights->integers.type() == DataType::s8 &&
                     (weights->quantization->per_tensor() || (weights->quantization->axis == 1 && groups == 1));
  if (!keeps) return convolution_weights(import, weights, groups, y, x);
  const Tensor places = weight_places(weights->shape(), groups, y, x);
  const auto zero = static_cast<int8_t>(weights->quantization->zero_point);
  return add_stored_constant(import.graph(), weights->name + ".phases", chosen(weights->integers, places, zero),
                             repeated_scales(*weights->quantization, static_cast<size_t>(y.stride * x.stride)));
}

Result<Value*> phase_bias(Import& import, Value* bias, int64_t pixels) {
  if (!bias->is_stored_as_integers() || bias->integers.type() != DataType::s32) return repeated(import, bias, pixels);
  Tensor places(DataType::s64, {element_count(bias->shape()) * pixels});
  for (int64_t i = 0; i < places.count(); ++i) places.mutable_data<int64_t>()[i] = i / pixels;
  return add_stored_constant(import.graph(), bias->name + ".phases", chosen(bias->integers, places, int32_t{0}),
                             repeated_scales(*bias->quantization, static_cast<size_t>(pixels)));
}

}  // namespace

Outputs convert_ConvTranspose(Import& import, const OnnxNode& node) {
  Value* input = TRY(node.required(0));
  Value* weights = TRY(node.required(1));
  Value* bias = node.input(2);
  if (weights->shape().size() != 4 || input->shape().size() != 4)
    return error("the weights have {} dimensions; only 2-d convolutions (4 dimensions) are supported",
                 weights->shape().size());
  if (weights->type.type != DataType::f32)
    return error("the weights are {}, reals are needed", name(weights->type.type));
  const int64_t groups = TRY(node.integer("group", 1));
  const Shape& w = weights->shape();
  if (groups < 1 || w[0] % groups != 0 || w[0] != input->shape()[1] || element_count(w) == 0)
    return error("{} groups over weights of {} and {} input channels do not fit", groups, to_string(w),
                 input->shape()[1]);
  const Side y = TRY(read_side(node, 0, input->shape()[2], w[2]));
  const Side x = TRY(read_side(node, 1, input->shape()[3], w[3]));
  if (y.stride > 64 || x.stride > 64) return error("strides of {} x {}; 1 to 64 are supported", y.stride, x.stride);
  const int64_t pixels = y.stride * x.stride;
  const int64_t channels = w[1] * groups;
  TRY_STATUS(import.spend(ops::saturating_product(
      {int64_t{sizeof(int64_t)}, w[0] / groups, channels, pixels, y.last() + 1, x.last() + 1})));
  std::vector<Value*> inputs = {TRY(import.to_nhwc(input)), TRY(phase_weights(import, weights, groups, y, x))};
  if (bias != nullptr) {
    if (bias->type != TensorType{DataType::f32, {channels}})
      return error("the bias is {}, {} reals are needed", to_string(bias->type), channels);
    inputs.push_back(TRY(phase_bias(import, bias, pixels)));
  }
  // m runs from 0 to positions - 1 and reads x[m - last .. m].
  const auto pad_end = [](const Side& side) { return side.positions() - side.input; };
  Attributes attributes = {{"padding", std::vector<int64_t>{y.last(), x.last(), pad_end(y), pad_end(x)}}};
  if (groups != 1) attributes["groups"] = groups;
  Value* value = TRY(import.emit("conv2d", node.name(), inputs, attributes));
  value = TRY(pixels_of(import, node.name(), value, y.stride, x.stride));
  const Shape whole = value->shape();
  if (y.pad_begin != 0 || x.pad_begin != 0 || whole[1] != y.output || whole[2] != x.output)
    value = TRY(import.emit("slice", node.name() + ".cut", {value},
                            {{"begin", std::vector<int64_t>{0, y.pad_begin, x.pad_begin, 0}},
                             {"end", std::vector<int64_t>{whole[0], y.whole_end(), x.whole_end(), whole[3]}},
                             {"step", std::vector<int64_t>{1, 1, 1, 1}}}));
  return std::vector<Value*>{TRY(import.to_nchw(value))};
}

}  // namespace espalier::read::onnx
