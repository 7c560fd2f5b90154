// Every case of tests/{ops,simplify,quantize}/*.test as a test of its own; and a canary: wrong cases fail.
#include <gtest/gtest.h>

#include <filesystem>

#include "material.h"
#include "text_cases/evaluate_case.h"
#include "text_cases/pass_case.h"
#include "text_cases/quantize_case.h"

namespace espalier {
namespace {

Status run_case(const TextCase& test) {
  if (test.run == "evaluate") return run_evaluate_case(test);
  return test.run == "quantize_as_stored" ? run_quantize_case(test) : run_pass_case(test);
}

class CaseTest : public testing::Test {
 public:
  explicit CaseTest(Result<TextCase> test) : test_(std::move(test)) {}
  void TestBody() override {
    if (!test_.ok()) FAIL() << test_.error().message();
    const Status status = run_case(*test_);
    if (!status.ok()) FAIL() << "case " << test_->title << "\n" << status.error().message();
  }

 private:
  Result<TextCase> test_;
};

void register_test(const std::string& suite, const std::string& title, const std::string& file,
                   const Result<TextCase>& test) {
  testing::RegisterTest(suite.c_str(), title.c_str(), nullptr, nullptr, file.c_str(), 1,
                        [test]() -> testing::Test* { return new CaseTest(test); });
}

// One suite per file, named "ops/relu".
void register_folder(const std::string& folder) {
  std::vector<std::filesystem::path> paths;
  for (const auto& entry : std::filesystem::directory_iterator(fixture(folder)))
    if (entry.path().extension() == ".test") paths.push_back(entry.path());
  std::sort(paths.begin(), paths.end());
  for (const std::filesystem::path& path : paths) {
    const std::string suite = folder + "/" + path.stem().string();
    std::ifstream file(path);
    const Result<std::vector<TextCase>> cases = parse_cases(file);
    if (!cases.ok()) {
      register_test(suite, "file", path.string(), cases.error().at(path.string()));
      continue;
    }
    for (const TextCase& test : *cases) register_test(suite, test.title, path.string(), test);
  }
}

Status run_text(const std::string& text) {
  std::istringstream file(text);
  const std::vector<TextCase> cases = TRY(parse_cases(file));
  return run_case(cases[0]);
}

TEST(canary, a_wrong_number_fails) {
  EXPECT_TRUE(run_text("run evaluate\ncase a\n  %y = relu x=values(-1,2)[2]\n  output %y\nexpect\n  %y = 0 2\n").ok());
  EXPECT_FALSE(
      run_text("run evaluate\ncase a\n  %y = relu x=values(-1,2)[2]\n  output %y\nexpect\n  %y = 0 2.1\n").ok());
  EXPECT_FALSE(run_text("run evaluate\ncase a\n  %y = relu x=values(-1,2)[2]\n  output %y\nexpect\n  %y = 0\n").ok());
  EXPECT_FALSE(
      run_text("run evaluate\ncase a\n  %y = relu x=values(-1,2)[2]\n  output %y\nexpect\n  %y = f32[1,2] 0 2\n").ok());
}

TEST(canary, a_missing_error_or_another_one_fails) {
  const std::string bad = "run evaluate\ncase a\n  %y = reshape x=values(1,2)[2] shape=[3]\n  output %y\n";
  EXPECT_TRUE(run_text(bad + "expect error cannot take the shape\n").ok());
  EXPECT_FALSE(run_text(bad + "expect error is too large\n").ok());
  EXPECT_FALSE(run_text("run evaluate\ncase a\n  %y = relu x=values(1)[1]\n  output %y\nexpect error cannot\n").ok());
}

TEST(canary, another_graph_fails) {
  const std::string relu_twice =
      "run merge_clips\ncase a\n  %x = input f32[2]\n  %y = relu %x\n  %z = relu %y\n  output %z\n";
  EXPECT_TRUE(run_text(relu_twice + "expect\n  %x = input f32[2]\n  %y = relu %x\n  output %y\n").ok());
  EXPECT_FALSE(run_text(relu_twice + "expect\n  %x = input f32[2]\n  %y = relu %x @\"other\"\n  output %y\n").ok());
  EXPECT_FALSE(run_text(relu_twice + "expect\n  %x = input f32[2]\n  %y = tanh %x\n  output %y\n").ok());
  EXPECT_FALSE(run_text(relu_twice + "expect unchanged\n").ok());
}

TEST(canary, other_integers_or_reasons_fail) {
  const std::string pair =
      "run quantize_as_stored\ncase a\n  %x = input f32[2]\n  %q = quantize %x -> s8[2]{scale=0.5,zero_point=0}\n"
      "  %d = dequantize %q\n  output %d\nexpect\n  %x = input s8[2]{scale=";
  EXPECT_TRUE(
      run_text(pair + "0.5,zero_point=0} user=f32[2] permutation=[]\n  output %x user=f32[2] permutation=[]\n").ok());
  EXPECT_FALSE(
      run_text(pair + "0.5,zero_point=1} user=f32[2] permutation=[]\n  output %x user=f32[2] permutation=[]\n").ok());
  EXPECT_FALSE(run_text(pair + "0.5,zero_point=0} user=f32[2] permutation=[]\n  output %x user=f32[2] permutation=[]\n"
                               "  float relu: why\n")
                   .ok());
}

TEST(canary, other_values_fail) {
  const Graph relu = parse_graph("%x = input f32[2]\n%y = relu %x\noutput %y\n", ops::op_lookup()).value();
  const Graph tanh = parse_graph("%x = input f32[2]\n%y = tanh %x\noutput %y\n", ops::op_lookup()).value();
  EXPECT_TRUE(same_function(relu, relu).ok());
  EXPECT_FALSE(same_function(relu, tanh).ok());
}

TEST(canary, a_file_out_of_order_is_refused) {
  EXPECT_FALSE(run_text("case a\n").ok());
  EXPECT_FALSE(run_text("run evaluate\ncase a\n  output %y\n").ok());
  EXPECT_FALSE(run_text("run evaluate\nexpect\n").ok());
  EXPECT_FALSE(run_text("run evaluate\ncase a\nexpect\noutput %y\n").ok());
}

}  // namespace
}  // namespace espalier

int main(int argument_count, char** arguments) {
  testing::InitGoogleTest(&argument_count, arguments);
  for (const char* folder : {"ops", "simplify", "quantize"}) espalier::register_folder(folder);
  return RUN_ALL_TESTS();
}
