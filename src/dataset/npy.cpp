// The .npy header is a Python dictionary in text; a small scanner reads the three keys that NumPy writes.
//
//   "\x93NUMPY" major minor size "{'descr': '<f4', 'fortran_order': False, 'shape': (1, 3), }" spaces "\n" data
#include "dataset/npy.h"

#include <array>
#include <charconv>
#include <optional>

#include "base/check.h"

namespace espalier {
namespace {

constexpr std::string_view kMagic = "\x93NUMPY";
constexpr uint64_t kHeaderSizeMax = 65536;
constexpr size_t kRankMax = 32;  // NumPy's own limit for years

struct Header {
  std::string type;  // "<f4"
  bool fortran_order = false;
  Shape shape;
};

// What a type of the file becomes; `convert` copies one element when the types differ.
struct TypeRow {
  std::string_view file_type;
  int64_t file_size_bytes;
  DataType type;
};

constexpr std::array<TypeRow, 12> kTypes = {{
    {"b1", 1, DataType::boolean},
    {"i1", 1, DataType::s8},
    {"u1", 1, DataType::u8},
    {"i2", 2, DataType::s16},
    {"i4", 4, DataType::s32},
    {"i8", 8, DataType::s64},
    {"f2", 2, DataType::f16},
    {"f4", 4, DataType::f32},
    {"f8", 8, DataType::f32},
    {"u2", 2, DataType::s32},
    {"u4", 4, DataType::s64},
    {"u8", 8, DataType::s64},
}};

// A cursor over the header's text.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  // Skips blanks, then `token` when it comes next.
  bool accept(std::string_view token) {
    skip_blanks();
    if (!text_.starts_with(token)) return false;
    text_.remove_prefix(token.size());
    return true;
  }

  std::optional<std::string> quoted() {
    skip_blanks();
    if (text_.empty() || (text_[0] != '\'' && text_[0] != '"')) return std::nullopt;
    const size_t end = text_.find(text_[0], 1);
    if (end == std::string_view::npos) return std::nullopt;
    std::string value(text_.substr(1, end - 1));
    text_.remove_prefix(end + 1);
    return value;
  }

  std::optional<int64_t> number() {
    skip_blanks();
    int64_t value = 0;
    const auto [end, problem] = std::from_chars(text_.data(), text_.data() + text_.size(), value);
    if (problem != std::errc()) return std::nullopt;
    text_.remove_prefix(static_cast<size_t>(end - text_.data()));
    accept("L");  // Python 2 wrote long integers so
    return value;
  }

 private:
  void skip_blanks() {
    while (!text_.empty() && (text_[0] == ' ' || text_[0] == '\n')) text_.remove_prefix(1);
  }

  std::string_view text_;
};

std::optional<Shape> scan_shape(Scanner& scanner) {
  Shape shape;
  if (!scanner.accept("(")) return std::nullopt;
  while (!scanner.accept(")")) {
    const std::optional<int64_t> extent = scanner.number();
    if (!extent.has_value() || *extent < 0 || shape.size() == kRankMax) return std::nullopt;
    shape.push_back(*extent);
    if (scanner.accept(",")) continue;
    if (!scanner.accept(")")) return std::nullopt;
    break;
  }
  return shape;
}

std::optional<Header> scan_header(std::string_view text) {
  Scanner scanner(text);
  Header header;
  if (!scanner.accept("{")) return std::nullopt;
  int known_count = 0;
  while (!scanner.accept("}")) {
    const std::optional<std::string> key = scanner.quoted();
    if (!key.has_value() || !scanner.accept(":")) return std::nullopt;
    if (*key == "descr") {
      const std::optional<std::string> type = scanner.quoted();
      if (!type.has_value()) return std::nullopt;
      header.type = *type;
    } else if (*key == "fortran_order") {
      header.fortran_order = scanner.accept("True");
      if (!header.fortran_order && !scanner.accept("False")) return std::nullopt;
    } else if (*key == "shape") {
      std::optional<Shape> shape = scan_shape(scanner);
      if (!shape.has_value()) return std::nullopt;
      header.shape = std::move(*shape);
    } else {
      return std::nullopt;
    }
    ++known_count;
    scanner.accept(",");
  }
  if (known_count != 3) return std::nullopt;
  return header;
}

// "<f4" as a row of kTypes. Single bytes have no order and are written "|u1".
Result<TypeRow> find_type(const std::string& descr) {
  if (descr.starts_with('>'))
    return error("has big-endian values (\"{}\"); save it with array.astype(\"<{}\")", descr, descr.substr(1));
  if (descr.starts_with('<') || descr.starts_with('|'))
    for (const TypeRow& row : kTypes)
      if (descr.substr(1) == row.file_type) return row;
  return error("has values of type \"{}\"; bool, integers of 8 to 64 bits and floats of 16 to 64 bits are read", descr);
}

// Converts element by element; false when a value does not fit.
template <class From, class To>
bool convert(Bytes data, To* out, int64_t count) {
  for (int64_t i = 0; i < count; ++i) {
    From value;
    std::memcpy(&value, data.data() + static_cast<size_t>(i) * sizeof(From), sizeof(From));
    if constexpr (sizeof(From) == 8 && std::is_same_v<To, int64_t>)
      if (value > static_cast<From>(INT64_MAX)) return false;
    out[i] = static_cast<To>(value);
  }
  return true;
}

bool fill(const TypeRow& row, Bytes data, Tensor& tensor) {
  const int64_t count = tensor.count();
  if (row.file_type == "f8") return convert<double>(data, tensor.mutable_data<float>(), count);
  if (row.file_type == "u2") return convert<uint16_t>(data, tensor.mutable_data<int32_t>(), count);
  if (row.file_type == "u4") return convert<uint32_t>(data, tensor.mutable_data<int64_t>(), count);
  if (row.file_type == "u8") return convert<uint64_t>(data, tensor.mutable_data<int64_t>(), count);
  auto* out = static_cast<uint8_t*>(tensor.mutable_bytes());
  if (row.type == DataType::boolean) {
    // Any other byte than 0 and 1 is no bool for C++.
    for (size_t i = 0; i < data.size(); ++i) out[i] = data[i] != 0;
  } else if (!data.empty()) {
    std::memcpy(out, data.data(), data.size());
  }
  return true;
}

Result<Header> read_header(ByteReader& reader) {
  const Result<Bytes> magic = reader.take(kMagic.size());
  if (!magic.ok() || std::memcmp(magic->data(), kMagic.data(), kMagic.size()) != 0)
    return error("is no NumPy array (.npy)");
  const uint8_t major = TRY(reader.read<uint8_t>());
  TRY_STATUS(reader.skip(1));
  if (major < 1 || major > 3) return error("is in .npy format {}; 1 to 3 are read", major);
  uint64_t size = 0;
  if (major == 1)
    size = TRY(reader.read<uint16_t>());
  else
    size = TRY(reader.read<uint32_t>());
  if (size > kHeaderSizeMax) return error("has a header of {} bytes; {} are allowed", size, kHeaderSizeMax);
  const Bytes text = TRY(reader.take(size));
  const std::optional<Header> header = scan_header({reinterpret_cast<const char*>(text.data()), text.size()});
  if (!header.has_value())
    return error("has a header that cannot be read: the keys 'descr', 'fortran_order' and 'shape' are expected");
  return *header;
}

std::string_view file_type_of(DataType type) {
  for (const TypeRow& row : kTypes)
    if (row.type == type) return row.file_type;
  CHECK(false, "type {}", name(type));
}

}  // namespace

