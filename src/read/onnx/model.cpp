// The frame of an ONNX import: schema and versions, cuts at named tensors, input shapes, then one converter per node.
#include <algorithm>
#include <filesystem>
#include <set>
#include <sstream>
#include <unordered_map>
#include <unordered_set>

#include "graph/verify.h"
#include "ops/op.h"
#include "read/onnx/constant_inputs.h"
#include "read/onnx/functions.h"
#include "read/onnx/import.h"
#include "read/onnx/onnx.h"
#include "read/onnx/operators.h"
#include "read/onnx/quantized.h"
#include "read/onnx/unsigned.h"

namespace espalier::read::onnx {
namespace {

Result<int64_t> opset_of(const proto::ModelProto& model) {
  for (const auto& import : model.opset_import()) {
    if (!import.domain().empty() && import.domain() != "ai.onnx") continue;
    if (import.version() < kOpsetMin || import.version() > kOpsetMax)
      return error("the model uses opset {}; {} to {} are supported. Re-export it with one of these", import.version(),
                   kOpsetMin, kOpsetMax);
    return static_cast<int64_t>(import.version());
  }
  return error("the file states no ONNX opset: it is no ONNX model, or it is damaged");
}

// Exports of PaddleOCR carry their symbols, one a line, under "character". Other tools' lists (names of classes as a
// Python dictionary) are no ONNX convention and are not read.
std::vector<std::string> labels_of(const proto::ModelProto& file) {
  std::vector<std::string> labels;
  for (const auto& entry : file.metadata_props()) {
    if (entry.key() != "character" || entry.value().empty()) continue;
    std::istringstream lines(entry.value());
    for (std::string line; std::getline(lines, line);) labels.push_back(line);
  }
  return labels;
}

class ModelReader {
 public:
  ModelReader(const proto::ModelProto& file, const std::string& folder, int64_t opset, const ReadOptions& options,
              bool survey)
      : file_(file.graph()),
        options_(options),
        survey_(survey),
        import_(model_.graph, model_.notes, folder, opset, options.made_constants_size_bytes_max) {}

  Result<Model> read() {
    TRY_STATUS(collect());
    TRY_STATUS(read_inputs());
    find_later_scales();
    for (const proto::NodeProto* node : order_) TRY_STATUS(read_node(*node));
    TRY_STATUS(write_outputs());
    TRY_STATUS(model_.graph.sort());
    // What the checks of single nodes did not see must not reach a stage, which would take it for a bug of ours.
    TRY_STATUS(verify_graph(model_.graph, ops::op_lookup()));
    return std::move(model_);
  }

 private:
  // The tensors that a node reads, those of its branches included.
  static std::vector<std::string> inputs_of(const proto::NodeProto& node) {
    std::vector<std::string> inputs(node.input().begin(), node.input().end());
    for (const auto& attribute : node.attribute()) {
      if (!attribute.has_g()) continue;
      const std::vector<std::string> own = names_of(attribute.g());
      const std::unordered_set<std::string> inside(own.begin(), own.end());
      const auto add = [&](const std::string& name) {
        if (!inside.contains(name)) inputs.push_back(name);
      };
      for (const auto& inner : attribute.g().node())
        for (const std::string& name : inputs_of(inner)) add(name);
      for (const auto& output : attribute.g().output()) add(output.name());
    }
    return inputs;
  }

  // The tensors that a branch holds or makes.
  static std::vector<std::string> names_of(const proto::GraphProto& branch) {
    std::vector<std::string> names;
    for (const auto& initializer : branch.initializer()) names.push_back(initializer.name());
    for (const auto& node : branch.node())
      for (const std::string& output : node.output())
        if (!output.empty()) names.push_back(output);
    return names;
  }

