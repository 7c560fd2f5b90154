// reduce_mean: the mean over some axes, which stay with extent 1. Over [1, 2] of an NHWC map it is the global average.
#include "numerics/reductions.h"
#include "ops/reduce.h"

namespace espalier::ops {
namespace {

void evaluate_f32(const EvalArgs& args) {
  const float* x = args.in<float>(0);
  for_each_row(args.node, [&](int64_t index, int64_t base, const std::vector<int64_t>& offsets) {
    const auto count = static_cast<int64_t>(offsets.size());
    const float sum = sum_of_terms(count, [&](int64_t i) { return x[base + offsets[static_cast<size_t>(i)]]; });
    args.out<float>()[index] = sum / static_cast<float>(count);
  });
}

void evaluate_s8(const EvalArgs& args) {
  const Value& input = *args.node.inputs[0];
  const Value& output = *args.node.output();
  const float multiplier = input.scale() / output.scale();
  const int8_t* x = args.in<int8_t>(0);
  for_each_row(args.node, [&](int64_t index, int64_t base, const std::vector<int64_t>& offsets) {
    int64_t sum = 0;
    for (const int64_t offset : offsets) sum += x[base + offset];
    args.out<int8_t>()[index] =
        average_element(sum, static_cast<int64_t>(offsets.size()), input.zero_point(), multiplier, output.zero_point());
  });
}

}  // namespace

const OpSpec reduce_mean = {
    .summary = "mean over axes, which stay with extent 1",
    .inputs = {{"x", kF32 | kS8}},
    .attributes = kReduceAttributes,
    .infer = infer_reduced,
    .evaluate = {{kF32, evaluate_f32}, {kS8, evaluate_s8}},
    .integer = IntegerRule::rescale,
    .attributes_before_transpose = reduced_before_transpose,
};

}  // namespace espalier::ops
