// Whether the right class is among the k best.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "espalier/vision.h"

namespace espalier {

// What a network said about one labelled picture. `best` is best first and holds k classes or more.
struct ClassifiedImage {
  int64_t class_index = 0;  // the label
  std::vector<Classification> best;
};

// 1 per picture whose label is among its k best classes, else 0.
std::vector<uint8_t> top_k_hits(std::span<const ClassifiedImage> images, int64_t k);

}  // namespace espalier
