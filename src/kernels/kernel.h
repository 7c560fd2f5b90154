// A kernel is a fast implementation of one operator: when it applies, what it prepares, how it runs on plain pointers.
// kernels.inc lists them, best first; the reference of ops/ stands behind the last one and takes everything.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/reason.h"
#include "graph/graph.h"
#include "kernels/call.h"

namespace espalier::kernels {

// Instruction sets, each including those before it that its machines have: avx* on x86-64, neon* on AArch64. neon is
// what every AArch64 processor has, neondot adds the dot products of bytes of armv8.2.
enum class Isa { portable, avx2, avx512vnni, neon, neondot };
std::string name(Isa isa);

// A kernel bound to a node: packed weights and sizes live in the closure. It reads the inputs and writes the outputs of
// the call and nothing else; the node need not outlive it.
struct Prepared {
  int64_t scratch_size_bytes = 0;  // per thread
  std::function<void(const Call&)> run;
};

struct Kernel {
  const char* name;  // <op>_<types>_<isa>
  const char* op;
  Isa isa;
  Reason (*when)(const Node& node);       // whether it can take the node; the instruction set is checked apart
  Prepared (*prepare)(const Node& node);  // Requires: when(node) applies
};

// Every kernel of the list. The record stands in the file of its family (conv2d_f32.cpp); the loop of an instruction
// set in a file of its own (conv2d_f32_avx2.cpp), which sees plain structs and headers with internal linkage only.
#define KERNEL(name) extern const Kernel name;
#include "kernels/kernels.inc"
#undef KERNEL

// Every kernel in the order of kernels.inc.
const std::vector<const Kernel*>& all_kernels();

// The reference meaning as a kernel: single-threaded, for whatever ops/ can evaluate.
extern const Kernel reference;

struct KernelLimits {
  bool reference_only = false;
  Isa best = Isa::neondot;  // kernels above this instruction set are not taken
};
// "best", "reference", "portable", "avx2", "avx512vnni", "neon", "neondot"; an error names what this processor lacks.
Result<KernelLimits> kernel_limits(const std::string& name);
// The instruction sets that this processor runs, portable first.
std::vector<Isa> available_isas();

struct Refusal {
  const Kernel* kernel;
  Reason reason;
};
struct Choice {
  const Kernel* kernel = nullptr;  // nullptr: not even the reference has a meaning for the types
  std::vector<Refusal> refusals;   // better kernels of the same operator, and why not
};
// The first kernel of the list that takes the node.
Choice choose_kernel(const Node& node, const KernelLimits& limits);

}  // namespace espalier::kernels
