// Float graph + statistics -> integer graph.
//
//   choose_ranges     from the statistics of each value: smallest and largest real that the integers must hold
//   leaving_values    which values keep all of that, since the user sees them
//   choose_integers   which nodes become integer; the others with a Reason
//   share_ranges      which values take the range of the concat that reads them
//   quantize_weights  scales per output channel, integer weights and bias
//   quantize          puts it together: types, tables, quantize and dequantize at the seams
//
// A graph with the file's own scales has a way of its own: quantize_as_stored, or discard_scales and calibrate anew.
#pragma once

#include <string>
#include <unordered_map>
#include <vector>

#include "base/reason.h"
#include "graph/graph.h"
#include "graph/statistics.h"

namespace espalier::quantize {

enum class RangeMethod {
  min_max,      // all that calibration has seen
  percentile,   // the middle `percentile` percent of it
  mean_square,  // where rounding inside and cutting outside add up to the smallest mean square error
};

struct QuantizeOptions {
  RangeMethod method = RangeMethod::percentile;
  double percentile = 99.99;  // 50 < percentile <= 100
};

// A node that stays float, and why.
struct FloatNode {
  std::string name;
  std::string op;
  std::string reason;
  int64_t mac_count = 0;
};

struct QuantizeReport {
  std::vector<FloatNode> float_nodes;
  int64_t mac_count = 0;          // of the whole graph
  int64_t integer_mac_count = 0;  // of its integer nodes
  std::vector<std::string> notes;
};

struct Quantized {
  Graph graph;
  QuantizeReport report;
  std::unordered_map<const Node*, Reason> choice = {};  // of every node of the float graph
};

// Requires: a simplified float graph; statistics for every computed value and input.
Result<Quantized> quantize(const Graph& graph, const Statistics& statistics, const QuantizeOptions& options = {});

}  // namespace espalier::quantize
