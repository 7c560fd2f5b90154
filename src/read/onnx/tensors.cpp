// Stored tensors of an ONNX file: raw or typed fields, or a part of an external file inside the model's folder.
#include <bit>
#include <filesystem>
#include <limits>

#include "base/bytes.h"
#include "numerics/float16.h"
#include "read/onnx/import.h"

namespace espalier::read::onnx {
namespace {

using Proto = proto::TensorProto;

// Elements of the file's type T, read from little-endian bytes, stored as our type Ours.
template <class T, class Ours, class Convert>
Status read_raw(Bytes bytes, Tensor& tensor, Convert convert) {
  if (bytes.size() != static_cast<uint64_t>(tensor.count()) * sizeof(T))
    return error("{} bytes are stored, {} elements need {}", bytes.size(), tensor.count(),
                 static_cast<uint64_t>(tensor.count()) * sizeof(T));
  Ours* out = tensor.mutable_data<Ours>();
  for (int64_t i = 0; i < tensor.count(); ++i) {
    T element;
    std::memcpy(&element, bytes.data() + static_cast<size_t>(i) * sizeof(T), sizeof(T));
    out[i] = TRY(convert(element));
  }
  return {};
}

// The same from a repeated field of the schema.
template <class Ours, class Field, class Convert>
Status read_field(const Field& field, Tensor& tensor, Convert convert) {
  if (field.size() != tensor.count()) return error("{} values are stored, {} are needed", field.size(), tensor.count());
  Ours* out = tensor.mutable_data<Ours>();
  for (int i = 0; i < field.size(); ++i) out[i] = TRY(convert(field.Get(i)));
  return {};
}

const auto kSame = [](auto value) { return Result<decltype(value)>(value); };
const auto kToBool = [](auto value) { return Result<bool>(value != 0); };
const auto kToFloat = [](auto value) { return Result<float>(static_cast<float>(value)); };
const auto kHalfToFloat = [](auto value) { return Result<float>(f32_from_f16(static_cast<uint16_t>(value))); };
// The upper half of a float32.
const auto kBrainToFloat = [](auto value) {
  return Result<float>(std::bit_cast<float>(uint32_t{static_cast<uint16_t>(value)} << 16));
};
template <class To>
Result<To> narrow(auto value) {
  if (static_cast<decltype(value)>(static_cast<To>(value)) != value) return error("{} does not fit its type", value);
  return static_cast<To>(value);
}
const auto kToS64 = [](uint64_t value) -> Result<int64_t> {
  if (value > static_cast<uint64_t>(std::numeric_limits<int64_t>::max()))
    return error("{} does not fit 63 bits", value);
  return static_cast<int64_t>(value);
};

Status read_elements(const Proto& stored, bool raw, Bytes bytes, Tensor& tensor) {
  switch (stored.data_type()) {
    case Proto::FLOAT:
      return raw ? read_raw<float, float>(bytes, tensor, kSame) : read_field<float>(stored.float_data(), tensor, kSame);
    case Proto::DOUBLE:
      return raw ? read_raw<double, float>(bytes, tensor, kToFloat)
                 : read_field<float>(stored.double_data(), tensor, kToFloat);
    case Proto::FLOAT16:
      return raw ? read_raw<uint16_t, float>(bytes, tensor, kHalfToFloat)
                 : read_field<float>(stored.int32_data(), tensor, kHalfToFloat);
    case Proto::BFLOAT16:
      return raw ? read_raw<uint16_t, float>(bytes, tensor, kBrainToFloat)
                 : read_field<float>(stored.int32_data(), tensor, kBrainToFloat);
    case Proto::INT8:
      return raw ? read_raw<int8_t, int8_t>(bytes, tensor, kSame)
                 : read_field<int8_t>(stored.int32_data(), tensor, narrow<int8_t, int32_t>);
    case Proto::UINT8:
      return raw ? read_raw<uint8_t, uint8_t>(bytes, tensor, kSame)
                 : read_field<uint8_t>(stored.int32_data(), tensor, narrow<uint8_t, int32_t>);
    case Proto::BOOL:
      return raw ? read_raw<uint8_t, bool>(bytes, tensor, kToBool)
                 : read_field<bool>(stored.int32_data(), tensor, kToBool);
    case Proto::INT16:
      return raw ? read_raw<int16_t, int16_t>(bytes, tensor, kSame)
                 : read_field<int16_t>(stored.int32_data(), tensor, narrow<int16_t, int32_t>);
    case Proto::UINT16:
      return raw ? read_raw<uint16_t, int32_t>(bytes, tensor, narrow<int32_t, uint16_t>)
                 : read_field<int32_t>(stored.int32_data(), tensor, kSame);
    case Proto::INT32:
      return raw ? read_raw<int32_t, int32_t>(bytes, tensor, kSame)
                 : read_field<int32_t>(stored.int32_data(), tensor, kSame);
    case Proto::UINT32:
      return raw ? read_raw<uint32_t, int64_t>(bytes, tensor, narrow<int64_t, uint32_t>)
                 : read_field<int64_t>(stored.uint64_data(), tensor, kToS64);
    case Proto::INT64:
      return raw ? read_raw<int64_t, int64_t>(bytes, tensor, kSame)
                 : read_field<int64_t>(stored.int64_data(), tensor, narrow<int64_t, int64_t>);
    case Proto::UINT64:
      return raw ? read_raw<uint64_t, int64_t>(bytes, tensor, kToS64)
                 : read_field<int64_t>(stored.uint64_data(), tensor, kToS64);
    default: return error("element type {} is not supported", stored.data_type());
  }
}

Result<uint64_t> to_size(const std::string& key, const std::string& text) {
  uint64_t value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9' || __builtin_mul_overflow(value, 10, &value) ||
        __builtin_add_overflow(value, static_cast<uint64_t>(c - '0'), &value))
      return error("external data: {} \"{}\" is no size", key, text);
  }
  return value;
}

