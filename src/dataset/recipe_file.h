// Preprocessing recipes as JSON, such as docs/recipes/yolox_nano.json.
//
//   key           value                                           when it is missing
//   size          [height, width] of the input, pixels            an error
//   geometry      "stretch" "letterbox" "short_side_crop"         "stretch"
//   resize_short  pixels, for short_side_crop                     0: the larger of size
//   pad_value     0 ... 255, for letterbox                        114
//   anchor        "top_left" "center", for letterbox              "center"
//   filter        "nearest" "bilinear" "bicubic" "area"           "bilinear"
//   antialias     true false                                      true
//   color         "rgb" "bgr"                                     "rgb"
//   add, mul      [a, b, c] or one number for all channels        0 and 1
//   input         name of the network's input                     "": the only one
#pragma once

#include <string>

#include "base/bytes.h"
#include "espalier/model.h"  // read_recipe

namespace espalier {

// `name` stands in front of error messages. Unknown keys and values are errors that list the known ones.
Result<Recipe> parse_recipe(std::string_view text, const std::string& name);

// Every key, in the order above; equal recipes give equal text, and the text reads back to an equal recipe.
std::string to_json(const Recipe& recipe);

}  // namespace espalier
