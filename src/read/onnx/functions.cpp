// Inlining of model functions (read/onnx/functions.h).
#include "read/onnx/functions.h"

#include <map>
#include <string>

namespace espalier::read::onnx {
namespace {

namespace proto = ::onnx;
using Key = std::pair<std::string, std::string>;  // domain, name

constexpr int kNodeCountMax = 1 << 20;
constexpr int kDepthMax = 64;

class Inliner {
 public:
  explicit Inliner(proto::ModelProto& model) : graph_(*model.mutable_graph()) {
    for (const proto::FunctionProto& function : model.functions())
      functions_[{function.domain(), function.name()}] = &function;
  }

  Status run() {
    if (functions_.empty()) return {};
    google::protobuf::RepeatedPtrField<proto::NodeProto> before;
    before.Swap(graph_.mutable_node());
    for (const proto::NodeProto& node : before) TRY_STATUS(add(node, 0));
    return {};
  }

 private:
  Status add(const proto::NodeProto& node, int depth) {
    if (graph_.node_size() >= kNodeCountMax) return error("its functions expand to more than {} nodes", kNodeCountMax);
    const auto found = functions_.find({node.domain(), node.op_type()});
    if (found == functions_.end()) {
      *graph_.add_node() = node;
      return {};
    }
    if (depth == kDepthMax)
      return error("function \"{}\" lies {} calls deep; a function must not call itself", node.op_type(), kDepthMax);
    return expand(node, *found->second, depth);
  }

  Status expand(const proto::NodeProto& call, const proto::FunctionProto& function, int depth) {
    if (call.input_size() > function.input_size() || call.output_size() > function.output_size())
      return error("node \"{}\" calls function \"{}\" with {} inputs and {} outputs; it has {} and {}", call.name(),
                   function.name(), call.input_size(), call.output_size(), function.input_size(),
                   function.output_size());
    const std::string prefix = call.name().empty() ? call.op_type() + std::to_string(++unnamed_) : call.name();
    std::map<std::string, std::string> names;
    for (int i = 0; i < function.input_size(); ++i)
      names[function.input(i)] = i < call.input_size() ? call.input(i) : "";
    for (int i = 0; i < function.output_size(); ++i)
      if (i < call.output_size() && !call.output(i).empty()) names[function.output(i)] = call.output(i);
    for (proto::NodeProto node : function.node()) {
      TRY_STATUS(check_no_branches(node, function));
      node.set_name(prefix + "/" + (node.name().empty() ? node.op_type() : node.name()));
      for (std::string& name : *node.mutable_input()) name = renamed(names, prefix, name);
      for (std::string& name : *node.mutable_output()) name = renamed(names, prefix, name);
      bind_attributes(call, function, node);
      TRY_STATUS(add(node, depth + 1));
    }
    return {};
  }

  // Names inside of branches would need renaming as well.
  static Status check_no_branches(const proto::NodeProto& node, const proto::FunctionProto& function) {
    for (const proto::AttributeProto& attribute : node.attribute())
      if (attribute.has_g() || attribute.graphs_size() > 0)
        return error("function \"{}\" holds a branch or a loop (\"{}\"), which is not supported inside functions",
                     function.name(), node.op_type());
    return {};
  }

  static std::string renamed(std::map<std::string, std::string>& names, const std::string& prefix,
                             const std::string& name) {
    if (name.empty()) return name;
    const auto found = names.find(name);
    return found != names.end() ? found->second : names[name] = prefix + "/" + name;
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

  proto::GraphProto& graph_;
  std::map<Key, const proto::FunctionProto*> functions_;
  int unnamed_ = 0;
};

}  // namespace

Status inline_functions(proto::ModelProto& model) { return Inliner(model).run(); }

}  // namespace espalier::read::onnx
