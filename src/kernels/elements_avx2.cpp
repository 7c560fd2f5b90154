// Loops over runs of elements, compiled for AVX2.
#include "kernels/elements_loop.h"

namespace espalier::kernels {

const ElementLoops element_loops_avx2 = kElementLoops;

}  // namespace espalier::kernels
