// Fails when the compiler fuses a * b + c by itself. It guards the flags of the build, not a function.
#include "numerics/contraction.h"

#include <gtest/gtest.h>

#include "base/cpu_features.h"
#include "numerics/float_sum.h"
#include "numerics/reductions.h"

namespace espalier {
namespace {

// (1 + 2^-12)^2 = 1 + 2^-11 + 2^-24 lies halfway between two floats and rounds to 1 + 2^-11, the even one.
// So the rounded product minus that is 0; a fused one is 2^-24.
struct Witness {
  volatile float a = 0x1.001p0f;
  volatile float b = 0x1.001p0f;
  volatile float c = -0x1.002p0f;
};

TEST(contraction, the_witness_tells_fused_from_unfused) {
  Witness w;
  EXPECT_EQ(fused_multiply_add(w.a, w.b, w.c), 0x1p-24f);
}

TEST(contraction, the_test_itself_is_not_contracted) {
  Witness w;
  const float a = w.a, b = w.b, c = w.c;
  EXPECT_EQ(a * b + c, 0.0f);
}

TEST(contraction, the_library_is_not_contracted) {
#if defined(__x86_64__)
  if (!cpu_features().avx2_fma) GTEST_SKIP() << "this processor has no fused multiply-add to contract to";
#endif
  Witness w;
  EXPECT_EQ(multiply_then_add(w.a, w.b, w.c), 0.0f);
}

// normalized * gamma + beta of layer norm: 2^-24 more would move a tie.
TEST(contraction, formulas_of_the_norm_are_not_contracted) {
  Witness w;
  const RowMoments row = {.mean = 0, .inverse_deviation = w.a};
  // 1 * a * b + (c + 0.5) = 0.5 unfused, which rounds to 0; fused it is above 0.5 and rounds to 1.
  volatile float beta = 0.5f - 0x1.002p0f;
  EXPECT_EQ(layer_norm_element(1, row, w.b, beta, 0), 0);
}

}  // namespace
}  // namespace espalier
