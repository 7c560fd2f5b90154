// Runs one node on every kernel that takes it and on the reference, and compares every byte. Inputs and outputs end at
// a guard page at odd addresses; each thread's part is run, for 1 to 4 threads.
#pragma once

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "graph/text.h"
#include "kernels/guarded.h"
#include "kernels/kernel.h"
#include "numerics/seed.h"
#include "ops/op.h"

namespace espalier {

// How the data of an input is drawn.
enum class Fill { random, highest, lowest, alternating };
inline constexpr Fill kFills[] = {Fill::random, Fill::highest, Fill::lowest, Fill::alternating};

class Differential {
 public:
  explicit Differential(std::string op) : op_(std::move(op)), random_(seeded_random()) {}

  std::mt19937_64& random() { return random_; }
  int64_t between(int64_t low, int64_t high) { return std::uniform_int_distribution<int64_t>(low, high)(random_); }
  template <class T>
  T one_of(std::initializer_list<T> choices) {
    return choices.begin()[between(0, static_cast<int64_t>(choices.size()) - 1)];
  }
  float scale() { return std::exp2(std::uniform_real_distribution<float>(-9, 2)(random_)); }
  int64_t zero_point() { return between(0, 3) == 0 ? one_of<int64_t>({-128, 127, 0}) : between(-128, 127); }
  // A number that graph text reads as a real one.
  static std::string with_point(float value) {
    std::string text = fmt::format("{:.9g}", value);
    return text.find_first_of(".e") == std::string::npos ? text + ".0" : text;
  }
  // "{scale=0.05,zero_point=3}"
  std::string quantization() { return fmt::format("{{scale={},zero_point={}}}", with_point(scale()), zero_point()); }

  // Constants of int8 in the texts that follow become at least this.
  void raise_weights_to(int8_t lowest) { lowest_weight_ = lowest; }

  // One node as graph text, without `-> type`; the outputs of integer nodes get the quantization given, or that of the
  // first input when none is.
  void check(const std::string& text, std::optional<Quantization> output = {}, Fill fill = Fill::random) {
    SCOPED_TRACE(text);
    Result<Graph> parsed = parse_graph(text, ops::op_lookup());
    ASSERT_TRUE(parsed.ok()) << parsed.error().message();
    const Graph graph = std::move(parsed).value();
    const Node& node = *graph.nodes().at(0);
    ASSERT_EQ(node.op, op_);
    for (Value* value : node.outputs)
      if (value->type.type == DataType::s8) value->quantization = output ? output : node.inputs[0]->quantization;
    for (Value* value : node.inputs)
      if (value != nullptr && value->is_constant() && value->type.type == DataType::s8)
        for (int64_t i = 0; i < value->constant.count(); ++i) {
          int8_t& weight = value->constant.mutable_data<int8_t>()[i];
          weight = std::max(weight, lowest_weight_);
        }
    check(node, fill);
  }

  void check(const Node& node, Fill fill = Fill::random) {
    std::vector<std::unique_ptr<GuardedBytes>> inputs;
    std::vector<const void*> pointers;
    for (const Value* value : node.inputs) {
      if (value == nullptr) {
        pointers.push_back(nullptr);
        continue;
      }
      inputs.push_back(std::make_unique<GuardedBytes>(element_count(value->shape()) * size_bytes(value->type.type)));
      fill_with(*value, fill, inputs.back()->data());
      pointers.push_back(inputs.back()->data());
    }
    check_on(node, pointers);
  }

  // The same on the caller's data.
  void check_on(const Node& node, const std::vector<const void*>& pointers) {
    ++case_count_;
    const Outputs expected = run(kernels::reference, node, pointers, 1);
    const auto isas = kernels::available_isas();
    for (const kernels::Kernel* kernel : kernels::all_kernels()) {
      if (kernel->op != op_) continue;
      if (std::find(isas.begin(), isas.end(), kernel->isa) == isas.end()) continue;
      const Reason reason = kernel->when(node);
      if (!reason.applies()) {
        ++refusals_[kernel->name][reason.sentence()];
        continue;
      }
      ++runs_[kernel->name];
      for (int threads = 1; threads <= 4; ++threads) {
        const Outputs actual = run(*kernel, node, pointers, threads);
        const std::string difference = first_difference(node, expected, actual);
        ASSERT_EQ(difference, "") << kernel->name << " with " << threads << " threads";
      }
    }
  }

  // Every available kernel of a family ("conv2d_s8") has taken a fair share of the cases. Call at the end of a test.
  void expect_all_ran(const std::string& family, int at_least = 5) {
    tested_families().insert(family);
    bool found = false;
    for (const kernels::Kernel* kernel : kernels::all_kernels()) {
      if (kernel->name != family + "_" + kernels::name(kernel->isa)) continue;
      found = true;
      const auto isas = kernels::available_isas();
      if (std::find(isas.begin(), isas.end(), kernel->isa) == isas.end()) {
        std::printf("%s: this machine lacks %s\n", kernel->name, kernels::name(kernel->isa).c_str());
        continue;
      }
      std::printf("%s: %d of %d cases%s\n", kernel->name, runs_[kernel->name], case_count_, mode(kernel->isa));
      EXPECT_GE(runs_[kernel->name], at_least) << kernel->name;
    }
    EXPECT_TRUE(found) << family;
  }

