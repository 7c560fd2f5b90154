// Integers by the scales that the file states (quantize/quantize_as_stored.h): a new graph is built in running order.
#include "quantize/quantize_as_stored.h"

#include <algorithm>
#include <cmath>
#include <unordered_map>

#include "base/check.h"
#include "numerics/rounding.h"
#include "ops/op.h"
#include "quantize/integer_nodes.h"

namespace espalier::quantize {
namespace {

using ops::IntegerRule;

IntegerRule rule_of(const Node& node) { return ops::find_op(node.op)->integer; }

bool has_integer_form(const Node& node) {
  const auto when = ops::find_op(node.op)->integer_when;
  return node.inputs[0]->type.type == DataType::f32 && (when == nullptr || when(node).applies());
}

// It keeps the scale, but its elements are new ones.
bool interpolates(const Node& node) { return node.op == "resize" && node.text("mode", "nearest") != "nearest"; }

// The elements of the output are elements of the input, so that quantizing before and behind is the same.
bool only_moves(const Node& node) {
  if (rule_of(node) != IntegerRule::keep_scale || !has_integer_form(node)) return false;
  return !interpolates(node);
}

// Rounding never changes an order, so clamping before and behind quantize is the same.
bool clamps(const Node& node) { return node.op == "relu" || node.op == "clip"; }

class StoredQuantizer {
 public:
  explicit StoredQuantizer(const Graph& source) : source_(source) {}

  Result<Quantized> run() {
    find_targets();
    for (const Node* node : source_.nodes()) TRY_STATUS(check_constants(*node));
    for (const Port& port : source_.inputs()) add_input(port);
    for (const Node* node : source_.nodes()) TRY_STATUS(add_node(*node));
    for (const Port& port : source_.outputs()) {
      Value* value = integers_.contains(port.value) ? integers_.at(port.value) : real(port.value);
      graph().add_output(value, port.name, port.type);
      graph().outputs().back().permutation = port.permutation;
    }
    const std::vector<Node*> nodes = graph().nodes();
    for (auto node = nodes.rbegin(); node != nodes.rend(); ++node) graph().remove_if_unused(*node);
    TRY_STATUS(graph().sort());
    note_biases();
    return std::move(result_);
  }

 private:
  Graph& graph() { return result_.graph; }

  // The quantization that a value gets wherever it goes, at once or behind nodes that only move or clamp it.
  void find_targets() {
    const auto target_at = [&](const Node& reader, const Value* value) -> const Quantization* {
      if (reader.op == "quantize") return &*reader.output()->quantization;
      if (reader.inputs[0] != value || !(only_moves(reader) || clamps(reader))) return nullptr;
      const auto found = targets_.find(reader.output());
      return found == targets_.end() ? nullptr : found->second;
    };
    const auto find = [&](const Value* value) {
      if (value->readers.empty() || source_.is_output(value)) return;
      const Quantization* common = target_at(*value->readers[0], value);
      for (const Node* reader : value->readers) {
        const Quantization* target = target_at(*reader, value);
        if (target == nullptr || *target != *common) return;
      }
      targets_[value] = common;
    };
    const std::vector<Node*> nodes = source_.nodes();
    for (auto node = nodes.rbegin(); node != nodes.rend(); ++node)
      for (const Value* output : (*node)->outputs) find(output);
    for (const Port& port : source_.inputs()) find(port.value);
  }

  const Quantization* target(const Value* value) const {
    const auto found = targets_.find(value);
    return found == targets_.end() ? nullptr : found->second;
  }

  // Where an input is only quantized, the border does it while it reorders.
  void add_input(const Port& port) {
    const Value* value = port.value;
    Value* added = graph().add_value(value->name, value->type);
    added->quantization = value->quantization;
    if (const Quantization* wanted = target(value)) {
      added->type.type = DataType::s8;
      added->quantization = *wanted;
    }
    (added->quantization ? integers_ : reals_)[value] = added;
    graph().add_input(added, port.type);
    graph().inputs().back().name = port.name;
    graph().inputs().back().permutation = port.permutation;
  }

  // The value as a real, or in whatever type it has in the source.
  Value* real(const Value* value) {
    if (value == nullptr) return nullptr;
    const auto found = reals_.find(value);
    if (found != reals_.end()) return found->second;
    Value* made = nullptr;
    if (value->is_constant()) {
      made = graph().add_constant(value->name, value->constant);
      if (!value->is_stored_as_integers()) made->quantization = value->quantization;
    } else if (value->type.type != DataType::f32) {
      return integers_.at(value);
    } else {
      made = graph().add_node("dequantize", value->name + ".real", {integers_.at(value)}, {}, value->type);
    }
    reals_[value] = made;
    return made;
  }

  // The value as integers. Requires: has_integers.
  Value* integer(const Value* value) {
    const auto found = integers_.find(value);
    if (found != integers_.end()) return found->second;
    Value* made = graph().add_constant(value->name, value->integers);
    made->quantization = value->quantization;
    integers_[value] = made;
    return made;
  }

