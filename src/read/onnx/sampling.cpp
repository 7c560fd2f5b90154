// Operators that read maps at places that are data, and those that choose boxes: GridSample, RoiAlign,
// NonMaxSuppression, NonZero.
#include "read/onnx/import.h"

namespace espalier::read::onnx {
namespace {

void note_open_length(Import& import, const OnnxNode& node, const Value* y, const char* what) {
  import.note(
      fmt::format("node \"{}\" ({}): how many {} there are is data; its output has room for {}, filled up with -1",
                  node.name(), node.op(), what, y->shape()[what == std::string_view("boxes") ? 0 : 1]));
}

}  // namespace

Outputs convert_GridSample(Import& import, const OnnxNode& node) {
  Value* x = TRY(import.to_nhwc(TRY(node.required(0))));
  std::string mode = TRY(node.text("mode", "linear"));
  // Their names before opset 20.
  if (mode == "bilinear") mode = "linear";
  if (mode == "bicubic") mode = "cubic";
  Value* y = TRY(import.emit("grid_sample", node.name(), {x, TRY(node.required(1))},
                             {{"mode", mode},
                              {"padding", TRY(node.text("padding_mode", "zeros"))},
                              {"align_corners", TRY(node.integer("align_corners", 0))}}));
  return std::vector<Value*>{TRY(import.to_nchw(y))};
}

// Boxes are not moved by half a pixel before opset 16.
Outputs convert_RoiAlign(Import& import, const OnnxNode& node) {
  Value* x = TRY(import.to_nhwc(TRY(node.required(0))));
  Value* batch = TRY(node.required(2));
  if (batch->type.type != DataType::s64)
    batch = TRY(import.emit("cast", batch->name + ".s64", {batch}, {{"to", std::string("s64")}}));
  const std::string absent = import.opset() < 16 ? "output_half_pixel" : "half_pixel";
  const std::string coordinates = TRY(node.text("coordinate_transformation_mode", absent));
  if (coordinates != "half_pixel" && coordinates != "output_half_pixel")
    return error("coordinate_transformation_mode \"{}\" is none of half_pixel, output_half_pixel", coordinates);
  const std::string mode = TRY(node.text("mode", "avg"));
  if (mode != "avg" && mode != "max") return error("mode \"{}\" is none of avg, max", mode);
  Value* y = TRY(import.emit(
      "roi_align", node.name(), {x, TRY(node.required(1)), batch},
      {{"size", std::vector<int64_t>{TRY(node.integer("output_height", 1)), TRY(node.integer("output_width", 1))}},
       {"sampling_ratio", TRY(node.integer("sampling_ratio", 0))},
       {"spatial_scale", TRY(node.real("spatial_scale", 1.0f))},
       {"half_pixel", int64_t{coordinates == "half_pixel"}},
       {"mode", std::string(mode == "avg" ? "average" : "max")}}));
  return std::vector<Value*>{TRY(import.to_nchw(y))};
}

Outputs convert_NonMaxSuppression(Import& import, const OnnxNode& node) {
  const auto count = TRY(node.constant_integers(2, "number of boxes per class"));
  if (!count || count->size() != 1 || (*count)[0] < 1)
    return error("max_output_boxes_per_class is not given, or 0: no box would be kept");
  Attributes attributes = {{"max_per_class", (*count)[0]}, {"by_centre", TRY(node.integer("center_point_box", 0))}};
  for (const auto& [index, name] : {std::pair{size_t{3}, "iou_threshold"}, {size_t{4}, "score_threshold"}}) {
    const auto given = TRY(node.constant_reals(index, name));
    if (given && given->size() != 1) return error("its {} has {} values, one is needed", name, given->size());
    if (given) attributes[name] = (*given)[0];
  }
  Value* y =
      TRY(import.emit("non_max_suppression", node.name(), {TRY(node.required(0)), TRY(node.required(1))}, attributes));
  note_open_length(import, node, y, "boxes");
  return std::vector<Value*>{y};
}

Outputs convert_NonZero(Import& import, const OnnxNode& node) {
  Value* x = TRY(node.required(0));
  if (x->shape().empty()) x = TRY(import.emit("reshape", node.name() + ".vector", {x}, {{"shape", Shape{1}}}));
  Value* y = TRY(import.emit("non_zero", node.name(), {x}));
  // Of a constant the length is known.
  if (y->is_constant()) {
    int64_t filled = 0;
    while (filled < y->shape()[1] && y->constant.data<int64_t>()[filled] >= 0) ++filled;
    const int64_t rank = y->shape()[0];
    return std::vector<Value*>{TRY(import.emit("slice", node.name() + ".found", {y},
                                               {{"begin", std::vector<int64_t>{0, 0}},
                                                {"end", std::vector<int64_t>{rank, filled}},
                                                {"step", std::vector<int64_t>{1, 1}}}))};
  }
  note_open_length(import, node, y, "elements");
  return std::vector<Value*>{y};
}

}  // namespace espalier::read::onnx
