// Why an implementation does not apply: a sentence with its numbers, or nothing when it applies.
// A Reason is data to collect and print, neither an error nor a log line.
#pragma once

#include <fmt/format.h>

#include <string>
#include <utility>

namespace espalier {

class [[nodiscard]] Reason {
 public:
  Reason() = default;  // applies
  explicit Reason(std::string sentence) : sentence_(std::move(sentence)) {}

  bool applies() const { return sentence_.empty(); }
  const std::string& sentence() const { return sentence_; }

 private:
  std::string sentence_;
};

inline const Reason kApplies{};

// return reason("stride must be at most {}, is {}", stride_max, stride);
template <class... Args>
Reason reason(fmt::format_string<Args...> format, Args&&... args) {
  return Reason(fmt::format(format, std::forward<Args>(args)...));
}

}  // namespace espalier
