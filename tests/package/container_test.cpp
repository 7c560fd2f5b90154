// The frame of a package: sections come back, damage is named by section.
#include "package/container.h"

#include <gtest/gtest.h>

namespace espalier::package {
namespace {

const std::vector<uint8_t> kFirst(100, 1);
const std::vector<uint8_t> kSecond(64, 2);

std::vector<uint8_t> file() {
  return write_container({{SectionKind::graph, kFirst}, {SectionKind::constants, kSecond}, {SectionKind::golden, {}}});
}

TEST(container, sections_come_back_aligned) {
  const std::vector<uint8_t> bytes = file();
  const Result<std::vector<Section>> sections = read_container(bytes);
  ASSERT_TRUE(sections.ok()) << sections.error().message();
  ASSERT_EQ(sections->size(), 3u);
  EXPECT_TRUE(std::equal(kFirst.begin(), kFirst.end(), (*sections)[0].bytes.begin()));
  EXPECT_EQ((*sections)[1].bytes.size(), 64u);
  EXPECT_EQ((*sections)[2].bytes.size(), 0u);
  for (const Section& section : *sections) EXPECT_EQ((section.bytes.data() - bytes.data()) % 64, 0);
  EXPECT_TRUE(sections_that_differ(bytes).empty());
}

TEST(container, damage_is_named_by_section) {
  std::vector<uint8_t> bytes = file();
  const Bytes section = (*read_container(bytes))[1].bytes;
  bytes[static_cast<size_t>(section.data() - bytes.data()) + 3] ^= 1;
  EXPECT_EQ(read_container(bytes).error().message(), "section 3 is damaged: its hash differs");
  EXPECT_EQ(sections_that_differ(bytes), std::vector<std::string>{"section 3: its XXH3-128 differs"});
}

TEST(container, a_damaged_table_is_refused_whole) {
  std::vector<uint8_t> bytes = file();
  bytes[24] ^= 1;
  EXPECT_EQ(read_container(bytes).error().message(), "the package's section table is damaged");
}

TEST(container, an_absurd_count_is_refused_before_it_is_read) {
  std::vector<uint8_t> bytes = file();
  bytes[15] = 255;
  EXPECT_NE(read_container(bytes).error().message().find("sections; it is damaged"), std::string::npos);
}

}  // namespace
}  // namespace espalier::package
