// sin: the sine of x in radians.
#include "numerics/elementary.h"
#include "ops/elementwise.h"

namespace espalier::ops {
namespace {

void evaluate_f32(const EvalArgs& args) { evaluate_each(args, sin_f32); }

double function(double x, const Node&) { return sin_f64(x); }

}  // namespace

const OpSpec sin = unary("sine", evaluate_f32, function);

}  // namespace espalier::ops
