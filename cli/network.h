// What commands share: opening a package or a model file with the same options, and feeding pictures or arrays.
#pragma once

#include "command.h"
#include "espalier/compile.h"

namespace espalier::cli {

// --preprocess and options of the recipe's own names, which override it.
struct RecipeArguments {
  std::string file, geometry, filter, anchor, color, antialias, input;
  std::vector<std::string> size, add, mul;
  std::optional<int64_t> resize_short, pad_value;

  void declare(Arguments& arguments);
  // Nothing when no option was given.
  Result<std::optional<Recipe>> recipe() const;
};

// How a model file (not a package) is read.
struct ModelArguments {
  RecipeArguments recipe;
  std::vector<std::string> input_shapes, bound, inputs, outputs, disabled_passes;

  void declare(Arguments& arguments);
  // Without the recipe, for a command that takes it from elsewhere.
  void declare_shapes(Arguments& arguments);
  Result<ModelOptions> options() const;
};

struct NetworkArguments {
  std::string path;
  ModelArguments model;
  SessionOptions session;

  void declare(Arguments& arguments,
               const std::string& what = "package (.esp: integers) or model file (.onnx: float32)");
  Result<Session> open() const;
  // With the inputs set from one sample. Of an .npz for a model file, arrays that decide shapes are bound.
  Result<Session> open_with(const std::string& sample) const;
};

// A package by its content; anything else is read as a model.
Result<bool> is_package_file(const std::string& path);
Result<Session> open_network(const std::string& path, const ModelOptions& model, const SessionOptions& options);

// Sets the network's inputs from a picture or an .npz with one array per input.
Status set_sample(Session& session, const std::string& path);

// [height, width] of the input that pictures go to, for decoders.
Result<std::pair<int64_t, int64_t>> picture_input_size(const Session& session);

}  // namespace espalier::cli
