// What the compositions share of a Session: making one from a package in memory, and looking at its runner.
#pragma once

#include "decode/decode.h"
#include "espalier/session.h"
#include "package/package.h"
#include "preprocess/preprocess.h"
#include "run/run.h"

namespace espalier {

struct SessionParts {
  static Result<Session> open(std::shared_ptr<const package::Package> package, const SessionOptions& options);
  static run::Runner& runner(Session& session);
  static const package::Package& package(const Session& session);
  // Sets every input to that of the package's golden case. Error: it holds none.
  static Status set_golden_inputs(Session& session);
  // One array per input. Error: another number of arrays, or those of set_input.
  static Status set_arrays(Session& session, const std::vector<NamedTensor>& arrays);
  // A picture that is prepared already, one view of several.
  static Status set_prepared(Session& session, const Prepared& prepared);
  // What the last run says about its picture. Without `labels` the package's own are used. Errors: those of the
  // decoder, and an input whose size in pixels is unknown. Requires: run() has succeeded before.
  static Result<Decoded> decode(const Session& session, const Decoder& decoder, const DecodeOptions& options,
                                std::span<const std::string> labels = {});
};

}  // namespace espalier
