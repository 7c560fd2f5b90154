// Bytes -> package (package/package.h). A package may come from anywhere: nothing is trusted before it is checked.
#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <unordered_set>

#include "graph/verify.h"
#include "ops/op.h"
#include "package/container.h"
#include "package/package.h"
#include "package_generated.h"

namespace espalier::package {
namespace {

template <class Table>
Result<const Table*> read_table(Bytes bytes, const char* what) {
  flatbuffers::Verifier verifier(bytes.data(), bytes.size(), 64, 10'000'000);
  if (bytes.size() < 8 || !verifier.VerifyBuffer<Table>(nullptr)) return error("the {} section is damaged", what);
  return flatbuffers::GetRoot<Table>(bytes.data());
}

std::string text_of(const flatbuffers::String* text) { return text == nullptr ? std::string() : text->str(); }

// As bytes: the verifier sees to the alignment of a list's length, not to that of elements of eight bytes.
template <class T>
std::vector<T> list_of(const flatbuffers::Vector<T>* list) {
  static_assert(std::endian::native == std::endian::little, "FlatBuffers are little-endian");
  std::vector<T> copy(list == nullptr ? 0 : list->size());
  if (!copy.empty()) std::memcpy(copy.data(), list->Data(), copy.size() * sizeof(T));
  return copy;
}

Result<DataType> data_type(schema::DataType type) {
  if (type > schema::DataType_MAX) return error("element type {} does not exist", static_cast<int>(type));
  return static_cast<DataType>(type);
}

Result<TensorType> tensor_type(schema::DataType type, const flatbuffers::Vector<int64_t>* shape) {
  TensorType result{TRY(data_type(type)), list_of(shape)};
  if (!checked_element_count(result.shape)) return error("shape {} is impossible", to_string(result.shape));
  return result;
}

Result<Attribute> attribute_of(const schema::Attribute& stored) {
  const auto missing = [&] { return error("attribute \"{}\" has no value", text_of(stored.name())); };
  switch (stored.value_type()) {
    case schema::AttributeValue_Integer:
      return stored.value_as_Integer() ? Result<Attribute>(stored.value_as_Integer()->value()) : missing();
    case schema::AttributeValue_Real:
      return stored.value_as_Real() ? Result<Attribute>(stored.value_as_Real()->value()) : missing();
    case schema::AttributeValue_Text:
      return stored.value_as_Text() ? Result<Attribute>(text_of(stored.value_as_Text()->value())) : missing();
    case schema::AttributeValue_Integers:
      return stored.value_as_Integers() ? Result<Attribute>(list_of(stored.value_as_Integers()->values())) : missing();
    case schema::AttributeValue_Reals:
      return stored.value_as_Reals() ? Result<Attribute>(list_of(stored.value_as_Reals()->values())) : missing();
    default: return missing();
  }
}

class GraphReader {
 public:
  GraphReader(const schema::Graph& stored, Bytes constants, std::shared_ptr<const void> owner)
      : stored_(stored), constants_(constants), owner_(std::move(owner)) {}

  Result<Graph> read() {
    if (stored_.values() != nullptr)
      for (const schema::Value* value : *stored_.values()) TRY_STATUS(read_value(*value));
    TRY_STATUS(read_ports(stored_.inputs(), true));
    if (stored_.nodes() != nullptr)
      for (const schema::Node* node : *stored_.nodes()) TRY_STATUS(read_node(*node));
    TRY_STATUS(read_ports(stored_.outputs(), false));
    TRY_STATUS(verify_graph(graph_, ops::op_lookup()));
    return std::move(graph_);
  }

 private:
  Status read_value(const schema::Value& stored) {
    const TensorType type = TRY(tensor_type(stored.type(), stored.shape()));
    const std::string name = text_of(stored.name());
    Value* value = nullptr;
    if (stored.is_constant()) {
      const auto size = static_cast<uint64_t>(element_count(type.shape) * size_bytes(type.type));
      if (!fits(stored.data_offset(), size, constants_.size()) || stored.data_offset() % 64 != 0)
        return error("constant \"{}\": {} bytes at {} lie outside of its section", name, size, stored.data_offset());
      value =
          graph_.add_constant(name, Tensor(type.type, type.shape, owner_, constants_.data() + stored.data_offset()));
    } else {
      value = graph_.add_value(name, type);
    }
    if (const schema::Quantization* quantization = stored.quantization())
      value->quantization = Quantization{.scales = list_of(quantization->scales()),
                                         .zero_point = quantization->zero_point(),
                                         .axis = quantization->axis()};
    values_.push_back(value);
    return {};
  }

  Result<Value*> value_at(int32_t index) {
    if (index < 0 || static_cast<size_t>(index) >= values_.size()) return error("value {} does not exist", index);
    return values_[static_cast<size_t>(index)];
  }

