// Speed of kernels on typical layers, in operations per second (a multiply-accumulate is two operations), one thread.
//
//   kernels_bench --benchmark_filter=conv2d_s8
#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <cstring>
#include <memory>
#include <vector>

#include "graph/text.h"
#include "kernels/kernel.h"
#include "ops/op.h"

namespace espalier {
namespace {

struct Layer {
  const char* name;
  const char* text;  // one node; s8 outputs take the quantization of the input
};

constexpr const char* kQuantized = "{scale=0.05,zero_point=3}";

// Float text; the integer layer is made from it by replacing types.
const Layer kLayers[] = {
    {"1x1_56x56_64_256", "%x = input f32[1,56,56,64]Q\n%y = conv2d %x w=random[256,1,1,64]W\noutput %y"},
    {"1x1_14x14_256_1024", "%x = input f32[1,14,14,256]Q\n%y = conv2d %x w=random[1024,1,1,256]W\noutput %y"},
    {"3x3_56x56_64_64",
     "%x = input f32[1,56,56,64]Q\n%y = conv2d %x w=random[64,3,3,64]W padding=[1,1,1,1]\noutput %y"},
    {"3x3_14x14_256_256",
     "%x = input f32[1,14,14,256]Q\n%y = conv2d %x w=random[256,3,3,256]W padding=[1,1,1,1]\noutput %y"},
    {"3x3_7x7_512_512",
     "%x = input f32[1,7,7,512]Q\n%y = conv2d %x w=random[512,3,3,512]W padding=[1,1,1,1]\noutput %y"},
    {"first_7x7s2_224_3_64",
     "%x = input f32[1,224,224,3]Q\n%y = conv2d %x w=random[64,7,7,3]W padding=[3,3,3,3] strides=[2,2]\noutput %y"},
    {"first_3x3s2_640_3_16",
     "%x = input f32[1,640,640,3]Q\n%y = conv2d %x w=random[16,3,3,3]W padding=[1,1,1,1] strides=[2,2]\noutput %y"},
    {"depthwise_3x3_56x56_144",
     "%x = input f32[1,56,56,144]Q\n%y = conv2d %x w=random[144,3,3,1]W groups=144 padding=[1,1,1,1]\noutput %y"},
    {"depthwise_3x3s2_112x112_96",
     "%x = input f32[1,112,112,96]Q\n%y = conv2d %x w=random[96,3,3,1]W groups=96 padding=[1,1,1,1] "
     "strides=[2,2]\noutput %y"},
    {"depthwise_3x3_7x7_960",
     "%x = input f32[1,7,7,960]Q\n%y = conv2d %x w=random[960,3,3,1]W groups=960 padding=[1,1,1,1]\noutput %y"},
    {"linear_1_2048_1000", "%x = input f32[1,2048]Q\n%y = linear %x w=random[1000,2048]W\noutput %y"},
    {"linear_197_384_1536", "%x = input f32[1,197,384]Q\n%y = linear %x w=random[1536,384]W\noutput %y"},
    {"add_56x56_256", "%x = input f32[1,56,56,256]Q\n%z = input f32[1,56,56,256]Q\n%y = add %x %z\noutput %y"},
    {"mul_56x56_256_by_channel", "%x = input f32[1,56,56,256]Q\n%z = input f32[1,1,1,256]Q\n%y = mul %x %z\noutput %y"},
    {"max_pool_3x3s2_112x112_64",
     "%x = input f32[1,112,112,64]Q\n%y = max_pool %x kernel=[3,3] strides=[2,2] padding=[1,1,1,1]\noutput %y"},
    {"average_pool_3x3_35x35_192",
     "%x = input f32[1,35,35,192]Q\n%y = average_pool %x kernel=[3,3] padding=[1,1,1,1]\noutput %y"},
    {"reduce_mean_7x7_2048", "%x = input f32[1,7,7,2048]Q\n%y = reduce_mean %x axes=[1,2]\noutput %y"},
    {"concat_40x40_128_256",
     "%x = input f32[1,40,40,128]Q\n%z = input f32[1,40,40,256]{scale=0.03,zero_point=-5}\n%y = concat %x %z "
     "axis=3\noutput %y"},
    {"resize_nearest_40x40_256",
     "%x = input f32[1,40,40,256]Q\n%y = resize %x size=[80,80] scales=[2.0,2.0] mode=\"nearest\" "
     "coordinates=\"asymmetric\" rounding=\"floor\"\noutput %y"},
    {"resize_linear_40x40_64",
     "%x = input f32[1,40,40,64]Q\n%y = resize %x size=[80,80] scales=[2.0,2.0] mode=\"linear\" "
     "coordinates=\"half_pixel\"\noutput %y"},
    {"transpose_chw_hwc_80x80_64", "%x = input f32[1,64,80,80]Q\n%y = transpose %x permutation=[0,2,3,1]\noutput %y"},
    {"slice_80x80_64",
     "%x = input f32[1,80,80,64]Q\n%y = slice %x begin=[0,0,0,32] end=[1,80,80,64] step=[1,1,1,1]\noutput %y"},
    {"pad_56x56_64", "%x = input f32[1,56,56,64]Q\n%y = pad %x before=[0,1,1,0] after=[0,1,1,0]\noutput %y"},
    {"space_to_depth_320x320_3", "%x = input f32[1,320,320,3]Q\n%y = space_to_depth %x block=2\noutput %y"},
    {"relu_56x56_256", "%x = input f32[1,56,56,256]\n%y = relu %x\noutput %y"},
    {"silu_80x80_64", "%x = input f32[1,80,80,64]\n%y = silu %x\noutput %y"},
    {"hard_swish_80x80_64", "%x = input f32[1,80,80,64]\n%y = hard_swish %x\noutput %y"},
    {"softmax_197_197", "%x = input f32[6,197,197]\n%y = softmax %x\noutput %y"},
    {"quantize_224x224_3",
     "%x = input f32[1,224,224,3]\n%y = quantize %x -> s8[1,224,224,3]{scale=0.05,zero_point=3}\noutput %y"},
    {"dequantize_80x80_64", "%x = input s8[1,80,80,64]Q\n%y = dequantize %x\noutput %y"},
    {"table_80x80_64", "%x = input s8[1,80,80,64]Q\n%y = table %x entries=s8:random[256]\noutput %y"},
};

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  for (size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
    text.replace(at, from.size(), to);
  return text;
}

Graph graph_of(const Layer& layer, bool integer) {
  std::string text = layer.text;
  if (integer) {
    text = replaced(text, "f32", "s8");
    text = replaced(text, "w=random", "w=s8:random");
  }
  const bool quantized =
      integer || text.find("dequantize") != std::string::npos || text.find("table") != std::string::npos;
  text = replaced(text, "]Q", std::string("]") + (quantized ? kQuantized : ""));
  text = replaced(text, "]W", std::string("]") + (quantized ? "{scale=0.001,zero_point=0}" : ""));
  if (!quantized) text = replaced(text, "{scale=0.03,zero_point=-5}", "");
  Result<Graph> graph = parse_graph(text, ops::op_lookup());
  if (!graph.ok()) std::fprintf(stderr, "%s: %s\n", layer.name, graph.error().message().c_str());
  return std::move(graph).value();
}

void measure(benchmark::State& state, const std::shared_ptr<Graph>& graph, const kernels::Kernel* kernel) {
  const Node& node = *graph->nodes()[0];
  const kernels::Prepared prepared = kernel->prepare(node);
  std::vector<Tensor> tensors;
  std::vector<const void*> inputs;
  std::vector<void*> outputs;
  for (const Value* value : node.inputs) {
    tensors.push_back(value->is_constant() ? value->constant : random_tensor(1, value->type));
    inputs.push_back(tensors.back().bytes());
  }
  for (const Value* value : node.outputs) {
    tensors.emplace_back(value->type.type, value->type.shape);
    outputs.push_back(tensors.back().mutable_bytes());
  }
  Tensor scratch(DataType::u8, {prepared.scratch_size_bytes + 64});
  for (auto step : state) {
    prepared.run({.inputs = inputs.data(),
                  .outputs = outputs.data(),
                  .scratch = scratch.mutable_bytes(),
                  .thread_index = 0,
                  .thread_count = 1});
    benchmark::ClobberMemory();
  }
  const int64_t macs = ops::mac_count(node);
  const auto operations = static_cast<double>(macs > 0 ? 2 * macs : element_count(node.output()->shape()));
  state.counters[macs > 0 ? "op" : "elements"] =
      benchmark::Counter(operations, benchmark::Counter::kIsIterationInvariantRate);
}

void add_benchmarks(bool with_reference) {
  for (const Layer& layer : kLayers)
    for (const bool integer : {false, true}) {
      const bool fixed = std::strstr(layer.text, "]Q") == nullptr || std::strstr(layer.text, "input s8") != nullptr;
      if (integer && fixed) continue;
      const auto graph = std::make_shared<Graph>(graph_of(layer, integer));
      const Node& node = *graph->nodes()[0];
      if (node.output()->type.type == DataType::s8 && !node.output()->quantization)
        node.output()->quantization = Quantization{.scales = {0.07f}, .zero_point = -1, .axis = -1};
      std::vector<const kernels::Kernel*> kernels;
      for (const kernels::Isa isa : kernels::available_isas()) {
        const kernels::Choice choice = kernels::choose_kernel(node, {.best = isa});
        if (choice.kernel->op == node.op) kernels.push_back(choice.kernel);
      }
      if (with_reference || kernels.empty()) kernels.push_back(&kernels::reference);
      for (const kernels::Kernel* kernel : kernels) {
        const std::string name = fmt::format("{}/{}/{}", kernel->name, layer.name, integer ? "s8" : "f32");
        benchmark::RegisterBenchmark(name.c_str(), [graph, kernel](benchmark::State& state) {
          measure(state, graph, kernel);
        })->MinTime(0.1);
      }
    }
}

}  // namespace
}  // namespace espalier

int main(int argc, char** argv) {
  espalier::add_benchmarks(argc > 1 && std::strcmp(argv[1], "--reference") == 0);
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
}
