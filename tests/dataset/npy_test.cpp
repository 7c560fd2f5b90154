// Single arrays: what NumPy writes is read, and what cannot be read says how to save it instead.
#include "dataset/npy.h"

#include <gtest/gtest.h>

#include "material.h"

namespace espalier {
namespace {

const std::string kFixtures = fixture("dataset/fixtures/");

std::string message(const std::string& name) {
  const Result<Tensor> tensor = read_npy(kFixtures + name);
  return tensor.ok() ? "no error" : tensor.error().message().substr(kFixtures.size());
}

TEST(npy, bytes_are_those_of_numpy) {
  const Result<MappedFile> file = MappedFile::open(kFixtures + "plain.npy");
  ASSERT_TRUE(file.ok());
  EXPECT_EQ(npy_bytes(tensor_f32({2, 3}, {0, 1, 2, 3, 4, 5})),
            std::vector<uint8_t>(file->bytes().begin(), file->bytes().end()));
}

TEST(npy, format_2_is_read) {
  const Result<Tensor> tensor = read_npy(kFixtures + "format_2.npy");
  ASSERT_TRUE(tensor.ok()) << tensor.error().message();
  EXPECT_EQ(tensor->data<int32_t>()[3], 3);
}

TEST(npy, every_type_reads_back) {
  const ScratchFolder scratch;
  for (const DataType type : {DataType::s8, DataType::u8, DataType::s16, DataType::s32, DataType::s64, DataType::f16,
                              DataType::f32, DataType::boolean})
    for (const Shape& shape : {Shape{}, Shape{3}, Shape{2, 0}, Shape{1, 2, 3, 4}}) {
      ASSERT_TRUE(write_npy(scratch.path("a.npy"), Tensor(type, shape)).ok());
      const Result<Tensor> again = read_npy(scratch.path("a.npy"));
      ASSERT_TRUE(again.ok()) << again.error().message();
      EXPECT_EQ(again->type(), type);
      EXPECT_EQ(again->shape(), shape);
    }
}

TEST(npy, unreadable_arrays_say_what_to_do) {
  EXPECT_EQ(message("fortran.npy"), "fortran.npy: is in Fortran order; save it with numpy.ascontiguousarray(array)");
  EXPECT_EQ(message("big_endian.npy"),
            "big_endian.npy: has big-endian values (\">f4\"); save it with array.astype(\"<f4\")");
  EXPECT_EQ(message("complex.npy"),
            "complex.npy: has values of type \"<c8\"; bool, integers of 8 to 64 bits and floats of 16 to 64 "
            "bits are read");
  EXPECT_EQ(message("uint64_large.npy"),
            "uint64_large.npy: holds unsigned 64-bit values of 2^63 or more, which do not fit in s64");
  EXPECT_EQ(message("color.png"), "color.png: is no NumPy array (.npy)");
}

TEST(npy, a_lying_header_is_an_error) {
  const auto with_header = [](const std::string& header) {
    std::string file = "\x93NUMPY\x01";
    file += '\0';
    file += static_cast<char>(header.size());
    file += '\0';
    return parse_npy(bytes_of(file + header + "1234"));
  };
  EXPECT_TRUE(with_header("{'descr': '<f4', 'fortran_order': False, 'shape': (1,), }").ok());
  EXPECT_TRUE(with_header("{'shape': (1L,), 'fortran_order': False, 'descr': '<f4'}").ok());
  EXPECT_FALSE(with_header("{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }").ok());
  EXPECT_FALSE(with_header("{'descr': '<f4', 'fortran_order': False, 'shape': (-1,), }").ok());
  EXPECT_FALSE(with_header("{'descr': '<f4', 'fortran_order': False, 'shape': (4611686018427387904, 4), }").ok());
  EXPECT_FALSE(with_header("{'descr': '<f4', 'fortran_order': False, 'shape': (9223372036854775807,), }").ok());
  EXPECT_FALSE(with_header("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,), }").ok());
  EXPECT_FALSE(with_header("{'descr': '<f4', 'fortran_order': False}").ok());
  EXPECT_FALSE(with_header("{'descr': '<f4'").ok());
  EXPECT_FALSE(with_header("").ok());
}

}  // namespace
}  // namespace espalier