  // Which nodes the outputs need, in an order in which inputs come first.
  Status collect() {
    if (file_.node_size() == 0 && file_.output_size() == 0)
      return error("the file holds no graph: it is no ONNX model, or it is damaged");
    for (const auto& node : file_.node()) {
      if (node.output_size() == 0) return error("node \"{}\" ({}) has no output", node.name(), node.op_type());
      for (const std::string& output : node.output())
        if (!output.empty() && !producers_.emplace(output, &node).second)
          return error("tensor \"{}\" is made by two nodes", output);
    }
    for (const auto& initializer : file_.initializer()) initializers_.emplace(initializer.name(), &initializer);
    cut_inputs_.insert(options_.inputs.begin(), options_.inputs.end());
    output_names_ = options_.outputs;
    if (output_names_.empty())
      for (const auto& output : file_.output()) output_names_.push_back(output.name());
    if (output_names_.empty()) return error("the model has no outputs");
    std::unordered_set<std::string> seen;
    for (const std::string& name : output_names_) {
      if (!seen.insert(name).second) return error("output \"{}\" is there twice", name);
      TRY_STATUS(need(name));
    }
    return {};
  }

  // Depth first, without recursion since networks are deep.
  Status need(const std::string& output) {
    struct Visit {
      const proto::NodeProto* node;
      std::vector<std::string> inputs;
      size_t next_input = 0;
    };
    std::vector<Visit> stack;
    const auto enter = [&](const std::string& tensor) -> Status {
      if (cut_inputs_.contains(tensor)) return {};
      const auto found = producers_.find(tensor);
      if (found == producers_.end()) return {};
      const auto [mark, fresh] = marks_.emplace(found->second, false);
      if (fresh) stack.push_back({found->second, inputs_of(*found->second), 0});
      if (!fresh && !mark->second)
        return error("node \"{}\" ({}) needs its own output \"{}\": the graph has a cycle", found->second->name(),
                     found->second->op_type(), tensor);
      return {};
    };
    TRY_STATUS(enter(output));
    while (!stack.empty()) {
      Visit& visit = stack.back();
      if (visit.next_input < visit.inputs.size()) {
        const std::string input = visit.inputs[visit.next_input++];
        TRY_STATUS(enter(input));
        continue;
      }
      marks_[visit.node] = true;
      order_.push_back(visit.node);
      stack.pop_back();
    }
    return {};
  }

  // The shape that the user gives; the file's own fixed dimensions are not overruled in silence.
  Result<Shape> replaced_shape(const proto::ValueInfoProto& info, const Shape& given) {
    const auto& stored = info.type().tensor_type().shape();
    if (!info.type().tensor_type().has_shape()) return given;
    if (stored.dim_size() != static_cast<int>(given.size()))
      return error("--input-shape gives input \"{}\" {} dimensions ({}), in the model it has {}", info.name(),
                   given.size(), to_string(given), stored.dim_size());
    for (int d = 0; d < stored.dim_size(); ++d)
      if (stored.dim(d).dim_value() > 0 && stored.dim(d).dim_value() != given[static_cast<size_t>(d)])
        import_.note(fmt::format("dimension {} of input \"{}\" is {} in the model, --input-shape makes it {}", d,
                                 info.name(), stored.dim(d).dim_value(), given[static_cast<size_t>(d)]));
    return given;
  }

  Result<Shape> input_shape(const proto::ValueInfoProto& info) {
    const auto given = options_.input_shapes.find(info.name());
    if (given != options_.input_shapes.end()) return replaced_shape(info, given->second);
    if (!info.type().tensor_type().has_shape())
      return error("input \"{}\" has no shape. Give one: --input-shape {}:1x3x224x224", info.name(), info.name());
    Shape shape;
    for (const auto& dim : info.type().tensor_type().shape().dim()) {
      if (dim.has_dim_value() && dim.dim_value() > 0) {
        shape.push_back(dim.dim_value());
      } else if (shape.empty() && info.type().tensor_type().shape().dim_size() > 1) {
        shape.push_back(1);
        import_.note(fmt::format("the batch of input \"{}\" is symbolic; it is taken as 1", info.name()));
      } else {
        return error(
            "dimension {} of input \"{}\" is not fixed (\"{}\"). Give the whole shape: --input-shape {}:1x3x224x224",
            shape.size(), info.name(), dim.dim_param(), info.name());
      }
    }
    return shape;
  }

  Status add_input(const std::string& name, const TensorType& type) {
    const std::optional<int64_t> count = checked_element_count(type.shape);
    if (!count || *count < 1) return error("input \"{}\" has the impossible shape {}", name, to_string(type.shape));
    Value* value = model_.graph.add_value(name, type);
    model_.graph.add_input(value, type);
    values_[name] = value;
    return {};
  }