  Status read_node(const schema::Node& stored) {
    std::vector<Value*> inputs;
    for (const int32_t index : list_of(stored.inputs())) inputs.push_back(index == -1 ? nullptr : TRY(value_at(index)));
    std::vector<Value*> outputs;
    for (const int32_t index : list_of(stored.outputs())) {
      Value* value = TRY(value_at(index));
      const bool fresh = std::find(outputs.begin(), outputs.end(), value) == outputs.end();
      if (value->producer != nullptr || value->is_constant() || !fresh)
        return error("value \"{}\" is made twice", value->name);
      outputs.push_back(value);
    }
    if (outputs.empty()) return error("node \"{}\" has no output", text_of(stored.name()));
    if (text_of(stored.op()).empty()) return error("node \"{}\" has no operator", text_of(stored.name()));
    Attributes attributes;
    if (stored.attributes() != nullptr)
      for (const schema::Attribute* attribute : *stored.attributes())
        attributes[text_of(attribute->name())] = TRY(attribute_of(*attribute));
    graph_.add_node(text_of(stored.op()), text_of(stored.name()), std::move(inputs), std::move(attributes),
                    std::move(outputs));
    return {};
  }

  Status read_ports(const flatbuffers::Vector<flatbuffers::Offset<schema::Port>>* ports, bool is_input) {
    if (ports == nullptr) return {};
    for (const schema::Port* stored : *ports) {
      Value* value = TRY(value_at(stored->value()));
      const TensorType type = TRY(tensor_type(stored->type(), stored->shape()));
      if (is_input && (value->is_constant() || !input_values_.insert(value).second))
        return error("input \"{}\" stands for a constant or for another input", text_of(stored->name()));
      if (is_input) {
        graph_.add_input(value, type);
      } else {
        graph_.add_output(value, text_of(stored->name()), type);
      }
      Port& port = is_input ? graph_.inputs().back() : graph_.outputs().back();
      port.name = text_of(stored->name());
      port.permutation = list_of(stored->permutation());
    }
    return {};
  }

