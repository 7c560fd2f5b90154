// What an operator is: types, shape rule, meaning in floats and in integers, and how the quantizer treats it.
// Each operator is one file that defines one OpSpec of its own name; ops.inc lists them.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/reason.h"
#include "graph/op_lookup.h"

namespace espalier::ops {

// A set of element types: kF32 | kS8.
using TypeSet = uint32_t;
constexpr TypeSet type_bit(DataType type) { return 1u << static_cast<uint32_t>(type); }
inline constexpr TypeSet kS8 = type_bit(DataType::s8);
inline constexpr TypeSet kU8 = type_bit(DataType::u8);
inline constexpr TypeSet kS16 = type_bit(DataType::s16);
inline constexpr TypeSet kS32 = type_bit(DataType::s32);
inline constexpr TypeSet kS64 = type_bit(DataType::s64);
inline constexpr TypeSet kF32 = type_bit(DataType::f32);
inline constexpr TypeSet kBool = type_bit(DataType::boolean);
inline constexpr TypeSet kAnyType = 0xff;

struct InputSpec {
  std::string name;
  TypeSet types = kAnyType;
  bool optional = false;
  bool whole = false;  // read as a whole, as a table is: a layout that moves past the operator leaves it alone
};

// In the order of the alternatives of `Attribute`.
enum class AttributeKind { integer, real, text, integers, reals };
inline constexpr AttributeKind kInteger = AttributeKind::integer;
inline constexpr AttributeKind kReal = AttributeKind::real;
inline constexpr AttributeKind kText = AttributeKind::text;
inline constexpr AttributeKind kIntegers = AttributeKind::integers;
inline constexpr AttributeKind kReals = AttributeKind::reals;

struct AttributeSpec {
  std::string name;
  AttributeKind kind;
  std::string meaning;  // with its default: "pixels per step [y, x], default [1, 1]"
};

// What an evaluation reads and writes. Outputs have their inferred type and shape; quantization stands on the node's
// values. Tensors are dense, so pointers are enough.
struct EvalArgs {
  const Node& node;
  std::vector<const void*> inputs;  // nullptr for an optional input that is left out
  std::vector<void*> outputs;

  template <class T>
  const T* in(size_t index) const {
    return static_cast<const T*>(index < inputs.size() ? inputs[index] : nullptr);
  }
  template <class T>
  T* out(size_t index = 0) const {
    return static_cast<T*>(outputs[index]);
  }
};
using Evaluate = void (*)(const EvalArgs& args);

struct Meaning {
  TypeSet first_input_types = 0;
  Evaluate run = nullptr;
};

// How the quantizer makes integers of a float node.
enum class IntegerRule {
  none,           // it stays float
  product_sum,    // s8 input and weights, s32 bias, an output scale of its own
  rescale,        // s8 inputs with their own scales, an output scale of its own
  rescale_first,  // s8 first input; the others stay reals; an output scale of its own
  product,        // as rescale, and the scales of both inputs multiply
  join,           // as rescale, but elements only move
  keep_scale,     // moves or selects elements: the output has the scale of the (first) input
  table,          // a unary function: 256 entries made from `function`
  boundary,       // it stands between reals and integers, put there by the quantizer
};

struct OpSpec {
  std::string summary;
  std::vector<InputSpec> inputs = {};
  bool variadic = false;  // the last input may repeat
  std::vector<AttributeSpec> attributes = {};
  // Types of the outputs, or a sentence about what does not fit. Inputs are present and of permitted types.
  Result<std::vector<TensorType>> (*infer)(const Node& node) = nullptr;
  std::vector<Meaning> evaluate = {};  // the reference, by the type of the first input
  IntegerRule integer = IntegerRule::none;
  // Why this node has no integer meaning, where that depends on the node; nullptr: it always has one.
  Reason (*integer_when)(const Node& node) = nullptr;
  // For IntegerRule::table: the real function of one element in float64.
  double (*function)(double x, const Node& node) = nullptr;
  // The attributes with which node(transpose(x)) = transpose(node(x)), for a transpose of all inputs by `permutation`:
  // how a layout moves past the operator. nullptr: it cannot.
  Attributes (*attributes_before_transpose)(const Node& node, const std::vector<int64_t>& permutation) = nullptr;
  // How far the first output is filled along this dimension is data; the slices behind hold -1. -1: all of it, always.
  int open_dimension = -1;
  // Multiply-accumulates of the node; nullptr for none.
  int64_t (*mac_count)(const Node& node) = nullptr;
};

// Every operator of the list, defined in the file of its name.
#define OP(name) extern const OpSpec name;
#include "ops/ops.inc"
#undef OP

// nullptr for a name that no operator has.
const OpSpec* find_op(const std::string& name);
// Names in the order of ops.inc.
const std::vector<std::string>& op_names();
// The view of the operators that graph/ uses.
const OpLookup& op_lookup();

int64_t mac_count(const Node& node);
bool is_one_of(DataType type, TypeSet types);
std::string to_string(TypeSet types);  // "f32 s8"

// Sets the types of the node's outputs from its inputs.
Status infer_outputs(Node* node);

// The reference meaning of a node for the type of its first input; nullptr when there is none.
Evaluate find_meaning(const Node& node);

// Whether the reference takes less than a second or so: what costs more is not folded but runs with the network.
bool is_cheap(const Node& node);

// Runs the reference on tensors and returns the outputs.
Result<std::vector<Tensor>> evaluate(const Node& node, const std::vector<Tensor>& inputs);

}  // namespace espalier::ops
