// exp and sigmoid of the decoders.
#pragma once

#include <cmath>

namespace espalier {

static inline float decoder_exp(float x) { return std::exp(x); }
static inline float decoder_sigmoid(float x) { return 1.0f / (1.0f + decoder_exp(-x)); }

}  // namespace espalier
