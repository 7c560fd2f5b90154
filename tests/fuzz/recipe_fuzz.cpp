// Fuzz target: a preprocessing recipe of any content parses or is refused; what parses writes and parses back.
#include "dataset/recipe_file.h"
#include "fuzz/fuzz.h"

using namespace espalier;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const Result<Recipe> recipe = parse_recipe({reinterpret_cast<const char*>(data), size}, "fuzz.json");
  if (!recipe.ok()) return 0;
  const Result<Recipe> again = parse_recipe(to_json(*recipe), "again.json");
  CHECK(again.ok(), "{}", again.error().message());
  CHECK(to_json(*again) == to_json(*recipe));
  return 0;
}
