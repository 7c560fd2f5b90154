// Arrays: .npz archives and single .npy files.
#include "dataset/npy.h"
#include "dataset/npz.h"
#include "fuzz/target.h"

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  (void)espalier::parse_npz({data, size}).ok();
  (void)espalier::parse_npy({data, size}).ok();
  return 0;
}
