// Package -> bytes (package/package.h).
#include <xxhash.h>

#include <unordered_map>

#include "base/check.h"
#include "package/container.h"
#include "package/package.h"
#include "package_generated.h"

namespace espalier::package {
namespace {

using flatbuffers::FlatBufferBuilder;
using flatbuffers::Offset;

schema::DataType to_schema(DataType type) { return static_cast<schema::DataType>(type); }

// Constants one after the other, each at a multiple of 64; equal bytes are stored once.
class ConstantWriter {
 public:
  uint64_t add(const Tensor& tensor) {
    const Bytes bytes(static_cast<const uint8_t*>(tensor.bytes()), static_cast<size_t>(tensor.size_bytes()));
    const auto [found, fresh] = offsets_.emplace(
        std::string(reinterpret_cast<const char*>(hash128(bytes).data()), 16) + std::to_string(bytes.size()),
        section_.size());
    if (!fresh) return found->second;
    found->second = (section_.size() + 63) / 64 * 64;
    section_.resize(found->second, 0);
    section_.insert(section_.end(), bytes.begin(), bytes.end());
    return found->second;
  }
  const std::vector<uint8_t>& section() const { return section_; }

 private:
  std::vector<uint8_t> section_;
  std::unordered_map<std::string, uint64_t> offsets_;
};

struct AttributeWriter {
  FlatBufferBuilder& builder;
  schema::AttributeValue kind = schema::AttributeValue_NONE;

  Offset<void> operator()(int64_t value) {
    kind = schema::AttributeValue_Integer;
    return schema::CreateInteger(builder, value).Union();
  }
  Offset<void> operator()(float value) {
    kind = schema::AttributeValue_Real;
    return schema::CreateReal(builder, value).Union();
  }
  Offset<void> operator()(const std::string& value) {
    kind = schema::AttributeValue_Text;
    return schema::CreateText(builder, builder.CreateString(value)).Union();
  }
  Offset<void> operator()(const std::vector<int64_t>& values) {
    kind = schema::AttributeValue_Integers;
    return schema::CreateIntegers(builder, builder.CreateVector(values)).Union();
  }
  Offset<void> operator()(const std::vector<float>& values) {
    kind = schema::AttributeValue_Reals;
    return schema::CreateReals(builder, builder.CreateVector(values)).Union();
  }
};

class GraphWriter {
 public:
  GraphWriter(const Graph& graph, ConstantWriter& constants) : graph_(graph), constants_(constants) {}

  std::vector<uint8_t> write() {
    std::vector<Offset<schema::Value>> values;
    for (const Value* value : graph_.values()) {
      index_of_[value] = static_cast<int32_t>(values.size());
      values.push_back(write_value(*value));
    }
    std::vector<Offset<schema::Node>> nodes;
    for (const Node* node : graph_.nodes()) nodes.push_back(write_node(*node));
    const auto inputs = write_ports(graph_.inputs());
    const auto outputs = write_ports(graph_.outputs());
    builder_.Finish(schema::CreateGraphDirect(builder_, &values, &nodes, &inputs, &outputs));
    return {builder_.GetBufferPointer(), builder_.GetBufferPointer() + builder_.GetSize()};
  }

 private:
  Offset<schema::Value> write_value(const Value& value) {
    Offset<schema::Quantization> quantization;
    if (value.quantization)
      quantization = schema::CreateQuantizationDirect(builder_, &value.quantization->scales,
                                                      value.quantization->zero_point, value.quantization->axis);
    const uint64_t offset = value.is_constant() ? constants_.add(value.constant) : 0;
    return schema::CreateValueDirect(builder_, value.name.c_str(), to_schema(value.type.type), &value.type.shape,
                                     quantization, value.is_constant(), offset);
  }

  Offset<schema::Node> write_node(const Node& node) {
    std::vector<Offset<schema::Attribute>> attributes;
    for (const auto& [name, attribute] : node.attributes) {
      AttributeWriter writer{builder_};
      const Offset<void> value = std::visit(writer, attribute);
      attributes.push_back(schema::CreateAttributeDirect(builder_, name.c_str(), writer.kind, value));
    }
    const std::vector<int32_t> inputs = indices(node.inputs);
    const std::vector<int32_t> outputs = indices(node.outputs);
    return schema::CreateNodeDirect(builder_, node.op.c_str(), node.name.c_str(), &inputs, &outputs, &attributes);
  }

  std::vector<Offset<schema::Port>> write_ports(const std::vector<Port>& ports) {
    std::vector<Offset<schema::Port>> written;
    for (const Port& port : ports)
      written.push_back(schema::CreatePortDirect(builder_, index_of_.at(port.value), port.name.c_str(),
                                                 to_schema(port.type.type), &port.type.shape, &port.permutation));
    return written;
  }

