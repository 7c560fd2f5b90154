// Loops over runs of elements, compiled for the machine's plainest vectors.
#include "kernels/elements_loop.h"

namespace espalier::kernels {

const ElementLoops element_loops_portable = kElementLoops;

}  // namespace espalier::kernels
