// Top-k hits, one per picture, so that accuracies and their intervals are sums over them.
#include "evaluate/top_k.h"

#include <algorithm>

namespace espalier {

std::vector<uint8_t> top_k_hits(std::span<const ClassifiedImage> images, int64_t k) {
  std::vector<uint8_t> hits;
  for (const ClassifiedImage& image : images) {
    const auto end = image.best.begin() + std::min<int64_t>(k, static_cast<int64_t>(image.best.size()));
    hits.push_back(std::any_of(image.best.begin(), end,
                               [&](const Classification& c) { return c.class_index == image.class_index; }));
  }
  return hits;
}

}  // namespace espalier
