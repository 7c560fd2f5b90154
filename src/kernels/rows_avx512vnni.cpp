// Row loops, compiled for AVX-512.
#include "kernels/rows_loop.h"

namespace espalier::kernels {

const RowLoops row_loops_avx512vnni = kRowLoops;

}  // namespace espalier::kernels
