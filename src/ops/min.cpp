// min: y = the smaller of a and b with numpy broadcasting; NaN where one of them is.
#include "ops/elementwise.h"

namespace espalier::ops {
namespace {

void evaluate_f32(const EvalArgs& args) {
  evaluate_pairs<float>(args, [](float a, float b) { return a < b || a != a ? a : b; });
}

void evaluate_s64(const EvalArgs& args) {
  evaluate_pairs<int64_t>(args, [](int64_t a, int64_t b) { return a < b ? a : b; });
}

}  // namespace

const OpSpec min = {
    .summary = "the smaller of a and b with broadcasting",
    .inputs = {{"a", kF32 | kS64}, {"b", kF32 | kS64}},
    .infer = broadcast_inputs,
    .evaluate = {{kF32, evaluate_f32}, {kS64, evaluate_s64}},
    .attributes_before_transpose = same_attributes,
};

}  // namespace espalier::ops
