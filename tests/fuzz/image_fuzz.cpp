// Fuzz target: a picture of any content decodes or is refused.
#include "dataset/image_file.h"
#include "fuzz/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const espalier::Result<espalier::Image> image = espalier::decode_image({data, size}, "fuzz");
  if (image.ok()) CHECK(static_cast<int64_t>(image->rgb.size()) == image->height * image->width * 3);
  return 0;
}
