// What a subcommand is. commands.inc lists them; each is the file of its name, and main.cpp prints what it returns.
#pragma once

#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"

namespace espalier::cli {

// Declares a command's arguments. The only wrapper around the CLI library, which is slow to compile.
class Arguments {
 public:
  virtual ~Arguments() = default;
  virtual void positional(const std::string& name, std::string& value, const std::string& help) = 0;
  virtual void option(const std::string& flags, std::string& value, const std::string& help) = 0;
  virtual void option(const std::string& flags, int64_t& value, const std::string& help) = 0;
  virtual void option(const std::string& flags, int& value, const std::string& help) = 0;
  virtual void option(const std::string& flags, std::optional<int64_t>& value, const std::string& help) = 0;
  virtual void option(const std::string& flags, double& value, const std::string& help) = 0;
  // Comma-separated, and the option may be given several times.
  virtual void list(const std::string& flags, std::vector<std::string>& values, const std::string& help) = 0;
  virtual void flag(const std::string& flags, bool& value, const std::string& help) = 0;
};

// Where a command reports how far it is; silent unless a person looks at a terminal.
class Progress {
 public:
  virtual ~Progress() = default;
  virtual void update(const std::string& what, int64_t done, int64_t total) = 0;
};

// What a command has found: text for people, JSON for scripts.
struct Outcome {
  std::string text;
  std::shared_ptr<nlohmann::json> json;
  int exit_code = 0;  // 1: the check that was asked for failed
};

class Invocation {
 public:
  virtual ~Invocation() = default;
  virtual void declare(Arguments& arguments) = 0;
  virtual Result<Outcome> run(Progress& progress) = 0;
};

struct Command {
  const char* name;
  const char* summary;
  const char* example;
  std::unique_ptr<Invocation> (*create)();
};

#define COMMAND(name) extern const Command name##_command;
#include "commands.inc"
#undef COMMAND

template <class T>
std::unique_ptr<Invocation> create() {
  return std::make_unique<T>();
}

}  // namespace espalier::cli
