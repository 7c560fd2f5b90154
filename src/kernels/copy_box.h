// Copies a box of elements between two strided layouts: what transpose, slice, concat and space_to_depth come down to.
#pragma once

#include <vector>

#include "kernels/call.h"
#include "ops/op.h"

namespace espalier::kernels {

// Element (i0, i1, ...) of the box goes from in_offset + sum i * in_strides to out_offset + sum i * out_strides, all in
// elements of size_bytes (1, 2, 4 or 8).
struct Box {
  std::vector<int64_t> extents, in_strides, out_strides;
  int64_t in_offset = 0, out_offset = 0;
  int64_t size_bytes = 1;
};

// A box made ready to copy: neighbours that step as one dimension are one, what is contiguous in both is a run of
// bytes, and a dimension that is contiguous in the input stands next to the one that is contiguous in the output.
class BoxCopy {
 public:
  explicit BoxCopy(const Box& box);

  // The part of the call's thread.
  void run(const Call& call, const void* input, void* output) const;

 private:
  // Outer dimensions, then `rows` x `columns` runs, copied in square tiles so that both sides stay in the cache.
  struct Dimension {
    int64_t extent = 1, in_bytes = 0, out_bytes = 0;
  };
  std::vector<Dimension> outer_;
  Dimension rows_, columns_;
  int64_t run_bytes_ = 0;
  int64_t in_offset_bytes_ = 0, out_offset_bytes_ = 0;
  int64_t outer_count_ = 1;
};

}  // namespace espalier::kernels
