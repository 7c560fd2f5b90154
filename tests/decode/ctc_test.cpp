// Blanks part, repeats join; how many labels there may be; what is no line of text.
#include <gtest/gtest.h>

#include "decode/run_decoder.h"

namespace espalier {
namespace {

// One row per step; the named class gets 0.8, the others less.
Tensor steps_of(const std::vector<int64_t>& best, int64_t class_count) {
  Tensor steps = filled({1, static_cast<int64_t>(best.size()), class_count}, 0.01f);
  for (size_t step = 0; step < best.size(); ++step)
    put(steps, static_cast<int64_t>(step) * class_count + best[step], {0.8f});
  return steps;
}

TextLine read(const std::vector<int64_t>& best, int64_t class_count, const std::vector<std::string>& labels) {
  const Result<Decoded> decoded = run_decoder("ctc", {{"y", steps_of(best, class_count)}}, 48, 320, {}, labels);
  EXPECT_TRUE(decoded.ok()) << message(decoded);
  return decoded.ok() && !decoded->text_lines.empty() ? decoded->text_lines[0] : TextLine{"failed", 0};
}

TEST(ctc, repeats_are_one_symbol_and_a_blank_parts_two) {
  const TextLine line = read({0, 1, 1, 0, 1, 2, 2, 3, 0}, 4, {"a", "b", "\xC3\xA9"});
  EXPECT_EQ(line.text, "aab\xC3\xA9");
  EXPECT_FLOAT_EQ(line.score, 0.8f);
}

TEST(ctc, the_number_of_labels_says_what_they_leave_out) {
  EXPECT_EQ(read({1, 4, 2}, 5, {"a", "b", "c"}).text, "a b") << "the space is the last class";
  EXPECT_EQ(read({1, 3, 2}, 4, {"a", "b", "c"}).text, "acb") << "the blank only";
  EXPECT_EQ(read({1, 3, 2}, 4, {"blank", "a", "b", "c"}).text, "acb") << "nothing";
}

TEST(ctc, an_empty_line_has_no_score) {
  const TextLine line = read({0, 0}, 3, {"a", "b"});
  EXPECT_EQ(line.text, "");
  EXPECT_EQ(line.score, 0);
}

TEST(ctc, other_numbers_of_labels_are_refused) {
  EXPECT_EQ(
      message(run_decoder("ctc", {{"y", steps_of({1}, 6)}}, 48, 320, {}, {"a", "b", "c"})),
      "decoder ctc: the network tells 6 classes apart, so 5 symbols are needed (4 where the space is the last class, "
      "6 with the blank); there are 3 labels");
  EXPECT_FALSE(run_decoder("ctc", {{"y", steps_of({1}, 6)}}, 48, 320, {}, {}).ok());
}

TEST(ctc, other_outputs_are_refused) {
  EXPECT_EQ(message(run_decoder("ctc", {{"y", filled({2, 3, 4}, 0)}}, 48)),
            "decoder ctc: output \"y\" is 2x3x4, 1 x steps x classes is expected");
  EXPECT_FALSE(run_decoder("ctc", {{"y", Tensor(DataType::f32, {1, 0, 4})}}, 48).ok());
  EXPECT_FALSE(run_decoder("ctc", {}, 48).ok());
}

}  // namespace
}  // namespace espalier