Result<Tensor> parse_npy(Bytes file) {
  ByteReader reader(file);
  const Header header = TRY(read_header(reader));
  const TypeRow type = TRY(find_type(header.type));
  if (header.fortran_order && header.shape.size() > 1)
    return error("is in Fortran order; save it with numpy.ascontiguousarray(array)");
  const std::optional<int64_t> count = checked_element_count(header.shape);
  if (!count.has_value()) return error("its shape {} is too large", to_string(header.shape));
  const uint64_t size_bytes = static_cast<uint64_t>(*count) * static_cast<uint64_t>(type.file_size_bytes);
  if (size_bytes != reader.remaining())
    return error("its shape {} of type {} needs {} bytes, {} follow the header; the file is damaged",
                 to_string(header.shape), type.file_type, size_bytes, reader.remaining());
  Tensor tensor(type.type, header.shape);
  if (!fill(type, TRY(reader.take(size_bytes)), tensor))
    return error("holds unsigned 64-bit values of 2^63 or more, which do not fit in s64");
  return tensor;
}

Result<Tensor> read_npy(const std::string& path) {
  const MappedFile file = TRY(MappedFile::open(path));
  Result<Tensor> tensor = parse_npy(file.bytes());
  if (!tensor.ok()) return tensor.error().at(path);
  return tensor;
}

std::vector<uint8_t> npy_bytes(const Tensor& tensor) {
  std::string shape;
  for (const int64_t extent : tensor.shape()) shape += fmt::format("{}{}", shape.empty() ? "" : ", ", extent);
  if (tensor.shape().size() == 1) shape += ",";
  const char order = size_bytes(tensor.type()) == 1 ? '|' : '<';
  std::string header = fmt::format("{{'descr': '{}{}', 'fortran_order': False, 'shape': ({}), }}", order,
                                   file_type_of(tensor.type()), shape);
  // Magic, version, size and header together are a multiple of 64 bytes, as NumPy pads them.
  constexpr size_t kPrefixSize = 10;
  while ((kPrefixSize + header.size() + 1) % 64 != 0) header += ' ';
  header += '\n';

  std::vector<uint8_t> bytes(kMagic.begin(), kMagic.end());
  bytes.push_back(1);
  bytes.push_back(0);
  bytes.push_back(static_cast<uint8_t>(header.size() & 255));
  bytes.push_back(static_cast<uint8_t>(header.size() >> 8));
  bytes.insert(bytes.end(), header.begin(), header.end());
  const auto* data = static_cast<const uint8_t*>(tensor.bytes());
  if (tensor.count() > 0) bytes.insert(bytes.end(), data, data + tensor.size_bytes());
  return bytes;
}

Status write_npy(const std::string& path, const Tensor& tensor) { return write_file(path, npy_bytes(tensor)); }

}  // namespace espalier
