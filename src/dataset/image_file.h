// Pictures from files and into files: JPEG, PNG and BMP, as 8-bit RGB.
// The format is told by the content, never by the file's name. EXIF orientation and colour profiles are not applied
// (as Pillow does by default); a transparency channel is dropped.
#pragma once

#include <string>

#include "base/bytes.h"
#include "espalier/vision.h"

namespace espalier {

// A larger picture is refused before memory is taken for it.
constexpr int64_t kImageSideMax = int64_t{1} << 15;
constexpr int64_t kImagePixelsMax = int64_t{1} << 28;

// `name` stands in front of error messages.
Result<Image> decode_image(Bytes file, const std::string& name);
Result<Image> read_image(const std::string& path);

Status write_png(const std::string& path, const Image& image);
// Requires: quality is in [1, 100].
Status write_jpeg(const std::string& path, const Image& image, int quality);
// By the extension: .png, or .jpg and .jpeg with quality 95.
Status write_image(const std::string& path, const Image& image);

}  // namespace espalier
