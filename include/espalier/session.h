// A package at work: set inputs, run, read outputs.
//
//   auto session = espalier::Session::open("net.esp", {.thread_count = 2});
//   if (!session.ok()) return session.error();
//   espalier::Image picture{.height = 480, .width = 640, .rgb = std::vector<uint8_t>(480 * 640 * 3)};
//   if (auto status = session->set_image(picture); !status.ok()) return status;
//   if (auto status = session->run(); !status.ok()) return status;
//   auto scores = session->output(session->outputs()[0].name);
//   if (!scores.ok()) return scores.error();
//   std::printf("the first value is %g\n", static_cast<double>(scores->data<float>()[0]));
//
// Thread rule: one caller at a time per Session; clones are independent and share the weights.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "espalier/status.h"
#include "espalier/tensor.h"
#include "espalier/vision.h"

namespace espalier {

struct SessionOptions {
  int thread_count = 1;
  // "best", or what is tested: "reference", "portable", and by machine "avx2", "avx512vnni", "neon", "neondot".
  std::string kernels = "best";
};

// A tensor at the border, as the user's model has it.
struct TensorInfo {
  std::string name;
  DataType type = DataType::f32;
  Shape shape;
};

// One executed node, as an observer sees it.
struct LayerRun {
  std::string name;  // the user's name of the layer
  std::string op;
  std::vector<std::string> inputs;  // names of the values that it read, constants left out
  std::string output;               // name of the value that it made
  std::string kernel;
  std::vector<std::string> refusals;  // why kernels that are better in general did not take the node, best first
  double time_us = 0;
  int64_t mac_count = 0;
  // The output as real numbers, in the graph's layout (NHWC); costs a copy.
  std::function<Tensor()> real_output;
  // XXH3-128 of the output's bytes: equal on every machine.
  std::function<std::array<uint8_t, 16>()> output_hash;
};
using LayerObserver = std::function<void(const LayerRun&)>;

class Session {
 public:
  // Errors: no package, a damaged one, kernels that this processor lacks, an impossible thread count.
  static Result<Session> open(const std::string& path, const SessionOptions& options = {});
  // The same network with inputs and outputs of its own. The package's weights are shared; what kernels packed of them
  // is packed again.
  Result<Session> clone() const;

  Session(Session&&) noexcept;
  Session& operator=(Session&&) noexcept;
  ~Session();

  const std::vector<TensorInfo>& inputs() const;
  const std::vector<TensorInfo>& outputs() const;
  const std::optional<Recipe>& recipe() const;
  const std::vector<std::string>& labels() const;
  // What reading the model file took for granted, as sentences; nothing for a package.
  const std::vector<std::string>& notes() const;

  // A tensor of the user's type and shape. Errors: an unknown name, another type or shape.
  Status set_input(const std::string& name, const Tensor& tensor);
  // Prepares the picture by the recipe. Errors: no recipe, or a recipe that does not fit the input.
  Status set_image(const Image& image);
  // Where the last picture lies in the input, to map results back; without a size after set_input of the same input.
  const Geometry& geometry() const;

  // Errors: an input that was never set.
  Status run(const LayerObserver& observer = {});

  // In the user's layout; integers that quantization made come back as float32. Requires: run() has succeeded before.
  Result<Tensor> output(const std::string& name) const;
  Result<std::vector<NamedTensor>> all_outputs() const;

 private:
  friend struct SessionParts;
  struct Impl;
  explicit Session(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace espalier
