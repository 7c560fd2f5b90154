// Making and passing on errors: error("input has {} channels", n), TRY(expression).
#pragma once

#include <fmt/format.h>

#include <utility>

#include "espalier/status.h"

namespace espalier {

template <class... Args>
Error error(fmt::format_string<Args...> format, Args&&... args) {
  return Error(fmt::format(format, std::forward<Args>(args)...));
}

// The value of a Result, or return its error from the enclosing function.
// A statement expression (g++ and clang) keeps `auto x = TRY(f());` on one line; the counter lets calls nest.
#define TRY(expression) TRY_NAMED(expression, __COUNTER__)
#define TRY_NAMED(expression, number) TRY_EXPANDED(expression, number)
#define TRY_EXPANDED(expression, number)                                                  \
  __extension__({                                                                         \
    auto try_result_##number = (expression);                                              \
    if (!try_result_##number.ok()) return ::espalier::Error(try_result_##number.error()); \
    std::move(try_result_##number).value();                                               \
  })

// The same for a Status, which has no value.
#define TRY_STATUS(expression)                                            \
  do {                                                                    \
    auto try_status_ = (expression);                                      \
    if (!try_status_.ok()) return ::espalier::Error(try_status_.error()); \
  } while (false)

}  // namespace espalier