  const schema::Graph& stored_;
  Bytes constants_;
  std::shared_ptr<const void> owner_;
  Graph graph_;
  std::vector<Value*> values_;
  std::unordered_set<const Value*> input_values_;
};

Result<Hash128> hash_of(const flatbuffers::Vector<uint8_t>* bytes) {
  if (bytes == nullptr || bytes->size() != 16) return error("a stored hash has not 16 bytes");
  Hash128 hash;
  std::copy(bytes->begin(), bytes->end(), hash.begin());
  return hash;
}

Result<Recipe> recipe_of(const schema::Recipe& stored) {
  Recipe recipe;
  const auto in_range = [](uint8_t value, auto last) { return value <= static_cast<uint8_t>(last); };
  if (!in_range(stored.geometry(), Recipe::Fit::short_side_crop) ||
      !in_range(stored.anchor(), Recipe::Anchor::center) || !in_range(stored.filter(), Recipe::Filter::area) ||
      !in_range(stored.color(), Recipe::Color::bgr) || stored.add() == nullptr || stored.add()->size() != 3 ||
      stored.mul() == nullptr || stored.mul()->size() != 3)
    return error("the preprocessing recipe is damaged");
  recipe.geometry = static_cast<Recipe::Fit>(stored.geometry());
  recipe.height = stored.height();
  recipe.width = stored.width();
  recipe.resize_short = stored.resize_short();
  recipe.pad_value = stored.pad_value();
  recipe.anchor = static_cast<Recipe::Anchor>(stored.anchor());
  recipe.filter = static_cast<Recipe::Filter>(stored.filter());
  recipe.antialias = stored.antialias();
  recipe.color = static_cast<Recipe::Color>(stored.color());
  // The bounds of recipe files (dataset/recipe_file.h).
  constexpr int64_t kSideMax = 1 << 15;
  for (const int64_t side : {recipe.height, recipe.width})
    if (side < 1 || side > kSideMax)
      return error("the preprocessing recipe makes pictures of {} x {}", recipe.height, recipe.width);
  if (recipe.resize_short < 0 || recipe.resize_short > kSideMax)
    return error("the preprocessing recipe resizes the short side to {}", recipe.resize_short);
  std::copy(stored.add()->begin(), stored.add()->end(), recipe.add.begin());
  std::copy(stored.mul()->begin(), stored.mul()->end(), recipe.mul.begin());
  for (size_t channel = 0; channel < 3; ++channel)
    if (!(std::abs(recipe.add[channel]) <= 1e30f) || !(std::abs(recipe.mul[channel]) <= 1e30f))
      return error("the preprocessing recipe adds {} and multiplies by {}", recipe.add[channel], recipe.mul[channel]);
  recipe.input = text_of(stored.input());
  return recipe;
}

Status read_description(Bytes bytes, Package& package) {
  const schema::Description* stored = TRY(read_table<schema::Description>(bytes, "description"));
  package.producer = text_of(stored->producer());
  package.model_hash = TRY(hash_of(stored->model_hash()));
  package.calibration_hash = TRY(hash_of(stored->calibration_hash()));
  if (stored->recipe() != nullptr) package.recipe = TRY(recipe_of(*stored->recipe()));
  if (stored->labels() != nullptr)
    for (const flatbuffers::String* label : *stored->labels()) package.labels.push_back(text_of(label));
  if (stored->disabled_passes() != nullptr)
    for (const flatbuffers::String* pass : *stored->disabled_passes()) package.disabled_passes.push_back(text_of(pass));
  package.float_graph_hash = TRY(hash_of(stored->float_graph_hash()));
  return {};
}

Status read_golden(Bytes bytes, Package& package) {
  const schema::Golden* stored = TRY(read_table<schema::Golden>(bytes, "golden"));
  Golden golden;
  const size_t input_count = stored->inputs() == nullptr ? 0 : stored->inputs()->size();
  if (input_count != package.graph.inputs().size())
    return error("the golden case has {} inputs, the graph {}", input_count, package.graph.inputs().size());
  for (size_t i = 0; i < input_count; ++i) {
    const TensorType& type = package.graph.inputs()[i].value->type;
    const auto* data = stored->inputs()->Get(static_cast<flatbuffers::uoffset_t>(i))->data();
    const int64_t needed = element_count(type.shape) * size_bytes(type.type);
    if (data == nullptr || static_cast<int64_t>(data->size()) != needed)
      return error("the golden input {} has {} bytes, {} are needed", i, data == nullptr ? 0 : data->size(), needed);
    Tensor tensor(type.type, type.shape);
    std::memcpy(tensor.mutable_bytes(), data->data(), data->size());
    golden.inputs.push_back(std::move(tensor));
  }
  const size_t layer_count = stored->layers() == nullptr ? 0 : stored->layers()->size();
  if (layer_count != package.graph.node_count())
    return error("the golden case has {} layers, the graph {} nodes", layer_count, package.graph.node_count());
  for (size_t i = 0; i < layer_count; ++i) {
    const auto* layer = stored->layers()->Get(static_cast<flatbuffers::uoffset_t>(i));
    golden.output_hashes.push_back(TRY(hash_of(layer->output_hash())));
    package.constants_hashes.push_back(TRY(hash_of(layer->constants_hash())));
  }
  package.golden = std::move(golden);
  return {};
}

Result<Package> parse_sections(Bytes bytes, std::shared_ptr<const void> owner) {
  std::optional<Bytes> description, graph, constants, golden;
  for (const Section& section : TRY(read_container(bytes))) {
    std::optional<Bytes>* place = section.kind == SectionKind::description ? &description
                                  : section.kind == SectionKind::graph     ? &graph
                                  : section.kind == SectionKind::constants ? &constants
                                  : section.kind == SectionKind::golden    ? &golden
                                                                           : nullptr;
    if (place == nullptr) continue;  // of a later version; the format version says that it may be ignored
    if (place->has_value()) return error("the package holds a section twice");
    *place = section.bytes;
  }
  if (!description || !graph || !constants)
    return error("the package lacks its description, graph or constants section");
  Package package;
  TRY_STATUS(read_description(*description, package));
  package.graph =
      TRY(GraphReader(*TRY(read_table<schema::Graph>(*graph, "graph")), *constants, std::move(owner)).read());
  if (golden) TRY_STATUS(read_golden(*golden, package));
  return package;
}

}  // namespace

Result<Package> parse(Bytes bytes, std::shared_ptr<const void> owner, const std::string& name) {
  Result<Package> package = parse_sections(bytes, std::move(owner));
  if (!package.ok()) return package.error().at(name);
  return package;
}

Result<Package> load(const std::string& path) {
  const MappedFile file = TRY(MappedFile::open(path));
  return parse(file.bytes(), file.owner(), path);
}

Result<std::vector<std::string>> check_hashes(Bytes bytes) {
  const Package package = TRY(parse_sections(bytes, nullptr));
  std::vector<std::string> differing = sections_that_differ(bytes);
  const std::vector<Node*> nodes = package.graph.nodes();
  for (size_t i = 0; i < package.constants_hashes.size(); ++i)
    if (hash_constants(*nodes[i]) != package.constants_hashes[i])
      differing.push_back(fmt::format("layer \"{}\": its constants differ", nodes[i]->name));
  return differing;
}

}  // namespace espalier::package
