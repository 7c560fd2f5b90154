// Loops over runs of elements, compiled for AVX-512.
#include "kernels/elements_loop.h"

namespace espalier::kernels {

const ElementLoops element_loops_avx512vnni = kElementLoops;

}  // namespace espalier::kernels
