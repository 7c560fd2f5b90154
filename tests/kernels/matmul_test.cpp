// Products of two computed matrices: every kernel equals the reference in every byte.
#include "kernels/differential.h"

namespace espalier {
namespace {

const std::vector<int64_t> kRows = {1, 2, 3, 5, 15, 16, 17, 33, 130};
const std::vector<int64_t> kDepths = {1, 2, 3, 7, 16, 31, 65};
const std::vector<int64_t> kColumns = {1, 3, 8, 15, 16, 17, 33, 140};

std::string operand(const char* name, const char* type, const std::string& batch, int64_t rows, int64_t columns,
                    const std::string& quantization) {
  return fmt::format("%{} = input {}[{}{},{}]{}\n", name, type, batch, rows, columns, quantization);
}

TEST(matmul, s8) {
  Differential differential("matmul");
  for (const int64_t rows : kRows)
    for (const int64_t depth : kDepths)
      for (const int64_t columns : kColumns) {
        const bool batched = (rows + depth + columns) % 3 == 0;
        const std::string a = operand("a", "s8", batched ? "2,3," : "", rows, depth, differential.quantization());
        const std::string b = operand("b", "s8", batched ? "3," : "", depth, columns, differential.quantization());
        const Quantization output{.scales = {differential.scale()},
                                  .zero_point = static_cast<int32_t>(differential.zero_point()),
                                  .axis = -1};
        differential.check(a + b + "%y = matmul %a %b\noutput %y", output, kFills[differential.between(0, 3)]);
      }
  differential.expect_all_ran("matmul_s8");
}

TEST(matmul, f32) {
  Differential differential("matmul");
  for (const int64_t rows : kRows)
    for (const int64_t depth : kDepths)
      for (const int64_t columns : kColumns) {
        const bool batched = (rows + depth + columns) % 3 == 0;
        differential.check(operand("a", "f32", batched ? "2,1," : "", rows, depth, "") +
                           operand("b", "f32", batched ? "1,2," : "", depth, columns, "") +
                           "%y = matmul %a %b\noutput %y");
      }
  differential.expect_all_ran("matmul_f32");
}

}  // namespace
}  // namespace espalier