  Status read_inputs() {
    std::unordered_set<std::string> needed;
    for (const proto::NodeProto* node : order_)
      for (const std::string& input : inputs_of(*node)) needed.insert(input);
    needed.insert(output_names_.begin(), output_names_.end());
    for (const auto& info : file_.input()) {
      if (initializers_.contains(info.name()) || (!options_.inputs.empty() && !cut_inputs_.contains(info.name())))
        continue;
      if (values_.contains(info.name())) return error("the model has two inputs \"{}\"", info.name());
      if (!needed.contains(info.name())) continue;
      cut_inputs_.erase(info.name());
      if (info.type().has_sequence_type() || info.type().has_optional_type() || info.type().has_map_type())
        return error("input \"{}\" is no tensor", info.name());
      const Result<DataType> type = read_data_type(info.type().tensor_type().elem_type());
      if (!type.ok()) return type.error().at(fmt::format("input \"{}\"", info.name()));
      const auto bound = options_.bound.find(info.name());
      unsigned_[info.name()] = unsigned_type(info.type().tensor_type().elem_type());
      if (bound == options_.bound.end()) {
        TRY_STATUS(add_input(info.name(), {*type, TRY(input_shape(info))}));
        continue;
      }
      if (bound->second.type() != *type)
        return error("input \"{}\" is {}, it is bound to {}", info.name(), espalier::name(*type),
                     espalier::name(bound->second.type()));
      import_.make_room(bound->second.size_bytes());
      values_[info.name()] = import_.constant(info.name(), bound->second);
    }
    for (const auto& [name, tensor] : options_.bound)
      if (!values_.contains(name))
        return error("\"{}\" is to be bound to a constant, but it is no input of the model that its outputs need",
                     name);
    // What is left are inner tensors where the user cuts; the file's shape for them may be stale or missing.
    for (const std::string& name : cut_inputs_) {
      if (!needed.contains(name))
        return error("the model has no tensor \"{}\" to cut at, or the outputs do not need it", name);
      const auto given = options_.input_shapes.find(name);
      if (given == options_.input_shapes.end())
        return error("a cut at \"{}\" needs its shape: --input-shape {}:1x64x28x28", name, name);
      TRY_STATUS(add_input(name, {DataType::f32, given->second}));
    }
    for (const auto& [name, shape] : options_.input_shapes)
      if (!values_.contains(name)) return error("--input-shape names \"{}\", which is no input of the model", name);
    return {};
  }

  // The value of a tensor of the file; initializers become constants at first use. Survey: nullptr for what a node
  // that could not be read should have made.
  Result<Value*> lookup(const std::string& name) {
    const auto found = values_.find(name);
    if (found != values_.end()) return found->second;
    const auto initializer = initializers_.find(name);
    if (initializer == initializers_.end()) {
      for (const proto::ValueInfoProto& input : file_.input())
        if (input.name() == name)
          return error("\"{}\" is an input of the model that is needed too; add it to --inputs", name);
      return error("tensor \"{}\" is neither an input, an initializer nor made by a node; the file is inconsistent",
                   name);
    }
    Result<Tensor> tensor = read_tensor(*initializer->second, import_.folder());
    if (!tensor.ok()) return tensor.error().at(fmt::format("initializer \"{}\"", name));
    import_.make_room(tensor->size_bytes());
    Value* value = import_.constant(name, std::move(tensor).value());
    values_[name] = value;
    unsigned_[name] = unsigned_type(initializer->second->data_type());
    return value;
  }

  // That the operator is read at all, and in the form of the file's opset.
  Status check_operator(const proto::NodeProto& node) const {
    const OnnxOperator* known = find_onnx_operator(node.op_type());
    if (known == nullptr) {
      const std::string reason = why_not_read(node.op_type());
      return error("the operator is not supported{}; espalier ops --onnx lists those that are",
                   reason.empty() ? "" : ": " + reason);
    }
    if (node.domain() != "com.microsoft" && import_.opset() < known->since)
      return error("its form of opset {} is not supported. Re-export the model with opset {} to {}", import_.opset(),
                   known->since, kOpsetMax);
    return {};
  }

