// Inlining of model functions (read/onnx/functions.h).
#include "read/onnx/functions.h"

#include <map>
#include <string>
#include <tuple>
#include <unordered_map>
#include <unordered_set>

namespace espalier::read::onnx {
namespace {

namespace proto = ::onnx;
using Key = std::tuple<std::string, std::string, std::string>;  // domain, name, overload

// A few bytes may claim any amount of work: functions that call each other twice grow with a power of two, even where
// the innermost holds no node.
constexpr int kStepCountMax = 1 << 16;  // nodes and calls inside of functions
constexpr size_t kStepSizeMax = size_t{1} << 29;
constexpr int kDepthMax = 64;

// Schemas before IR 10 have no overloads.
std::string overload_of(const auto& node_or_function) {
  if constexpr (requires { node_or_function.overload(); }) return node_or_function.overload();
  return {};
}

// Names of one kind, each given once.
class Names {
 public:
  void take(const std::string& name) { taken_.insert(name); }
  // The name, with a number behind it where it is taken.
  std::string fresh(const std::string& wanted) {
    std::string name = wanted;
    while (!taken_.insert(name).second) name = wanted + "_" + std::to_string(++numbers_[wanted] + 1);
    return name;
  }

 private:
  std::unordered_set<std::string> taken_;
  std::unordered_map<std::string, int> numbers_;
};

class Inliner {
 public:
  explicit Inliner(proto::ModelProto& model) : model_(model), graph_(*model.mutable_graph()) {}

  Status run() {
    if (model_.functions_size() == 0) return {};
    for (const proto::FunctionProto& function : model_.functions())
      if (!functions_.emplace(Key{function.domain(), function.name(), overload_of(function)}, &function).second)
        return error("it has two functions \"{}\" in the domain \"{}\"", function.name(), function.domain());
    take_names(graph_);
    google::protobuf::RepeatedPtrField<proto::NodeProto> before;
    before.Swap(graph_.mutable_node());
    for (const proto::NodeProto& node : before) TRY_STATUS(add(node, 0));
    return {};
  }

 private:
  // Inner tensors must not meet one of the graph, whoever makes it.
  void take_names(const proto::GraphProto& graph) {
    for (const auto& input : graph.input()) tensors_.take(input.name());
    for (const auto& initializer : graph.initializer()) tensors_.take(initializer.name());
    for (const auto& output : graph.output()) tensors_.take(output.name());
    for (const proto::NodeProto& node : graph.node()) {
      for (const std::string& input : node.input()) tensors_.take(input);
      for (const std::string& output : node.output()) tensors_.take(output);
      for (const auto& attribute : node.attribute()) take_names(attribute.g());
    }
  }

  Status add(const proto::NodeProto& node, int depth) {
    const auto found = functions_.find({node.domain(), node.op_type(), overload_of(node)});
    if (found == functions_.end()) {
      *graph_.add_node() = node;
      return {};
    }
    if (depth == kDepthMax)
      return error("function \"{}\" lies {} calls deep; a function must not call itself", node.op_type(), kDepthMax);
    return expand(node, *found->second, depth);
  }

  // What an inner node costs.
  Status spend(const proto::NodeProto& node) {
    step_size_ += node.ByteSizeLong();
    if (++step_count_ > kStepCountMax || step_size_ > kStepSizeMax)
      return error(
          "its functions expand to more than {} nodes and calls, or to more than {} bytes. Inline them where the model "
          "is exported (onnx.inliner), and simplify it there",
          kStepCountMax, kStepSizeMax);
    return {};
  }

  Status expand(const proto::NodeProto& call, const proto::FunctionProto& function, int depth) {
    if (call.input_size() > function.input_size() || call.output_size() > function.output_size())
      return error("node \"{}\" calls function \"{}\" with {} inputs and {} outputs; it has {} and {}", call.name(),
                   function.name(), call.input_size(), call.output_size(), function.input_size(),
                   function.output_size());
    const std::string prefix =
        calls_.fresh(call.name().empty() ? call.op_type() + std::to_string(++unnamed_) : call.name());
    std::map<std::string, std::string> names;
    for (int i = 0; i < function.input_size(); ++i)
      names[function.input(i)] = i < call.input_size() ? call.input(i) : "";
    std::vector<std::pair<std::string, std::string>> copies;  // from a tensor that has its name already
    for (int i = 0; i < function.output_size() && i < call.output_size(); ++i) {
      if (call.output(i).empty()) continue;
      const auto [named, fresh] = names.emplace(function.output(i), call.output(i));
      if (!fresh) copies.emplace_back(named->second, call.output(i));
    }
    for (const proto::NodeProto& inner : function.node()) {
      TRY_STATUS(check_no_branches(inner, function));
      TRY_STATUS(spend(inner));
      proto::NodeProto node = inner;
      node.set_name(prefix + "/" + (node.name().empty() ? node.op_type() : node.name()));
      for (std::string& name : *node.mutable_input()) name = renamed(names, prefix, name);
      for (std::string& name : *node.mutable_output()) name = renamed(names, prefix, name);
      bind_attributes(call, function, node);
      TRY_STATUS(add(node, depth + 1));
    }
    for (const auto& [from, to] : copies) add_copy(prefix, from, to);
    return {};
  }

  // An output that is an input, or another output.
  void add_copy(const std::string& prefix, const std::string& from, const std::string& to) {
    proto::NodeProto& node = *graph_.add_node();
    node.set_op_type("Identity");
    node.set_name(prefix + "/Identity");
    node.add_input(from);
    node.add_output(to);
  }

  // Names inside of branches would need renaming as well.
  static Status check_no_branches(const proto::NodeProto& node, const proto::FunctionProto& function) {
    for (const proto::AttributeProto& attribute : node.attribute())
      if (attribute.has_g() || attribute.graphs_size() > 0)
        return error("function \"{}\" holds a branch or a loop (\"{}\"), which is not supported inside functions",
                     function.name(), node.op_type());
    return {};
  }

  std::string renamed(std::map<std::string, std::string>& names, const std::string& prefix, const std::string& name) {
    if (name.empty()) return name;
    const auto found = names.find(name);
    return found != names.end() ? found->second : names[name] = tensors_.fresh(prefix + "/" + name);
  }

  // An attribute of an inner node may stand for one of the call, or for the default that the function states.
  static void bind_attributes(const proto::NodeProto& call, const proto::FunctionProto& function,
                              proto::NodeProto& node) {
    google::protobuf::RepeatedPtrField<proto::AttributeProto> before;
    before.Swap(node.mutable_attribute());
    for (const proto::AttributeProto& attribute : before) {
      if (attribute.ref_attr_name().empty()) {
        *node.add_attribute() = attribute;
        continue;
      }
      const auto copy_from = [&](const google::protobuf::RepeatedPtrField<proto::AttributeProto>& list) {
        for (const proto::AttributeProto& candidate : list) {
          if (candidate.name() != attribute.ref_attr_name()) continue;
          proto::AttributeProto* bound = node.add_attribute();
          *bound = candidate;
          bound->set_name(attribute.name());
          return true;
        }
        return false;
      };
      if (!copy_from(call.attribute())) copy_from(function.attribute_proto());
    }
  }

  const proto::ModelProto& model_;
  proto::GraphProto& graph_;
  std::map<Key, const proto::FunctionProto*> functions_;
  Names tensors_;
  Names calls_;
  int unnamed_ = 0;
  int step_count_ = 0;
  size_t step_size_ = 0;
};

}  // namespace

Status inline_functions(proto::ModelProto& model) { return Inliner(model).run(); }

}  // namespace espalier::read::onnx
