// Recipes of preprocessing, JSON.
#include "dataset/recipe_file.h"
#include "fuzz/target.h"

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  (void)espalier::parse_recipe({reinterpret_cast<const char*>(data), size}, "fuzz").ok();
  return 0;
}