// A part of an external file.
Result<MappedFile> open_external(const Proto& stored, const std::string& folder, uint64_t& offset, uint64_t& length) {
  std::string location;
  offset = 0;
  length = std::numeric_limits<uint64_t>::max();
  for (const auto& entry : stored.external_data()) {
    if (entry.key() == "location") location = entry.value();
    if (entry.key() == "offset") offset = TRY(to_size("offset", entry.value()));
    if (entry.key() == "length") length = TRY(to_size("length", entry.value()));
  }
  MappedFile file = TRY(MappedFile::open(TRY(external_path(location, folder))));
  const uint64_t size = file.bytes().size();
  if (length == std::numeric_limits<uint64_t>::max()) length = offset <= size ? size - offset : 0;
  if (!fits(offset, length, size))
    return error("external data {}: {} bytes at {} are wanted, the file has {}", location, length, offset, size);
  return file;
}

}  // namespace

Result<std::string> external_path(const std::string& location, const std::string& folder) {
  namespace fs = std::filesystem;
  std::error_code ignored;
  const fs::path root = fs::weakly_canonical(folder.empty() ? "." : folder, ignored);
  const fs::path path = fs::weakly_canonical(root / location, ignored);
  const fs::path inside = path.lexically_relative(root);
  if (location.empty() || fs::path(location).is_absolute() || inside.empty() || *inside.begin() == "..")
    return error("external data \"{}\" lies outside of the model's folder", location);
  return path.string();
}

Result<DataType> read_data_type(int32_t type) {
  switch (type) {
    case Proto::FLOAT:
    case Proto::DOUBLE:
    case Proto::FLOAT16:
    case Proto::BFLOAT16: return DataType::f32;
    case Proto::INT8: return DataType::s8;
    case Proto::UINT8: return DataType::u8;
    case Proto::BOOL: return DataType::boolean;
    case Proto::INT16: return DataType::s16;
    case Proto::UINT16:
    case Proto::INT32: return DataType::s32;
    case Proto::UINT32:
    case Proto::INT64:
    case Proto::UINT64: return DataType::s64;
    default: return error("element type {} ({}) is not supported", type, Proto::DataType_Name(type));
  }
}

Result<Tensor> read_tensor(const Proto& stored, const std::string& folder) {
  const Shape shape(stored.dims().begin(), stored.dims().end());
  const std::optional<int64_t> count = checked_element_count(shape);
  if (!count) return error("its shape {} is impossible", espalier::to_string(shape));
  const DataType type = TRY(read_data_type(stored.data_type()));
  // The data must be there before memory for it is taken.
  const bool external = stored.data_location() == Proto::EXTERNAL;
  uint64_t offset = 0;
  uint64_t length = 0;
  const MappedFile file = external ? TRY(open_external(stored, folder, offset, length)) : MappedFile();
  const bool raw = external || stored.has_raw_data();
  const Bytes bytes = external ? file.bytes().subspan(offset, length) : bytes_of(stored.raw_data());
  const uint64_t stored_count =
      raw ? bytes.size()
          : static_cast<uint64_t>(stored.float_data_size() + stored.double_data_size() + stored.int32_data_size() +
                                  stored.int64_data_size() + stored.uint64_data_size());
  if (static_cast<uint64_t>(*count) > stored_count)
    return error("shape {} has {} elements, the file stores only {}{}", espalier::to_string(shape), *count,
                 stored_count, raw ? " bytes" : "");
  Tensor tensor(type, shape);
  TRY_STATUS(read_elements(stored, raw, bytes, tensor));
  return tensor;
}

}  // namespace espalier::read::onnx
