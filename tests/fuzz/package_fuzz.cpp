// Fuzz target: a package of any content loads or is refused; what loads is valid, prints, and runs on small networks.
// Mutations go into one section and the hashes are made anew, so that they reach the readers of the sections.
#include "fuzz/fuzz.h"
#include "package/container.h"
#include "package/package.h"
#include "preprocess/preprocess.h"
#include "session_parts.h"

using namespace espalier;

extern "C" size_t LLVMFuzzerMutate(uint8_t* data, size_t size, size_t size_max);

// Weak, so that the runner of the corpus, which mutates nothing, links without libFuzzer.
extern "C" __attribute__((weak)) size_t LLVMFuzzerMutate(uint8_t*, size_t size, size_t) { return size; }

extern "C" size_t LLVMFuzzerCustomMutator(uint8_t* data, size_t size, size_t size_max, unsigned int seed) {
  Result<std::vector<package::Section>> sections = package::read_container({data, size});
  // One of sixteen goes into the container itself.
  if (!sections.ok() || sections->empty() || seed % 16 == 0) return LLVMFuzzerMutate(data, size, size_max);
  package::Section& section = (*sections)[seed / 16 % sections->size()];
  std::vector<uint8_t> mutated(section.bytes.begin(), section.bytes.end());
  const size_t used = mutated.size();
  mutated.resize(std::max<size_t>(used + 256, 512));
  mutated.resize(LLVMFuzzerMutate(mutated.data(), used, mutated.size()));
  section.bytes = mutated;
  const std::vector<uint8_t> file = package::write_container(*sections);
  if (file.size() > size_max) return size;
  std::copy(file.begin(), file.end(), data);
  return file.size();
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  // The mapped file of a real package lies at a page; constants are read as their own types.
  Tensor aligned(DataType::u8, {static_cast<int64_t>(size)});
  std::memcpy(aligned.mutable_bytes(), data, size);
  const Bytes bytes{static_cast<const uint8_t*>(aligned.bytes()), size};
  Result<package::Package> package = package::parse(bytes, nullptr, "fuzz.esp");
  if (!package.ok()) return 0;
  (void)package::check_hashes(bytes);
  (void)print_graph(package->graph, ops::op_lookup());
  fuzz::run_if_small(package->graph);
  if (!fuzz::is_small(package->graph)) return 0;
  const auto shared = std::make_shared<const package::Package>(std::move(*package));
  Result<Session> session = SessionParts::open(shared, {.thread_count = 1, .kernels = "reference"});
  if (!session.ok()) return 0;
  if (session->recipe() && session->recipe()->height * session->recipe()->width < (int64_t{1} << 20))
    (void)session->set_image({2, 3, std::vector<uint8_t>(18, 100)});
  for (const TensorInfo& input : session->inputs())
    (void)session->set_input(input.name, random_tensor(1, {input.type, input.shape}));
  CHECK(session->run().ok());
  (void)session->all_outputs();
  return 0;
}
