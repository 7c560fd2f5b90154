// Tensors at the border of the library: element types, shapes, and dense row-major data.
//
//   espalier::Tensor image(espalier::DataType::f32, {1, 3, 224, 224});
//   image.mutable_data<float>()[0] = 0.5f;  // channel 0, row 0, column 0
#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace espalier {

enum class DataType : uint8_t { s8, u8, s16, s32, s64, f16, f32, boolean };

int64_t size_bytes(DataType type);
std::string_view name(DataType type);  // "s8" "u8" "s16" "s32" "s64" "f16" "f32" "bool"
std::optional<DataType> data_type_from_name(std::string_view name);

// Extents of the dimensions, outermost first. An empty shape is a scalar.
using Shape = std::vector<int64_t>;

// The largest tensor that anything may speak of. Far above any real one; sizes in bytes, sums of sizes and counts of
// operations then fit in 63 bits.
inline constexpr int64_t kElementCountMax = int64_t{1} << 40;

// Product of the extents. Requires: checked_element_count accepts the shape; shapes from files go through it.
int64_t element_count(const Shape& shape);
// The same, or nothing when an extent is negative or the product, zeros counted as ones, exceeds kElementCountMax.
std::optional<int64_t> checked_element_count(const Shape& shape);
std::string to_string(const Shape& shape);  // "1x3x224x224", "scalar"

// Maps a C++ type to its DataType: data_type_of<float>() == DataType::f32. bool and uint8_t are distinct.
template <class T>
constexpr DataType data_type_of();
template <>
constexpr DataType data_type_of<int8_t>() {
  return DataType::s8;
}
template <>
constexpr DataType data_type_of<uint8_t>() {
  return DataType::u8;
}
template <>
constexpr DataType data_type_of<int16_t>() {
  return DataType::s16;
}
template <>
constexpr DataType data_type_of<int32_t>() {
  return DataType::s32;
}
template <>
constexpr DataType data_type_of<int64_t>() {
  return DataType::s64;
}
template <>
constexpr DataType data_type_of<float>() {
  return DataType::f32;
}
template <>
constexpr DataType data_type_of<bool>() {
  return DataType::boolean;
}

// Dense row-major data with its type and shape. Copying a Tensor shares the bytes; they are 64-byte aligned.
// Thread rule: bytes that are shared may be read by all, written by none.
class Tensor {
 public:
  Tensor() = default;
  // Zero-filled. Requires: the byte size fits in 63 bits.
  Tensor(DataType type, Shape shape);
  // Looks at bytes that `owner` keeps alive. Requires: element_count(shape) elements lie at `bytes`.
  Tensor(DataType type, Shape shape, std::shared_ptr<const void> owner, const void* bytes);

  DataType type() const { return type_; }
  const Shape& shape() const { return shape_; }
  int64_t count() const { return count_; }
  int64_t size_bytes() const { return count_ * espalier::size_bytes(type_); }
  bool empty() const { return bytes_ == nullptr; }

  const void* bytes() const { return bytes_; }
  // Requires: this Tensor owns its bytes alone (made by the first constructor, not copied).
  void* mutable_bytes();

  // Requires: data_type_of<T>() == type().
  template <class T>
  const T* data() const {
    require_type(data_type_of<T>());
    return static_cast<const T*>(bytes_);
  }
  template <class T>
  T* mutable_data() {
    require_type(data_type_of<T>());
    return static_cast<T*>(mutable_bytes());
  }

  // The same bytes under another shape. Requires: equal element counts.
  Tensor reshaped(Shape shape) const;

 private:
  void require_type(DataType type) const;

  DataType type_ = DataType::f32;
  Shape shape_;
  int64_t count_ = 0;
  std::shared_ptr<const void> owner_;
  const void* bytes_ = nullptr;
  bool writable_ = false;
};

// A tensor with the name that the model or the file gives it: an input, an output, a member of an .npz.
struct NamedTensor {
  std::string name;
  Tensor tensor;
};

// A float32 tensor with the given values, for tests and small constants.
Tensor tensor_f32(Shape shape, std::initializer_list<float> values);

}  // namespace espalier
