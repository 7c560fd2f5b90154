// The text form of a graph: what dumps, test cases and the disassembler show, and what parse_graph reads back.
//
//   %x = input f32[1,8,8,3]
//   %y = conv2d %x w=random(7)[4,3,3,3] bias=values(0,0.5,1,2)[4] padding=[1,1,1,1] activation="relu" @"block/conv1"
//   %z = quantize %y -> s8[1,8,8,4]{scale=0.05,zero_point=-128}
//   output %z
//
// A constant of at most 16 elements prints as values(...), a uniform one as splat(v), any other as file@hash; tests
// also write random(seed), uniform in [-1, 1), or whole steps for integers. Without `-> type` the type is inferred.
// f32:s8:values(1,2)[2]{scale=0.5,zero_point=0} are the reals 0.5 and 1, stored as integers (graph/stored_constant.h).
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "graph/op_lookup.h"

namespace espalier {

std::string print_graph(const Graph& graph, const OpLookup& ops);
// One line, without the newline.
std::string print_node(const Node& node, const OpLookup& ops);
std::string print_type(const Value& value);  // "s8[1,8,8,4]{scale=0.05,zero_point=-128}"

// 16 hexadecimal digits of XXH3-64 over the bytes: the name of a constant in text.
std::string constant_hash(const Tensor& tensor);

// Finds the data of file@hash; an empty tensor when it is not there.
using ConstantSource = std::function<Tensor(const std::string& hash)>;

// Errors name the line.
Result<Graph> parse_graph(std::string_view text, const OpLookup& ops, const ConstantSource& constants = {});

// Values as random(seed) means them.
Tensor random_tensor(uint64_t seed, const TensorType& type);

}  // namespace espalier
