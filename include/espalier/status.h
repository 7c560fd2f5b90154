// How a fallible function answers: a value, or an Error whose message is complete in itself.
//
//   espalier::Result<espalier::Session> session = espalier::Session::open("net.esp");
//   if (!session.ok()) std::fprintf(stderr, "%s\n", session.error().message().c_str());
//
// The library throws nothing. An Error says what is wrong, where, why, and what to do about it.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <variant>

namespace espalier {

class [[nodiscard]] Error {
 public:
  explicit Error(std::string message) : message_(std::move(message)) {}
  const std::string& message() const { return message_; }
  // Puts the place in front: "model.onnx: node "conv1": ...".
  Error at(const std::string& place) const { return Error(place + ": " + message_); }

 private:
  std::string message_;
};

// Requires: value() and error() are called only on the alternative that is held.
template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : held_(std::in_place_index<0>, std::move(value)) {}
  Result(Error error) : held_(std::in_place_index<1>, std::move(error)) {}

  bool ok() const { return held_.index() == 0; }
  T& value() & { return *std::get_if<0>(&held_); }
  const T& value() const& { return *std::get_if<0>(&held_); }
  T&& value() && { return std::move(*std::get_if<0>(&held_)); }
  const Error& error() const { return *std::get_if<1>(&held_); }

  T& operator*() { return value(); }
  const T& operator*() const { return value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

 private:
  std::variant<T, Error> held_;
};

template <>
class [[nodiscard]] Result<void> {
 public:
  Result() = default;
  Result(Error error) : error_(std::move(error)) {}

  bool ok() const { return !error_.has_value(); }
  const Error& error() const { return *error_; }

 private:
  std::optional<Error> error_;
};

using Status = Result<void>;

}  // namespace espalier
