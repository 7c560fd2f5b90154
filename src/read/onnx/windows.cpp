// Window attributes with auto_pad resolved (read/onnx/windows.h).
#include "read/onnx/windows.h"

namespace espalier::read::onnx {
namespace {

Status check_list(const std::vector<int64_t>& list, size_t count, const char* what, int64_t minimum) {
  if (list.size() != count)
    return error("its {} have {} numbers; 2-d windows need {} (3-d ones are not supported)", what, list.size(), count);
  for (const int64_t number : list)
    if (number < minimum || number > int64_t{1} << 24)
      return error("its {} hold the impossible number {}", what, number);
  return {};
}

// The list of a 1-d window as that of a 2-d one with a single row, each number behind one for the rows.
std::vector<int64_t> with_row(const OnnxNode& node, std::vector<int64_t> list, int64_t of_row) {
  if (node.input(0)->shape().size() != 3) return list;
  for (size_t i = 0; i < list.size(); i += 2) list.insert(list.begin() + static_cast<std::ptrdiff_t>(i), of_row);
  return list;
}

}  // namespace

std::vector<int64_t> kernel_with_row(const OnnxNode& node, const std::vector<int64_t>& kernel) {
  return with_row(node, kernel, 1);
}

Result<Attributes> read_window(const OnnxNode& node, const Shape& input, const std::vector<int64_t>& kernel) {
  if (input.size() != 4)
    return error("the input has {} dimensions ({}); only 2-d maps in NCHW, 4 dimensions, are supported", input.size(),
                 to_string(input));
  const std::vector<int64_t> strides =
      node.has("strides") ? with_row(node, TRY(node.integers("strides")), 1) : std::vector<int64_t>{1, 1};
  const std::vector<int64_t> dilations =
      node.has("dilations") ? with_row(node, TRY(node.integers("dilations")), 1) : std::vector<int64_t>{1, 1};
  std::vector<int64_t> pads =
      node.has("pads") ? with_row(node, TRY(node.integers("pads")), 0) : std::vector<int64_t>{0, 0, 0, 0};
  TRY_STATUS(check_list(kernel, 2, "kernel sizes", 1));
  TRY_STATUS(check_list(strides, 2, "strides", 1));
  TRY_STATUS(check_list(dilations, 2, "dilations", 1));
  TRY_STATUS(check_list(pads, 4, "pads", 0));
  const std::string auto_pad = TRY(node.text("auto_pad", "NOTSET"));
  if (auto_pad == "VALID") pads = {0, 0, 0, 0};
  if (auto_pad == "SAME_UPPER" || auto_pad == "SAME_LOWER") {
    for (size_t d = 0; d < 2; ++d) {
      const int64_t size = input[d + 2];
      const int64_t outputs = (size + strides[d] - 1) / strides[d];
      const int64_t span = (kernel[d] - 1) * dilations[d] + 1;
      const int64_t total = std::max<int64_t>((outputs - 1) * strides[d] + span - size, 0);
      // An odd pixel goes to the end for UPPER, to the beginning for LOWER.
      pads[d] = auto_pad == "SAME_UPPER" ? total / 2 : total - total / 2;
      pads[d + 2] = total - pads[d];
    }
  } else if (auto_pad != "NOTSET" && auto_pad != "VALID") {
    return error("auto_pad \"{}\" is none of NOTSET, VALID, SAME_UPPER, SAME_LOWER", auto_pad);
  }
  // ONNX and we agree on the order top, left, bottom, right. What is the default of ours is left out.
  Attributes attributes;
  if (strides != std::vector<int64_t>{1, 1}) attributes["strides"] = strides;
  if (dilations != std::vector<int64_t>{1, 1}) attributes["dilations"] = dilations;
  if (pads != std::vector<int64_t>{0, 0, 0, 0}) attributes["padding"] = pads;
  return attributes;
}

}  // namespace espalier::read::onnx
