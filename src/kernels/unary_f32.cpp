// Float functions of one element without exponentials; those with are in exponential_f32.cpp.
#include <limits>

#include "kernels/elements.h"
#include "kernels/kernels_of.h"
#include "kernels/split.h"

namespace espalier::kernels {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();

Reason fits(const Node& node) {
  if (node.inputs[0]->type.type != DataType::f32)
    return reason("the input is {}, not f32", name(node.inputs[0]->type.type));
  return kApplies;
}

TwoFloats parameters_of(const Node& node) {
  if (node.op == "clip") return {node.real("clip_min", -kInfinity), node.real("clip_max", kInfinity)};
  if (node.op == "leaky_relu") return {node.real("alpha", 0.01f), 0};
  if (node.op == "hard_sigmoid") return {node.real("alpha", 0.2f), node.real("beta", 0.5f)};
  return {};
}

template <UnaryF32 ElementLoops::* loop>
Prepared prepare(const Node& node, const ElementLoops& loops) {
  return {.scratch_size_bytes = 0,
          .run = [count = element_count(node.output()->shape()), parameters = parameters_of(node),
                  function = loops.*loop](const Call& call) {
            const Range part = elements_of(count, call);
            function(static_cast<const float*>(call.inputs[0]) + part.begin,
                     static_cast<float*>(call.outputs[0]) + part.begin, part.end - part.begin, parameters);
          }};
}

}  // namespace

KERNELS_OF(relu_f32, "relu", element_loops, fits, prepare<&ElementLoops::relu_f32>)
KERNELS_OF(clip_f32, "clip", element_loops, fits, prepare<&ElementLoops::clip_f32>)
KERNELS_OF(leaky_relu_f32, "leaky_relu", element_loops, fits, prepare<&ElementLoops::leaky_relu_f32>)
KERNELS_OF(hard_sigmoid_f32, "hard_sigmoid", element_loops, fits, prepare<&ElementLoops::hard_sigmoid_f32>)
KERNELS_OF(hard_swish_f32, "hard_swish", element_loops, fits, prepare<&ElementLoops::hard_swish_f32>)

}  // namespace espalier::kernels
