// The end of a failed CHECK: the one place of the library that prints and aborts, since nothing can be returned.
#include "base/check.h"

#include <cstdio>
#include <cstdlib>

namespace espalier {

void check_failed(const char* expression, const char* file, int line, const std::string& message) {
  std::fprintf(stderr, "espalier: internal error at %s:%d: %s%s%s\n", file, line, expression,
               message.empty() ? "" : ": ", message.c_str());
  std::abort();
}

}  // namespace espalier
