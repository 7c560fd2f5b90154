// cos: the cosine of x in radians.
#include "numerics/elementary.h"
#include "ops/elementwise.h"

namespace espalier::ops {
namespace {

void evaluate_f32(const EvalArgs& args) { evaluate_each(args, cos_f32); }

double function(double x, const Node&) { return cos_f64(x); }

}  // namespace

const OpSpec cos = unary("cosine", evaluate_f32, function);

}  // namespace espalier::ops
