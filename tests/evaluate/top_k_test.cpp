// Hits among the k best.
#include "evaluate/top_k.h"

#include <gtest/gtest.h>

namespace espalier {
namespace {

TEST(top_k, the_label_must_be_among_the_k_best) {
  const std::vector<ClassifiedImage> images = {
      {.class_index = 4, .best = {{4, 0.9f}, {1, 0.1f}}},
      {.class_index = 1, .best = {{4, 0.9f}, {1, 0.1f}}},
      {.class_index = 2, .best = {{4, 0.9f}, {1, 0.1f}}},
      {.class_index = 0, .best = {}},
  };
  EXPECT_EQ(top_k_hits(images, 1), (std::vector<uint8_t>{1, 0, 0, 0}));
  EXPECT_EQ(top_k_hits(images, 5), (std::vector<uint8_t>{1, 1, 0, 0}));
}

}  // namespace
}  // namespace espalier