  Status convert(const proto::NodeProto& node, const std::string& layer) {
    const bool is_microsoft = node.domain() == "com.microsoft" && is_read_of_microsoft(node.op_type());
    if (!node.domain().empty() && node.domain() != "ai.onnx" && !is_microsoft)
      return error("its domain \"{}\" is not supported", node.domain());
    TRY_STATUS(check_operator(node));
    if (node.op_type() == "If") return convert_branches(node);
    std::vector<Value*> inputs;
    for (const std::string& name : node.input()) {
      if (unmade_.contains(name)) return error("its input \"{}\" is an output that is not supported", name);
      inputs.push_back(name.empty() ? nullptr : TRY(lookup(name)));
      if (!name.empty() && inputs.back() == nullptr)
        return error("its input \"{}\" comes from a node that is not supported", name);
    }
    const OnnxNode converted(node, layer, std::move(inputs));
    std::vector<Value*> outputs = TRY(with_quantized(find_converter(node.op_type()), import_, converted));
    TRY_STATUS(check_old_attributes(converted));
    std::vector<UnsignedType> types;
    for (const std::string& name : node.input()) types.push_back(unsigned_of(name));
    types = TRY(wrap_unsigned(import_, converted, types, outputs));
    for (const Value* output : outputs) TRY(import_.open_lengths().of(output));
    if (!outputs.empty()) TRY_STATUS(adopt_later_scale(node, outputs[0]));
    for (size_t i = 0; i < outputs.size() && static_cast<int>(i) < node.output_size(); ++i)
      define(node.output(static_cast<int>(i)), outputs[i], types[i]);
    for (int i = static_cast<int>(outputs.size()); i < node.output_size(); ++i)
      if (!node.output(i).empty()) unmade_.insert(node.output(i));
    return {};
  }

  UnsignedType unsigned_of(const std::string& tensor) const {
    const auto found = unsigned_.find(tensor);
    return tensor.empty() || found == unsigned_.end() ? 0 : found->second;
  }

  void define(const std::string& tensor, Value* value, UnsignedType type) {
    values_[tensor] = value;
    unsigned_[tensor] = type;
  }

  // Which initializers scale an integer tensor where it is read, at once or behind operators that move it.
  void find_later_scales() {
    for (auto node = order_.rbegin(); node != order_.rend(); ++node) {
      for (const int i : quantized_inputs(**node))
        if (i + 2 < (*node)->input_size())
          later_scales_[(*node)->input(i)] = {(*node)->input(i + 1), (*node)->input(i + 2)};
      if (!moves_elements(**node) || (*node)->input_size() == 0) continue;
      const auto found = later_scales_.find((*node)->output(0));
      if (found == later_scales_.end()) continue;
      const std::pair<std::string, std::string> scale = found->second;
      const int count = (*node)->op_type() == "Concat" ? (*node)->input_size() : 1;
      for (int i = 0; i < count; ++i) later_scales_[(*node)->input(i)] = scale;
    }
  }

  Status adopt_later_scale(const proto::NodeProto& node, Value* value) {
    const auto found = later_scales_.find(node.output(0));
    const bool is_table = value->producer != nullptr && value->producer->op == "table";
    if (!is_table || found == later_scales_.end() || !initializers_.contains(found->second.first)) return {};
    const std::string& zero_point = found->second.second;
    return quantize_as_read_later(import_, value, TRY(lookup(found->second.first)),
                                  initializers_.contains(zero_point) ? TRY(lookup(zero_point)) : nullptr);
  }

  // Before opset 7 attributes stood for what became inputs or went: a converter that does not know one would change
  // what the node means. `consumed_inputs` only permitted to compute in place.
  Status check_old_attributes(const OnnxNode& node) const {
    if (import_.opset() >= 7) return {};
    for (const std::string& attribute : node.unread_attributes())
      if (attribute != "consumed_inputs")
        return error("its attribute \"{}\" of opset {} is not supported. Re-export the model with opset 7 to {}",
                     attribute, import_.opset(), kOpsetMax);
    return {};
  }

