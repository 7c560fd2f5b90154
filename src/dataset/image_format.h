// The picture formats behind dataset/image_file.h, one file each. Messages lack the file's name; the caller adds it.
#pragma once

#include "base/bytes.h"
#include "espalier/vision.h"

namespace espalier {

Result<Image> decode_jpeg(Bytes file);
Result<Image> decode_png(Bytes file);
Result<Image> decode_bmp(Bytes file);

Result<std::vector<uint8_t>> encode_jpeg(const Image& image, int quality);
Result<std::vector<uint8_t>> encode_png(const Image& image);

// Refuses empty and oversized pictures, with the limits in the sentence.
Status check_image_size(int64_t height, int64_t width);

}  // namespace espalier
