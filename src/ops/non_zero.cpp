// non_zero: the coordinates of the elements that are not 0, one column each. How many there are is data; the columns
// behind the last one hold -1.
#include <algorithm>

#include "ops/elementwise.h"

namespace espalier::ops {
namespace {

Result<std::vector<TensorType>> infer(const Node& node) {
  const Shape& x = node.inputs[0]->shape();
  return std::vector<TensorType>{{DataType::s64, {static_cast<int64_t>(x.size()), element_count(x)}}};
}

template <class T>
struct Each {
  static void run(const EvalArgs& args) {
    const Shape& x = args.node.inputs[0]->shape();
    const int64_t count = element_count(x);
    const std::vector<int64_t> strides = dense_strides(x);
    int64_t* y = args.out<int64_t>();
    std::fill_n(y, element_count(args.node.output()->shape()), -1);
    int64_t found = 0;
    for (int64_t i = 0; i < count; ++i) {
      if (args.in<T>(0)[i] == 0) continue;
      for (size_t d = 0; d < x.size(); ++d) y[static_cast<int64_t>(d) * count + found] = i / strides[d] % x[d];
      ++found;
    }
  }
};

}  // namespace

const OpSpec non_zero = {
    .summary = "coordinates of the elements that are not 0, as columns; -1 behind the last",
    .inputs = {{"x", kNumbers | kBool}},
    .infer = infer,
    .evaluate = with_meanings({{kBool, Each<uint8_t>::run}}, for_numbers<Each>()),
    .open_dimension = 1,
};

}  // namespace espalier::ops
