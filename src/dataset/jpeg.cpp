// JPEG through libjpeg-turbo, with the integer slow DCT, whose result is the same on every machine.
// libjpeg reports errors by a call that may not return; it is left by longjmp, so the functions that call libjpeg
// between setjmp and the end hold no object with a destructor.
#include <csetjmp>
#include <cstdio>

#include <jpeglib.h>
// After jpeglib.h, which it needs.
#include <jerror.h>

#include "base/check.h"
#include "dataset/image_format.h"

namespace espalier {
namespace {

// A progressive file may repeat scans without end; real ones have about ten.
constexpr int kScanCountMax = 500;

// What libjpeg's callbacks know. The base struct comes first so that its address is this one's.
struct Errors {
  jpeg_error_mgr base;
  std::jmp_buf leave;
  char message[JMSG_LENGTH_MAX];
  bool data_missing;
};

Errors& errors_of(j_common_ptr codec) { return *reinterpret_cast<Errors*>(codec->err); }

[[noreturn]] void on_error(j_common_ptr codec) {
  Errors& errors = errors_of(codec);
  (*codec->err->format_message)(codec, errors.message);
  std::longjmp(errors.leave, 1);
}

// Warnings that mean missing data are errors (libjpeg would fill in grey); other ones are harmless oddities.
void on_message(j_common_ptr codec, int level) {
  if (level >= 0) return;
  const int code = codec->err->msg_code;
  if (code == JWRN_HIT_MARKER || code == JWRN_JPEG_EOF) errors_of(codec).data_missing = true;
}

void on_output(j_common_ptr) {}

void on_progress(j_common_ptr codec) {
  if (reinterpret_cast<j_decompress_ptr>(codec)->input_scan_number <= kScanCountMax) return;
  Errors& errors = errors_of(codec);
  std::snprintf(errors.message, sizeof errors.message, "it has more than %d scans", kScanCountMax);
  std::longjmp(errors.leave, 1);
}

jpeg_error_mgr* prepare(Errors& errors) {
  jpeg_std_error(&errors.base);
  errors.base.error_exit = on_error;
  errors.base.emit_message = on_message;
  errors.base.output_message = on_output;
  errors.message[0] = '\0';
  errors.data_missing = false;
  return &errors.base;
}

struct Decoder {
  jpeg_decompress_struct codec{};
  jpeg_progress_mgr progress{};
  Errors errors{};

  ~Decoder() { jpeg_destroy_decompress(&codec); }
};

// Reads up to the size of the picture. False on error.
bool begin(Decoder& decoder, Bytes file) {
  decoder.codec.err = prepare(decoder.errors);
  if (setjmp(decoder.errors.leave) != 0) return false;
  jpeg_create_decompress(&decoder.codec);
  decoder.progress.progress_monitor = on_progress;
  decoder.codec.progress = &decoder.progress;
  jpeg_mem_src(&decoder.codec, file.data(), static_cast<unsigned long>(file.size()));
  jpeg_read_header(&decoder.codec, TRUE);
  const J_COLOR_SPACE space = decoder.codec.jpeg_color_space;
  decoder.codec.out_color_space = space == JCS_CMYK || space == JCS_YCCK ? JCS_CMYK : JCS_RGB;
  decoder.codec.dct_method = JDCT_ISLOW;
  decoder.codec.do_fancy_upsampling = TRUE;  // the default of every other reader
  decoder.codec.do_block_smoothing = TRUE;
  return true;
}

// Decodes all rows. Requires: `pixels` holds height * width * channels bytes.
bool read_rows(Decoder& decoder, uint8_t* pixels) {
  if (setjmp(decoder.errors.leave) != 0) return false;
  jpeg_start_decompress(&decoder.codec);
  const size_t row_size = size_t{decoder.codec.output_width} * static_cast<size_t>(decoder.codec.output_components);
  while (decoder.codec.output_scanline < decoder.codec.output_height) {
    JSAMPROW row = pixels + row_size * decoder.codec.output_scanline;
    jpeg_read_scanlines(&decoder.codec, &row, 1);
  }
  jpeg_finish_decompress(&decoder.codec);
  return true;
}

// Colour = ink * black / 255, rounded. Adobe's files hold inverted ink: 255 is none.
std::vector<uint8_t> rgb_of_cmyk(const std::vector<uint8_t>& cmyk, bool inverted) {
  std::vector<uint8_t> rgb(cmyk.size() / 4 * 3);
  const auto light = [&](uint8_t ink) { return inverted ? int{ink} : 255 - ink; };
  for (size_t pixel = 0; pixel < cmyk.size() / 4; ++pixel)
    for (size_t channel = 0; channel < 3; ++channel)
      rgb[pixel * 3 + channel] =
          static_cast<uint8_t>((light(cmyk[pixel * 4 + channel]) * light(cmyk[pixel * 4 + 3]) + 127) / 255);
  return rgb;
}

struct Encoder {
  jpeg_compress_struct codec{};
  Errors errors{};
  unsigned char* bytes = nullptr;
  unsigned long size = 0;

