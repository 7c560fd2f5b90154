// Choosing kernels from the ordered list (kernels/kernel.h).
#include "kernels/kernel.h"

#include <array>

#include "base/check.h"
#include "base/cpu_features.h"
#include "ops/op.h"

namespace espalier::kernels {

namespace {

constexpr std::array<Isa, 5> kIsas = {Isa::portable, Isa::avx2, Isa::avx512vnni, Isa::neon, Isa::neondot};

bool has_isa(Isa isa) {
#if defined(ESPALIER_EMULATE)
  return isa <= Isa::avx512vnni;
#endif
  switch (isa) {
    case Isa::portable: return true;
    case Isa::avx2: return cpu_features().avx2_fma;
    case Isa::avx512vnni: return cpu_features().avx512_vnni;
    case Isa::neon: return cpu_features().neon;
    case Isa::neondot: return cpu_features().neon_dot;
  }
  return false;
}

Reason reference_applies(const Node& node) {
  if (ops::find_meaning(node) == nullptr)
    return reason("{} has no meaning for {}", node.op, name(node.inputs[0]->type.type));
  return kApplies;
}

Prepared prepare_reference(const Node& node) {
  // A copy of the node with its own values, so that the graph need not outlive the kernel.
  struct Bound {
    Node node;
    std::vector<std::unique_ptr<Value>> values;
  };
  const auto bound = std::make_shared<Bound>();
  bound->node = node;
  const auto own = [&](std::vector<Value*>& values) {
    for (Value*& value : values) {
      if (value == nullptr) continue;
      bound->values.push_back(std::make_unique<Value>(*value));
      value = bound->values.back().get();
    }
  };
  own(bound->node.inputs);
  own(bound->node.outputs);
  const ops::Evaluate evaluate = ops::find_meaning(node);
  return {.scratch_size_bytes = 0, .run = [bound, evaluate](const Call& call) {
            if (call.thread_index != 0) return;
            const Node& own_node = bound->node;
            // Parentheses: braces would make a list of the two pointers, which convert to const void*.
            evaluate({.node = own_node,
                      .inputs = std::vector<const void*>(call.inputs, call.inputs + own_node.inputs.size()),
                      .outputs = std::vector<void*>(call.outputs, call.outputs + own_node.outputs.size())});
          }};
}

Reason isa_applies(const Kernel& kernel, const KernelLimits& limits) {
  if (limits.reference_only) return reason("only the reference is asked for");
  if (kernel.isa > limits.best) return reason("kernels up to {} are asked for", name(limits.best));
  if (!has_isa(kernel.isa)) return reason("this processor lacks {}", name(kernel.isa));
  return kApplies;
}

}  // namespace

const Kernel reference = {
    .name = "reference", .op = "", .isa = Isa::portable, .when = reference_applies, .prepare = prepare_reference};

std::string name(Isa isa) {
  switch (isa) {
    case Isa::portable: return "portable";
    case Isa::avx2: return "avx2";
    case Isa::avx512vnni: return "avx512vnni";
    case Isa::neon: return "neon";
    case Isa::neondot: return "neondot";
  }
  return {};
}

const std::vector<const Kernel*>& all_kernels() {
  static const std::vector<const Kernel*> list = {
#define KERNEL(name) &name,
#include "kernels/kernels.inc"
#undef KERNEL
  };
  return list;
}

Result<KernelLimits> kernel_limits(const std::string& text) {
  if (text == "best") return KernelLimits{};
  if (text == "reference") return KernelLimits{.reference_only = true};
  for (const Isa isa : kIsas) {
    if (text != name(isa)) continue;
    if (!has_isa(isa))
      return error("kernels \"{}\" were asked for, but this processor has only {}", text, to_string(cpu_features()));
    return KernelLimits{.best = isa};
  }
  return error("kernels \"{}\" are none of best, reference, portable, avx2, avx512vnni, neon, neondot", text);
}

std::vector<Isa> available_isas() {
  std::vector<Isa> available;
  for (const Isa isa : kIsas)
    if (has_isa(isa)) available.push_back(isa);
  return available;
}

Choice choose_kernel(const Node& node, const KernelLimits& limits) {
  Choice choice;
  for (const Kernel* kernel : all_kernels()) {
    if (kernel->op != node.op) continue;
    Reason refused = isa_applies(*kernel, limits);
    if (refused.applies()) refused = kernel->when(node);
    if (refused.applies()) {
      choice.kernel = kernel;
      return choice;
    }
    choice.refusals.push_back({kernel, refused});
  }
  if (reference.when(node).applies()) choice.kernel = &reference;
  return choice;
}

}  // namespace espalier::kernels
