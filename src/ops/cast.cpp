// cast: elements in another type: whole numbers wrap, reals round towards zero and saturate, NaN becomes 0.
#include <cmath>
#include <limits>

#include "ops/shapes.h"

namespace espalier::ops {
namespace {

Result<std::vector<TensorType>> infer(const Node& node) {
  const std::optional<DataType> type = data_type_from_name(node.text("to"));
  if (!type || *type == DataType::f16) return error("\"{}\" is no type to cast to", node.text("to"));
  if (node.inputs[0]->type.type == DataType::f16) return error("a cast from f16 is not supported");
  return std::vector<TensorType>{{*type, node.inputs[0]->shape()}};
}

template <class To, class From>
To convert(From value) {
  if constexpr (std::is_same_v<To, bool>) {
    return value != 0;
  } else if constexpr (std::is_floating_point_v<From> && !std::is_floating_point_v<To>) {
    if (std::isnan(value)) return 0;
    // 2^63 as a float is the first one that does not fit; the comparison is exact.
    if (value >= static_cast<From>(std::numeric_limits<To>::max())) return std::numeric_limits<To>::max();
    if (value <= static_cast<From>(std::numeric_limits<To>::min())) return std::numeric_limits<To>::min();
    return static_cast<To>(value);
  } else {
    return static_cast<To>(value);
  }
}

template <class To, class From>
void convert_all(const EvalArgs& args) {
  const int64_t count = element_count(args.node.output()->shape());
  for (int64_t i = 0; i < count; ++i) args.out<To>()[i] = convert<To>(args.in<From>(0)[i]);
}

template <class From>
void convert_from(const EvalArgs& args) {
  switch (args.node.output()->type.type) {
    case DataType::s8: return convert_all<int8_t, From>(args);
    case DataType::u8: return convert_all<uint8_t, From>(args);
    case DataType::s16: return convert_all<int16_t, From>(args);
    case DataType::s32: return convert_all<int32_t, From>(args);
    case DataType::s64: return convert_all<int64_t, From>(args);
    case DataType::f32: return convert_all<float, From>(args);
    case DataType::boolean: return convert_all<bool, From>(args);
    case DataType::f16: return;  // infer refuses it
  }
}

// As bytes: a stored bool may be any byte, and reading one that is neither 0 nor 1 as a bool is undefined.
void convert_from_bool(const EvalArgs& args) {
  const int64_t count = element_count(args.node.output()->shape());
  std::vector<uint8_t> ones(static_cast<size_t>(count));
  for (int64_t i = 0; i < count; ++i) ones[static_cast<size_t>(i)] = args.in<uint8_t>(0)[i] != 0;
  convert_from<uint8_t>({.node = args.node, .inputs = {ones.data()}, .outputs = args.outputs});
}

}  // namespace

const OpSpec cast = {
    .summary = "elements in another type",
    .inputs = {{"x", kAnyType}},
    .attributes = {{"to", kText, "name of the output's type"}},
    .infer = infer,
    .evaluate = {{kF32, convert_from<float>},
                 {kS64, convert_from<int64_t>},
                 {kS32, convert_from<int32_t>},
                 {type_bit(DataType::s16), convert_from<int16_t>},
                 {kS8, convert_from<int8_t>},
                 {kU8, convert_from<uint8_t>},
                 {kBool, convert_from_bool}},
    .attributes_before_transpose = same_attributes,
};

}  // namespace espalier::ops
