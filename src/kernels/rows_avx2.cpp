// Row loops, compiled for AVX2.
#include "kernels/rows_loop.h"

namespace espalier::kernels {

const RowLoops row_loops_avx2 = kRowLoops;

}  // namespace espalier::kernels
