// Col2Im: blocks, laid out as columns, are added where they lie in the picture. It needs no operator of its own.
//
//   x: batch, channels * taps, places  ->  y: batch, channels, picture
//   y[n, c, p * stride + k * dilation - pad] += x[n, c * taps + k, p]    k and p in every spatial dimension
#include <algorithm>

#include "ops/shapes.h"
#include "read/onnx/import.h"

namespace espalier::read::onnx {
namespace {

// One spatial dimension.
struct Side {
  int64_t picture = 0, block = 0, stride = 1, dilation = 1, pad_begin = 0, places = 0;

  // Blocks next to each other from edge to edge: nothing is added, elements only move.
  bool tiles() const { return stride == block && dilation == 1 && pad_begin == 0 && places * block == picture; }
};

constexpr int64_t kExtentMax = int64_t{1} << 24;

Result<std::vector<Side>> read_sides(const OnnxNode& node) {
  const auto picture = TRY(node.constant_integers(1, "the picture's shape"));
  const auto block = TRY(node.constant_integers(2, "the block's shape"));
  if (!picture || !block) return error("the shapes of picture and block are missing");
  const size_t count = picture->size();
  const std::vector<int64_t> strides = TRY(node.integers("strides", std::vector<int64_t>(count, 1)));
  const std::vector<int64_t> dilations = TRY(node.integers("dilations", std::vector<int64_t>(count, 1)));
  const std::vector<int64_t> pads = TRY(node.integers("pads", std::vector<int64_t>(2 * count, 0)));
  if (count == 0 || block->size() != count || strides.size() != count || dilations.size() != count ||
      pads.size() != 2 * count)
    return error("for {} dimensions of the picture: the block has {}, strides {}, dilations {}, pads {}", count,
                 block->size(), strides.size(), dilations.size(), pads.size());
  std::vector<Side> sides;
  for (size_t d = 0; d < count; ++d) {
    for (const int64_t extent : {(*picture)[d], (*block)[d], strides[d], dilations[d]})
      if (extent < 1 || extent > kExtentMax)
        return error("extents, strides and dilations must be 1 to {}, one is {}", kExtentMax, extent);
    for (const int64_t pad : {pads[d], pads[d + count]})
      if (pad < 0 || pad > kExtentMax) return error("pads must be 0 to {}, one is {}", kExtentMax, pad);
    const int64_t room = (*picture)[d] + pads[d] + pads[d + count] - ((*block)[d] - 1) * dilations[d] - 1;
    if (room < 0) return error("a block of {} does not fit into {} rows or columns", (*block)[d], (*picture)[d]);
    sides.push_back({(*picture)[d], (*block)[d], strides[d], dilations[d], pads[d], room / strides[d] + 1});
  }
  return sides;
}

Shape extents_of(const std::vector<Side>& sides, int64_t Side::* extent) {
  Shape extents;
  for (const Side& side : sides) extents.push_back(side.*extent);
  return extents;
}

// Elements only move: batch, channels, taps, places -> each place in front of its tap.
Result<Value*> moved(Import& import, const OnnxNode& node, Value* x, int64_t channels, const std::vector<Side>& sides) {
  const auto count = static_cast<int64_t>(sides.size());
  Shape apart = {x->shape()[0], channels};
  Shape picture = apart;
  std::vector<int64_t> permutation = {0, 1};
  for (const Side& side : sides) apart.push_back(side.block);
  for (const Side& side : sides) apart.push_back(side.places);
  for (int64_t d = 2; d < count + 2; ++d) permutation.insert(permutation.end(), {d + count, d});
  for (const Side& side : sides) picture.push_back(side.picture);
  Value* taps = TRY(import.emit("reshape", node.name() + ".taps", {x}, {{"shape", apart}}));
  Value* blocks = TRY(import.emit("transpose", node.name() + ".blocks", {taps}, {{"permutation", permutation}}));
  return import.emit("reshape", node.name(), {blocks}, {{"shape", picture}});
}

// For each tap and place, in this order, the element of the flat picture; `outside` stands for the padding.
std::vector<int64_t> targets_of(const std::vector<Side>& sides, int64_t outside) {
  const int64_t taps = element_count(extents_of(sides, &Side::block));
  const int64_t places = element_count(extents_of(sides, &Side::places));
  std::vector<int64_t> targets;
  for (int64_t tap = 0; tap < taps; ++tap)
    for (int64_t place = 0; place < places; ++place) {
      int64_t target = 0;
      int64_t stride = 1;
      int64_t taps_left = tap;
      int64_t places_left = place;
      for (size_t d = sides.size(); d-- > 0;) {  // the last dimension runs fastest
        const Side& side = sides[d];
        const int64_t at =
            places_left % side.places * side.stride + taps_left % side.block * side.dilation - side.pad_begin;
        target = at < 0 || at >= side.picture || target == outside ? outside : target + at * stride;
        stride *= side.picture;
        taps_left /= side.block;
        places_left /= side.places;
      }
      targets.push_back(target);
    }
  return targets;
}

// Elements are added onto zeros; what falls into the padding goes to one more element, which is cut off.
Result<Value*> added(Import& import, const OnnxNode& node, Value* x, int64_t channels, const std::vector<Side>& sides) {
  const int64_t rows = x->shape()[0] * channels;
  const Shape picture = extents_of(sides, &Side::picture);
  const int64_t outside = element_count(picture);
  const int64_t elements = element_count(x->shape()) / rows;
  TRY_STATUS(import.spend(ops::saturating_product({int64_t{sizeof(float)}, outside + 1, rows})));
  TRY_STATUS(import.spend(ops::saturating_product({int64_t{sizeof(int64_t)}, elements})));
  const auto named = [&](const char* what) { return node.name() + what; };
  const Attributes swap = {{"permutation", std::vector<int64_t>{1, 0}}};
  Value* flat = TRY(import.emit("reshape", named(".flat"), {x}, {{"shape", Shape{rows, elements}}}));
  Value* updates = TRY(import.emit("transpose", named(".updates"), {flat}, swap));
  Value* targets = TRY(import.emit("reshape", named(".targets.rows"),
                                   {import.constant_s64(named(".targets"), targets_of(sides, outside))},
                                   {{"shape", Shape{elements, 1}}}));
  Value* zeros = import.constant(named(".zeros"), Tensor(DataType::f32, {outside + 1, rows}));
  Value* sums =
      TRY(import.emit("scatter_nd", node.name(), {zeros, targets, updates}, {{"reduction", std::string("add")}}));
  Value* inside = TRY(import.emit("slice", named(".inside"), {sums},
                                  {{"begin", std::vector<int64_t>{0, 0}},
                                   {"end", std::vector<int64_t>{outside, rows}},
                                   {"step", std::vector<int64_t>{1, 1}}}));
  Value* back = TRY(import.emit("transpose", named(".back"), {inside}, swap));
  Shape shape = {x->shape()[0], channels};
  shape.insert(shape.end(), picture.begin(), picture.end());
  return import.emit("reshape", named(".picture"), {back}, {{"shape", shape}});
}

}  // namespace

Outputs convert_Col2Im(Import& import, const OnnxNode& node) {
  Value* x = TRY(node.required(0));
  const std::vector<Side> sides = TRY(read_sides(node));
  const Shape& shape = x->shape();
  for (int64_t Side::* extent : {&Side::block, &Side::places, &Side::picture})
    if (!checked_element_count(extents_of(sides, extent)))
      return error("{} elements are too many", to_string(extents_of(sides, extent)));
  const int64_t taps = element_count(extents_of(sides, &Side::block));
  const int64_t places = element_count(extents_of(sides, &Side::places));
  if (x->type.type != DataType::f32) return error("the input is {}, reals are needed", name(x->type.type));
  if (shape.size() != 3 || shape[1] == 0 || shape[1] % taps != 0 || shape[2] != places || element_count(shape) == 0)
    return error("the input is {}; blocks of {} taps at {} places need [batch, channels * {}, {}]", to_string(shape),
                 taps, places, taps, places);
  const int64_t channels = shape[1] / taps;
  const bool tiles = std::all_of(sides.begin(), sides.end(), [](const Side& side) { return side.tiles(); });
  return std::vector<Value*>{
      TRY(tiles ? moved(import, node, x, channels, sides) : added(import, node, x, channels, sides))};
}

}  // namespace espalier::read::onnx
