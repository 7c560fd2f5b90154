// log: the natural logarithm; -inf at 0, NaN below.
#include "numerics/elementary.h"
#include "ops/elementwise.h"

namespace espalier::ops {
namespace {

void evaluate_f32(const EvalArgs& args) { evaluate_each(args, log_f32); }

double function(double x, const Node&) { return log_f64(x); }

}  // namespace

const OpSpec log = unary("natural logarithm", evaluate_f32, function);

}  // namespace espalier::ops
