// recognise_focus: the concat of the four slices x[dy::2, dx::2] of an NHWC map, read by a convolution, becomes
// space_to_depth; the order of the slices moves into the convolution's weights.
#include "graph/match.h"
#include "simplify/passes.h"

namespace espalier::simplify {
namespace {

// Which block position (dy * 2 + dx) a slice takes, when it takes every second pixel of both spatial dimensions.
std::optional<int64_t> block_position(const Value* value, const Value* source) {
  const Node* slice = value->producer;
  if (slice == nullptr || slice->op != "slice" || slice->inputs[0] != source) return std::nullopt;
  const Shape& shape = source->shape();
  const std::vector<int64_t> begin = slice->integers("begin");
  const std::vector<int64_t> end = slice->integers("end");
  if (slice->integers("step") != std::vector<int64_t>{1, 2, 2, 1}) return std::nullopt;
  if (begin[0] != 0 || begin[3] != 0 || end[0] != shape[0] || end[3] != shape[3] || begin[1] > 1 || begin[2] > 1 ||
      end[1] + 1 < shape[1] + begin[1] || end[2] + 1 < shape[2] + begin[2])
    return std::nullopt;
  return begin[1] * 2 + begin[2];
}

// Slices are often two in a row, one a dimension: x[dy::2][:, dx::2].
bool merge_slices(Graph& graph, Node* node) {
  if (node->op != "slice") return false;
  Node* before = node->inputs[0]->producer;
  if (before == nullptr || before->op != "slice") return false;
  std::vector<int64_t> begin = before->integers("begin");
  std::vector<int64_t> end = before->integers("end");
  std::vector<int64_t> step = before->integers("step");
  for (size_t d = 0; d < step.size(); ++d) {
    const int64_t inner = node->integers("step")[d];
    if (step[d] < 1 || inner < 1) return false;
    const int64_t first = begin[d] + node->integers("begin")[d] * step[d];
    const int64_t count = node->output()->shape()[d];
    if (count == 0) return false;
    begin[d] = first;
    step[d] *= inner;
    end[d] = first + (count - 1) * step[d] + 1;
  }
  Value* merged = graph.add_node("slice", node->name, {before->inputs[0]},
                                 {{"begin", begin}, {"end", end}, {"step", step}}, node->output()->type);
  merged->quantization = node->output()->quantization;
  graph.replace(node, merged);
  return true;
}

// weights[..., number * C + c] of the concat's order -> [..., position * C + c] of the block's order.
Tensor reordered(const Tensor& weights, const std::vector<int64_t>& positions) {
  Tensor result(DataType::f32, weights.shape());
  const int64_t channels = weights.shape()[3] / static_cast<int64_t>(positions.size());
  const int64_t rows = weights.count() / weights.shape()[3];
  float* to = result.mutable_data<float>();
  for (int64_t row = 0; row < rows; ++row)
    for (size_t number = 0; number < positions.size(); ++number)
      for (int64_t c = 0; c < channels; ++c)
        to[row * weights.shape()[3] + positions[number] * channels + c] =
            weights.data<float>()[row * weights.shape()[3] + static_cast<int64_t>(number) * channels + c];
  return result;
}

bool recognise(Graph& graph, Node* concat) {
  if (concat->op != "concat" || concat->inputs.size() != 4 || concat->integer("axis") != 3) return false;
  if (concat->output()->shape().size() != 4) return false;
  Node* conv = only_reader(graph, concat->output());
  if (conv == nullptr || conv->op != "conv2d" || conv->integer("groups", 1) != 1 || !conv->inputs[1]->is_constant())
    return false;
  const Node* first = concat->inputs[0]->producer;
  if (first == nullptr || first->op != "slice") return false;
  Value* source = first->inputs[0];
  if (source->shape()[1] % 2 != 0 || source->shape()[2] % 2 != 0) return false;
  std::vector<int64_t> positions;
  int64_t seen = 0;
  for (const Value* input : concat->inputs) {
    const std::optional<int64_t> position = block_position(input, source);
    if (!position) return false;
    positions.push_back(*position);
    seen |= int64_t{1} << *position;
  }
  if (seen != 15) return false;
  Value* blocks =
      graph.add_node("space_to_depth", concat->name, {source}, {{"block", int64_t{2}}}, concat->output()->type);
  graph.set_input(conv, 1, graph.add_constant(conv->inputs[1]->name, reordered(conv->inputs[1]->constant, positions)));
  graph.replace(concat, blocks);
  return true;
}

}  // namespace

int recognise_focus(Graph& graph) {
  int count = 0;
  for (Node* node : graph.nodes()) count += merge_slices(graph, node);
  for (Node* node : graph.nodes()) count += recognise(graph, node);
  return count;
}

}  // namespace espalier::simplify