  bool has_integers(const Value* value) const {
    return integers_.contains(value) || (value->is_stored_as_integers() && value->integers.type() == DataType::s8);
  }

  const Quantization& quantization_of(const Value* value) const {
    const auto found = integers_.find(value);
    return found != integers_.end() ? *found->second->quantization : *value->quantization;
  }

  Status add_node(const Node& node) {
    const int64_t macs = ops::mac_count(node);
    result_.report.mac_count += macs;
    result_.choice[&node] = kApplies;
    if (node.op == "quantize") return add_quantize(node);
    if (node.op == "dequantize") {
      integers_[node.output()] = integers_.at(node.inputs[0]);
      return {};
    }
    if (works_on_integers(node)) {
      copy_integer_node(node);
      return {};
    }
    Reason why = integers_fit(node);
    if (why.applies()) why = TRY(add_integer_node(node));
    result_.choice[&node] = why;
    if (why.applies()) {
      result_.report.integer_mac_count += macs;
      return {};
    }
    result_.report.float_nodes.push_back({node.name, node.op, why.sentence(), macs});
    add_float_node(node);
    return {};
  }

  // The source has it on integers already, as a table of the file.
  static bool works_on_integers(const Node& node) {
    return node.inputs[0]->type.type == DataType::s8 && node.inputs[0]->quantization && node.output()->quantization;
  }

  void copy_integer_node(const Node& node) {
    std::vector<Value*> inputs;
    for (const Value* input : node.inputs) inputs.push_back(real(input));
    add_output(node, node.op, inputs, node.attributes, *node.output()->quantization);
  }

  void add_float_node(const Node& node) {
    std::vector<Value*> inputs;
    for (const Value* input : node.inputs) inputs.push_back(real(input));
    put_float_node(graph(), node, inputs, reals_);
  }

  // Integers of the wanted scale are there, or those of another scale, or none.
  Status add_quantize(const Node& node) {
    const Value* x = node.inputs[0];
    const Quantization& wanted = *node.output()->quantization;
    if (!integers_.contains(x)) {
      Value* made = graph().add_node("quantize", node.name, {real(x)}, {}, {DataType::s8, x->shape()});
      made->quantization = wanted;
      integers_[node.output()] = made;
    } else if (integers_.at(x)->quantization == wanted) {
      integers_[node.output()] = integers_.at(x);
    } else {
      Value* from = integers_.at(x);
      add_table(node, from, rescaling_entries(*from, wanted), wanted);
    }
    return {};
  }

  // The other inputs are indices or stay reals.
  static bool reads_one_tensor(IntegerRule rule) {
    return rule == IntegerRule::keep_scale || rule == IntegerRule::table || rule == IntegerRule::rescale_first;
  }

  // "the file does not quantize its input "x""
  Reason input_has_integers(const Value* input) const {
    if (has_integers(input)) return kApplies;
    if (input->is_constant()) return reason("its constant \"{}\" is stored as reals", input->name);
    return reason("the file does not quantize its input \"{}\"", input->name);
  }

  Reason integers_fit(const Node& node) const {
    const IntegerRule rule = rule_of(node);
    if (rule == IntegerRule::none || rule == IntegerRule::boundary) return reason("{} has no integer meaning", node.op);
    if (node.inputs[0]->type.type != DataType::f32)
      return reason("it works on {}, not on reals", name(node.inputs[0]->type.type));
    if (const auto when = ops::find_op(node.op)->integer_when; when != nullptr && !when(node).applies())
      return when(node);
    const bool one_tensor = reads_one_tensor(rule);
    const size_t count = one_tensor ? 1 : rule == IntegerRule::product_sum ? 2 : node.inputs.size();
    for (size_t i = 0; i < count; ++i)
      if (const Reason why = input_has_integers(node.inputs[i]); !why.applies()) return why;
    if (rule == IntegerRule::product_sum && !node.inputs[1]->is_constant())
      return reason("its weights are computed while it runs");
    if (target(node.output()) != nullptr || only_moves(node) || joins_equals(node)) return kApplies;
    return reason("the file does not quantize its output \"{}\" wherever it is read", node.output()->name);
  }

  // A concat of tensors with one quantization only moves elements.
  bool joins_equals(const Node& node) const {
    return rule_of(node) == IntegerRule::join &&
           std::all_of(node.inputs.begin(), node.inputs.end(),
                       [&](const Value* input) { return quantization_of(input) == quantization_of(node.inputs[0]); });
  }

  Result<Reason> add_integer_node(const Node& node) {
    const IntegerRule rule = rule_of(node);
    if (rule == IntegerRule::product_sum) return add_product_sum(node);
    std::vector<Value*> inputs{integer(node.inputs[0])};
    // What only moves has the scale of its input, whatever comes behind it.
    const Quantization* wanted = rule == IntegerRule::keep_scale ? nullptr : target(node.output());
    const Quantization output = wanted == nullptr ? *inputs[0]->quantization : *wanted;
    if (reads_one_tensor(rule))
      if (const Reason fits = needs_one_scale(*inputs[0]); !fits.applies()) return fits;
    if (rule == IntegerRule::table) {
      add_table(node, inputs[0], unary_entries(node, *inputs[0], output), output);
      return kApplies;
    }
    if (interpolates(node) && *target(node.output()) != output)
      return reason(
          "it interpolates, and the file gives its output another scale than its input; it would round twice");
    for (size_t i = 1; i < node.inputs.size(); ++i)
      inputs.push_back(reads_one_tensor(rule) ? real(node.inputs[i]) : integer(node.inputs[i]));
    const Reason fits = scales_fit(node, inputs, output);
    if (fits.applies()) add_output(node, node.op, inputs, node.attributes, output);
    return fits;
  }

