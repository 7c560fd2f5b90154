// Opening networks and feeding samples for the commands (cli/network.h).
#include "network.h"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "base/bytes.h"
#include "dataset/image_file.h"
#include "dataset/npy.h"
#include "dataset/npz.h"
#include "dataset/recipe_file.h"
#include "dataset/samples.h"
#include "package/package.h"
#include "session_parts.h"

namespace espalier::cli {
namespace {

Result<nlohmann::json> numbers(const std::string& option, const std::vector<std::string>& texts) {
  nlohmann::json list = nlohmann::json::array();
  for (const std::string& text : texts) {
    const nlohmann::json number = nlohmann::json::parse(text, nullptr, false);
    if (!number.is_number()) return error("{}: \"{}\" is no number", option, text);
    list.push_back(number);
  }
  return list;
}

// "images:1x3x224x224"
Result<std::pair<std::string, Shape>> parse_input_shape(const std::string& text) {
  const size_t colon = text.rfind(':');
  if (colon == std::string::npos || colon == 0)
    return error("--input-shape \"{}\" must look like images:1x3x224x224", text);
  Shape shape;
  const char* at = text.data() + colon + 1;
  const char* end = text.data() + text.size();
  while (at <= end) {
    int64_t extent = 0;
    const auto [next, code] = std::from_chars(at, end, extent);
    if (code != std::errc{} || extent < 1) return error("--input-shape \"{}\" must look like images:1x3x224x224", text);
    shape.push_back(extent);
    if (next == end) break;
    if (*next != 'x') return error("--input-shape \"{}\" must look like images:1x3x224x224", text);
    at = next + 1;
  }
  return std::pair{text.substr(0, colon), shape};
}

// One array per input. A model may declare inputs that its outputs do not need; samples may hold them.
Status set_arrays(Session& session, std::vector<NamedTensor> arrays, const std::string& path) {
  const auto is_called = [](const std::string& name) {
    return [&name](const auto& named) { return named.name == name; };
  };
  const auto& inputs = session.inputs();
  for (const auto& input : inputs)
    if (std::none_of(arrays.begin(), arrays.end(), is_called(input.name)))
      return error("{}: it holds no array \"{}\", which is an input of the network; it holds {} arrays for {} inputs",
                   path, input.name, arrays.size(), inputs.size());
  std::erase_if(arrays, [&](const NamedTensor& array) {
    const bool unused = std::none_of(inputs.begin(), inputs.end(), is_called(array.name));
    if (unused)
      std::fprintf(stderr, "espalier: note: %s: the array \"%s\" is no input that the network's outputs need\n",
                   path.c_str(), array.name.c_str());
    return unused;
  });
  const Status set = SessionParts::set_arrays(session, arrays);
  return set.ok() ? set : set.error().at(path);
}

}  // namespace

void RecipeArguments::declare(Arguments& arguments) {
  arguments.option("--preprocess", file, "recipe that turns pictures into the input (JSON, see docs/recipes/)");
  arguments.option("--geometry", geometry, "recipe: stretch, letterbox or short_side_crop");
  arguments.list("--size", size, "recipe: height,width of the input");
  arguments.option("--resize_short", resize_short, "recipe: short side after resizing, pixels");
  arguments.option("--pad_value", pad_value, "recipe: value of a letterbox's border, 0 to 255");
  arguments.option("--anchor", anchor, "recipe: top_left or center");
  arguments.option("--filter", filter, "recipe: nearest, bilinear, bicubic or area");
  arguments.option("--antialias", antialias, "recipe: true or false");
  arguments.option("--color", color, "recipe: rgb or bgr");
  arguments.list("--add", add, "recipe: three numbers added to the channels");
  arguments.list("--mul", mul, "recipe: three numbers multiplied after that");
  arguments.option("--input", input, "recipe: name of the input that pictures go to");
}

Result<std::optional<Recipe>> RecipeArguments::recipe() const {
  nlohmann::json overrides = nlohmann::json::object();
  for (const auto& [name, value] : {std::pair{"geometry", &geometry},
                                    {"filter", &filter},
                                    {"anchor", &anchor},
                                    {"color", &color},
                                    {"input", &input}})
    if (!value->empty()) overrides[name] = *value;
  if (!antialias.empty()) {
    if (antialias != "true" && antialias != "false")
      return error("--antialias is \"{}\", it must be true or false", antialias);
    overrides["antialias"] = antialias == "true";
  }
  if (!size.empty()) overrides["size"] = TRY(numbers("--size", size));
  if (!add.empty()) overrides["add"] = TRY(numbers("--add", add));
  if (!mul.empty()) overrides["mul"] = TRY(numbers("--mul", mul));
  if (resize_short) overrides["resize_short"] = *resize_short;
  if (pad_value) overrides["pad_value"] = *pad_value;
  if (file.empty() && overrides.empty()) return std::optional<Recipe>();
  nlohmann::json whole = nlohmann::json::object();
  if (!file.empty()) whole = nlohmann::json::parse(to_json(TRY(read_recipe(file))));
  whole.update(overrides);
  return std::optional(TRY(parse_recipe(whole.dump(), file.empty() ? "recipe options" : file)));
}

void ModelArguments::declare(Arguments& arguments) {
  recipe.declare(arguments);
  declare_shapes(arguments);
}

void ModelArguments::declare_shapes(Arguments& arguments) {
  arguments.list("--input-shape", input_shapes, "shape of an input with open dimensions: name:1x3x224x224");
  arguments.list("--bind", bound, "make an input that decides shapes or scales a constant: name=file.npy");
  arguments.list("--inputs", inputs, "cut the model at these tensors instead of its inputs");
  arguments.list("--outputs", outputs, "cut the model at these tensors instead of its outputs");
  arguments.list("--disable-pass", disabled_passes, "leave out these passes of simplify");
}

Result<ModelOptions> ModelArguments::options() const {
  ModelOptions options{.input_shapes = {},
                       .inputs = inputs,
                       .outputs = outputs,
                       .recipe = TRY(recipe.recipe()),
                       .disabled_passes = {disabled_passes.begin(), disabled_passes.end()}};
  for (const std::string& text : input_shapes) {
    const auto [name, shape] = TRY(parse_input_shape(text));
    if (!options.input_shapes.emplace(name, shape).second)
      return error("--input-shape gives input \"{}\" two shapes", name);
  }
  for (const std::string& text : bound) {
    const size_t split = text.find('=');
    if (split == std::string::npos || split == 0) return error("--bind \"{}\" must look like name=file.npy", text);
    const std::string name = text.substr(0, split);
    if (!options.bound.emplace(name, TRY(read_npy(text.substr(split + 1)))).second)
      return error("--bind gives input \"{}\" two values", name);
  }
  return options;
}

void NetworkArguments::declare(Arguments& arguments, const std::string& what) {
  arguments.positional("network", path, what);
  arguments.option("--threads", session.thread_count, "threads, 1 to 256");
  arguments.option("--kernels", session.kernels, "best, reference, portable, or avx2, avx512vnni, neon, neondot");
  model.declare(arguments);
}

Result<Session> NetworkArguments::open() const { return open_network(path, TRY(model.options()), session); }

Result<bool> is_package_file(const std::string& path) {
  const MappedFile file = TRY(MappedFile::open(path));
  return package::is_package(file.bytes());
}

Result<Session> open_network(const std::string& path, const ModelOptions& model, const SessionOptions& options) {
  if (!TRY(is_package_file(path))) {
    Session session = TRY(open_model(path, model, options));
    for (const std::string& note : session.notes()) std::fprintf(stderr, "espalier: note: %s\n", note.c_str());
    return session;
  }
  if (model.recipe || !model.input_shapes.empty() || !model.bound.empty() || !model.inputs.empty() ||
      !model.outputs.empty() || !model.disabled_passes.empty())
    return error(
        "{} is a package: it carries its recipe and shapes, so --preprocess, --input-shape, --bind, --inputs, "
        "--outputs "
        "and --disable-pass apply to model files only",
        path);
  return Session::open(path, options);
}

Result<Session> NetworkArguments::open_with(const std::string& sample) const {
  ModelOptions options = TRY(model.options());
  if (!sample.ends_with(".npz")) {
    Session opened = TRY(open_network(path, options, session));
    TRY_STATUS(set_sample(opened, sample));
    return opened;
  }
  std::vector<NamedTensor> arrays = TRY(read_npz(sample));
  if (!TRY(is_package_file(path))) {
    const std::vector<std::string> deciding = TRY(constant_inputs(path));
    for (const NamedTensor& array : arrays)
      if (std::find(deciding.begin(), deciding.end(), array.name) != deciding.end())
        options.bound.emplace(array.name, array.tensor);
    std::erase_if(arrays, [&](const NamedTensor& array) { return options.bound.contains(array.name); });
  }
  Session opened = TRY(open_network(path, options, session));
  TRY_STATUS(set_arrays(opened, std::move(arrays), sample));
  return opened;
}

Status set_sample(Session& session, const std::string& path) {
  if (!path.ends_with(".npz")) return session.set_image(TRY(read_image(path)));
  return set_arrays(session, TRY(read_npz(path)), path);
}

}  // namespace espalier::cli
