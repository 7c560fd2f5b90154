// espalier ops: the operators, from the files that define them.
#include "ops/op.h"

#include <nlohmann/json.hpp>

#include "network.h"

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

class Ops : public Invocation {
 public:
  void declare(Arguments& arguments) override {
    arguments.flag("--attributes", attributes_, "with inputs and attributes");
  }

  Result<Outcome> run(Progress&) override {
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
  bool attributes_ = false;
};

}  // namespace

const Command ops_command = {"ops", "the operators and what they mean in integers", "espalier ops --attributes",
                             create<Ops>};

}  // namespace espalier::cli
