// Two runs of one network, layer by layer: how far the second is from the first.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "espalier/tensor.h"

namespace espalier {

struct LayerRow {
  std::string name;  // of the layer
  std::string op;
  double snr_db = 0;     // 10 log10(sum of reference^2 / sum of difference^2); 200 where nothing differs
  double max_error = 0;  // largest absolute difference
  double drop_db = 0;    // the worst SNR among its inputs minus its own: what this layer lost by itself
};

// Collects pairs of tensors, over any number of samples.
class Comparison {
 public:
  // Adds one layer's output of one sample. Layers are kept in the order of their first call. Requires: equal counts.
  void add(const std::string& name, const std::string& op, const std::string& output,
           const std::vector<std::string>& inputs, const Tensor& reference, const Tensor& other);

  std::vector<LayerRow> rows() const;
  // The layers that lost most by themselves, worst first.
  std::vector<LayerRow> at_fault(size_t count) const;

 private:
  struct Layer {
    std::string name, op, output;
    std::vector<std::string> inputs;
    double signal = 0, noise = 0, max_error = 0;
    double snr_db() const;
  };
  std::vector<Layer> layers_;
  std::map<std::string, size_t> index_of_output_;
};

}  // namespace espalier
