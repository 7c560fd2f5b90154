// Archives of NumPy read with their types and values; what is written reads back and has the same bytes each time.
#include "dataset/npz.h"

#include <gtest/gtest.h>

#include <cmath>

#include "material.h"
#include "numerics/seed.h"

namespace espalier {
namespace {

const std::string kFixtures = fixture("dataset/fixtures/");

const Tensor& find(const std::vector<NamedTensor>& tensors, const std::string& name) {
  for (const NamedTensor& named : tensors)
    if (named.name == name) return named.tensor;
  static const Tensor none;
  ADD_FAILURE() << "no array " << name;
  return none;
}

template <class T>
std::vector<T> values(const Tensor& tensor) {
  return std::vector<T>(tensor.data<T>(), tensor.data<T>() + tensor.count());
}

TEST(npz, stored_and_deflated_archives_of_numpy_hold_the_same_values) {
  for (const std::string name : {"arrays_stored.npz", "arrays_deflated.npz"}) {
    const Result<std::vector<NamedTensor>> tensors = read_npz(kFixtures + name);
    ASSERT_TRUE(tensors.ok()) << tensors.error().message();
    ASSERT_EQ(tensors->size(), 14u);
    EXPECT_EQ((*tensors)[0].name, "float32");  // in the order of the file
    EXPECT_EQ(find(*tensors, "float32").shape(), (Shape{2, 3}));
    EXPECT_EQ(values<float>(find(*tensors, "float32")), (std::vector<float>{1.5f, -2.25f, 3e-8f, INFINITY, 0, 1e38f}));
    EXPECT_EQ(values<float>(find(*tensors, "float64")), (std::vector<float>{1.0f / 3, -0.0f, 2.5f}));
    EXPECT_EQ(find(*tensors, "float16").type(), DataType::f16);
    EXPECT_EQ(static_cast<const uint8_t*>(find(*tensors, "float16").bytes())[1], 0x3E);  // 1.5 = 0x3E00
    EXPECT_EQ(find(*tensors, "int8").shape(), (Shape{1, 2, 3}));
    EXPECT_EQ(values<int8_t>(find(*tensors, "int8")), (std::vector<int8_t>{-3, -2, -1, 0, 1, 2}));
    EXPECT_EQ(values<uint8_t>(find(*tensors, "uint8")), (std::vector<uint8_t>{0, 128, 255}));
    EXPECT_EQ(values<int16_t>(find(*tensors, "int16")), (std::vector<int16_t>{INT16_MIN, INT16_MAX}));
    EXPECT_EQ(values<int32_t>(find(*tensors, "int32")), (std::vector<int32_t>{INT32_MIN, INT32_MAX}));
    EXPECT_EQ(values<int64_t>(find(*tensors, "int64")), (std::vector<int64_t>{INT64_MIN, INT64_MAX}));
    EXPECT_EQ(values<bool>(find(*tensors, "bool")), (std::vector<bool>{true, false, true}));
    EXPECT_EQ(values<int32_t>(find(*tensors, "uint16")), (std::vector<int32_t>{65535}));
    EXPECT_EQ(values<int64_t>(find(*tensors, "uint32")), (std::vector<int64_t>{4294967295}));
    EXPECT_EQ(values<int64_t>(find(*tensors, "uint64")), (std::vector<int64_t>{INT64_MAX}));
    EXPECT_EQ(find(*tensors, "scalar").shape(), Shape{});
    EXPECT_EQ(find(*tensors, "empty").shape(), (Shape{0, 3}));
  }
}

TEST(npz, what_is_written_reads_back_and_is_deterministic) {
  const ScratchFolder scratch;
  Tensor flags(DataType::boolean, {2});
  flags.mutable_data<bool>()[1] = true;
  const std::vector<NamedTensor> tensors = {
      {"image", tensor_f32({1, 2}, {1, 2})}, {"b/flags", flags}, {"none", Tensor(DataType::s8, {0})}};
  ASSERT_TRUE(write_npz(scratch.path("a.npz"), tensors).ok());
  const Result<std::vector<NamedTensor>> again = read_npz(scratch.path("a.npz"));
  ASSERT_TRUE(again.ok()) << again.error().message();
  ASSERT_EQ(again->size(), 3u);
  EXPECT_EQ((*again)[1].name, "b/flags");
  EXPECT_EQ(values<bool>((*again)[1].tensor), (std::vector<bool>{false, true}));
  EXPECT_EQ(values<float>((*again)[0].tensor), (std::vector<float>{1, 2}));
  EXPECT_EQ(*npz_bytes(tensors), *npz_bytes(*again));
}

TEST(npz, damage_is_an_error_and_never_a_crash) {
  std::mt19937_64 random = seeded_random();
  for (const std::string name : {"arrays_stored.npz", "arrays_deflated.npz"}) {
    const Result<MappedFile> file = MappedFile::open(kFixtures + name);
    ASSERT_TRUE(file.ok());
    const std::vector<uint8_t> whole(file->bytes().begin(), file->bytes().end());
    for (size_t size = 0; size < whole.size(); ++size) EXPECT_FALSE(parse_npz(Bytes(whole).first(size)).ok()) << size;
    for (int round = 0; round < 2000; ++round) {
      std::vector<uint8_t> damaged = whole;
      for (int change = 0; change <= round % 4; ++change)
        damaged[random() % damaged.size()] = static_cast<uint8_t>(random());
      (void)parse_npz(damaged).ok();
    }
  }
}

TEST(npz, a_changed_value_fails_the_checksum) {
  std::vector<uint8_t> bytes = *npz_bytes({{"image", tensor_f32({2}, {1, 2})}});
  bytes[30 + 9 + 128] ^= 1;  // local header, name "image.npy", .npy header
  const Result<std::vector<NamedTensor>> tensors = parse_npz(bytes);
  ASSERT_FALSE(tensors.ok());
  EXPECT_NE(tensors.error().message().find("member \"image.npy\": its CRC-32 is"), std::string::npos);
}

TEST(npz, archives_with_other_members_or_equal_names_are_refused) {
  EXPECT_FALSE(parse_npz(*npz_bytes({{"a", tensor_f32({1}, {1})}, {"a", tensor_f32({1}, {1})}})).ok());
  EXPECT_FALSE(parse_npz(bytes_of("this is no archive at all, though it is longer than the smallest")).ok());
  EXPECT_FALSE(read_npz(kFixtures + "color.png").ok());
}

}  // namespace
}  // namespace espalier
