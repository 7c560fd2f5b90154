// div: y = a / b with numpy broadcasting; whole numbers round towards zero, and a division by zero gives zero.
#include "ops/elementwise.h"

namespace espalier::ops {
namespace {

void evaluate_f32(const EvalArgs& args) {
  evaluate_pairs<float>(args, [](float a, float b) { return a / b; });
}

void evaluate_s64(const EvalArgs& args) {
  // b = -1 is apart because the lowest number has no negative.
  evaluate_pairs<int64_t>(args, [](int64_t a, int64_t b) {
    return b == 0 ? 0 : b == -1 ? static_cast<int64_t>(0 - static_cast<uint64_t>(a)) : a / b;
  });
}

}  // namespace

const OpSpec div = {
    .summary = "a / b with broadcasting",
    .inputs = {{"a", kF32 | kS64}, {"b", kF32 | kS64}},
    .infer = broadcast_inputs,
    .evaluate = {{kF32, evaluate_f32}, {kS64, evaluate_s64}},
    .attributes_before_transpose = same_attributes,
};

}  // namespace espalier::ops
