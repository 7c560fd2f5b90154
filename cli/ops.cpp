// espalier ops: the operators, from the files that define them; with --onnx those of ONNX that are read.
#include "ops/op.h"

#include <fmt/ranges.h>

#include <nlohmann/json.hpp>

#include "network.h"
#include "read/onnx/operators.h"

namespace espalier::cli {
namespace {

std::string integer_rule(ops::IntegerRule rule) {
  switch (rule) {
    case ops::IntegerRule::none: return "stays float";
    case ops::IntegerRule::product_sum: return "INT8 product sum";
    case ops::IntegerRule::rescale:
    case ops::IntegerRule::rescale_first:
    case ops::IntegerRule::product:
    case ops::IntegerRule::join: return "INT8, own scale";
    case ops::IntegerRule::keep_scale: return "INT8, scale of the input";
    case ops::IntegerRule::table: return "INT8 table of 256";
    case ops::IntegerRule::boundary: return "between float and INT8";
  }
  return {};
}

// What several operators of ours together are in integers.
std::string integer_meaning(const std::vector<std::string>& operators) {
  if (operators.empty()) return "nothing is computed";
  if (operators.size() == 1) return integer_rule(ops::find_op(operators[0])->integer);
  std::vector<std::string> integer, real;
  bool has_scales = false;
  for (const std::string& name : operators) {
    const ops::IntegerRule rule = ops::find_op(name)->integer;
    has_scales |= rule == ops::IntegerRule::boundary;
    if (rule != ops::IntegerRule::boundary) (rule == ops::IntegerRule::none ? real : integer).push_back(name);
  }
  const std::string scales = has_scales ? ", scales of the file" : "";
  if (real.empty()) return "INT8" + scales;
  if (integer.empty()) return "stays float";
  return fmt::format("INT8{}: {}; float: {}", scales, fmt::join(integer, ", "), fmt::join(real, ", "));
}

// The operators of ONNX, one a line: the first opset, ours that stand for it, limits.
Outcome onnx_outcome() {
  Outcome outcome{.text = {}, .json = std::make_shared<nlohmann::json>()};
  for (const read::onnx::OnnxOperator& known : read::onnx::onnx_operators()) {
    outcome.text += fmt::format("{:<26} {:>2}  {:<30} {}\n", known.name, known.since,
                                fmt::format("{}", fmt::join(known.operators, " ")), known.limits);
    (*outcome.json)["onnx"].push_back({{"name", known.name},
                                       {"since", known.since},
                                       {"operators", known.operators},
                                       {"integer", integer_meaning(known.operators)},
                                       {"limits", known.limits}});
  }
  for (const read::onnx::UnreadOperator& unread : read::onnx::unread_operators()) {
    outcome.text += fmt::format("{:<26}  -  not read: {}\n", unread.name, unread.reason);
    (*outcome.json)["not_read"].push_back({{"name", unread.name}, {"reason", unread.reason}});
  }
  return outcome;
}

class Ops : public Invocation {
 public:
  void declare(Arguments& arguments) override {
    arguments.flag("--attributes", attributes_, "with inputs and attributes");
    arguments.flag("--onnx", onnx_, "the operators of ONNX that are read, with their limits, and why others are not");
  }

  Result<Outcome> run(Progress&) override {
    if (onnx_ && attributes_)
      return error("--attributes shows our own operators, --onnx those of ONNX; give one of them");
    if (onnx_) return onnx_outcome();
    Outcome outcome{.text = {}, .json = std::make_shared<nlohmann::json>()};
    (*outcome.json)["ops"] = nlohmann::json::array();
    for (const std::string& name : ops::op_names()) {
      const ops::OpSpec& spec = *ops::find_op(name);
      outcome.text += fmt::format("{:<16} {:<26} {}\n", name, integer_rule(spec.integer), spec.summary);
      nlohmann::json row = {{"name", name}, {"summary", spec.summary}, {"integer", integer_rule(spec.integer)}};
      row["inputs"] = nlohmann::json::array();
      row["attributes"] = nlohmann::json::array();
      for (const ops::InputSpec& input : spec.inputs) {
        row["inputs"].push_back(
            {{"name", input.name}, {"types", ops::to_string(input.types)}, {"optional", input.optional}});
        if (attributes_)
          outcome.text += fmt::format("    {:<12} input, {}{}\n", input.name, ops::to_string(input.types),
                                      input.optional ? ", may be left out" : "");
      }
      for (const ops::AttributeSpec& attribute : spec.attributes) {
        row["attributes"].push_back({{"name", attribute.name}, {"meaning", attribute.meaning}});
        if (attributes_) outcome.text += fmt::format("    {:<12} {}\n", attribute.name, attribute.meaning);
      }
      (*outcome.json)["ops"].push_back(row);
    }
    return outcome;
  }

 private:
  bool attributes_ = false, onnx_ = false;
};

}  // namespace

const Command ops_command = {"ops", "the operators and what they mean in integers", "espalier ops --attributes",
                             create<Ops>};

}  // namespace espalier::cli