  // The families of which a test of this program said expect_all_ran.
  static std::set<std::string>& tested_families() {
    static std::set<std::string> families;
    return families;
  }

  // The sentence of a refusal that the cases met, for tests that expect one.
  bool was_refused(const std::string& kernel) const { return refusals_.contains(kernel); }

  // Empty when the outputs are equal; floats that are both NaN are equal whatever their payload.
  using Outputs = std::vector<std::vector<char>>;
  static std::string first_difference(const Node& node, const Outputs& expected, const Outputs& actual) {
    for (size_t o = 0; o < expected.size(); ++o) {
      const DataType type = node.outputs[o]->type.type;
      const auto size = static_cast<size_t>(size_bytes(type));
      if (expected[o].size() != actual[o].size()) return "sizes differ";
      for (size_t at = 0; at < expected[o].size(); at += size) {
        if (std::memcmp(&expected[o][at], &actual[o][at], size) == 0) continue;
        if (type == DataType::f32) {
          float a = 0;
          float b = 0;
          std::memcpy(&a, &expected[o][at], 4);
          std::memcpy(&b, &actual[o][at], 4);
          if (std::isnan(a) && std::isnan(b)) continue;
          return fmt::format("output {} element {}: {:a} expected, {:a} found", o, at / size, a, b);
        }
        return fmt::format("output {} element {}: byte {} expected, {} found", o, at / size, expected[o][at] + 0,
                           actual[o][at] + 0);
      }
    }
    return "";
  }

  static Outputs run(const kernels::Kernel& kernel, const Node& node, const std::vector<const void*>& inputs,
                     int thread_count) {
    const kernels::Prepared prepared = kernel.prepare(node);
    std::vector<std::unique_ptr<GuardedBytes>> outputs;
    std::vector<void*> pointers;
    for (const Value* value : node.outputs) {
      outputs.push_back(std::make_unique<GuardedBytes>(element_count(value->shape()) * size_bytes(value->type.type)));
      pointers.push_back(outputs.back()->data());
    }
    for (int thread = 0; thread < thread_count; ++thread) {
      // Rounded up, so that the guard page leaves it aligned. Old contents must not matter.
      const GuardedBytes scratch((prepared.scratch_size_bytes + 63) / 64 * 64);
      prepared.run({.inputs = inputs.data(),
                    .outputs = pointers.data(),
                    .scratch = scratch.data(),
                    .thread_index = thread,
                    .thread_count = thread_count});
      EXPECT_TRUE(scratch.front_is_untouched()) << kernel.name;
    }
    Outputs bytes;
    for (const auto& output : outputs) {
      EXPECT_TRUE(output->front_is_untouched()) << kernel.name;
      bytes.emplace_back(output->data(), output->data() + output->size());
    }
    return bytes;
  }

 private:
  static const char* mode(kernels::Isa isa) {
#if defined(ESPALIER_EMULATE)
    return isa == kernels::Isa::portable ? ", native" : ", emulated by SIMDe";
#else
    return isa == kernels::Isa::portable ? "" : ", native";
#endif
  }

  void fill_with(const Value& value, Fill fill, char* to) {
    const int64_t count = element_count(value.shape());
    if (value.is_constant()) {
      std::memcpy(to, value.constant.bytes(), static_cast<size_t>(value.constant.size_bytes()));
      return;
    }
    for (int64_t i = 0; i < count; ++i) {
      const bool high = fill == Fill::highest || (fill == Fill::alternating && i % 2 == 0);
      if (value.type.type == DataType::f32) {
        float number = std::normal_distribution<float>()(random_);
        if (between(0, 15) == 0) number = one_of<float>({0.0f, -0.0f, 1e-40f, -1e30f, 0.5f, -2.5f});
        if (fill != Fill::random) number = high ? 3.0f : -3.0f;
        std::memcpy(to + i * 4, &number, 4);
      } else if (value.type.type == DataType::s8) {
        to[i] = static_cast<char>(fill == Fill::random ? between(-128, 127) : high ? 127 : -128);
      } else {
        for (int64_t b = 0; b < size_bytes(value.type.type); ++b)
          to[i * size_bytes(value.type.type) + b] =
              static_cast<char>(between(0, value.type.type == DataType::boolean ? 1 : 255));
      }
    }
  }

  std::string op_;
  std::mt19937_64 random_;
  int8_t lowest_weight_ = -128;
  int case_count_ = 0;
  std::map<std::string, int> runs_;
  std::map<std::string, std::map<std::string, int>> refusals_;
};

// Channel counts around the widths of registers and blocks.
inline constexpr int64_t kAwkward[] = {1, 2, 3, 7, 8, 9, 15, 16, 17, 31, 33, 64, 127};

}  // namespace espalier
