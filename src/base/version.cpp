// The version of this build (base/version.h); the build defines ESPALIER_VERSION for this file alone.
#include "base/version.h"

namespace espalier {

const char* version() { return ESPALIER_VERSION; }

}  // namespace espalier
