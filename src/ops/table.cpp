// table: y = entries[x + 128]. A unary function on 8 bits, whatever the function was; the compiler makes the entries.
#include "ops/shapes.h"

namespace espalier::ops {
namespace {

Result<std::vector<TensorType>> infer(const Node& node) {
  const TensorType wanted{DataType::s8, {256}};
  if (node.inputs[1]->type != wanted)
    return error("the table is {}, {} is needed", espalier::to_string(node.inputs[1]->type),
                 espalier::to_string(wanted));
  return std::vector<TensorType>{node.inputs[0]->type};
}

void evaluate_s8(const EvalArgs& args) {
  const int64_t count = element_count(args.node.output()->shape());
  for (int64_t i = 0; i < count; ++i) args.out<int8_t>()[i] = args.in<int8_t>(1)[args.in<int8_t>(0)[i] + 128];
}

}  // namespace

const OpSpec table = {
    .summary = "a unary function on 8 bits by its 256 entries",
    .inputs = {{"x", kS8}, {.name = "entries", .types = kS8, .whole = true}},
    .attributes = {{"function", kText, "what the entries were made from, for reports and exports"},
                   {"parameters", kText, "the attributes of the function: \"alpha=0.1\", default none"}},
    .infer = infer,
    .evaluate = {{kS8, evaluate_s8}},
    .attributes_before_transpose = same_attributes,
};

}  // namespace espalier::ops