  std::vector<int32_t> indices(const std::vector<Value*>& values) const {
    std::vector<int32_t> result;
    for (const Value* value : values) result.push_back(value == nullptr ? -1 : index_of_.at(value));
    return result;
  }

  const Graph& graph_;
  ConstantWriter& constants_;
  FlatBufferBuilder builder_;
  std::unordered_map<const Value*, int32_t> index_of_;
};

Offset<schema::Recipe> write_recipe(FlatBufferBuilder& builder, const Recipe& recipe) {
  const std::vector<float> add(recipe.add.begin(), recipe.add.end());
  const std::vector<float> mul(recipe.mul.begin(), recipe.mul.end());
  return schema::CreateRecipeDirect(builder, static_cast<uint8_t>(recipe.geometry), recipe.height, recipe.width,
                                    recipe.resize_short, recipe.pad_value, static_cast<uint8_t>(recipe.anchor),
                                    static_cast<uint8_t>(recipe.filter), recipe.antialias,
                                    static_cast<uint8_t>(recipe.color), &add, &mul, recipe.input.c_str());
}

Offset<flatbuffers::Vector<uint8_t>> write_bytes(FlatBufferBuilder& builder, Bytes bytes) {
  return builder.CreateVector(bytes.data(), bytes.size());
}

std::vector<uint8_t> finished(FlatBufferBuilder& builder) {
  return {builder.GetBufferPointer(), builder.GetBufferPointer() + builder.GetSize()};
}

std::vector<uint8_t> write_description(const Package& package) {
  FlatBufferBuilder builder;
  Offset<schema::Recipe> recipe;
  if (package.recipe) recipe = write_recipe(builder, *package.recipe);
  const auto labels = builder.CreateVectorOfStrings(package.labels);
  const auto producer = builder.CreateString(package.producer);
  const auto model_hash = write_bytes(builder, package.model_hash);
  const auto calibration_hash = write_bytes(builder, package.calibration_hash);
  const auto disabled_passes = builder.CreateVectorOfStrings(package.disabled_passes);
  const auto float_graph_hash = write_bytes(builder, package.float_graph_hash);
  builder.Finish(schema::CreateDescription(builder, producer, model_hash, calibration_hash, recipe, labels,
                                           disabled_passes, float_graph_hash));
  return finished(builder);
}

std::vector<uint8_t> write_golden(const Golden& golden, const Graph& graph) {
  FlatBufferBuilder builder;
  std::vector<Offset<schema::GoldenTensor>> inputs;
  for (const Tensor& input : golden.inputs) {
    const auto data =
        write_bytes(builder, {static_cast<const uint8_t*>(input.bytes()), static_cast<size_t>(input.size_bytes())});
    inputs.push_back(schema::CreateGoldenTensor(builder, data));
  }
  const std::vector<Node*> nodes = graph.nodes();
  CHECK(nodes.size() == golden.output_hashes.size());
  std::vector<Offset<schema::GoldenLayer>> layers;
  for (size_t i = 0; i < nodes.size(); ++i) {
    const auto output = write_bytes(builder, golden.output_hashes[i]);
    const auto constants = write_bytes(builder, hash_constants(*nodes[i]));
    layers.push_back(schema::CreateGoldenLayer(builder, output, constants));
  }
  builder.Finish(schema::CreateGoldenDirect(builder, &inputs, &layers));
  return finished(builder);
}

}  // namespace

Hash128 hash_constants(const Node& node) {
  XXH3_state_t* state = XXH3_createState();
  XXH3_128bits_reset(state);
  for (const Value* input : node.inputs)
    if (input != nullptr && input->is_constant())
      XXH3_128bits_update(state, input->constant.bytes(), static_cast<size_t>(input->constant.size_bytes()));
  XXH128_canonical_t canonical;
  XXH128_canonicalFromHash(&canonical, XXH3_128bits_digest(state));
  XXH3_freeState(state);
  Hash128 hash;
  std::copy(std::begin(canonical.digest), std::end(canonical.digest), hash.begin());
  return hash;
}

std::vector<uint8_t> serialize(const Package& package) {
  ConstantWriter constants;
  const std::vector<uint8_t> graph = GraphWriter(package.graph, constants).write();
  const std::vector<uint8_t> description = write_description(package);
  std::vector<Section> sections = {{SectionKind::description, description},
                                   {SectionKind::graph, graph},
                                   {SectionKind::constants, constants.section()}};
  std::vector<uint8_t> golden;
  if (package.golden) {
    golden = write_golden(*package.golden, package.graph);
    sections.push_back({SectionKind::golden, golden});
  }
  return write_container(sections);
}

}  // namespace espalier::package
