// Fuzz target: a package of any content loads or is refused; what loads is valid, prints, and runs on small networks.
// The file is read as it is, and with its hashes repaired, so that damage reaches what stands behind them.
#include "fuzz/fuzz.h"
#include "package/container.h"
#include "package/package.h"
#include "preprocess/preprocess.h"
#include "session_parts.h"

using namespace espalier;

namespace {

// The sections that the table names, as far as they lie in the file; nothing where there is no table.
std::vector<package::Section> sections_of(Bytes file) {
  constexpr size_t kHeaderSize = 16;
  constexpr size_t kEntrySize = 48;
  std::vector<package::Section> sections;
  for (size_t at = kHeaderSize; at + kEntrySize <= file.size() && sections.size() < 8; at += kEntrySize) {
    uint32_t kind = 0;
    uint64_t place[2] = {};
    std::memcpy(&kind, file.data() + at, sizeof kind);
    std::memcpy(place, file.data() + at + 8, sizeof place);
    if (kind == 0 || kind > 8 || place[0] > file.size() || place[1] > file.size() - place[0]) break;
    sections.push_back({static_cast<package::SectionKind>(kind), file.subspan(place[0], place[1])});
  }
  return sections;
}

void run_session(package::Package package) {
  const auto shared = std::make_shared<const package::Package>(std::move(package));
  Result<Session> session = SessionParts::open(shared, {.thread_count = 1, .kernels = "reference"});
  if (!session.ok()) return;
  if (session->recipe() && session->recipe()->height * session->recipe()->width < (int64_t{1} << 20))
    (void)session->set_image({2, 3, std::vector<uint8_t>(18, 100)}).ok();
  for (const TensorInfo& input : session->inputs())
    CHECK(session->set_input(input.name, random_tensor(1, {input.type, input.shape})).ok());
  CHECK(session->run().ok());
  CHECK(session->all_outputs().ok());
}

void read(const std::vector<uint8_t>& file) {
  // As a mapped file, constants lie at multiples of 64 bytes; the tensor keeps them alive.
  const auto owner = std::make_shared<Tensor>(DataType::u8, Shape{static_cast<int64_t>(file.size())});
  if (!file.empty()) std::memcpy(owner->mutable_bytes(), file.data(), file.size());
  const Bytes bytes{static_cast<const uint8_t*>(owner->bytes()), file.size()};
  Result<package::Package> package = package::parse(bytes, owner, "fuzz.esp");
  if (!package.ok()) return;
  CHECK(package::check_hashes(bytes).ok());
  (void)print_graph(package->graph, ops::op_lookup());
  if (!fuzz::is_small(package->graph)) return;
  fuzz::run_if_small(package->graph);
  run_session(std::move(*package));
}

}  // namespace

// libFuzzer's own mutations; weak, since the replay of a corpus is linked without it and mutates nothing.
extern "C" __attribute__((weak)) size_t LLVMFuzzerMutate(uint8_t* data, size_t size, size_t size_max);

// Mutates one section, which may grow, and writes the container anew.
extern "C" size_t LLVMFuzzerCustomMutator(uint8_t* data, size_t size, size_t size_max, unsigned int seed) {
  std::vector<package::Section> sections = sections_of({data, size});
  // One of sixteen goes into the container itself.
  if (sections.empty() || seed % 16 == 0) return LLVMFuzzerMutate(data, size, size_max);
  package::Section& section = sections[seed / 16 % sections.size()];
  std::vector<uint8_t> mutated(section.bytes.begin(), section.bytes.end());
  const size_t used = mutated.size();
  mutated.resize(used + 256);
  mutated.resize(LLVMFuzzerMutate(mutated.data(), used, mutated.size()));
  section.bytes = mutated;
  const std::vector<uint8_t> file = package::write_container(sections);
  if (file.size() > size_max) return size;
  std::copy(file.begin(), file.end(), data);
  return file.size();
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  read({data, data + size});
  read(package::write_container(sections_of({data, size})));
  return 0;
}
