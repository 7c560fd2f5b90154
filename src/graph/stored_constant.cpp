// Reals from stored integers (graph/stored_constant.h).
#include "graph/stored_constant.h"

#include "base/check.h"

namespace espalier {
namespace {

template <class T>
void dequantize_into(const Tensor& integers, const Quantization& quantization, float* reals) {
  const T* data = integers.data<T>();
  const auto& shape = integers.shape();
  int64_t inner = 1;  // elements that share an index of the axis and lie together
  for (auto d = static_cast<size_t>(quantization.axis + 1); d < shape.size(); ++d) inner *= shape[d];
  const auto scale_count = static_cast<int64_t>(quantization.scales.size());
  for (int64_t i = 0; i < integers.count(); ++i) {
    const int64_t index = quantization.per_tensor() ? 0 : i / inner % scale_count;
    const int64_t steps = int64_t{data[i]} - quantization.zero_point;
    reals[i] = static_cast<float>(steps) * quantization.scales[static_cast<size_t>(index)];
  }
}

}  // namespace

Tensor dequantized(const Tensor& integers, const Quantization& quantization) {
  Tensor reals(DataType::f32, integers.shape());
  if (integers.type() == DataType::s8) {
    dequantize_into<int8_t>(integers, quantization, reals.mutable_data<float>());
  } else {
    CHECK(integers.type() == DataType::s32, "{} are no stored integers", name(integers.type()));
    dequantize_into<int32_t>(integers, quantization, reals.mutable_data<float>());
  }
  return reals;
}

Value* add_stored_constant(Graph& graph, const std::string& name, Tensor integers, Quantization quantization) {
  Value* value = graph.add_constant(name, dequantized(integers, quantization));
  value->integers = std::move(integers);
  value->quantization = std::move(quantization);
  return value;
}

}  // namespace espalier
