// ConvTranspose: a transposed convolution of stride s is an ordinary one with s * s times the output channels, whose
// channels then become blocks of s x s pixels. So it needs no operator and no kernel of its own.
//
//   y[Y - pad] = sum of x[i] * w[k] over all i, k with i * s + k * d = Y.
//   With Y = m * s + phase: k * d = t * s + phase, i = m - t, for t = 0 .. last.
//
// For each phase that is a convolution over t, backwards; taps that a phase does not have are zero.
#include <algorithm>

#include "graph/stored_constant.h"
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

// OHWI weights of the convolution from ONNX's [input channels, output channels / groups, height, width]. Output channel
// (c * s_y + phase_y) * s_x + phase_x is what depth_to_space takes "channels_first", whatever the groups.
// Taps that a phase does not have are `zero`.
template <class T>
Tensor convolution_weights(const Tensor& stored, int64_t groups, const Side& y, const Side& x, T zero) {
  const int64_t group_inputs = stored.shape()[0] / groups;
  const int64_t group_outputs = stored.shape()[1];
  const int64_t taps_y = y.last() + 1;
  const int64_t taps_x = x.last() + 1;
  Tensor result(stored.type(), {groups * group_outputs * y.stride * x.stride, taps_y, taps_x, group_inputs});
  T* to = result.mutable_data<T>();
  std::fill_n(to, result.count(), zero);
  const T* from = stored.data<T>();
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
              from[((input * group_outputs + output % group_outputs) * y.kernel + ky) * x.kernel + kx];
        }
  return result;
}

// Each channel's bias for all of its pixels.
template <class T>
Tensor repeated(const Tensor& bias, int64_t times) {
  Tensor result(bias.type(), {bias.count() * times});
  for (int64_t i = 0; i < result.count(); ++i) result.mutable_data<T>()[i] = bias.data<T>()[i / times];
  return result;
}

// The scales of output channels for all of their pixels.
Quantization repeated_scales(const Quantization& quantization, size_t times) {
  if (quantization.per_tensor()) return quantization;
  Quantization result{.scales = {}, .zero_point = quantization.zero_point, .axis = 0};
  for (const float scale : quantization.scales) result.scales.insert(result.scales.end(), times, scale);
  return result;
}

// Weights that are stored as integers, with scales that belong to output channels if to any dimension, stay integers.
Value* phase_weights(Import& import, const Value& weights, int64_t groups, const Side& y, const Side& x) {
  const std::string name = weights.name + ".phases";
  const bool keeps = weights.is_stored_as_integers() && weights.integers.type() == DataType::s8 &&
                     (weights.quantization->per_tensor() || (weights.quantization->axis == 1 && groups == 1));
  if (!keeps) return import.constant(name, convolution_weights(weights.constant, groups, y, x, 0.0f));
  const auto zero = static_cast<int8_t>(weights.quantization->zero_point);
  return add_stored_constant(import.graph(), name, convolution_weights(weights.integers, groups, y, x, zero),
                             repeated_scales(*weights.quantization, static_cast<size_t>(y.stride * x.stride)));
}

Value* phase_bias(Import& import, const Value& bias, int64_t pixels) {
  const std::string name = bias.name + ".phases";
  if (!bias.is_stored_as_integers() || bias.integers.type() != DataType::s32)
    return import.constant(name, repeated<float>(bias.constant, pixels));
  return add_stored_constant(import.graph(), name, repeated<int32_t>(bias.integers, pixels),
                             repeated_scales(*bias.quantization, static_cast<size_t>(pixels)));
}

}  // namespace

Outputs convert_ConvTranspose(Import& import, const OnnxNode& node) {
  Value* input = TRY(node.required(0));
  Value* weights = TRY(node.required(1));
  Value* bias = node.input(2);
  if (weights->shape().size() != 4 || input->shape().size() != 4)
    return error("the weights have {} dimensions; only 2-d convolutions (4 dimensions) are supported",
                 weights->shape().size());
  if (!weights->is_constant() || (bias != nullptr && !bias->is_constant()) || weights->type.type != DataType::f32)
    return error("its weights or its bias are computed while it runs, or are no reals; constants are needed");
  const int64_t groups = TRY(node.integer("group", 1));
  const Shape& w = weights->shape();
  if (groups < 1 || w[0] % groups != 0 || w[0] != input->shape()[1] || element_count(w) == 0)
    return error("{} groups over weights of {} and {} input channels do not fit", groups, to_string(w),
                 input->shape()[1]);
  const Side y = TRY(read_side(node, 0, input->shape()[2], w[2]));
  const Side x = TRY(read_side(node, 1, input->shape()[3], w[3]));
  if (y.stride != x.stride || y.stride > 64)
    return error("strides of {} x {} are not supported; both must be the same, at most 64", y.stride, x.stride);
  const int64_t pixels = y.stride * x.stride;
  TRY_STATUS(import.spend(4 * w[0] / groups * w[1] * groups * pixels * (y.last() + 1) * (x.last() + 1)));
  std::vector<Value*> inputs = {TRY(import.to_nhwc(input)), phase_weights(import, *weights, groups, y, x)};
  if (bias != nullptr) {
    if (bias->type.type != DataType::f32 || bias->constant.count() != w[1] * groups)
      return error("the bias has {} elements of {}, {} reals are needed", bias->constant.count(), name(bias->type.type),
                   w[1] * groups);
    inputs.push_back(phase_bias(import, *bias, pixels));
  }
  // m runs from 0 to positions - 1 and reads x[m - last .. m].
  const auto pad_end = [](const Side& side) { return side.positions() - side.input; };
  Attributes attributes = {{"padding", std::vector<int64_t>{y.last(), x.last(), pad_end(y), pad_end(x)}}};
  if (groups != 1) attributes["groups"] = groups;
  Value* value = TRY(import.emit("conv2d", node.name(), inputs, attributes));
  if (pixels > 1)
    value = TRY(import.emit("depth_to_space", node.name() + ".pixels", {value},
                            {{"block", y.stride}, {"order", std::string("channels_first")}}));
  const Shape whole = value->shape();
  if (y.pad_begin != 0 || x.pad_begin != 0 || whole[1] != y.output || whole[2] != x.output)
    value = TRY(import.emit("slice", node.name() + ".cut", {value},
                            {{"begin", std::vector<int64_t>{0, y.pad_begin, x.pad_begin, 0}},
                             {"end", std::vector<int64_t>{whole[0], y.whole_end(), x.whole_end(), whole[3]}},
                             {"step", std::vector<int64_t>{1, 1, 1, 1}}}));
  return std::vector<Value*>{TRY(import.to_nchw(value))};
}

}  // namespace espalier::read::onnx
