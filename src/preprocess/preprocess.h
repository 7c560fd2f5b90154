// From a picture to the network's input, in this order; the geometry of the first step goes to decode/.
#pragma once

#include "preprocess/apply_recipe.h"  // prepare: place and resize the picture, still in 8 bits (resize.h has the norm)
#include "preprocess/to_tensor.h"     // to_float, to_s8: the input's values, by one table per channel
