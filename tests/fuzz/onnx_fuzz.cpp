// ONNX files: read, and what could be read is a graph that verifies and simplifies.
#include <sys/mman.h>
#include <unistd.h>

#include "fuzz/target.h"
#include "graph/verify.h"
#include "ops/op.h"
#include "read/read.h"
#include "simplify/simplify.h"

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace espalier;
  // The reader takes a path: a file in memory has one.
  const int file = ::memfd_create("model.onnx", 0);
  require(file >= 0 && ::write(file, data, size) == static_cast<ssize_t>(size));
  Result<read::Model> model = read::read_model("/proc/self/fd/" + std::to_string(file));
  ::close(file);
  if (!model.ok()) return 0;
  require(verify_graph(model->graph, ops::op_lookup()).ok());
  simplify::simplify(model->graph);
  return 0;
}
