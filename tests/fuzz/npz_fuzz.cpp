// Fuzz target: an .npz of any content reads or is refused; what reads is written and reads back.
#include "dataset/npz.h"
#include "fuzz/fuzz.h"

using namespace espalier;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const Result<std::vector<NamedTensor>> arrays = parse_npz({data, size});
  if (!arrays.ok()) return 0;
  const Result<std::vector<uint8_t>> written = npz_bytes(*arrays);
  if (!written.ok()) return 0;
  const Result<std::vector<NamedTensor>> again = parse_npz(*written);
  CHECK(again.ok(), "{}", again.error().message());
  CHECK(again->size() == arrays->size());
  return 0;
}