  ~Encoder() {
    jpeg_destroy_compress(&codec);
    std::free(bytes);
  }
};

bool encode(Encoder& encoder, const Image& image, int quality) {
  encoder.codec.err = prepare(encoder.errors);
  if (setjmp(encoder.errors.leave) != 0) return false;
  jpeg_create_compress(&encoder.codec);
  jpeg_mem_dest(&encoder.codec, &encoder.bytes, &encoder.size);
  encoder.codec.image_width = static_cast<JDIMENSION>(image.width);
  encoder.codec.image_height = static_cast<JDIMENSION>(image.height);
  encoder.codec.input_components = 3;
  encoder.codec.in_color_space = JCS_RGB;
  jpeg_set_defaults(&encoder.codec);
  encoder.codec.dct_method = JDCT_ISLOW;
  jpeg_set_quality(&encoder.codec, quality, TRUE);
  jpeg_start_compress(&encoder.codec, TRUE);
  while (encoder.codec.next_scanline < encoder.codec.image_height) {
    JSAMPROW row =
        const_cast<uint8_t*>(image.rgb.data()) + size_t{3} * encoder.codec.image_width * encoder.codec.next_scanline;
    jpeg_write_scanlines(&encoder.codec, &row, 1);
  }
  jpeg_finish_compress(&encoder.codec);
  return true;
}

}  // namespace

Result<Image> decode_jpeg(Bytes file) {
  Decoder decoder;
  if (!begin(decoder, file)) return error("the JPEG file is damaged: {}", decoder.errors.message);
  Image image{decoder.codec.image_height, decoder.codec.image_width, {}};
  TRY_STATUS(check_image_size(image.height, image.width));
  const bool cmyk = decoder.codec.out_color_space == JCS_CMYK;
  std::vector<uint8_t> pixels(static_cast<size_t>(image.height * image.width) * (cmyk ? 4 : 3));
  if (!read_rows(decoder, pixels.data())) return error("the JPEG file is damaged: {}", decoder.errors.message);
  if (decoder.errors.data_missing) return error("the JPEG file is damaged or cut off: picture data is missing");
  image.rgb = cmyk ? rgb_of_cmyk(pixels, decoder.codec.saw_Adobe_marker) : std::move(pixels);
  return image;
}

Result<std::vector<uint8_t>> encode_jpeg(const Image& image, int quality) {
  TRY_STATUS(check_image_size(image.height, image.width));
  Encoder encoder;
  if (!encode(encoder, image, quality))
    return error("the picture cannot be written as JPEG: {}", encoder.errors.message);
  return std::vector<uint8_t>(encoder.bytes, encoder.bytes + encoder.size);
}

}  // namespace espalier
