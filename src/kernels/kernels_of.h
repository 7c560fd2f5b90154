// Defines the records of a family of kernels that differ only in a table of loops: one table per instruction set.
#pragma once

#include "kernels/kernel.h"

// KERNELS_OF(relu_f32, "relu", element_loops, fits, prepare<...>) defines relu_f32_portable, on x86 relu_f32_avx2 and
// relu_f32_avx512vnni, and on AArch64 relu_f32_neon. prepare is called with the node and element_loops_portable,
// element_loops_avx2, ...
#define KERNEL_OF(family, op_name, loops, isa_name, when_fits, ...) \
  const Kernel family##_##isa_name = {                              \
      .name = #family "_" #isa_name,                                \
      .op = op_name,                                                \
      .isa = Isa::isa_name,                                         \
      .when = when_fits,                                            \
      .prepare = [](const Node& node) { return __VA_ARGS__(node, loops##_##isa_name); }};
#if defined(__x86_64__)
#define KERNELS_OF(family, op_name, loops, when_fits, ...)            \
  KERNEL_OF(family, op_name, loops, portable, when_fits, __VA_ARGS__) \
  KERNEL_OF(family, op_name, loops, avx2, when_fits, __VA_ARGS__)     \
  KERNEL_OF(family, op_name, loops, avx512vnni, when_fits, __VA_ARGS__)
#elif defined(__aarch64__)
#define KERNELS_OF(family, op_name, loops, when_fits, ...)            \
  KERNEL_OF(family, op_name, loops, portable, when_fits, __VA_ARGS__) \
  KERNEL_OF(family, op_name, loops, neon, when_fits, __VA_ARGS__)
#else
#define KERNELS_OF(family, op_name, loops, when_fits, ...) \
  KERNEL_OF(family, op_name, loops, portable, when_fits, __VA_ARGS__)
#endif
