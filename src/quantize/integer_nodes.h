// What the two ways to integers share: constants that have no integers, whether an integer node fits its scales, and
// the table of a unary function.
#pragma once

#include <unordered_map>

#include "base/reason.h"
#include "graph/graph.h"

namespace espalier::quantize {

// NaN has no integer, and an infinite weight would take the whole range of its channel.
Status check_constants(const Node& node);

// A constant that is in no graph yet.
Value loose_constant(const std::string& name, Tensor tensor, std::optional<Quantization> quantization = {});

// Why the scales or sums of the node on integer inputs permit none, before anything of it is in the graph.
Reason scales_fit(const Node& node, const std::vector<Value*>& inputs, const Quantization& output);

// `op` on integers in the place of the real node: the output has its name and shape, as s8 with this quantization.
Value* put_integer_node(Graph& graph, const Node& node, const std::string& op, const std::vector<Value*>& inputs,
                        const Attributes& attributes, const Quantization& quantization);

// The real node as it is, on inputs of the new graph; its outputs are entered in `reals`.
void put_float_node(Graph& graph, const Node& node, const std::vector<Value*>& inputs,
                    std::unordered_map<const Value*, Value*>& reals);

// What a table remembers of the unary node that it stands for.
Attributes table_attributes(const Node& node);
// The 256 entries of a unary node.
Tensor unary_entries(const Node& node, const Value& x, const Quantization& output);
// The entries that bring x to another scale: quantize(dequantize(q)).
Tensor rescaling_entries(const Value& x, const Quantization& output);

}  // namespace espalier::quantize
