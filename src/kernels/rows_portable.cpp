// Row loops, compiled for the machine's plainest vectors.
#include "kernels/rows_loop.h"

namespace espalier::kernels {

const RowLoops row_loops_portable = kRowLoops;

}  // namespace espalier::kernels
