// Model file -> graph. The file's kind is seen from its content; each kind has a folder of its own.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "graph/graph.h"

namespace espalier::read {

struct ReadOptions {
  std::map<std::string, Shape> input_shapes = {};  // by input name; fixes symbolic dimensions
  std::map<std::string, Tensor> bound = {};        // inputs that are constants: those that decide shapes, as a rule
  std::vector<std::string> inputs = {};            // cut the model at these tensors; empty: its own inputs
  std::vector<std::string> outputs = {};           // and at these; empty: its own outputs
  // What nodes may make of constants beyond eight times what the file stores: a few bytes may claim any amount. Graphs
  // without weights, whose weights are ConstantOfShape, need as much as the network has.
  int64_t made_constants_size_bytes_max = int64_t{2} << 30;
};

// What became of one node of the file.
struct NodeReport {
  std::string name;
  std::string op = {};  // the file's name of the operator
  bool supported = true;
  std::string reason = {};  // why not
};

struct Model {
  Graph graph;
  std::vector<std::string> notes;    // what the user should know: "batch N of input x was taken as 1"
  std::vector<std::string> outputs;  // names of the outputs that were reached, the first of the graph's
  std::vector<std::string> labels;   // those that the file carries: the symbols of a text recogniser
  std::vector<NodeReport> nodes;     // every node that the outputs need, in the file's order
};

// Reads the whole model or returns the error of the first node that cannot be read.
Result<Model> read_model(const std::string& path, const ReadOptions& options = {});

// As far as possible: nodes that cannot be read are in `nodes` with their reasons, and the graph holds what does not
// depend on them, with outputs behind `outputs` where it ends before one. An error only for a file that is no model.
Result<Model> survey_model(const std::string& path, const ReadOptions& options = {});

// Names of the inputs that must be bound to constants: those that decide shapes, the extents of a Reshape or the bounds
// of a Slice, those that hold scales of quantized operators, and what these are computed from.
Result<std::vector<std::string>> constant_inputs(const std::string& path);

// The files that the model consists of: itself and its external data, each once.
Result<std::vector<std::string>> list_files(const std::string& path);

}  // namespace espalier::read
