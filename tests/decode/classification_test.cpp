// The best classes of a vector of scores.
#include <gtest/gtest.h>

#include "decode/run_decoder.h"

namespace espalier {
namespace {

std::vector<int64_t> classes(const Result<Decoded>& decoded) {
  std::vector<int64_t> indices;
  for (const Classification& c : decoded->classifications) indices.push_back(c.class_index);
  return indices;
}

TEST(classification, best_scores_come_first_and_ties_keep_their_order) {
  const std::vector<NamedTensor> outputs = {{"scores", tensor_f32({1, 6}, {0.5f, 3, -1, 3, 9, 0})}};
  const Result<Decoded> decoded = run_decoder("classification", outputs, 8, {.top_count = 4});
  EXPECT_EQ(classes(decoded), (std::vector<int64_t>{4, 1, 3, 0}));
  EXPECT_EQ(decoded->classifications[0].score, 9);
}

TEST(classification, shapes_with_one_long_dimension_are_vectors) {
  EXPECT_EQ(classes(run_decoder("classification", {{"y", tensor_f32({1, 1, 1, 3}, {1, 2, 0})}}, 8)),
            (std::vector<int64_t>{1, 0, 2}));
  EXPECT_EQ(classes(run_decoder("classification", {{"y", tensor_f32({1, 2, 1, 1}, {1, 2})}}, 8)),
            (std::vector<int64_t>{1, 0}));
}

TEST(classification, other_outputs_are_refused) {
  EXPECT_EQ(message(run_decoder("classification", {{"y", tensor_f32({2, 2}, {1, 2, 3, 4})}}, 8)),
            "decoder classification: output \"y\" is 2x2, a vector of scores such as 1x1000 is expected");
  EXPECT_EQ(message(run_decoder("classification", {}, 8)),
            "decoder classification: the network has 0 outputs, one vector of scores is expected");
  EXPECT_FALSE(run_decoder("classification", {{"y", Tensor(DataType::f32, {1, 0})}}, 8).ok());
}

}  // namespace
}  // namespace espalier
