// The examples of the public headers, each as a test on the bundled network under the names that they use.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "espalier/espalier.h"
#include "material.h"

#define EXAMPLE(header) espalier::Status example_##header();
#include "examples.inc"  // one line per header in include/espalier
#undef EXAMPLE
espalier::Status example_without_example();

namespace espalier {
namespace {

const std::filesystem::path kSources = ESPALIER_SOURCE_DIR;

// A working folder with net.onnx, net.json, images/, and net.esp made from them.
class headers : public testing::Test {
 protected:
  void SetUp() override {
    const std::filesystem::path signs = kSources / "examples/signs";
    std::filesystem::copy(signs / "signs.onnx", scratch_.path("net.onnx"));
    std::filesystem::copy(signs / "signs.json", scratch_.path("net.json"));
    std::filesystem::copy(signs / "images", scratch_.path("images"));
    std::filesystem::current_path(scratch_.root());
    const Result<Recipe> recipe = read_recipe("net.json");
    ASSERT_TRUE(recipe.ok()) << recipe.error().message();
    CompileOptions options{.calibration = "images", .calibration_count = 1, .output = "net.esp"};
    options.model.recipe = *recipe;
    const Result<CompileReport> report = compile("net.onnx", options);
    ASSERT_TRUE(report.ok()) << report.error().message();
  }
  void TearDown() override { std::filesystem::current_path(before_); }

 private:
  const std::filesystem::path before_ = std::filesystem::current_path();
  const ScratchFolder scratch_;
};

#define EXAMPLE(header)                                                     \
  TEST_F(headers, example_of_##header) {                                    \
    const Status status = example_##header();                               \
    EXPECT_TRUE(status.ok()) << #header ".h: " << status.error().message(); \
  }
#include "examples.inc"
#undef EXAMPLE

TEST(headers_canary, a_header_without_an_example_is_found) { EXPECT_FALSE(example_without_example().ok()); }

TEST(headers_canary, espalier_includes_every_public_header) {
  std::ifstream file(kSources / "include/espalier/espalier.h");
  const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  std::vector<std::string> expected;
#define EXAMPLE(header) \
  if (#header != std::string("espalier")) expected.push_back("#include \"espalier/" #header ".h\"\n");
#include "examples.inc"
#undef EXAMPLE
  for (const std::string& line : expected) EXPECT_NE(text.find(line), std::string::npos) << line;
}

}  // namespace
}  // namespace espalier
