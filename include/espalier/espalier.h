// All public headers: a model becomes a package, the package runs.
//
//   auto recipe = espalier::read_recipe("net.json");
//   if (!recipe.ok()) return recipe.error();
//   espalier::ModelOptions model{.recipe = *recipe};
//   auto report = espalier::compile("net.onnx", {.model = model, .calibration = "images/", .output = "net.esp"});
//   if (!report.ok()) return report.error();
//   auto session = espalier::Session::open("net.esp");
//   if (!session.ok()) return session.error();
//
// The example at the head of a public header is the body of a function that returns espalier::Status, in a file that
// includes this header and <cstdio>; tests/headers compiles and runs them all.
#pragma once

// espalier::runtime, all that running a package needs.
#include "espalier/session.h"
#include "espalier/status.h"
#include "espalier/tensor.h"
#include "espalier/vision.h"

// espalier::compiler, which reads ONNX, JSON and pictures.
#include "espalier/compile.h"
#include "espalier/model.h"
