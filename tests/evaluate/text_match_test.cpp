// Edit distances whose answer is known, characters of several bytes, empty texts.
#include "evaluate/text_match.h"

#include <gtest/gtest.h>

namespace espalier {
namespace {

TEST(text_match, edit_distances_are_the_textbooks) {
  EXPECT_EQ(edit_distance("kitten", "sitting"), 3);
  EXPECT_EQ(edit_distance("intention", "execution"), 5);
  EXPECT_EQ(edit_distance("", "abc"), 3);
  EXPECT_EQ(edit_distance("abc", ""), 3);
  EXPECT_EQ(edit_distance("abc", "abc"), 0);
}

TEST(text_match, a_character_is_a_code_point) {
  EXPECT_EQ(edit_distance("\xE4\xB8\x80\xE4\xBA\x8C", "\xE4\xB8\x80\xE4\xB8\x89"), 1);
  EXPECT_EQ(edit_distance("\xC3\xA9", "e"), 1);
  EXPECT_EQ(edit_distance("\xFF\xFE", "a"), 2) << "bytes that are no UTF-8";
}

TEST(text_match, exactness_and_similarity_are_per_picture) {
  const std::vector<ReadImage> images = {{"abcd", "abcd"}, {"abcd", "abxd"}, {"ab", "abcd"}, {"", ""}, {"a", ""}};
  EXPECT_EQ(exact_matches(images), (std::vector<uint8_t>{1, 0, 0, 1, 0}));
  EXPECT_EQ(similarities(images), (std::vector<double>{1, 0.75, 0.5, 1, 0}));
}

}  // namespace
}  // namespace espalier
