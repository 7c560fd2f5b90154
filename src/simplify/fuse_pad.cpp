// fuse_pad: a pad around a map joins the padding of the convolution or the max_pool that reads it. For a convolution it
// pads with zeros; for a max_pool, whose padding is never the largest, with a number that nothing in the map is below.
#include <algorithm>
#include <limits>

#include "graph/match.h"
#include "ops/activation.h"
#include "ops/shapes.h"
#include "simplify/passes.h"

namespace espalier::simplify {
namespace {

// Nothing in the value is smaller.
float lower_bound(const Value* value) {
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  const Node* producer = value->producer;
  if (producer == nullptr) return -kInfinity;
  if (producer->op == "relu") return 0;
  if (producer->op == "clip") return producer->real("clip_min", -kInfinity);
  return producer->attributes.contains("activation") ? ops::activation_of(*producer).min : -kInfinity;
}

bool ignores(const Node& reader, const Node& pad) {
  if (reader.op == "conv2d") return pad.real("value") == 0;
  return reader.op == "max_pool" && pad.real("value") <= lower_bound(pad.inputs[0]);
}

// Every window still holds an element of the map: one of padding alone has no largest element.
bool windows_touch_the_map(const Node& pool, const std::vector<int64_t>& padding) {
  const std::vector<int64_t> kernel = pool.integers("kernel");
  for (size_t side = 0; side < 4; ++side)
    if (padding[side] >= kernel[side % 2]) return false;
  return pool.integers("dilations", {1, 1}) == std::vector<int64_t>{1, 1};
}

}  // namespace

int fuse_pad(Graph& graph) {
  int count = 0;
  for (Node* reader : graph.nodes()) {
    if (reader->op != "conv2d" && reader->op != "max_pool") continue;
    Node* pad = reader->inputs[0]->producer;
    if (pad == nullptr || pad->op != "pad" || !ignores(*reader, *pad)) continue;
    const std::vector<int64_t> before = pad->integers("before");
    const std::vector<int64_t> after = pad->integers("after");
    if (before[0] != 0 || after[0] != 0 || before[3] != 0 || after[3] != 0) continue;
    std::vector<int64_t> padding = reader->integers("padding", {0, 0, 0, 0});
    padding[0] += before[1];
    padding[1] += before[2];
    padding[2] += after[1];
    padding[3] += after[2];
    if (*std::max_element(padding.begin(), padding.end()) > ops::kExtentMax) continue;
    if (reader->op == "max_pool" && !windows_touch_the_map(*reader, padding)) continue;
    reader->attributes["padding"] = padding;
    graph.set_input(reader, 0, pad->inputs[0]);
    graph.remove_if_unused(pad);
    ++count;
  }
  return count;
}

}  // namespace espalier::simplify
