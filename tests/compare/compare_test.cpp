// Rows of a comparison: signal to noise, the largest error, and which layer is at fault.
#include "compare/compare.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace espalier {
namespace {

TEST(compare, equal_tensors_have_200_db) {
  Comparison comparison;
  comparison.add("a", "relu", "y", {"x"}, tensor_f32({2}, {1, 2}), tensor_f32({2}, {1, 2}));
  ASSERT_EQ(comparison.rows().size(), 1u);
  EXPECT_EQ(comparison.rows()[0].snr_db, 200);
  EXPECT_EQ(comparison.rows()[0].max_error, 0);
  EXPECT_EQ(comparison.rows()[0].drop_db, 0);
}

TEST(compare, a_tenth_of_the_signal_is_20_db) {
  Comparison comparison;
  comparison.add("a", "relu", "y", {}, tensor_f32({2}, {1, -1}), tensor_f32({2}, {1.1f, -0.9f}));
  EXPECT_NEAR(comparison.rows()[0].snr_db, 20, 1e-4);
  EXPECT_NEAR(comparison.rows()[0].max_error, 0.1, 1e-6);
}

TEST(compare, samples_add_up) {
  Comparison comparison;
  comparison.add("a", "relu", "y", {}, tensor_f32({1}, {1}), tensor_f32({1}, {1}));
  comparison.add("a", "relu", "y", {}, tensor_f32({1}, {1}), tensor_f32({1}, {1.2f}));
  EXPECT_EQ(comparison.rows().size(), 1u);
  EXPECT_NEAR(comparison.rows()[0].snr_db, 10 * std::log10(2 / 0.04), 1e-4);
}

TEST(compare, the_layer_that_loses_most_is_at_fault) {
  Comparison comparison;
  const Tensor reference = tensor_f32({1}, {1});
  comparison.add("a", "conv2d", "u", {"x"}, reference, tensor_f32({1}, {1.001f}));   // 60 dB
  comparison.add("b", "conv2d", "v", {"u"}, reference, tensor_f32({1}, {1.1f}));     // 20 dB: loses 40
  comparison.add("c", "add", "w", {"u", "v"}, reference, tensor_f32({1}, {1.15f}));  // 16.5 dB: loses 3.5
  const std::vector<LayerRow> worst = comparison.at_fault(2);
  ASSERT_EQ(worst.size(), 2u);
  EXPECT_EQ(worst[0].name, "b");
  EXPECT_NEAR(worst[0].drop_db, 40, 0.1);
  EXPECT_EQ(worst[1].name, "c");
}

TEST(compare, zero_signal_and_nan_are_the_worst) {
  Comparison comparison;
  comparison.add("a", "relu", "u", {}, tensor_f32({1}, {0}), tensor_f32({1}, {1}));
  comparison.add("b", "relu", "v", {}, tensor_f32({1}, {1}),
                 tensor_f32({1}, {std::numeric_limits<float>::quiet_NaN()}));
  EXPECT_EQ(comparison.rows()[0].snr_db, -200);
  EXPECT_EQ(comparison.rows()[1].snr_db, -200);
}

}  // namespace
}  // namespace espalier
