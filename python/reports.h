// Reports of the library as Python objects, with the keys that the command prints with --json.
#pragma once

#include <nanobind/nanobind.h>

#include "espalier/compile.h"

namespace espalier {

// (name, type, shape) each.
nanobind::list python_of(const std::vector<TensorInfo>& tensors);

nanobind::dict python_of(const ModelCheck& check);
nanobind::dict python_of(const CompileReport& report, const CompileOptions& options);
nanobind::dict python_of(const VerifyReport& report);

}  // namespace espalier
