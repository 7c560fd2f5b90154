// The stage put together (quantize/quantize.h): a new graph is built node by node, in running order.
#include "quantize/quantize.h"

#include <cmath>
#include <unordered_map>
#include <unordered_set>

#include "base/check.h"
#include "numerics/quantize.h"
#include "ops/op.h"
#include "quantize/choose_integers.h"
#include "quantize/choose_ranges.h"
#include "quantize/integer_nodes.h"
#include "quantize/leaving_values.h"
#include "quantize/quantize_weights.h"
#include "quantize/share_ranges.h"

namespace espalier::quantize {
namespace {

using ops::IntegerRule;

class Quantizer {
 public:
  Quantizer(const Graph& source, const Statistics& statistics, const QuantizeOptions& options)
      : source_(source),
        statistics_(statistics),
        options_(options),
        choice_(choose_integers(source)),
        shared_(share_ranges(source, choice_)),
        leaving_(leaving_values(source)) {}

  Result<Quantized> run() {
    for (const Node* node : source_.nodes()) TRY_STATUS(check_constants(*node));
    for (const Port& port : source_.inputs()) TRY_STATUS(add_input(port));
    for (const Node* node : source_.nodes()) TRY_STATUS(add_node(*node));
    for (const Port& port : source_.outputs()) {
      // An output is handed over as it was made; the session turns integers into the user's type.
      Value* value = integers_.contains(port.value) ? integers_.at(port.value) : TRY(real(port.value));
      result_.graph.add_output(value, port.name, port.type);
      result_.graph.outputs().back().permutation = port.permutation;
    }
    // Where a node turned out to stay float, integers that were made for it may have no reader.
    const std::vector<Node*> nodes = graph().nodes();
    for (auto node = nodes.rbegin(); node != nodes.rend(); ++node) graph().remove_if_unused(*node);
    TRY_STATUS(result_.graph.sort());
    return std::move(result_);
  }

 private:
  Graph& graph() { return result_.graph; }

  // A value's own range, or that of the concat that it shares.
  Result<Quantization> quantization_from_statistics(const Value* value) {
    if (const auto shared = shared_.find(value); shared != shared_.end()) value = shared->second;
    const auto found = statistics_.find(value->name);
    if (found == statistics_.end() || found->second.count() == 0)
      return error("calibration has seen no number of \"{}\": all were NaN, or it was not run", value->name);
    if (found->second.nan_count() > 0)
      return error(
          "calibration made {} NaN of \"{}\": the network divides by zero or leaves the range of floats on these "
          "samples",
          found->second.nan_count(), value->name);
    const QuantizeOptions all{.method = RangeMethod::min_max};
    const RealRange range = choose_range(found->second, leaving_.contains(value) ? all : options_);
    if (!std::isfinite(range.min) || !std::isfinite(range.max))
      return error(
          "calibration has seen \"{}\" in the range {} to {}, which no scale can hold. Check the samples and the "
          "model's weights",
          value->name, range.min, range.max);
    return quantization_of(range);
  }

  // An input becomes integer when an integer node reads it: the border quantizes while it reorders.
  Status add_input(const Port& port) {
    const Value* value = port.value;
    bool integer = false;
    for (const Node* reader : value->readers) integer |= choice_.at(reader).applies();
    Value* added = graph().add_value(value->name, value->type);
    if (integer && value->type.type == DataType::f32) {
      added->type.type = DataType::s8;
      added->quantization = TRY(quantization_from_statistics(value));
      integers_[value] = added;
    } else {
      reals_[value] = added;
    }
    graph().add_input(added, port.type);
    graph().inputs().back().name = port.name;
    graph().inputs().back().permutation = port.permutation;
    return {};
  }

  // The value as a real (or whatever type it has that is not quantized).
  Result<Value*> real(const Value* value) {
    if (value == nullptr) return nullptr;
    const auto found = reals_.find(value);
    if (found != reals_.end()) return found->second;
    Value* made = nullptr;
    if (value->is_constant()) {
      made = graph().add_constant(value->name, value->constant);
    } else {
      made = graph().add_node("dequantize", value->name + ".real", {integers_.at(value)}, {}, value->type);
    }
    reals_[value] = made;
    return made;
  }

  // The value as integers.
  Result<Value*> integer(const Value* value) {
    const auto found = integers_.find(value);
    if (found != integers_.end()) return found->second;
    if (value->is_constant()) return integer_constant(value);
    Value* made =
        graph().add_node("quantize", value->name + ".integer", {TRY(real(value))}, {}, {DataType::s8, value->shape()});
    made->quantization = TRY(quantization_from_statistics(value));
    integers_[value] = made;
    return made;
  }

  // A constant operand of add, mul or concat: its own range, since all of it is known.
  Value* integer_constant(const Value* value) {
    ValueStatistics statistics;
    const float* data = value->constant.data<float>();
    statistics.add(data, value->constant.count());
    const Quantization quantization = quantization_of(choose_range(statistics, {.method = RangeMethod::min_max}));
    Tensor integers(DataType::s8, value->shape());
    int8_t* out = integers.mutable_data<int8_t>();
    for (int64_t i = 0; i < integers.count(); ++i)
      out[i] = quantize_s8(data[i], quantization.scales[0], quantization.zero_point);
    Value* made = graph().add_constant(value->name, std::move(integers));
    made->quantization = quantization;
    integers_[value] = made;
    return made;
  }

