// reduce_sum: the sum over some axes, which stay with extent 1.
#include "numerics/reductions.h"
#include "numerics/rounding.h"
#include "ops/reduce.h"

namespace espalier::ops {
namespace {

void evaluate_f32(const EvalArgs& args) {
  const float* x = args.in<float>(0);
  for_each_row(args.node, [&](int64_t index, int64_t base, const std::vector<int64_t>& offsets) {
    args.out<float>()[index] = sum_of_terms(static_cast<int64_t>(offsets.size()),
                                            [&](int64_t i) { return x[base + offsets[static_cast<size_t>(i)]]; });
  });
}

// q = saturate(round_half_even(float32(sum of q_x - z_x) * (s_x / s_y)) + z_y), the quotient and the product rounded to
// float32.
void evaluate_s8(const EvalArgs& args) {
  const Value& input = *args.node.inputs[0];
  const Value& output = *args.node.output();
  const float multiplier = input.scale() / output.scale();
  const int8_t* x = args.in<int8_t>(0);
  for_each_row(args.node, [&](int64_t index, int64_t base, const std::vector<int64_t>& offsets) {
    int64_t sum = 0;
    for (const int64_t offset : offsets) sum += x[base + offset] - input.zero_point();
    args.out<int8_t>()[index] = saturate_s8(round_to_int(static_cast<float>(sum) * multiplier) + output.zero_point());
  });
}

}  // namespace

const OpSpec reduce_sum = {
    .summary = "sum over axes, which stay with extent 1",
    .inputs = {{"x", kF32 | kS8}},
    .attributes = kReduceAttributes,
    .infer = infer_reduced,
    .evaluate = {{kF32, evaluate_f32}, {kS8, evaluate_s8}},
    .integer = IntegerRule::rescale,
    .attributes_before_transpose = reduced_before_transpose,
};

}  // namespace espalier::ops
