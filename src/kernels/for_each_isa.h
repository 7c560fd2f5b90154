// Defines the records of a family of kernels that differs only in the loops of elements.h.
#pragma once

#include "kernels/elements.h"
#include "kernels/kernel.h"

// KERNELS_OF(relu_f32, "relu", fits, prepare<...>) defines relu_f32_portable and, on x86, relu_f32_avx2 and
// relu_f32_avx512vnni. `prepare` is a template over the loops.
#define KERNEL_OF(family, op_name, isa_name, when_fits, ...)                                                  \
  const Kernel family##_##isa_name = {.name = #family "_" #isa_name, .op = op_name, .isa = Isa::isa_name,      \
                                      .when = when_fits,                                                       \
                                      .prepare = [](const Node& node) {                                        \
                                        return __VA_ARGS__(node, element_loops_##isa_name);                    \
                                      }};
#if defined(__x86_64__)
#define KERNELS_OF(family, op_name, when_fits, ...)                     \
  KERNEL_OF(family, op_name, portable, when_fits, __VA_ARGS__)          \
  KERNEL_OF(family, op_name, avx2, when_fits, __VA_ARGS__)              \
  KERNEL_OF(family, op_name, avx512vnni, when_fits, __VA_ARGS__)
#else
#define KERNELS_OF(family, op_name, when_fits, ...) KERNEL_OF(family, op_name, portable, when_fits, __VA_ARGS__)
#endif