  // If: where the condition is known, the branch that it chooses takes the node's place.
  Status convert_branches(const proto::NodeProto& node) {
    const Value* condition = node.input_size() == 1 ? TRY(lookup(node.input(0))) : nullptr;
    if (condition == nullptr || !condition->is_constant() || condition->type.type != DataType::boolean ||
        condition->constant.count() != 1)
      return error(
          "its condition is computed from the data; only a condition that is known when the network is "
          "compiled is supported");
    const char* const wanted = condition->constant.data<bool>()[0] ? "then_branch" : "else_branch";
    const proto::GraphProto* branch = nullptr;
    for (const auto& attribute : node.attribute())
      if (attribute.name() == wanted) branch = &attribute.g();
    if (branch == nullptr || branch->output_size() != node.output_size())
      return error("its {} is missing, or has another number of outputs", wanted);
    constexpr int kDepthMax = 32;
    if (branch_depth_ == kDepthMax) return error("branches lie {} deep in one another", kDepthMax);
    ++branch_depth_;
    std::vector<Hidden> hidden = hide(names_of(*branch));
    const Result<std::vector<Value*>> outputs = read_branch(*branch);
    std::vector<UnsignedType> types;
    for (const auto& output : branch->output()) types.push_back(unsigned_of(output.name()));
    restore(std::move(hidden));
    --branch_depth_;
    if (!outputs.ok()) return outputs.error();
    for (size_t i = 0; i < types.size(); ++i) define(node.output(static_cast<int>(i)), (*outputs)[i], types[i]);
    return {};
  }

  Result<std::vector<Value*>> read_branch(const proto::GraphProto& branch) {
    for (const auto& initializer : branch.initializer())
      if (!initializers_.emplace(initializer.name(), &initializer).second)
        return error("two initializers of a branch are called \"{}\"", initializer.name());
    for (const auto& inner : branch.node()) {
      if (inner.output_size() == 0) return error("node \"{}\" ({}) has no output", inner.name(), inner.op_type());
      for (const std::string& output : inner.output())
        if (!output.empty() && (values_.contains(output) || initializers_.contains(output) || unmade_.contains(output)))
          return error("tensor \"{}\" of a branch is made twice", output);
      TRY_STATUS(read_node(inner));
    }
    std::vector<Value*> outputs;
    for (const auto& output : branch.output()) outputs.push_back(TRY(lookup(output.name())));
    return outputs;
  }

  // What a name means outside of a branch that gives it to a tensor of its own. Branches beside one another may use the
  // same names.
  struct Hidden {
    std::string name;
    std::optional<Value*> value;
    const proto::TensorProto* initializer = nullptr;
    bool unmade = false;
  };

  std::vector<Hidden> hide(const std::vector<std::string>& names) {
    std::vector<Hidden> hidden;
    for (const std::string& name : names) {
      Hidden& outer = hidden.emplace_back(Hidden{.name = name, .value = {}, .unmade = unmade_.erase(name) > 0});
      if (const auto value = values_.extract(name)) outer.value = value.mapped();
      if (const auto initializer = initializers_.extract(name)) outer.initializer = initializer.mapped();
    }
    return hidden;
  }

  void restore(std::vector<Hidden> hidden) {
    for (const Hidden& outer : hidden) {
      values_.erase(outer.name);
      initializers_.erase(outer.name);
      unmade_.erase(outer.name);
    }
    for (const Hidden& outer : hidden) {
      if (outer.value) values_[outer.name] = *outer.value;
      if (outer.initializer != nullptr) initializers_[outer.name] = outer.initializer;
      if (outer.unmade) unmade_.insert(outer.name);
    }
  }

  // The node's name, or that of its first output where the file gives none or gives it twice.
  std::string layer_name(const proto::NodeProto& node) {
    if (!node.name().empty() && layer_names_.insert(node.name()).second) return node.name();
    std::string name = node.output(0);
    for (int number = 2; !layer_names_.insert(name).second; ++number)
      name = fmt::format("{}_{}", node.output(0), number);
    return name;
  }