  Status add_node(const Node& node) {
    const int64_t macs = ops::mac_count(node);
    result_.report.mac_count += macs;
    Reason why = choice_.at(&node);
    if (why.applies()) why = TRY(add_integer_node(node));
    result_.choice[&node] = why;
    if (why.applies()) {
      result_.report.integer_mac_count += macs;
      return {};
    }
    result_.report.float_nodes.push_back({node.name, node.op, why.sentence(), macs});
    return add_float_node(node);
  }

  Status add_float_node(const Node& node) {
    std::vector<Value*> inputs;
    for (const Value* input : node.inputs) inputs.push_back(TRY(real(input)));
    put_float_node(graph(), node, inputs, reals_);
    return {};
  }

  Result<Reason> add_integer_node(const Node& node) {
    switch (ops::find_op(node.op)->integer) {
      case IntegerRule::product_sum: return add_product_sum(node);
      case IntegerRule::table: return add_table(node);
      case IntegerRule::rescale:
      case IntegerRule::product:
      case IntegerRule::join: {
        std::vector<Value*> inputs;
        for (const Value* input : node.inputs) inputs.push_back(TRY(integer(input)));
        const Quantization output = TRY(quantization_from_statistics(node.output()));
        const Reason fits = scales_fit(node, inputs, output);
        if (fits.applies()) add_output(node, node.op, inputs, node.attributes, output);
        return fits;
      }
      case IntegerRule::rescale_first: {
        std::vector<Value*> inputs{TRY(integer(node.inputs[0]))};
        for (size_t i = 1; i < node.inputs.size(); ++i) inputs.push_back(TRY(real(node.inputs[i])));
        const Quantization output = TRY(quantization_from_statistics(node.output()));
        const Reason fits = scales_fit(node, inputs, output);
        if (fits.applies()) add_output(node, node.op, inputs, node.attributes, output);
        return fits;
      }
      case IntegerRule::keep_scale: {
        std::vector<Value*> inputs{TRY(integer(node.inputs[0]))};
        for (size_t i = 1; i < node.inputs.size(); ++i) inputs.push_back(TRY(real(node.inputs[i])));  // indices
        add_output(node, node.op, inputs, node.attributes, *inputs[0]->quantization);
        return kApplies;
      }
      case IntegerRule::boundary:
      case IntegerRule::none: break;
    }
    CHECK(false, "{} has no integer rule", node.op);
    return kApplies;
  }

  Result<Reason> add_product_sum(const Node& node) {
    Value* x = TRY(integer(node.inputs[0]));
    IntegerWeights integers = quantize_weights(node, x->scale());
    const Quantization output = TRY(quantization_from_statistics(node.output()));
    Value weights = loose_constant(node.inputs[1]->name, std::move(integers.weights),
                                   Quantization{.scales = integers.scales, .zero_point = 0, .axis = 0});
    Value bias =
        loose_constant(node.input(2) == nullptr ? node.name + ".bias" : node.input(2)->name, std::move(integers.bias));
    const Reason fits = scales_fit(node, {x, &weights, &bias}, output);
    if (!fits.applies()) return fits;
    Value* w = graph().add_constant(weights.name, std::move(weights.constant));
    w->quantization = weights.quantization;
    Value* b = graph().add_constant(bias.name, std::move(bias.constant));
    add_output(node, node.op, {x, w, b}, node.attributes, output);
    return kApplies;
  }

  Result<Reason> add_table(const Node& node) {
    Value* x = TRY(integer(node.inputs[0]));
    const Quantization output = TRY(quantization_from_statistics(node.output()));
    Value* table = graph().add_constant(node.name + ".table", unary_entries(node, *x, output));
    add_output(node, "table", {x, table}, table_attributes(node), output);
    return kApplies;
  }

  void add_output(const Node& node, const std::string& op, const std::vector<Value*>& inputs,
                  const Attributes& attributes, const Quantization& quantization) {
    integers_[node.output()] = put_integer_node(graph(), node, op, inputs, attributes, quantization);
  }

  const Graph& source_;
  const Statistics& statistics_;
  const QuantizeOptions& options_;
  const std::unordered_map<const Node*, Reason> choice_;
  const std::unordered_map<const Value*, const Value*> shared_;
  const std::unordered_set<const Value*> leaving_;
  Quantized result_;
  std::unordered_map<const Value*, Value*> integers_;
  std::unordered_map<const Value*, Value*> reals_;
};

}  // namespace

Result<Quantized> quantize(const Graph& graph, const Statistics& statistics, const QuantizeOptions& options) {
  if (!(options.percentile > 50 && options.percentile <= 100))
    return error("percentile {} is impossible; it must be above 50 and at most 100", options.percentile);
  return Quantizer(graph, statistics, options).run();
}

}  // namespace espalier::quantize