  // "its input has {} scales, one is needed"
  static Reason needs_one_scale(const Value& x) {
    if (x.quantization->per_tensor()) return kApplies;
    return reason("its input has {} scales, one is needed", x.quantization->scales.size());
  }

  Result<Reason> add_product_sum(const Node& node) {
    Value* x = integer(node.inputs[0]);
    const Value* stored = node.inputs[1];
    Value weights = loose_constant(stored->name, stored->integers, stored->quantization);
    std::vector<Value*> inputs{x, &weights};
    Value bias;
    if (node.input(2) != nullptr) {
      if (!node.input(2)->is_constant()) return reason("its bias is computed while it runs");
      if (weights.quantization->axis > 0)
        return reason("its weights have scales along dimension {}, one per output channel is needed",
                      weights.quantization->axis);
      bias = loose_constant(node.input(2)->name, TRY(integer_bias(node, *x, *weights.quantization)));
      inputs.push_back(&bias);
    }
    const Quantization& output = *target(node.output());
    const Reason fits = scales_fit(node, inputs, output);
    if (!fits.applies()) return fits;
    for (size_t i = 1; i < inputs.size(); ++i) {
      Value* added = graph().add_constant(inputs[i]->name, inputs[i]->constant);
      added->quantization = inputs[i]->quantization;
      inputs[i] = added;
    }
    add_output(node, node.op, inputs, node.attributes, output);
    return kApplies;
  }

  // The bias in the scale of the sum. Integers that have it already are taken as they are.
  Result<Tensor> integer_bias(const Node& node, const Value& x, const Quantization& weights) {
    const Value& bias = *node.input(2);
    Tensor sums(DataType::s32, bias.shape());
    bool moved = false;
    for (int64_t channel = 0; channel < sums.count(); ++channel) {
      const auto at = [&](const Quantization& q) {
        return q.scales[q.per_tensor() ? 0 : static_cast<size_t>(channel)];
      };
      const float scale = x.scale() * at(weights);
      double steps = 0;
      if (!bias.is_stored_as_integers()) {
        steps = double{bias.constant.data<float>()[channel]} / double{scale};
      } else {
        const int64_t stored = bias.integers.type() == DataType::s8 ? bias.integers.data<int8_t>()[channel]
                                                                    : bias.integers.data<int32_t>()[channel];
        const auto own = static_cast<double>(stored - bias.zero_point());
        steps = at(*bias.quantization) == scale ? own : own * double{at(*bias.quantization)} / double{scale};
      }
      const double sum = round_half_even(steps);
      if (!(std::abs(sum) < 0x1p31))
        return error(
            "node \"{}\" ({}): its bias {} at channel {} is {} steps of input scale x weight scale ({}), and 32 bits "
            "end at 2^31. Give this channel's weights a larger scale, or quantize anew with --requantize",
            node.name, node.op, bias.constant.data<float>()[channel], channel, sum, scale);
      moved |= sum != steps;
      sums.mutable_data<int32_t>()[channel] = static_cast<int32_t>(sum);
    }
    if (moved) moved_biases_.push_back(node.name);
    return sums;
  }

  void note_biases() {
    if (moved_biases_.empty()) return;
    result_.report.notes.push_back(fmt::format(
        "the bias of {} nodes (first: \"{}\") is stored as reals or with a scale of its own; it was rounded "
        "to input scale x weight scale",
        moved_biases_.size(), moved_biases_[0]));
  }

  void add_table(const Node& node, Value* x, Tensor entries, const Quantization& output) {
    Value* table = graph().add_constant(node.name + ".table", std::move(entries));
    const Attributes rescale = {{"function", std::string("rescale")}};
    add_output(node, "table", {x, table}, node.op == "quantize" ? rescale : table_attributes(node), output);
  }

  void add_output(const Node& node, const std::string& op, const std::vector<Value*>& inputs,
                  const Attributes& attributes, const Quantization& quantization) {
    integers_[node.output()] = put_integer_node(graph(), node, op, inputs, attributes, quantization);
  }

  const Graph& source_;
  Quantized result_;
  std::unordered_map<const Value*, const Quantization*> targets_;
  std::unordered_map<const Value*, Value*> integers_;
  std::unordered_map<const Value*, Value*> reals_;
  std::vector<std::string> moved_biases_;
};

}  // namespace

Result<Quantized> quantize_as_stored(const Graph& graph) { return StoredQuantizer(graph).run(); }

}  // namespace espalier::quantize