  Status read_node(const proto::NodeProto& node) {
    NodeReport report{.name = layer_name(node), .op = node.op_type()};
    const Status converted = convert(node, report.name);
    if (!converted.ok()) {
      report.supported = false;
      report.reason = converted.error().message();
      if (!survey_) return converted.error().at(fmt::format("node \"{}\" ({})", report.name, report.op));
      for (const std::string& output : node.output()) values_[output] = nullptr;
      blocked_.insert(blocked_.end(), node.input().begin(), node.input().end());
    }
    model_.nodes.push_back(std::move(report));
    return {};
  }

  Status write_outputs() {
    for (const std::string& name : output_names_) {
      const bool unknown = !values_.contains(name) && !initializers_.contains(name);
      if (unknown) return error("the model has no tensor \"{}\"", name);
      Value* value = TRY(lookup(name));
      if (value == nullptr) continue;
      model_.graph.add_output(value, name, value->type);
      if (import_.is_u8(value)) model_.graph.outputs().back().type.type = DataType::u8;
      model_.outputs.push_back(name);
    }
    // What a survey could not read has readers all the same: without them, simplify would drop what feeds it.
    for (const std::string& name : blocked_) {
      const auto found = values_.find(name);
      if (found == values_.end() || found->second == nullptr || found->second->is_constant()) continue;
      if (!model_.graph.is_output(found->second)) model_.graph.add_output(found->second, name, found->second->type);
    }
    return {};
  }

  const proto::GraphProto& file_;
  const ReadOptions& options_;
  bool survey_;
  Model model_;
  Import import_;
  std::unordered_map<std::string, const proto::NodeProto*> producers_;
  std::unordered_map<std::string, const proto::TensorProto*> initializers_;
  std::set<std::string> cut_inputs_;
  std::vector<std::string> output_names_;
  std::unordered_map<const proto::NodeProto*, bool> marks_;  // true once all it needs is in order_
  std::vector<const proto::NodeProto*> order_;
  std::unordered_map<std::string, Value*> values_;
  int branch_depth_ = 0;
  std::unordered_set<std::string> unmade_;
  std::unordered_map<std::string, UnsignedType> unsigned_;  // types of the file, where values_ has a tensor
  std::set<std::string> layer_names_;
  std::unordered_map<std::string, std::pair<std::string, std::string>> later_scales_;
  std::vector<std::string> blocked_;  // inputs of nodes that could not be read
};

Result<proto::ModelProto> parse(Bytes bytes) {
  if (bytes.size() > static_cast<uint64_t>(INT32_MAX))
    return error("the file has {} bytes; protobuf reads at most 2 GiB. Store the weights as external data",
                 bytes.size());
  proto::ModelProto file;
  if (!file.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())))
    return error("this is no ONNX file, or it is damaged: {} bytes do not parse as an ONNX model", bytes.size());
  return file;
}

}  // namespace

Result<Model> read_onnx(Bytes bytes, const std::string& path, const ReadOptions& options, bool survey) {
  proto::ModelProto file = TRY(parse(bytes));
  TRY_STATUS(inline_functions(file));
  const int64_t opset = TRY(opset_of(file));
  const std::string folder = std::filesystem::path(path).parent_path().string();
  Model model = TRY(ModelReader(file, folder, opset, options, survey).read());
  model.labels = labels_of(file);
  return model;
}

Result<std::vector<std::string>> constant_inputs(Bytes bytes) {
  proto::ModelProto file = TRY(parse(bytes));
  TRY_STATUS(inline_functions(file));
  return constant_inputs_of(file.graph());
}

Result<std::vector<std::string>> external_files(Bytes bytes, const std::string& path) {
  const proto::ModelProto file = TRY(parse(bytes));
  std::set<std::string> locations;
  const auto add = [&](const proto::TensorProto& tensor) {
    if (tensor.data_location() != proto::TensorProto::EXTERNAL) return;
    for (const auto& entry : tensor.external_data())
      if (entry.key() == "location") locations.insert(entry.value());
  };
  for (const auto& initializer : file.graph().initializer()) add(initializer);
  for (const auto& node : file.graph().node())
    for (const auto& attribute : node.attribute()) add(attribute.t());
  std::vector<std::string> paths;
  const std::string folder = std::filesystem::path(path).parent_path().string();
  for (const std::string& location : locations) paths.push_back(TRY(external_path(location, folder)));
  return paths;
}

}  // namespace espalier::read::onnx
