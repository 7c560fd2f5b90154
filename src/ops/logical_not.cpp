// logical_not: y is true where x is false.
#include "ops/compare.h"

namespace espalier::ops {
namespace {

void evaluate_bool(const EvalArgs& args) {
  const int64_t count = element_count(args.node.output()->shape());
  for (int64_t i = 0; i < count; ++i) args.out<bool>()[i] = args.in<uint8_t>(0)[i] == 0;
}

}  // namespace

const OpSpec logical_not = {
    .summary = "true where x is false",
    .inputs = {{"x", kBool}},
    .infer = same_as_input,
    .evaluate = {{kBool, evaluate_bool}},
    .attributes_before_transpose = same_attributes,
};

}  // namespace espalier::ops
