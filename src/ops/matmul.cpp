// matmul: y = a x b over the last two dimensions, both computed, with numpy broadcasting of the dimensions before them.
// A product with a constant matrix is linear.
#include "ops/matmul.h"

#include "numerics/float_sum.h"
#include "numerics/requantize.h"

namespace espalier::ops {
namespace {

// A product of two differences of eight bits is at most 255 * 255; that many of them stay below 2^31.
constexpr int64_t kIntegerDepthMax = ((int64_t{1} << 31) - 1) / (255 * 255);

Result<std::vector<TensorType>> infer(const Node& node) {
  const TensorType& a = node.inputs[0]->type;
  const TensorType& b = node.inputs[1]->type;
  if (a.type != b.type) return error("inputs are {} and {}; both must have one type", name(a.type), name(b.type));
  if (a.shape.size() < 2 || b.shape.size() < 2)
    return error("matrices need 2 dimensions, the inputs are {} and {}", espalier::to_string(a.shape),
                 espalier::to_string(b.shape));
  const int64_t depth = a.shape.back();
  if (depth != b.shape[b.shape.size() - 2])
    return error("the rows of {} have {} elements, the columns of {} have {}", espalier::to_string(a.shape), depth,
                 espalier::to_string(b.shape), b.shape[b.shape.size() - 2]);
  if (depth < 1) return error("the matrices {} have no column", espalier::to_string(a.shape));
  if (a.type == DataType::s8 && depth > kIntegerDepthMax)
    return error("a sum of {} products could leave 32 bits; {} are possible", depth, kIntegerDepthMax);
  const auto batch = [](const Shape& shape) { return Shape(shape.begin(), shape.end() - 2); };
  TensorType output{a.type, TRY(broadcast_shapes(batch(a.shape), batch(b.shape)))};
  output.shape.push_back(a.shape[a.shape.size() - 2]);
  output.shape.push_back(b.shape.back());
  return std::vector<TensorType>{output};
}

// "a sum over {} products could leave 32 bits; {} are possible"
Reason depth_fits_32_bits(const Node& node) {
  const int64_t depth = node.inputs[0]->shape().back();
  if (depth > kIntegerDepthMax)
    return reason("a sum over {} products could leave 32 bits; {} are possible", depth, kIntegerDepthMax);
  return kApplies;
}

// Calls element(index of y, offset of the row of a, offset of the column of b).
template <class Element>
void for_each_output(const Node& node, Element element) {
  const MatmulSizes sizes = matmul_sizes(node);
  int64_t index = 0;
  for (const auto& [a, b] : sizes.batches)
    for (int64_t row = 0; row < sizes.rows; ++row)
      for (int64_t column = 0; column < sizes.columns; ++column)
        element(index++, a + row * sizes.depth, b + column, sizes);
}

void evaluate_f32(const EvalArgs& args) {
  const float* a = args.in<float>(0);
  const float* b = args.in<float>(1);
  for_each_output(args.node, [&](int64_t index, int64_t row, int64_t column, const MatmulSizes& sizes) {
    float sum = 0;
    for (int64_t k = 0; k < sizes.depth; ++k) sum = fused_multiply_add(a[row + k], b[column + k * sizes.columns], sum);
    args.out<float>()[index] = sum;
  });
}

// The sum of products is exact; then a requantization with multiplier (sa * sb) / sy.
void evaluate_s8(const EvalArgs& args) {
  const Value& a = *args.node.inputs[0];
  const Value& b = *args.node.inputs[1];
  const Value& y = *args.node.output();
  const float multiplier = requantize_multiplier(a.scale(), b.scale(), y.scale());
  const int8_t* qa = args.in<int8_t>(0);
  const int8_t* qb = args.in<int8_t>(1);
  for_each_output(args.node, [&](int64_t index, int64_t row, int64_t column, const MatmulSizes& sizes) {
    int32_t sum = 0;
    for (int64_t k = 0; k < sizes.depth; ++k)
      sum += (qa[row + k] - a.zero_point()) * (qb[column + k * sizes.columns] - b.zero_point());
    args.out<int8_t>()[index] = requantize(sum, multiplier, y.zero_point());
  });
}

int64_t count_macs(const Node& node) {
  return saturating_product({element_count(node.output()->shape()), node.inputs[0]->shape().back()});
}

}  // namespace

MatmulSizes matmul_sizes(const Node& node) {
  const Shape& a = node.inputs[0]->shape();
  const Shape& b = node.inputs[1]->shape();
  const Shape& y = node.output()->shape();
  MatmulSizes sizes{.rows = y[y.size() - 2], .depth = a.back(), .columns = y.back(), .batches = {}};
  const Shape batch(y.begin(), y.end() - 2);
  // Strides of matrices in elements: what the dimensions before them would have, times the size of a matrix.
  const auto strides_of = [&](const Shape& shape) {
    std::vector<int64_t> strides = broadcast_strides(Shape(shape.begin(), shape.end() - 2), batch);
    for (int64_t& stride : strides) stride *= shape[shape.size() - 2] * shape.back();
    return strides;
  };
  for_each_pair(batch, strides_of(a), strides_of(b),
                [&](int64_t, int64_t at_a, int64_t at_b) { sizes.batches.emplace_back(at_a, at_b); });
  return sizes;
}

const OpSpec matmul = {
    .summary = "matrix product of two computed tensors, batches broadcast",
    .inputs = {{"a", kF32 | kS8}, {"b", kF32 | kS8}},
    .infer = infer,
    .evaluate = {{kF32, evaluate_f32}, {kS8, evaluate_s8}},
    .integer = IntegerRule::product,
    .integer_when = depth_fits_32_bits,
    .mac_count = count_macs,
};

}  // namespace espalier::ops
