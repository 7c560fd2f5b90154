// A model file as the user has it: what is in it, and running it in float32.
//
//   auto check = espalier::check_model("net.onnx");
//   if (!check.ok()) return check.error();
//   for (const auto& node : check->nodes)
//     if (!node.supported) std::puts(node.reason.c_str());
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "espalier/session.h"

namespace espalier {

// Every option has an initializer: a caller names those that it sets, without a warning about the rest.
struct ModelOptions {
  std::map<std::string, Shape> input_shapes = {};  // by input name; fixes symbolic dimensions
  std::map<std::string, Tensor> bound = {};        // inputs that become constants: those that decide shapes must
  std::vector<std::string> inputs = {};            // cut the model at these tensors; empty: its own inputs
  std::vector<std::string> outputs = {};           // and at these
  std::optional<Recipe> recipe = {};               // for set_image of a float session
  std::set<std::string> disabled_passes = {};      // of simplify, which are left out
};

// A recipe file, such as docs/recipes/yolox_nano.json. Errors: no such file, no JSON, unknown keys or values.
Result<Recipe> read_recipe(const std::string& path);

struct CheckedNode {
  std::string name;
  std::string op;  // the file's name of the operator
  bool supported = true;
  std::string reason;  // why it is not supported, or why it would stay in float; empty otherwise
  int64_t mac_count = 0;
  std::string output_shape = {};
};

struct ModelCheck {
  std::vector<CheckedNode> nodes;
  std::vector<TensorInfo> inputs;
  std::vector<TensorInfo> outputs;           // those that could be reached
  std::vector<std::string> constant_inputs;  // those that must be bound and are not yet
  std::vector<std::string> notes;
  int64_t mac_count = 0;
  int64_t integer_mac_count = 0;        // of nodes that have an integer meaning
  int64_t parameter_count = 0;          // elements of weights, biases and slopes
  std::vector<std::string> transposes;  // those that are left after simplification
  bool supported = true;                // every node
};

// Errors: the file is no model, or its inputs cannot be read. An unsupported node is no error here.
Result<ModelCheck> check_model(const std::string& path, const ModelOptions& options = {});

// The inputs that must be bound (ModelOptions::bound): those that decide shapes, such as the extents of a Reshape, or
// hold scales of quantized operators.
Result<std::vector<std::string>> constant_inputs(const std::string& path);

// The model in float32, simplified, as a session.
Result<Session> open_model(const std::string& path, const ModelOptions& options = {},
                           const SessionOptions& session_options = {});

}  // namespace espalier
