// average_pool: the mean under each window of an NHWC map, over the taps inside the map, or over all taps with zeros in
// the padding (count_padding).
#include "numerics/reductions.h"
#include "ops/activation.h"
#include "ops/pool.h"

namespace espalier::ops {
namespace {

int64_t divisor(const Pool& pool, const Node& node, int64_t inside_count) {
  return node.integer("count_padding") != 0 ? pool.window.kernel_height * pool.window.kernel_width : inside_count;
}

// The sum starts from 0 and takes taps in ascending order; one division at the end.
void evaluate_f32(const EvalArgs& args) {
  const Pool pool = pool_of(args.node).value();
  const float* x = args.in<float>(0);
  for_each_pooled(pool, [&](int64_t index, int64_t n, int64_t row, int64_t column, int64_t c) {
    float sum = 0;
    int64_t count = 0;
    for_each_tap(pool, n, row, column, c, [&](int64_t i) {
      sum += x[i];
      ++count;
    });
    args.out<float>()[index] = sum / static_cast<float>(divisor(pool, args.node, count));
  });
}

// A padded tap is the real 0: it counts in the divisor and adds nothing to sum (q - zero_point).
void evaluate_s8(const EvalArgs& args) {
  const Pool pool = pool_of(args.node).value();
  const Value& input = *args.node.inputs[0];
  const Value& output = *args.node.output();
  const float multiplier = input.scale() / output.scale();
  const int8_t* x = args.in<int8_t>(0);
  for_each_pooled(pool, [&](int64_t index, int64_t n, int64_t row, int64_t column, int64_t c) {
    int64_t sum = 0;
    int64_t count = 0;
    for_each_tap(pool, n, row, column, c, [&](int64_t i) {
      sum += x[i] - input.zero_point();
      ++count;
    });
    args.out<int8_t>()[index] =
        average_element(sum, divisor(pool, args.node, count), 0, multiplier, output.zero_point());
  });
}

}  // namespace

const OpSpec average_pool = {
    .summary = "mean under each window of an NHWC map",
    .inputs = {{"x", kF32 | kS8}},
    .attributes = joined({{"kernel", kIntegers, "taps [y, x]"},
                          {"count_padding", kInteger, "1: padded taps count as zeros; 0 (default): they do not count"}},
                         kWindowAttributes),
    .infer = infer_pool,
    .evaluate = {{kF32, evaluate_f32}, {kS8, evaluate_s8}},
    .integer = IntegerRule::rescale,
};

}  // namespace espalier::ops
