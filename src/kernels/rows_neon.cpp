// Row loops, compiled for NEON.
#include "kernels/rows_loop.h"

namespace espalier::kernels {

const RowLoops row_loops_neon = kRowLoops;

}  // namespace espalier::kernels
