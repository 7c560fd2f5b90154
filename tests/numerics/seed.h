// The seed of random tests: printed, so that a failure can be repeated with ESPALIER_SEED=<seed>.
#pragma once

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <random>

namespace espalier {

inline std::mt19937_64 seeded_random() {
  const char* text = std::getenv("ESPALIER_SEED");
  const uint64_t seed = text != nullptr ? std::strtoull(text, nullptr, 10) : 20240229;
  std::printf("ESPALIER_SEED=%llu\n", static_cast<unsigned long long>(seed));
  return std::mt19937_64(seed);
}

}  // namespace espalier
