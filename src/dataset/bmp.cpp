// BMP: uncompressed, 24 and 32 bits a pixel, or 8 bits with a palette; rows from the bottom or from the top.
//
//   14 bytes  "BM", file size, 4 reserved bytes, offset of the pixels
//   40 or more bytes  size of this header, width, height (negative: rows from the top), planes, bits, compression, ...
//   palette, 4 bytes a colour: blue green red 0
//   pixels, blue first, each row padded to a multiple of 4 bytes
#include <algorithm>
#include <array>

#include "dataset/image_format.h"

namespace espalier {
namespace {

constexpr uint32_t kUncompressed = 0;
constexpr uint32_t kBitFields = 3;
constexpr uint64_t kFileHeaderSize = 14;
constexpr uint32_t kInfoHeaderSizeMin = 40;

struct Header {
  uint32_t pixels_offset = 0;
  uint32_t size = 0;
  int64_t width = 0;
  int64_t height = 0;
  bool from_top = false;
  int bits = 0;
  uint32_t compression = 0;
  uint32_t color_count = 0;
};

using Color = std::array<uint8_t, 3>;  // red green blue

Result<Header> read_header(ByteReader& reader) {
  Header header;
  TRY_STATUS(reader.skip(10));
  header.pixels_offset = TRY(reader.read<uint32_t>());
  header.size = TRY(reader.read<uint32_t>());
  if (header.size < kInfoHeaderSizeMin)
    return error("its header has {} bytes (an OS/2 file); {} or more are read", header.size, kInfoHeaderSizeMin);
  header.width = TRY(reader.read<int32_t>());
  const int64_t height = TRY(reader.read<int32_t>());
  header.from_top = height < 0;
  header.height = header.from_top ? -height : height;
  TRY_STATUS(reader.skip(2));  // planes
  header.bits = TRY(reader.read<uint16_t>());
  header.compression = TRY(reader.read<uint32_t>());
  TRY_STATUS(reader.skip(12));  // size of the pixels, resolution
  header.color_count = TRY(reader.read<uint32_t>());
  TRY_STATUS(reader.skip(4));  // important colours
  return header;
}

// Bit fields are read when they spell what an uncompressed file holds: blue, green, red, one byte each.
Status check_compression(const Header& header, ByteReader reader) {
  if (header.bits != 8 && header.bits != 24 && header.bits != 32)
    return error("it has {} bits a pixel; 8, 24 and 32 are read", header.bits);
  if (header.compression == kUncompressed) return {};
  if (header.compression != kBitFields || header.bits != 32)
    return error("it is compressed (method {}); save it uncompressed", header.compression);
  const uint32_t red = TRY(reader.read<uint32_t>());
  const uint32_t green = TRY(reader.read<uint32_t>());
  const uint32_t blue = TRY(reader.read<uint32_t>());
  if (red != 0xFF0000 || green != 0xFF00 || blue != 0xFF)
    return error("its channels lie at the bits {:08x} {:08x} {:08x}; only blue, green, red in this order is read", red,
                 green, blue);
  return {};
}

// 256 colours; those that the file lacks are black.
Result<std::array<Color, 256>> read_palette(Bytes file, const Header& header) {
  const uint32_t count = header.color_count == 0 ? 256 : header.color_count;
  if (count > 256) return error("its palette has {} colours; at most 256 are possible", count);
  std::array<Color, 256> palette{};
  ByteReader reader(file);
  TRY_STATUS(reader.skip(kFileHeaderSize + header.size));
  for (uint32_t index = 0; index < count; ++index) {
    const Bytes entry = TRY(reader.take(4));
    palette[index] = {entry[2], entry[1], entry[0]};
  }
  return palette;
}

Result<Image> decode(Bytes file) {
  ByteReader reader(file);
  const Header header = TRY(read_header(reader));
  TRY_STATUS(check_image_size(header.height, header.width));
  TRY_STATUS(check_compression(header, reader));
  std::array<Color, 256> palette{};
  if (header.bits == 8) palette = TRY(read_palette(file, header));

  const uint64_t pixel_size = static_cast<uint64_t>(header.bits / 8);
  const uint64_t row_size = (static_cast<uint64_t>(header.width) * pixel_size + 3) / 4 * 4;
  ByteReader pixels(file);
  TRY_STATUS(pixels.skip(header.pixels_offset));
  const Bytes rows = TRY(pixels.take(row_size * static_cast<uint64_t>(header.height)));

  Image image{header.height, header.width, std::vector<uint8_t>(static_cast<size_t>(header.height * header.width * 3))};
  uint8_t* out = image.rgb.data();
  for (int64_t y = 0; y < image.height; ++y) {
    const int64_t row = header.from_top ? y : image.height - 1 - y;
    const uint8_t* in = rows.data() + static_cast<uint64_t>(row) * row_size;
    for (int64_t x = 0; x < image.width; ++x, in += pixel_size, out += 3) {
      const Color color = header.bits == 8 ? palette[*in] : Color{in[2], in[1], in[0]};
      std::copy(color.begin(), color.end(), out);
    }
  }
  return image;
}

}  // namespace

Result<Image> decode_bmp(Bytes file) {
  Result<Image> image = decode(file);
  if (!image.ok()) return image.error().at("the BMP file cannot be read");
  return image;
}

}  // namespace espalier
