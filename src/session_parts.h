// What the compositions share of a Session: making one from a package in memory, and looking at its runner.
#pragma once

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
  // A picture that is prepared already, one view of several.
  static Status set_prepared(Session& session, const Prepared& prepared);
};

}  // namespace espalier
