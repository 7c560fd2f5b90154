// Signal-to-noise ratios per layer (compare/compare.h); sums are float64 in sample and element order.
#include "compare/compare.h"

#include <algorithm>
#include <cmath>

#include "base/check.h"

namespace espalier {
namespace {

constexpr double kSnrMaxDb = 200;

}  // namespace

void Comparison::add(const std::string& name, const std::string& op, const std::string& output,
                     const std::vector<std::string>& inputs, const Tensor& reference, const Tensor& other) {
  CHECK(reference.count() == other.count(), "layer {}", name);
  const auto [found, fresh] = index_of_output_.emplace(output, layers_.size());
  if (fresh) {
    layers_.emplace_back();
    layers_.back().name = name;
    layers_.back().op = op;
    layers_.back().output = output;
    layers_.back().inputs = inputs;
  }
  Layer& layer = layers_[found->second];
  const float* a = reference.data<float>();
  const float* b = other.data<float>();
  for (int64_t i = 0; i < reference.count(); ++i) {
    const double difference = double{b[i]} - double{a[i]};
    layer.signal += double{a[i]} * double{a[i]};
    layer.noise += difference * difference;
    layer.max_error = std::max(layer.max_error, std::abs(difference));
  }
}

double Comparison::Layer::snr_db() const {
  if (noise == 0) return kSnrMaxDb;
  if (signal == 0 || std::isnan(signal) || std::isnan(noise)) return -kSnrMaxDb;
  return std::clamp(10 * std::log10(signal / noise), -kSnrMaxDb, kSnrMaxDb);
}

std::vector<LayerRow> Comparison::rows() const {
  std::vector<LayerRow> rows;
  for (const Layer& layer : layers_) {
    double worst_input = kSnrMaxDb;
    bool known = false;
    for (const std::string& input : layer.inputs) {
      const auto found = index_of_output_.find(input);
      if (found == index_of_output_.end()) continue;
      worst_input = std::min(worst_input, layers_[found->second].snr_db());
      known = true;
    }
    rows.push_back({.name = layer.name,
                    .op = layer.op,
                    .snr_db = layer.snr_db(),
                    .max_error = layer.max_error,
                    .drop_db = known ? worst_input - layer.snr_db() : 0});
  }
  return rows;
}

std::vector<LayerRow> Comparison::at_fault(size_t count) const {
  std::vector<LayerRow> worst = rows();
  std::stable_sort(worst.begin(), worst.end(),
                   [](const LayerRow& a, const LayerRow& b) { return a.drop_db > b.drop_db; });
  worst.resize(std::min(count, worst.size()));
  return worst;
}

}  // namespace espalier
