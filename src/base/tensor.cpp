// Element types, shapes and dense data of include/espalier/tensor.h.
#include "espalier/tensor.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <new>

#include "base/check.h"

namespace espalier {
namespace {

constexpr std::array<std::string_view, 8> kNames = {"s8", "u8", "s16", "s32", "s64", "f16", "f32", "bool"};
constexpr std::array<int64_t, 8> kSizes = {1, 1, 2, 4, 8, 2, 4, 1};
constexpr std::align_val_t kAlignment{64};

}  // namespace

int64_t size_bytes(DataType type) { return kSizes[static_cast<size_t>(type)]; }

std::string_view name(DataType type) { return kNames[static_cast<size_t>(type)]; }

std::optional<DataType> data_type_from_name(std::string_view name) {
  const auto found = std::find(kNames.begin(), kNames.end(), name);
  if (found == kNames.end()) return std::nullopt;
  return static_cast<DataType>(found - kNames.begin());
}

int64_t element_count(const Shape& shape) {
  const std::optional<int64_t> count = checked_element_count(shape);
  CHECK(count.has_value(), "shape {}", to_string(shape));
  return *count;
}

std::optional<int64_t> checked_element_count(const Shape& shape) {
  // Extents beside a zero must still multiply within bounds: strides are products of them.
  int64_t count = 1;
  bool overflow = false;
  bool zero = false;
  for (const int64_t extent : shape) {
    if (extent < 0) return std::nullopt;
    zero |= extent == 0;
    overflow |= __builtin_mul_overflow(count, std::max<int64_t>(extent, 1), &count);
  }
  if (overflow || count > kElementCountMax) return std::nullopt;
  return zero ? 0 : count;
}

std::string to_string(const Shape& shape) {
  if (shape.empty()) return "scalar";
  std::string text;
  for (const int64_t extent : shape) {
    if (!text.empty()) text += 'x';
    text += std::to_string(extent);
  }
  return text;
}

Tensor::Tensor(DataType type, Shape shape)
    : type_(type), shape_(std::move(shape)), count_(element_count(shape_)), writable_(true) {
  const size_t size = static_cast<size_t>(std::max<int64_t>(size_bytes(), 1));
  void* bytes = ::operator new(size, kAlignment);
  std::memset(bytes, 0, size);
  owner_ =
      std::shared_ptr<const void>(bytes, [](const void* p) { ::operator delete(const_cast<void*>(p), kAlignment); });
  bytes_ = bytes;
}

Tensor::Tensor(DataType type, Shape shape, std::shared_ptr<const void> owner, const void* bytes)
    : type_(type), shape_(std::move(shape)), count_(element_count(shape_)), owner_(std::move(owner)), bytes_(bytes) {}

void* Tensor::mutable_bytes() {
  CHECK(writable_ && owner_.use_count() == 1, "the bytes of this tensor are shared");
  return const_cast<void*>(bytes_);
}

Tensor Tensor::reshaped(Shape shape) const {
  CHECK(element_count(shape) == count_, "{} elements as {}", count_, to_string(shape));
  Tensor result = *this;
  result.shape_ = std::move(shape);
  return result;
}

void Tensor::require_type(DataType type) const {
  CHECK(type == type_, "tensor is {}, asked for {}", name(type_), name(type));
}

Tensor tensor_f32(Shape shape, std::initializer_list<float> values) {
  Tensor tensor(DataType::f32, std::move(shape));
  CHECK(tensor.count() == static_cast<int64_t>(values.size()));
  std::copy(values.begin(), values.end(), tensor.mutable_data<float>());
  return tensor;
}

}  // namespace espalier
