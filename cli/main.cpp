// The espalier command: parses arguments, runs one subcommand, prints its outcome. Exit code 0 only on success.
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <new>
#include <nlohmann/json.hpp>

#include "base/version.h"
#include "command.h"

namespace espalier::cli {
namespace {

class CliArguments : public Arguments {
 public:
  explicit CliArguments(CLI::App& app) : app_(app) {}

  void positional(const std::string& name, std::string& value, const std::string& help) override {
    app_.add_option(name, value, help)->required();
  }
  void option(const std::string& flags, std::string& value, const std::string& help) override {
    app_.add_option(flags, value, help)->capture_default_str();
  }
  void option(const std::string& flags, int64_t& value, const std::string& help) override {
    app_.add_option(flags, value, help)->capture_default_str();
  }
  void option(const std::string& flags, int& value, const std::string& help) override {
    app_.add_option(flags, value, help)->capture_default_str();
  }
  void option(const std::string& flags, std::optional<int64_t>& value, const std::string& help) override {
    app_.add_option(flags, value, help);
  }
  void option(const std::string& flags, double& value, const std::string& help) override {
    app_.add_option(flags, value, help)->capture_default_str();
  }
  void list(const std::string& flags, std::vector<std::string>& values, const std::string& help) override {
    app_.add_option(flags, values, help)->delimiter(',')->expected(1, 1'000'000)->take_all();
  }
  void flag(const std::string& flags, bool& value, const std::string& help) override {
    app_.add_flag(flags, value, help);
  }

 private:
  CLI::App& app_;
};

// A bar on stderr from the second second on, and only on a terminal.
class TerminalProgress : public Progress {
 public:
  void update(const std::string& what, int64_t done, int64_t total) override {
    const auto now = std::chrono::steady_clock::now();
    if (!shows_ || now - start_ < std::chrono::seconds(2) || now - last_ < std::chrono::milliseconds(100)) return;
    last_ = now;
    drawn_ = true;
    if (total <= 0) {
      std::fprintf(stderr, "\r\033[K%s %lld", what.c_str(), static_cast<long long>(done));
      return;
    }
    constexpr int64_t kWidth = 30;
    const auto filled = static_cast<size_t>(kWidth * std::min(done, total) / total);
    std::fprintf(stderr, "\r\033[K%s [%s%s] %lld/%lld", what.c_str(), std::string(filled, '#').c_str(),
                 std::string(kWidth - filled, ' ').c_str(), static_cast<long long>(done),
                 static_cast<long long>(total));
  }
  ~TerminalProgress() override { clear(); }
  void clear() {
    if (drawn_) std::fprintf(stderr, "\r\033[K");
    drawn_ = false;
  }

 private:
  const bool shows_ = ::isatty(STDERR_FILENO) != 0;
  bool drawn_ = false;
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
  std::chrono::steady_clock::time_point last_;
};

const std::vector<const Command*>& commands() {
  static const std::vector<const Command*> list = {
#define COMMAND(name) &name##_command,
#include "commands.inc"
#undef COMMAND
  };
  return list;
}

// The library throws nothing of its own; memory may still run out below it.
Result<Outcome> run_in_memory(Invocation& invocation, Progress& progress) {
  try {
    return invocation.run(progress);
  } catch (const std::bad_alloc&) {
    return error("the memory of this machine, or the limit that is set for this process, is used up");
  }
}

int run_command(Invocation& invocation, bool as_json) {
  TerminalProgress progress;
  const Result<Outcome> outcome = run_in_memory(invocation, progress);
  progress.clear();
  if (!outcome.ok()) {
    std::fprintf(stderr, "espalier: %s\n", outcome.error().message().c_str());
    return 2;
  }
  std::string text = outcome->text;
  // Names in user files need not be UTF-8; a replacement character beats an exception.
  if (as_json) text = outcome->json->dump(1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
  // A full disk behind a redirection must not look like success.
  if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size() || std::fflush(stdout) != 0) {
    std::fprintf(stderr, "espalier: the result could not be written to standard output\n");
    return 2;
  }
  return outcome->exit_code;
}

// The library's own message for a wrong word does not say which words there are.
bool is_unknown_command(const char* word) {
  return word[0] != '-' && std::none_of(commands().begin(), commands().end(),
                                        [&](const Command* command) { return std::string(command->name) == word; });
}

int main(int argument_count, char** argument_values) {
  if (argument_count > 1 && is_unknown_command(argument_values[1])) {
    std::string names;
    for (const Command* command : commands()) names += (names.empty() ? "" : ", ") + std::string(command->name);
    std::fprintf(stderr, "espalier: there is no command \"%s\"; there are %s\n", argument_values[1], names.c_str());
    return 2;
  }
  CLI::App app("Espalier: fits vision networks to small hardware, and proves on a PC what they will do.", "espalier");
  app.set_version_flag("--version", std::string("espalier ") + version());
  app.require_subcommand(1);
  bool as_json = false;
  std::vector<std::unique_ptr<Invocation>> invocations;
  std::vector<std::unique_ptr<CliArguments>> arguments;
  std::vector<CLI::App*> subcommands;
  for (const Command* command : commands()) {
    CLI::App* subcommand = app.add_subcommand(command->name, command->summary);
    subcommand->footer(std::string("Example:\n  ") + command->example + "\n");
    subcommand->add_flag("--json", as_json, "print the result as JSON");
    invocations.push_back(command->create());
    arguments.push_back(std::make_unique<CliArguments>(*subcommand));
    invocations.back()->declare(*arguments.back());
    subcommands.push_back(subcommand);
  }
  try {
    app.parse(argument_count, argument_values);
  } catch (const CLI::ParseError& wrong) {
    const int code = app.exit(wrong);
    return code == 0 ? 0 : 2;
  }
  for (size_t i = 0; i < subcommands.size(); ++i)
    if (subcommands[i]->parsed()) return run_command(*invocations[i], as_json);
  return 2;
}

}  // namespace
}  // namespace espalier::cli

int main(int argument_count, char** argument_values) { return espalier::cli::main(argument_count, argument_values); }
