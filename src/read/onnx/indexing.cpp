// Operators that choose elements by indices: Gather*, Scatter*, OneHot.
#include "ops/shapes.h"
#include "read/onnx/import.h"

namespace espalier::read::onnx {
namespace {

Result<Value*> as_s64(Import& import, Value* value) {
  if (value->type.type == DataType::s64) return value;
  return import.emit("cast", value->name + ".s64", {value}, {{"to", std::string("s64")}});
}

Result<int64_t> read_axis(const OnnxNode& node, const Value* x) {
  return ops::normalize_axis(TRY(node.integer("axis", 0)), x->shape().size());
}

Outputs scatter(Import& import, const OnnxNode& node, const char* op, Attributes attributes) {
  Value* x = TRY(node.required(0));
  Value* indices = TRY(as_s64(import, TRY(node.required(1))));
  Value* updates = TRY(node.required(2));
  if (const std::string reduction = TRY(node.text("reduction", "none")); reduction != "none")
    attributes["reduction"] = reduction;
  return std::vector<Value*>{TRY(import.emit(op, node.name(), {x, indices, updates}, std::move(attributes)))};
}

}  // namespace

Outputs convert_Gather(Import& import, const OnnxNode& node) {
  Value* x = TRY(node.required(0));
  Value* indices = TRY(as_s64(import, TRY(node.required(1))));
  return std::vector<Value*>{
      TRY(import.emit("gather", node.name(), {x, indices}, {{"axis", TRY(read_axis(node, x))}}))};
}

Outputs convert_GatherElements(Import& import, const OnnxNode& node) {
  Value* x = TRY(node.required(0));
  Value* indices = TRY(as_s64(import, TRY(node.required(1))));
  return std::vector<Value*>{
      TRY(import.emit("gather_elements", node.name(), {x, indices}, {{"axis", TRY(read_axis(node, x))}}))};
}

Outputs convert_GatherND(Import& import, const OnnxNode& node) {
  Value* x = TRY(node.required(0));
  Value* indices = TRY(as_s64(import, TRY(node.required(1))));
  return std::vector<Value*>{
      TRY(import.emit("gather_nd", node.name(), {x, indices}, {{"batch_dims", TRY(node.integer("batch_dims", 0))}}))};
}

Outputs convert_ScatterElements(Import& import, const OnnxNode& node) {
  return scatter(import, node, "scatter_elements", {{"axis", TRY(read_axis(node, TRY(node.required(0))))}});
}
// Its name before opset 11.
Outputs convert_Scatter(Import& import, const OnnxNode& node) { return convert_ScatterElements(import, node); }

Outputs convert_ScatterND(Import& import, const OnnxNode& node) { return scatter(import, node, "scatter_nd", {}); }

Outputs convert_OneHot(Import& import, const OnnxNode& node) {
  Value* indices = TRY(as_s64(import, TRY(node.required(0))));
  Value* depth = TRY(node.required(1));
  if (depth->type.type != DataType::s64)
    depth = TRY(import.emit("cast", depth->name + ".s64", {depth}, {{"to", std::string("s64")}}));
  if (!depth->is_constant() || depth->constant.count() != 1)
    return error("its depth is computed from the data; it must be known when the network is compiled");
  const int64_t axis = TRY(ops::normalize_axis(TRY(node.integer("axis", -1)), indices->shape().size() + 1));
  return std::vector<Value*>{TRY(import.emit("one_hot", node.name(), {indices, TRY(node.required(2))},
                                             {{"axis", axis}, {"depth", depth->constant.data<int64_t>()[0]}}))};
}

}  // namespace espalier::read::onnx
