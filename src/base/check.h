// CHECK stops the program when our own code is wrong; a user's mistake is an Error instead (error.h).
#pragma once

#include <fmt/format.h>

#include <string>

namespace espalier {

// Prints expression, place and message to stderr and aborts.
[[noreturn]] void check_failed(const char* expression, const char* file, int line, const std::string& message);

// CHECK(rows > 0); CHECK(rows > 0, "node {}", name);   in release builds too
#define CHECK(condition, ...)                                                                           \
  do {                                                                                                  \
    if (__builtin_expect(!(condition), 0))                                                              \
      ::espalier::check_failed(#condition, __FILE__, __LINE__, ::espalier::check_message(__VA_ARGS__)); \
  } while (false)

// The same in debug builds only, for hot loops.
#ifdef NDEBUG
#define DCHECK(condition, ...) \
  do {                         \
  } while (false)
#else
#define DCHECK(condition, ...) CHECK(condition __VA_OPT__(, ) __VA_ARGS__)
#endif

inline std::string check_message() { return {}; }
template <class... Args>
std::string check_message(fmt::format_string<Args...> format, Args&&... args) {
  return fmt::format(format, std::forward<Args>(args)...);
}

}  // namespace espalier
