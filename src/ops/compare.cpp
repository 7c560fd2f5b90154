// The shape rule of operators with a truth value as output (ops/compare.h).
#include "ops/compare.h"

namespace espalier::ops {

Result<std::vector<TensorType>> broadcast_to_bool(const Node& node) {
  std::vector<TensorType> types = TRY(broadcast_inputs(node));
  types[0].type = DataType::boolean;
  return types;
}

}  // namespace espalier::ops
