// The whole way on the bundled network: the package depends neither on threads nor on kernels, and proves itself.
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <iterator>

#include "base/bytes.h"
#include "dataset/recipe_file.h"
#include "espalier/compile.h"
#include "espalier/session.h"
#include "material.h"

namespace espalier {
namespace {

std::string signs(const std::string& name) { return std::string(ESPALIER_SOURCE_DIR) + "/examples/signs/" + name; }

std::string content(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

CompileOptions options_for(const std::string& output) {
  CompileOptions options;
  options.model.recipe = read_recipe(signs("signs.json")).value();
  options.calibration = signs("images");
  options.calibration_count = 4;
  options.output = output;
  return options;
}

TEST(pipeline, the_package_depends_neither_on_threads_nor_on_kernels) {
  const ScratchFolder folder;
  std::string first;
  for (const int threads : {1, 2})
    for (const char* kernels : {"portable", "best"}) {
      CompileOptions options = options_for(folder.path("net.esp"));
      options.thread_count = threads;
      options.kernels = kernels;
      const Result<CompileReport> report = compile(signs("signs.onnx"), options);
      ASSERT_TRUE(report.ok()) << report.error().message();
      EXPECT_EQ(report->sample_count, 4);
      EXPECT_EQ(report->integer_mac_count, report->mac_count);
      const std::string bytes = content(folder.path("net.esp"));
      if (first.empty()) first = bytes;
      EXPECT_TRUE(bytes == first) << threads << " threads, " << kernels;
    }
}

TEST(pipeline, a_package_proves_itself_and_names_a_foreign_model) {
  const ScratchFolder folder;
  const std::string path = folder.path("net.esp");
  ASSERT_TRUE(compile(signs("signs.onnx"), options_for(path)).ok());
  const Result<VerifyReport> report = verify_package(path, signs("signs.onnx"));
  ASSERT_TRUE(report.ok()) << report.error().message();
  EXPECT_TRUE(report->ok);
  EXPECT_TRUE(report->reference_equal);
  EXPECT_GE(report->runs.size(), 4u);
  // Another producer name is another file, but still a model; a recipe is none.
  const MappedFile whole = MappedFile::open(signs("signs.onnx")).value();
  std::vector<uint8_t> changed(whole.bytes().begin(), whole.bytes().end());
  const std::string producer = "pytorch";
  const auto at = std::search(changed.begin(), changed.end(), producer.begin(), producer.end());
  ASSERT_NE(at, changed.end());
  *at = 'P';
  ASSERT_TRUE(write_file(folder.path("foreign.onnx"), changed).ok());
  const Result<VerifyReport> foreign = verify_package(path, folder.path("foreign.onnx"));
  ASSERT_TRUE(foreign.ok()) << foreign.error().message();
  EXPECT_FALSE(foreign->ok);
  EXPECT_FALSE(verify_package(path, signs("signs.json")).ok());
}

TEST(pipeline, every_pass_may_be_left_out) {
  const ScratchFolder folder;
  for (const char* pass : {"fold_batch_norm", "fuse_activation", "recognise_silu", "move_transposes"}) {
    CompileOptions options = options_for(folder.path("net.esp"));
    options.disabled_passes = {pass};
    options.calibration_count = 1;
    const Result<CompileReport> report = compile(signs("signs.onnx"), options);
    ASSERT_TRUE(report.ok()) << pass << ": " << report.error().message();
    const Result<VerifyReport> verified = verify_package(folder.path("net.esp"));
    ASSERT_TRUE(verified.ok()) << pass << ": " << verified.error().message();
    EXPECT_TRUE(verified->ok) << pass;
  }
}

TEST(pipeline, a_failing_sample_source_is_passed_on_and_nothing_is_written) {
  const ScratchFolder folder;
  CompileOptions options = options_for(folder.path("net.esp"));
  options.calibration.clear();
  options.samples = [](Session&) -> Result<bool> { return Error("the camera is gone"); };
  EXPECT_EQ(compile(signs("signs.onnx"), options).error().message(), "the camera is gone");
  EXPECT_TRUE(content(folder.path("net.esp")).empty());
}

}  // namespace
}  // namespace espalier
