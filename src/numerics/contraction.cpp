// The canary of contraction.h.
#include "numerics/contraction.h"

namespace espalier {

#if defined(__x86_64__)
__attribute__((target("fma")))
#endif
float multiply_then_add(float a, float b, float c) {
  const float product = a * b;
  return product + c;
}

}  // namespace espalier
