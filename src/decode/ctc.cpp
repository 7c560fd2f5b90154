// ctc: a line of text, by one output 1 x steps x classes (or steps x 1 x classes) of probabilities. At each step the
// best class counts; repeats of a class in a row are one symbol, and class 0 is the blank that parts equal symbols.
// The labels are the symbols. Their number says which they leave out:
//   classes - 2   blank first and space last, as PaddleOCR's lists do (use_space_char)
//   classes - 1   the blank
//   classes       none; the first label stands for the blank
// The score is the mean of the best values at the steps that gave a symbol: a probability after a softmax.
// Source: PaddleOCR, ppocr/postprocess/rec_postprocess.py (CTCLabelDecode).
#include "decode/boxes.h"
#include "decode/outputs.h"

namespace espalier {
namespace decoders_in_list {
namespace {

struct Steps {
  const float* values = nullptr;
  int64_t count = 0;
  int64_t class_count = 0;
};

Result<Steps> find_steps(const DecodeInput& input) {
  if (input.outputs.size() != 1)
    return error("one output of 1 x steps x classes is expected; the network has {}", describe_outputs(input));
  const Tensor& output = input.outputs[0].tensor;
  const Shape& shape = output.shape();
  if (shape.size() != 3 || (shape[0] != 1 && shape[1] != 1) || output.count() < 1 || shape[2] < 2)
    return error("output \"{}\" is {}, 1 x steps x classes is expected", input.outputs[0].name, to_string(shape));
  return Steps{output.data<float>(), shape[0] * shape[1], shape[2]};
}

// The number of classes before the first label: 1 where the labels leave out the blank.
Result<int64_t> first_label(const DecodeInput& input, int64_t class_count) {
  const int64_t count = std::ssize(input.labels);
  if (count == class_count) return 0;
  if (count == class_count - 1 || count == class_count - 2) return 1;
  return error(
      "the network tells {} classes apart, so {} symbols are needed ({} where the space is the last class, {} with the "
      "blank); there are {} labels",
      class_count, class_count - 1, class_count - 2, class_count, count);
}

Result<Decoded> run(const DecodeInput& input) {
  const Steps steps = TRY(find_steps(input));
  const int64_t first = TRY(first_label(input, steps.class_count));
  TextLine line;
  double score_sum = 0;
  int64_t symbol_count = 0;
  int64_t before = 0;
  for (int64_t step = 0; step < steps.count; ++step) {
    const BestClass best = best_class(steps.values + step * steps.class_count, steps.class_count, 1);
    if (best.index != 0 && best.index != before) {
      const size_t label = static_cast<size_t>(best.index - first);
      line.text += label < input.labels.size() ? input.labels[label] : " ";
      score_sum += static_cast<double>(best.score);
      ++symbol_count;
    }
    before = best.index;
  }
  if (symbol_count > 0) line.score = static_cast<float>(score_sum / static_cast<double>(symbol_count));
  return Decoded{.text_lines = {std::move(line)}};
}

}  // namespace

extern const Decoder ctc;
const Decoder ctc = {.name = "ctc",
                     .summary = "1 x steps x classes, blank first -> a line of text; the labels are the symbols",
                     .makes = DecodedKind::text_lines,
                     .run = run};

}  // namespace decoders_in_list
}  // namespace espalier
