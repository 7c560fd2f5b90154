// compile_network SIGNS NET.ESP: the bundled network, in the folder SIGNS, as a package.
#include <espalier/espalier.h>

#include <cstdio>

namespace {

espalier::Status compile(const std::string& signs, const std::string& output) {
  const auto recipe = espalier::read_recipe(signs + "/signs.json");
  if (!recipe.ok()) return recipe.error();
  espalier::CompileOptions options{.calibration = signs + "/images", .output = output};
  options.model.recipe = *recipe;
  const auto report = espalier::compile(signs + "/signs.onnx", options);
  if (!report.ok()) return report.error();
  return {};
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  const espalier::Status status = compile(argv[1], argv[2]);
  if (!status.ok()) std::fprintf(stderr, "%s\n", status.error().message().c_str());
  return status.ok() ? 0 : 1;
}
