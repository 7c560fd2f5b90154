// Reading fused activations from attributes (ops/activation.h).
#include "ops/activation.h"

namespace espalier::ops {

Status check_activation(const Node& node) {
  const std::string kind = node.text("activation", "none");
  if (kind != "none" && kind != "relu" && kind != "clip")
    return error("activation \"{}\" is none of none, relu, clip", kind);
  if (kind == "clip" && !(node.real("clip_min") <= node.real("clip_max")))
    return error("clip from {} to {} is empty", node.real("clip_min"), node.real("clip_max"));
  return {};
}

Clamp activation_of(const Node& node) {
  const std::string kind = node.text("activation", "none");
  Clamp clamp;
  if (kind == "relu") clamp.min = 0;
  if (kind == "clip") clamp = {.min = node.real("clip_min"), .max = node.real("clip_max")};
  return clamp;
}

OutputRange integer_activation_of(const Node& node) {
  const Clamp clamp = activation_of(node);
  const Value* output = node.output();
  return activation_range(clamp.min, clamp.max, output->scale(), output->zero_point());
}

std::vector<AttributeSpec> joined(std::vector<AttributeSpec> first, const std::vector<AttributeSpec>& second) {
  first.insert(first.end(), second.begin(), second.end());
  return first;
}

}  // namespace espalier::ops
