// Pictures: JPEG, PNG and BMP by their content.
#include "dataset/image_file.h"
#include "fuzz/target.h"

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  (void)espalier::decode_image({data, size}, "fuzz").ok();
  return 0;
}
