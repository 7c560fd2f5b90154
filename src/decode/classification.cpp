// classification: the best classes of one vector of scores, which are passed on as they are (no softmax).
#include <algorithm>
#include <numeric>

#include "decode/decode.h"

namespace espalier {
namespace decoders_in_list {
namespace {

Result<Decoded> run(const DecodeInput& input) {
  if (input.outputs.size() != 1)
    return error("the network has {} outputs, one vector of scores is expected", input.outputs.size());
  const Tensor& scores = input.outputs[0].tensor;
  const Shape& shape = scores.shape();
  const int64_t class_count = shape.empty() ? 0 : *std::max_element(shape.begin(), shape.end());
  if (class_count < 1 || class_count != scores.count())
    return error("output \"{}\" is {}, a vector of scores such as 1x1000 is expected", input.outputs[0].name,
                 to_string(shape));

  // Equal scores keep the order of the classes.
  const float* values = scores.data<float>();
  const auto better = [values](int64_t a, int64_t b) { return values[a] != values[b] ? values[a] > values[b] : a < b; };
  std::vector<int64_t> order(static_cast<size_t>(class_count));
  std::iota(order.begin(), order.end(), 0);
  const int64_t count = std::clamp<int64_t>(input.options.top_count, 0, class_count);
  std::partial_sort(order.begin(), order.begin() + count, order.end(), better);
  Decoded decoded;
  for (int64_t i = 0; i < count; ++i) {
    const int64_t class_index = order[static_cast<size_t>(i)];
    decoded.classifications.push_back({class_index, values[class_index]});
  }
  return decoded;
}

}  // namespace

extern const Decoder classification;
const Decoder classification = {"classification", "one vector of scores -> the best classes",
                                DecodedKind::classifications, run};

}  // namespace decoders_in_list
}  // namespace espalier
