// pow: y = a^b with numpy broadcasting, in float64, rounded once.
#include "numerics/elementary.h"
#include "ops/elementwise.h"

namespace espalier::ops {
namespace {

void evaluate_f32(const EvalArgs& args) { evaluate_pairs<float>(args, pow_f32); }

}  // namespace

const OpSpec pow = {
    .summary = "a to the power of b with broadcasting",
    .inputs = {{"a", kF32}, {"b", kF32}},
    .infer = broadcast_inputs,
    .evaluate = {{kF32, evaluate_f32}},
    .attributes_before_transpose = same_attributes,
};

}  // namespace espalier::ops
