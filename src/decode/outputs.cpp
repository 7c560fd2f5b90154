// A walk over the outputs in their order (decode/outputs.h).
#include "decode/outputs.h"

namespace espalier {

Result<const Tensor*> output_of_shape(const DecodeInput& input, const Shape& shape, const std::string& what,
                                      int64_t occurrence) {
  for (const NamedTensor& output : input.outputs)
    if (output.tensor.shape() == shape && occurrence-- == 0) return &output.tensor;
  return error("there is no output {} for the {}, which an input of {} x {} pixels needs; the network has {}",
               to_string(shape), what, input.input_height, input.input_width, describe_outputs(input));
}

std::string describe_outputs(const DecodeInput& input) {
  std::string text;
  for (const NamedTensor& output : input.outputs)
    text += fmt::format("{}\"{}\" {}", text.empty() ? "" : ", ", output.name, to_string(output.tensor.shape()));
  return text.empty() ? "no output" : text;
}

}  // namespace espalier
