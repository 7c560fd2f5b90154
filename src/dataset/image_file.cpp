// Chooses the picture format by the first bytes of a file, and by the extension when writing.
#include "dataset/image_file.h"

#include <algorithm>
#include <array>

#include "base/check.h"
#include "dataset/image_format.h"

namespace espalier {
namespace {

struct Format {
  std::string_view signature;
  Result<Image> (*decode)(Bytes);
};

constexpr std::array<Format, 3> kFormats = {{
    {"\xFF\xD8\xFF", decode_jpeg},
    {"\x89PNG\r\n\x1A\n", decode_png},
    {"BM", decode_bmp},
}};

bool starts_with(Bytes file, std::string_view signature) {
  return file.size() >= signature.size() && std::memcmp(file.data(), signature.data(), signature.size()) == 0;
}

std::string lower_extension(const std::string& path) {
  const size_t dot = path.find_last_of("./");
  if (dot == std::string::npos || path[dot] == '/') return {};
  std::string extension = path.substr(dot);
  for (char& c : extension)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return extension;
}

Status write_encoded(const std::string& path, const Result<std::vector<uint8_t>>& encoded) {
  if (!encoded.ok()) return encoded.error().at(path);
  return write_file(path, *encoded);
}

}  // namespace

Status check_image_size(int64_t height, int64_t width) {
  if (height < 1 || width < 1) return error("the picture is empty: {} x {} pixels", height, width);
  if (height > kImageSideMax || width > kImageSideMax || height * width > kImagePixelsMax)
    return error("the picture has {} x {} pixels; at most {} a side and {} in all are read. Scale it down first",
                 height, width, kImageSideMax, kImagePixelsMax);
  return {};
}

Result<Image> decode_image(Bytes file, const std::string& name) {
  for (const Format& format : kFormats) {
    if (!starts_with(file, format.signature)) continue;
    Result<Image> image = format.decode(file);
    if (!image.ok()) return image.error().at(name);
    return image;
  }
  if (file.empty()) return error("{}: the file is empty", name);
  return error("{}: is neither JPEG, PNG nor BMP (it begins with the bytes {}); convert it to one of these", name,
               to_hex(file.first(std::min<size_t>(file.size(), 8))));
}

Result<Image> read_image(const std::string& path) {
  const MappedFile file = TRY(MappedFile::open(path));
  return decode_image(file.bytes(), path);
}

Status write_png(const std::string& path, const Image& image) { return write_encoded(path, encode_png(image)); }

Status write_jpeg(const std::string& path, const Image& image, int quality) {
  CHECK(quality >= 1 && quality <= 100, "quality {}", quality);
  return write_encoded(path, encode_jpeg(image, quality));
}

Status write_image(const std::string& path, const Image& image) {
  const std::string extension = lower_extension(path);
  if (extension == ".png") return write_png(path, image);
  if (extension == ".jpg" || extension == ".jpeg") return write_jpeg(path, image, 95);
  return error("{}: pictures are written as .png, .jpg or .jpeg, not as \"{}\"", path, extension);
}

}  // namespace espalier
