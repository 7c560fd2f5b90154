// One row per key of a recipe: its name and the function that reads it.
#include "dataset/recipe_file.h"

#include <array>
#include <cmath>
#include <nlohmann/json.hpp>
#include <span>

#include "base/check.h"

namespace espalier {
namespace {

using Json = nlohmann::ordered_json;

constexpr int64_t kSizeMax = 1 << 15;

template <class T>
struct Word {
  std::string_view text;
  T value;
};

constexpr std::array<Word<Recipe::Fit>, 3> kFits = {{{"stretch", Recipe::Fit::stretch},
                                                     {"letterbox", Recipe::Fit::letterbox},
                                                     {"short_side_crop", Recipe::Fit::short_side_crop}}};
constexpr std::array<Word<Recipe::Anchor>, 2> kAnchors = {
    {{"top_left", Recipe::Anchor::top_left}, {"center", Recipe::Anchor::center}}};
constexpr std::array<Word<Recipe::Filter>, 4> kFilters = {{{"nearest", Recipe::Filter::nearest},
                                                           {"bilinear", Recipe::Filter::bilinear},
                                                           {"bicubic", Recipe::Filter::bicubic},
                                                           {"area", Recipe::Filter::area}}};
constexpr std::array<Word<Recipe::Color>, 2> kColors = {{{"rgb", Recipe::Color::rgb}, {"bgr", Recipe::Color::bgr}}};

// A value in a message. Lists and objects are only named: they may be nested deeper than the stack.
std::string shown(const Json& json) {
  if (json.is_array()) return fmt::format("a list of {}", json.size());
  if (json.is_object()) return "an object";
  return json.dump();
}

template <class T, size_t N>
Status read_word(const Json& json, const std::array<Word<T>, N>& words, T& value) {
  std::string known;
  for (const Word<T>& word : words) {
    if (json.is_string() && json.get_ref<const std::string&>() == word.text) {
      value = word.value;
      return {};
    }
    known += fmt::format("{}\"{}\"", known.empty() ? "" : ", ", word.text);
  }
  return error("is {}; known are {}", shown(json), known);
}

template <class T, size_t N>
std::string text_of(const std::array<Word<T>, N>& words, T value) {
  for (const Word<T>& word : words)
    if (word.value == value) return std::string(word.text);
  CHECK(false, "value {}", static_cast<int>(value));
}

Status read_whole(const Json& json, int64_t low, int64_t high, int64_t& value) {
  // A number above the signed range is unsigned in the JSON library, and would wrap.
  const bool whole =
      json.is_number_integer() && (!json.is_number_unsigned() || json.get<uint64_t>() <= uint64_t{INT64_MAX});
  if (!whole || json.get<int64_t>() < low || json.get<int64_t>() > high)
    return error("must be a whole number from {} to {}, is {}", low, high, shown(json));
  value = json.get<int64_t>();
  return {};
}

Status read_size(const Json& json, Recipe& recipe) {
  if (!json.is_array() || json.size() != 2) return error("must be [height, width], is {}", shown(json));
  TRY_STATUS(read_whole(json[0], 1, kSizeMax, recipe.height));
  return read_whole(json[1], 1, kSizeMax, recipe.width);
}

Status read_pad_value(const Json& json, Recipe& recipe) {
  int64_t value = 0;
  TRY_STATUS(read_whole(json, 0, 255, value));
  recipe.pad_value = static_cast<uint8_t>(value);
  return {};
}

Status read_antialias(const Json& json, Recipe& recipe) {
  if (!json.is_boolean()) return error("must be true or false, is {}", shown(json));
  recipe.antialias = json.get<bool>();
  return {};
}

// Three numbers, or one for all three channels.
Status read_channels(const Json& json, std::array<float, 3>& values) {
  const bool list = json.is_array() && json.size() == 3;
  if (!list && !json.is_number()) return error("must be a number or a list of 3 numbers, is {}", shown(json));
  for (size_t channel = 0; channel < 3; ++channel) {
    const Json& number = list ? json[channel] : json;
    if (!number.is_number()) return error("must be a number or a list of 3 numbers, is {}", shown(json));
    const double value = number.get<double>();
    if (!(std::fabs(value) <= 1e30)) return error("holds {}, which is too large", shown(number));
    values[channel] = static_cast<float>(value);
  }
  return {};
}

Status read_mul(const Json& json, Recipe& recipe) {
  TRY_STATUS(read_channels(json, recipe.mul));
  for (const float value : recipe.mul)
    if (value == 0) return error("holds 0, which makes every pixel 0");
  return {};
}

Status read_input(const Json& json, Recipe& recipe) {
  if (!json.is_string()) return error("must be the name of an input, is {}", shown(json));
  recipe.input = json.get<std::string>();
  return {};
}

struct Key {
  std::string_view name;
  Status (*read)(const Json&, Recipe&);
};

constexpr std::array<Key, 11> kKeys = {{
    {"size", read_size},
    {"geometry", [](const Json& json, Recipe& recipe) { return read_word(json, kFits, recipe.geometry); }},
    {"resize_short",
     [](const Json& json, Recipe& recipe) { return read_whole(json, 0, kSizeMax, recipe.resize_short); }},
    {"pad_value", read_pad_value},
    {"anchor", [](const Json& json, Recipe& recipe) { return read_word(json, kAnchors, recipe.anchor); }},
    {"filter", [](const Json& json, Recipe& recipe) { return read_word(json, kFilters, recipe.filter); }},
    {"antialias", read_antialias},
    {"color", [](const Json& json, Recipe& recipe) { return read_word(json, kColors, recipe.color); }},
    {"add", [](const Json& json, Recipe& recipe) { return read_channels(json, recipe.add); }},
    {"mul", read_mul},
    {"input", read_input},
}};

Status read_key(const std::string& name, const Json& json, Recipe& recipe) {
  std::string known;
  for (const Key& key : kKeys) {
    if (key.name == name) {
      const Status status = key.read(json, recipe);
      if (!status.ok()) return status.error().at(fmt::format("\"{}\"", name));
      return {};
    }
    known += fmt::format("{}{}", known.empty() ? "" : ", ", key.name);
  }
  return error("unknown key \"{}\"; known are {}", name, known);
}

// What no key alone can tell.
Status check_whole(const Recipe& recipe) {
  if (recipe.height == 0) return error("the key \"size\": [height, width] is missing");
  const int64_t larger = std::max(recipe.height, recipe.width);
  if (recipe.geometry == Recipe::Fit::short_side_crop && recipe.resize_short != 0 && recipe.resize_short < larger)
    return error("\"resize_short\" is {}; it must be at least {}, so that a crop of {} x {} fits", recipe.resize_short,
                 larger, recipe.height, recipe.width);
  return {};
}

Result<Recipe> recipe_of(std::string_view text) {
  const Json json = Json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (json.is_discarded()) return error("is not valid JSON");
  if (!json.is_object()) return error("must be a JSON object, {{\"size\": [height, width], ...}}");
  Recipe recipe;
  for (const auto& [name, value] : json.items()) TRY_STATUS(read_key(name, value, recipe));
  TRY_STATUS(check_whole(recipe));
  return recipe;
}

// The shortest text that reads back to the same float32, which a double in the JSON library would not give.
std::string channels_text(const std::array<float, 3>& values) {
  return fmt::format("[{}, {}, {}]", values[0], values[1], values[2]);
}

}  // namespace

Result<Recipe> parse_recipe(std::string_view text, const std::string& name) {
  Result<Recipe> recipe = recipe_of(text);
  if (!recipe.ok()) return recipe.error().at(name);
  return recipe;
}

Result<Recipe> read_recipe(const std::string& path) {
  const MappedFile file = TRY(MappedFile::open(path));
  return parse_recipe({reinterpret_cast<const char*>(file.bytes().data()), file.bytes().size()}, path);
}

std::string to_json(const Recipe& recipe) {
  std::string text = "{\n";
  const auto add = [&](std::string_view key, const std::string& value) {
    text += fmt::format("{}  \"{}\": {}", text == "{\n" ? "" : ",\n", key, value);
  };
  const auto quoted = [](const std::string& word) {
    return Json(word).dump(-1, ' ', false, Json::error_handler_t::replace);
  };
  add("size", fmt::format("[{}, {}]", recipe.height, recipe.width));
  add("geometry", quoted(text_of(kFits, recipe.geometry)));
  add("resize_short", fmt::format("{}", recipe.resize_short));
  add("pad_value", fmt::format("{}", recipe.pad_value));
  add("anchor", quoted(text_of(kAnchors, recipe.anchor)));
  add("filter", quoted(text_of(kFilters, recipe.filter)));
  add("antialias", recipe.antialias ? "true" : "false");
  add("color", quoted(text_of(kColors, recipe.color)));
  add("add", channels_text(recipe.add));
  add("mul", channels_text(recipe.mul));
  add("input", quoted(recipe.input));
  return text + "\n}\n";
}

}  // namespace espalier
