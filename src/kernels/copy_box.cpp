// Strided copies (kernels/copy_box.h).
#include "kernels/copy_box.h"

#include <algorithm>
#include <cstring>

#include "base/thread_pool.h"

namespace espalier::kernels {
namespace {

constexpr int64_t kTile = 16;

template <int64_t size>
void copy_tile(const char* in, int64_t in_row, int64_t in_column, char* out, int64_t out_row, int64_t out_column,
               int64_t rows, int64_t columns) {
  for (int64_t r = 0; r < rows; ++r)
    for (int64_t c = 0; c < columns; ++c)
      __builtin_memcpy(out + r * out_row + c * out_column, in + r * in_row + c * in_column, size);
}

}  // namespace

BoxCopy::BoxCopy(const Box& box)
    : run_bytes_(box.size_bytes),
      in_offset_bytes_(box.in_offset * box.size_bytes),
      out_offset_bytes_(box.out_offset * box.size_bytes) {
  std::vector<Dimension> dimensions;
  for (size_t d = 0; d < box.extents.size(); ++d) {
    const Dimension next{box.extents[d], box.in_strides[d] * box.size_bytes, box.out_strides[d] * box.size_bytes};
    if (next.extent == 1) continue;
    Dimension* last = dimensions.empty() ? nullptr : &dimensions.back();
    if (last != nullptr && last->in_bytes == next.in_bytes * next.extent &&
        last->out_bytes == next.out_bytes * next.extent) {
      *last = {last->extent * next.extent, next.in_bytes, next.out_bytes};
    } else {
      dimensions.push_back(next);
    }
  }
  if (!dimensions.empty() && dimensions.back().in_bytes == run_bytes_ && dimensions.back().out_bytes == run_bytes_) {
    run_bytes_ *= dimensions.back().extent;
    dimensions.pop_back();
  }
  if (!dimensions.empty()) {
    columns_ = dimensions.back();
    dimensions.pop_back();
  }
  if (!dimensions.empty()) {
    const auto nearest = std::min_element(
        dimensions.begin(), dimensions.end(),
        [](const Dimension& a, const Dimension& b) { return std::abs(a.in_bytes) < std::abs(b.in_bytes); });
    rows_ = *nearest;
    dimensions.erase(nearest);
  }
  outer_ = dimensions;
  for (const Dimension& dimension : outer_) outer_count_ *= dimension.extent;
}

void BoxCopy::run(const Call& call, const void* input, void* output) const {
  const char* in = static_cast<const char*>(input) + in_offset_bytes_;
  char* out = static_cast<char*>(output) + out_offset_bytes_;
  if (outer_count_ * rows_.extent * columns_.extent == 1) {
    // One run: its bytes are shared.
    const Range part = part_of(run_bytes_, call.thread_count, call.thread_index);
    std::memcpy(out + part.begin, in + part.begin, static_cast<size_t>(part.end - part.begin));
    return;
  }
  // Threads share tiles of rows x columns; one dimension that alone is left stands in columns_.
  const int64_t row_tiles = (rows_.extent + kTile - 1) / kTile;
  const int64_t column_tiles = (columns_.extent + kTile - 1) / kTile;
  const Range part = part_of(outer_count_ * row_tiles * column_tiles, call.thread_count, call.thread_index);
  for (int64_t index = part.begin; index < part.end; ++index) {
    const int64_t column = index % column_tiles * kTile;
    const int64_t row = index / column_tiles % row_tiles * kTile;
    int64_t rest = index / column_tiles / row_tiles;
    const char* from = in + row * rows_.in_bytes + column * columns_.in_bytes;
    char* to = out + row * rows_.out_bytes + column * columns_.out_bytes;
    for (size_t d = outer_.size(); d-- > 0;) {
      from += rest % outer_[d].extent * outer_[d].in_bytes;
      to += rest % outer_[d].extent * outer_[d].out_bytes;
      rest /= outer_[d].extent;
    }
    const int64_t rows = std::min(kTile, rows_.extent - row);
    const int64_t columns = std::min(kTile, columns_.extent - column);
    const auto copy = [&](auto tile) {
      tile(from, rows_.in_bytes, columns_.in_bytes, to, rows_.out_bytes, columns_.out_bytes, rows, columns);
    };
    switch (run_bytes_) {
      case 1: copy(copy_tile<1>); break;
      case 2: copy(copy_tile<2>); break;
      case 4: copy(copy_tile<4>); break;
      case 8: copy(copy_tile<8>); break;
      case 16: copy(copy_tile<16>); break;
      default:
        for (int64_t r = 0; r < rows; ++r)
          for (int64_t c = 0; c < columns; ++c)
            std::memcpy(to + r * rows_.out_bytes + c * columns_.out_bytes,
                        from + r * rows_.in_bytes + c * columns_.in_bytes, static_cast<size_t>(run_bytes_));
    }
  }
}

}  // namespace espalier::kernels
