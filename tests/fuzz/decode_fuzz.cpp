// Fuzz target: outputs of any shape and any values are decoded or refused, by every decoder; what is found lies on the
// picture and can be drawn.
#include "decode/decode.h"

#include <cmath>

#include "dataset/draw.h"
#include "fuzz/fuzz.h"

using namespace espalier;

namespace {

// Takes numbers from the fuzzer's bytes; zeros when they are used up.
class Source {
 public:
  Source(const uint8_t* data, size_t size) : data_(data), size_(size) {}

  uint8_t byte() { return at_ < size_ ? data_[at_++] : 0; }
  int64_t upto(int64_t max) { return byte() % (max + 1); }
  // Mostly numbers as networks have them, sometimes any bits.
  float number() {
    const uint8_t kind = byte();
    if (kind >= 8) return static_cast<float>(static_cast<int8_t>(kind)) / 16;
    float value = 0;
    uint8_t bits[sizeof value];
    for (uint8_t& part : bits) part = byte();
    std::memcpy(&value, bits, sizeof value);
    return value;
  }
  bool is_used_up() const { return at_ >= size_; }

 private:
  const uint8_t* data_;
  size_t size_;
  size_t at_ = 0;
};

// What the decoder takes for an input of height x width pixels, both multiples of 64.
std::vector<Shape> fitting_shapes(const std::string& decoder, int64_t height, int64_t width) {
  const int64_t cells8 = height * width / 64;
  const std::vector<int64_t> cells = {cells8, cells8 / 4, cells8 / 16};
  std::vector<Shape> shapes;
  if (decoder == "classification") return {{1, 9}};
  if (decoder == "yolox") return {{1, cells[0] + cells[1] + cells[2], 7}};
  if (decoder == "fcos") return {{1, 6, height / 8, width / 8}, {1, 6, height / 16, width / 16}};
  if (decoder == "nanodet")
    for (const int64_t values : {3, 8})
      for (const int64_t count : cells) shapes.push_back({1, count, values});
  if (decoder == "yunet")
    for (const int64_t values : {1, 1, 4, 10})
      for (const int64_t count : cells) shapes.push_back({1, count, values});
  if (decoder == "centernet") return {{1, 3, height / 4, width / 4}, {1, 4, height / 4, width / 4}};
  if (decoder == "ultraface") {
    const int64_t count = cells[0] * 3 + cells[1] * 2 + cells[2] * 2 + cells[2] / 4 * 3;
    return {{1, count, 2}, {1, count, 4}};
  }
  if (decoder == "blazeface") return {{1, cells[0] * 2 + cells[1] * 6, 1}, {1, cells[0] * 2 + cells[1] * 6, 16}};
  if (decoder == "movenet")
    for (const int64_t maps : {2, 4, 1, 4}) shapes.push_back({1, maps, height / 8, width / 8});
  if (decoder == "heat_maps") return {{1, 3, height / 8, width / 8}};
  if (decoder == "db_text" || decoder == "depth") return {{1, 1, height / 2, width / 2}};
  if (decoder == "ctc") return {{1, 12, 5}};
  if (decoder == "mask") return {{1, height / 8, width / 8, 3}};
  return shapes;
}

std::vector<Shape> any_shapes(Source& source) {
  std::vector<Shape> shapes(static_cast<size_t>(source.upto(5)));
  for (Shape& shape : shapes) {
    shape.resize(static_cast<size_t>(source.upto(5)));
    for (int64_t& extent : shape) extent = source.upto(12);
  }
  return shapes;
}

void check_results(const Decoded& decoded, const Geometry& geometry) {
  for (const Detection& box : decoded.detections) {
    CHECK(box.left >= 0 && box.left < box.right && box.right <= static_cast<float>(geometry.picture_width));
    CHECK(box.top >= 0 && box.top < box.bottom && box.bottom <= static_cast<float>(geometry.picture_height));
    for (const KeyPoint& point : box.key_points) CHECK(std::isfinite(point.x) && std::isfinite(point.y));
  }
  for (const TextBox& box : decoded.text_boxes)
    for (const Point& corner : box.corners) {
      CHECK(corner.x >= 0 && corner.x <= static_cast<float>(geometry.picture_width));
      CHECK(corner.y >= 0 && corner.y <= static_cast<float>(geometry.picture_height));
    }
  const int64_t pixels = geometry.picture_height * geometry.picture_width;
  if (decoded.mask) CHECK(std::ssize(decoded.mask->classes) == pixels);
  if (decoded.depth) CHECK(std::ssize(decoded.depth->values) == pixels);
}

void draw_results(const Decoded& decoded, const Geometry& geometry) {
  Image picture = {geometry.picture_height, geometry.picture_width, {}};
  picture.rgb.resize(static_cast<size_t>(picture.height * picture.width * 3));
  draw_detections(picture, decoded.detections, {"a"});
  draw_poses(picture, decoded.poses);
  draw_text_boxes(picture, decoded.text_boxes);
  if (decoded.mask) draw_mask(picture, *decoded.mask, {"a"});
  if (decoded.depth) draw_depth(picture, *decoded.depth);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  Source source(data, size);
  const Decoder& decoder = *decoders()[static_cast<size_t>(source.upto(std::ssize(decoders()) - 1))];
  const bool fits = source.upto(3) != 0;
  const int64_t height = fits ? 64 : 1 + source.upto(40);
  const int64_t width = fits ? 64 * (1 + source.upto(1)) : 1 + source.upto(40);
  const Geometry geometry = {.scale_x = source.upto(1) == 0 ? 1 : -0.5,
                             .scale_y = 0.25 * static_cast<double>(1 + source.upto(7)),
                             .offset_x = static_cast<double>(source.number()),
                             .offset_y = static_cast<double>(source.upto(9)),
                             .picture_height = 1 + source.upto(60),
                             .picture_width = 1 + source.upto(60)};
  if (!std::isfinite(geometry.offset_x)) return 0;
  std::vector<NamedTensor> outputs;
  for (const Shape& shape : fits ? fitting_shapes(decoder.name, height, width) : any_shapes(source)) {
    Tensor tensor(DataType::f32, shape);
    float* values = tensor.mutable_data<float>();
    for (int64_t i = 0; i < tensor.count() && !source.is_used_up(); ++i) values[i] = source.number();
    outputs.push_back({"y", std::move(tensor)});
  }
  const std::vector<std::string> labels = {"a", "b", "c", "\xFF"};
  const Result<Decoded> decoded = decode(decoder, {.outputs = outputs,
                                                   .geometry = geometry,
                                                   .input_height = height,
                                                   .input_width = width,
                                                   .options = {.score_threshold = source.number()},
                                                   .labels = labels});
  if (!decoded.ok()) return 0;
  check_results(*decoded, geometry);
  draw_results(*decoded, geometry);
  return 0;
}
