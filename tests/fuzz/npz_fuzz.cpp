// Fuzz target: an .npz or .npy of any content reads or is refused; what reads is written and reads back. Mutations go
// into one member, whose checksum is made anew, so that they reach the reader of arrays.
#include "dataset/npy.h"
#include "dataset/npz.h"
#include "dataset/zip.h"
#include "fuzz/fuzz.h"

using namespace espalier;

// libFuzzer's own mutations; weak, since the replay of a corpus is linked without it and mutates nothing.
extern "C" __attribute__((weak)) size_t LLVMFuzzerMutate(uint8_t* data, size_t size, size_t size_max);

extern "C" size_t LLVMFuzzerCustomMutator(uint8_t* data, size_t size, size_t size_max, unsigned int seed) {
  Result<std::vector<ZipMember>> members = read_zip({data, size});
  // One of eight goes into the archive itself.
  if (!members.ok() || members->empty() || seed % 8 == 0) return LLVMFuzzerMutate(data, size, size_max);
  std::vector<uint8_t>& bytes = (*members)[seed / 8 % members->size()].bytes;
  const size_t used = bytes.size();
  bytes.resize(used + 256);
  bytes.resize(LLVMFuzzerMutate(bytes.data(), used, bytes.size()));
  const Result<std::vector<uint8_t>> file = write_zip(*members);
  if (!file.ok() || file->size() > size_max) return size;
  std::copy(file->begin(), file->end(), data);
  return file->size();
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  (void)parse_npy({data, size}).ok();
  const Result<std::vector<NamedTensor>> arrays = parse_npz({data, size});
  if (!arrays.ok()) return 0;
  const Result<std::vector<uint8_t>> written = npz_bytes(*arrays);
  if (!written.ok()) return 0;
  const Result<std::vector<NamedTensor>> again = parse_npz(*written);
  CHECK(again.ok(), "{}", again.error().message());
  CHECK(again->size() == arrays->size());
  return 0;
}
