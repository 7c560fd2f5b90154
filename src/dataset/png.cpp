// PNG through libpng, every kind of it turned into 8-bit RGB; 16-bit samples keep their high byte.
// libpng leaves by longjmp on errors; functions between setjmp and the end hold no object with a destructor.
#include <png.h>

#include <csetjmp>

#include "dataset/image_file.h"
#include "dataset/image_format.h"

namespace espalier {
namespace {

// Deflate cannot shrink by more than this, so a larger claimed picture is a lie and is refused before it is allocated.
constexpr uint64_t kDeflateRatioMax = 1032;

struct Codec {
  png_structp png = nullptr;
  png_infop info = nullptr;
  bool writes = false;
  char message[256] = "out of memory";
  Bytes input;  // what is left to read
  std::vector<uint8_t>* output = nullptr;

  ~Codec() {
    if (writes)
      png_destroy_write_struct(&png, &info);
    else
      png_destroy_read_struct(&png, &info, nullptr);
  }
};

void on_error(png_structp png, png_const_charp message) {
  Codec& codec = *static_cast<Codec*>(png_get_error_ptr(png));
  std::strncpy(codec.message, message, sizeof codec.message - 1);
  png_longjmp(png, 1);
}

void on_warning(png_structp, png_const_charp) {}

void read_bytes(png_structp png, png_bytep target, size_t size) {
  Codec& codec = *static_cast<Codec*>(png_get_io_ptr(png));
  if (size > codec.input.size()) png_error(png, "the file ends early");
  std::memcpy(target, codec.input.data(), size);
  codec.input = codec.input.subspan(size);
}

void write_bytes(png_structp png, png_bytep source, size_t size) {
  Codec& codec = *static_cast<Codec*>(png_get_io_ptr(png));
  codec.output->insert(codec.output->end(), source, source + size);
}

void flush(png_structp) {}

// Reads the header and asks for RGB. False on error.
bool begin(Codec& codec) {
  codec.png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &codec, on_error, on_warning);
  if (codec.png == nullptr) return false;
  codec.info = png_create_info_struct(codec.png);
  if (codec.info == nullptr) return false;
  if (setjmp(png_jmpbuf(codec.png)) != 0) return false;
  png_set_read_fn(codec.png, &codec, read_bytes);
  // check_image_size refuses large pictures with the better sentence.
  png_set_user_limits(codec.png, 0x7FFFFFFF, 0x7FFFFFFF);
  png_read_info(codec.png, codec.info);
  return true;
}

bool convert_to_rgb(Codec& codec) {
  if (setjmp(png_jmpbuf(codec.png)) != 0) return false;
  png_set_expand(codec.png);  // palette to RGB, fewer bits to 8, transparent colour to alpha
  png_set_strip_16(codec.png);
  png_set_gray_to_rgb(codec.png);
  png_set_strip_alpha(codec.png);
  png_set_interlace_handling(codec.png);
  png_read_update_info(codec.png, codec.info);
  return png_get_rowbytes(codec.png, codec.info) == size_t{3} * png_get_image_width(codec.png, codec.info);
}

bool read_rows(Codec& codec, png_bytepp rows) {
  if (setjmp(png_jmpbuf(codec.png)) != 0) return false;
  png_read_image(codec.png, rows);
  png_read_end(codec.png, nullptr);
  return true;
}

std::vector<png_bytep> rows_of(const Image& image) {
  std::vector<png_bytep> rows;
  for (int64_t y = 0; y < image.height; ++y)
    rows.push_back(const_cast<png_bytep>(image.rgb.data()) + y * image.width * 3);
  return rows;
}

bool encode(Codec& codec, const Image& image, png_bytepp rows) {
  codec.png = png_create_write_struct(PNG_LIBPNG_VER_STRING, &codec, on_error, on_warning);
  if (codec.png == nullptr) return false;
  codec.info = png_create_info_struct(codec.png);
  if (codec.info == nullptr) return false;
  if (setjmp(png_jmpbuf(codec.png)) != 0) return false;
  png_set_write_fn(codec.png, &codec, write_bytes, flush);
  png_set_IHDR(codec.png, codec.info, static_cast<png_uint_32>(image.width), static_cast<png_uint_32>(image.height), 8,
               PNG_COLOR_TYPE_RGB, PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
  png_set_compression_level(codec.png, 6);
  png_write_info(codec.png, codec.info);
  png_write_image(codec.png, rows);
  png_write_end(codec.png, nullptr);
  return true;
}

}  // namespace

Result<Image> decode_png(Bytes file) {
  Codec codec;
  codec.input = file;
  if (!begin(codec)) return error("the PNG file is damaged: {}", codec.message);
  Image image{png_get_image_height(codec.png, codec.info), png_get_image_width(codec.png, codec.info), {}};
  TRY_STATUS(check_image_size(image.height, image.width));
  const uint64_t raw_size = png_get_rowbytes(codec.png, codec.info) * static_cast<uint64_t>(image.height);
  if (raw_size > kDeflateRatioMax * file.size())
    return error("the PNG file is damaged: {} bytes cannot hold {} x {} pixels", file.size(), image.height,
                 image.width);
  if (!convert_to_rgb(codec)) return error("the PNG file is damaged: {}", codec.message);
  image.rgb.resize(static_cast<size_t>(image.height * image.width * 3));
  std::vector<png_bytep> rows = rows_of(image);
  if (!read_rows(codec, rows.data())) return error("the PNG file is damaged: {}", codec.message);
  return image;
}

Result<std::vector<uint8_t>> encode_png(const Image& image) {
  TRY_STATUS(check_image_size(image.height, image.width));
  std::vector<uint8_t> bytes;
  std::vector<png_bytep> rows = rows_of(image);
  Codec codec;
  codec.writes = true;
  codec.output = &bytes;
  if (!encode(codec, image, rows.data())) return error("the picture cannot be written as PNG: {}", codec.message);
  return bytes;
}

}  // namespace espalier
