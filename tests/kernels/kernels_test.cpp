// The list of kernels and the comparer that the other tests of this folder rely on.
#include "kernels/differential.h"

namespace espalier {
namespace {

TEST(kernels, names_follow_the_grammar) {
  std::set<std::string> names;
  for (const kernels::Kernel* kernel : kernels::all_kernels()) {
    const std::string name = kernel->name;
    EXPECT_TRUE(names.insert(name).second) << name;
    EXPECT_TRUE(name.ends_with("_" + kernels::name(kernel->isa))) << name;
    EXPECT_NE(ops::find_op(kernel->op), nullptr) << name;
  }
}

TEST(kernels, the_list_is_best_first) {
  std::map<std::string, kernels::Isa> last;
  for (const kernels::Kernel* kernel : kernels::all_kernels()) {
    const std::string name = kernel->name;
    const std::string family = name.substr(0, name.rfind('_'));
    if (last.contains(family)) {
      EXPECT_LT(kernel->isa, last.at(family)) << name;
    }
    last[family] = kernel->isa;
  }
}

TEST(kernels, prints_what_runs_here) {
  std::string isas;
  for (const kernels::Isa isa : kernels::available_isas()) isas += " " + kernels::name(isa);
#if defined(ESPALIER_EMULATE)
  std::printf("instruction sets:%s; all but portable are emulated by SIMDe\n", isas.c_str());
#else
  std::printf("instruction sets, native:%s\n", isas.c_str());
#endif
}

// The canary: the comparer catches one wrong bit, one byte that is not written and a sign of zero.
TEST(kernels, a_wrong_kernel_is_caught) {
  Result<Graph> parsed = parse_graph("%x = input f32[5]\n%y = relu %x\noutput %y", ops::op_lookup());
  const Graph graph = std::move(parsed).value();
  const Node& node = *graph.nodes()[0];
  const std::vector<float> x = {1, -2, 3, 0.0f, 5};
  const auto right = Differential::run(kernels::reference, node, {x.data()}, 1);
  const auto wrong_with = [&](void (*spoil)(float* y)) {
    auto wrong = right;
    float values[5];
    std::memcpy(values, wrong[0].data(), sizeof(values));
    spoil(values);
    std::memcpy(wrong[0].data(), values, sizeof(values));
    return Differential::first_difference(node, right, wrong);
  };
  EXPECT_EQ(Differential::first_difference(node, right, right), "");
  EXPECT_NE(wrong_with([](float* y) { y[4] = std::nextafter(y[4], 9.0f); }), "");
  EXPECT_NE(wrong_with([](float* y) { y[3] = -0.0f; }), "");
  EXPECT_NE(wrong_with([](float* y) { std::memset(y + 2, 0x5a, 1); }), "");
}

// After all tests: each kernel of the list belongs to a family on whose runs a test has insisted.
class EveryKernelIsTested : public testing::Environment {
 public:
  void TearDown() override {
    if (testing::GTEST_FLAG(filter) != "*") return;
    for (const kernels::Kernel* kernel : kernels::all_kernels()) {
      const std::string name = kernel->name;
      EXPECT_TRUE(Differential::tested_families().contains(name.substr(0, name.rfind('_'))))
          << "no test says expect_all_ran for " << name;
    }
  }
};
testing::Environment* const every_kernel_is_tested = testing::AddGlobalTestEnvironment(new EveryKernelIsTested);

}  // namespace
}  // namespace espalier
