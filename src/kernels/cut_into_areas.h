// Cuts the output map of a convolution into areas whose staged input fits the second-level cache.
#pragma once

#include "base/reason.h"
#include "kernels/staged_areas.h"
#include "ops/convolution.h"

namespace espalier::kernels {

struct CutMap {
  StagedAreas areas;
  int64_t area_count = 0;         // over the whole batch
  int64_t staged_size_bytes = 0;  // of the largest area, with room for vectors that read past its end
};

// "staging the input of one row takes {} bytes, at most {} are used". Dilations of a file may span anything.
Reason areas_fit_in_memory(const ops::Convolution& conv, int64_t element_size_bytes);

// Areas are as large as the cache allows, so that weights are read seldom, and of nearly equal size.
// Requires: the map is not empty, areas_fit_in_memory.
CutMap cut_into_areas(const ops::Convolution& conv, int32_t input_zero, int64_t element_size_bytes);

}  // namespace espalier::kernels
