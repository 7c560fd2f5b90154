// Einsum: two operands become one matrix product, "bij,bjk->bik" as well as "bhid,bhjd->bhij"; one operand a
// transpose, a diagonal or a sum.
#include <algorithm>

#include "ops/shapes.h"
#include "read/onnx/import.h"

namespace espalier::read::onnx {
namespace {

bool contains(const std::string& labels, char label) { return labels.find(label) != std::string::npos; }

// A value whose dimensions carry labels.
struct Operand {
  Value* value;
  std::string labels;
};

Result<Operand> transposed_to(Import& import, const std::string& name, const Operand& operand,
                              const std::string& labels) {
  if (labels == operand.labels) return operand;
  std::vector<int64_t> permutation;
  for (const char label : labels) permutation.push_back(static_cast<int64_t>(operand.labels.find(label)));
  return Operand{TRY(import.emit("transpose", name, {operand.value}, {{"permutation", permutation}})), labels};
}

// Labels that occur twice in one operand: the diagonal, by a product with the unit matrix and a sum.
Result<Operand> without_repetition(Import& import, const std::string& name, Operand operand) {
  for (size_t i = 0; i < operand.labels.size(); ++i) {
    const size_t again = operand.labels.find(operand.labels[i], i + 1);
    if (again == std::string::npos) continue;
    const int64_t extent = operand.value->shape()[i];
    if (extent != operand.value->shape()[again])
      return error("label \"{}\" stands for {} and {}", operand.labels[i], extent, operand.value->shape()[again]);
    Shape shape(operand.labels.size(), 1);
    shape[i] = shape[again] = extent;
    TRY_STATUS(import.spend(extent * extent * int64_t{sizeof(float)}));
    Tensor unit(DataType::f32, shape);
    for (int64_t at = 0; at < unit.count(); ++at)
      unit.mutable_data<float>()[at] = at / extent == at % extent ? 1.0f : 0.0f;
    Value* diagonal =
        TRY(import.emit("mul", name + ".diagonal", {operand.value, import.constant(name + ".unit", unit)}));
    Value* sum = TRY(import.emit("reduce_sum", name + ".sum", {diagonal},
                                 {{"axes", std::vector<int64_t>{static_cast<int64_t>(again)}}}));
    Shape kept = sum->shape();
    kept.erase(kept.begin() + static_cast<std::ptrdiff_t>(again));
    operand.labels.erase(again, 1);
    operand.value = TRY(import.emit("reshape", name + ".kept", {sum}, {{"shape", kept}}));
    return without_repetition(import, name, operand);
  }
  return operand;
}

// Sums over the labels that nobody else needs.
Result<Operand> summed(Import& import, const std::string& name, const Operand& operand, const std::string& needed) {
  std::vector<int64_t> axes;
  Operand result{nullptr, {}};
  Shape shape;
  for (size_t d = 0; d < operand.labels.size(); ++d) {
    if (!contains(needed, operand.labels[d])) {
      axes.push_back(static_cast<int64_t>(d));
      continue;
    }
    result.labels += operand.labels[d];
    shape.push_back(operand.value->shape()[d]);
  }
  if (axes.empty()) return operand;
  Value* sum = TRY(import.emit("reduce_sum", name + ".sum", {operand.value}, {{"axes", axes}}));
  result.value = TRY(import.emit("reshape", name + ".summed", {sum}, {{"shape", shape}}));
  return result;
}

// Labels of `from` that pass a test, in their order.
template <class Test>
std::string chosen(const std::string& from, Test test) {
  std::string labels;
  std::copy_if(from.begin(), from.end(), std::back_inserter(labels), test);
  return labels;
}

int64_t product_of(const Operand& operand, const std::string& labels) {
  int64_t product = 1;
  for (const char label : labels) product *= operand.value->shape()[operand.labels.find(label)];
  return product;
}

// [batch..., rows..., sum...] x [batch..., sum..., columns...] as one batched matrix product.
Result<Operand> contracted(Import& import, const std::string& name, Operand a, Operand b, const std::string& output) {
  const auto shared = [&](char label) { return contains(a.labels, label) && contains(b.labels, label); };
  for (const char label : chosen(a.labels, shared))
    if (a.value->shape()[a.labels.find(label)] != b.value->shape()[b.labels.find(label)])
      return error("label \"{}\" stands for {} and {}", label, a.value->shape()[a.labels.find(label)],
                   b.value->shape()[b.labels.find(label)]);
  const std::string batch = chosen(a.labels, [&](char l) { return shared(l) && contains(output, l); });
  const std::string inner = chosen(a.labels, [&](char l) { return shared(l) && !contains(output, l); });
  const std::string rows = chosen(a.labels, [&](char l) { return !shared(l); });
  const std::string columns = chosen(b.labels, [&](char l) { return !shared(l); });
  Shape shape;
  for (const char label : batch) shape.push_back(a.value->shape()[a.labels.find(label)]);
  for (const char label : rows) shape.push_back(a.value->shape()[a.labels.find(label)]);
  for (const char label : columns) shape.push_back(b.value->shape()[b.labels.find(label)]);
  const int64_t batches = product_of(a, batch);
  const int64_t depth = product_of(a, inner);
  const int64_t row_count = product_of(a, rows);
  const int64_t column_count = product_of(b, columns);
  a = TRY(transposed_to(import, name + ".a", a, batch + rows + inner));
  b = TRY(transposed_to(import, name + ".b", b, batch + inner + columns));
  Value* left = TRY(import.emit("reshape", name + ".rows", {a.value}, {{"shape", Shape{batches, row_count, depth}}}));
  Value* right =
      TRY(import.emit("reshape", name + ".columns", {b.value}, {{"shape", Shape{batches, depth, column_count}}}));
  Value* product = TRY(import.emit("matmul", name, {left, right}));
  return Operand{TRY(import.emit("reshape", name + ".shaped", {product}, {{"shape", shape}})), batch + rows + columns};
}

// "ij , jk -> ik" without blanks, as operands' labels and the output's. Without an arrow, the output has the labels
// that occur once, in alphabetical order.
struct Equation {
  std::vector<std::string> operands;
  std::string output;
};

Result<Equation> parse(std::string text) {
  std::erase(text, ' ');
  const size_t arrow = text.find("->");
  Equation equation;
  std::string inputs = text.substr(0, arrow);
  for (size_t begin = 0; begin <= inputs.size();) {
    const size_t end = std::min(inputs.find(',', begin), inputs.size());
    equation.operands.push_back(inputs.substr(begin, end - begin));
    begin = end + 1;
  }
  if (arrow != std::string::npos) {
    equation.output = text.substr(arrow + 2);
  } else {
    std::erase(inputs, ',');
    std::sort(inputs.begin(), inputs.end());
    for (const char label : inputs)
      if (std::count(inputs.begin(), inputs.end(), label) == 1) equation.output += label;
  }
  return equation;
}

// Labels are letters, beside one "..." at most.
Status check_labels(const std::string& labels) {
  const size_t ellipsis = labels.find("...");
  for (size_t i = 0; i < labels.size(); ++i) {
    const bool is_letter = (labels[i] >= 'a' && labels[i] <= 'z') || (labels[i] >= 'A' && labels[i] <= 'Z');
    const bool is_ellipsis = ellipsis != std::string::npos && i >= ellipsis && i < ellipsis + 3;
    if (!is_letter && !is_ellipsis)
      return error("character {} of \"{}\" in its equation is no letter; labels are letters, or \"...\" once", i,
                   labels);
  }
  return {};
}

// "..." becomes labels that no letter has, counted from the right so that operands share them.
std::string with_ellipsis(const std::string& labels, size_t ellipsis_rank) {
  const size_t at = labels.find("...");
  if (at == std::string::npos) return labels;
  std::string filling;
  for (size_t i = ellipsis_rank; i-- > 0;) filling += static_cast<char>(1 + i);
  return labels.substr(0, at) + filling + labels.substr(at + 3);
}

}  // namespace

Outputs convert_Einsum(Import& import, const OnnxNode& node) {
  Equation equation = TRY(parse(TRY(node.text("equation", ""))));
  if (equation.operands.size() != node.input_count() || node.input_count() < 1 || node.input_count() > 2)
    return error("{} operands in the equation, {} inputs; 1 or 2 are supported", equation.operands.size(),
                 node.input_count());
  for (const std::string& labels : equation.operands) TRY_STATUS(check_labels(labels));
  TRY_STATUS(check_labels(equation.output));
  std::vector<Operand> operands;
  size_t ellipsis_rank = 0;
  std::string all;
  for (size_t i = 0; i < node.input_count(); ++i) {
    Value* value = TRY(node.required(i));
    if (value->type.type != DataType::f32) return error("input {} is {}, reals are needed", i, name(value->type.type));
    std::string labels = equation.operands[i];
    const size_t letters = labels.find("...") == std::string::npos ? labels.size() : labels.size() - 3;
    const size_t rank = value->shape().size();
    if (letters > rank || (letters == labels.size() && letters != rank))
      return error("\"{}\" does not fit the {} dimensions of input {}", labels, rank, i);
    ellipsis_rank = std::max(ellipsis_rank, rank - letters);
    labels = with_ellipsis(labels, rank - letters);
    all += labels;
    operands.push_back({value, labels});
  }
  if (equation.output.find("...") == std::string::npos && ellipsis_rank > 0)
    return error("the equation sums over \"...\", which is not supported");
  const std::string output = with_ellipsis(equation.output, ellipsis_rank);
  for (const char label : output)
    if (!contains(all, label) || std::count(output.begin(), output.end(), label) != 1)
      return error("the output label \"{}\" is in no operand, or twice in the output", label);
  for (Operand& operand : operands) operand = TRY(without_repetition(import, node.name(), operand));
  Operand result = operands[0];
  if (operands.size() == 2) {
    const Operand a = TRY(summed(import, node.name() + ".a", operands[0], operands[1].labels + output));
    const Operand b = TRY(summed(import, node.name() + ".b", operands[1], operands[0].labels + output));
    result = TRY(contracted(import, node.name(), a, b, output));
  } else {
    result = TRY(summed(import, node.name(), result, output));
  }
  return std::vector<Value*>{TRY(transposed_to(import, node.name() + ".ordered", result, output)).value};
}

}  // namespace espalier::read::onnx
