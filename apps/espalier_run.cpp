// espalier-run: runs a package on the runtime alone, on the golden case that it holds or on .npy files, and prints the
// hash and the time of every layer. It links no library but the system's, so it is what goes to a board first.
#include <fmt/format.h>

#include <charconv>
#include <cstdio>

#include "base/bytes.h"
#include "base/cpu_features.h"
#include "dataset/npy.h"
#include "session_parts.h"

namespace espalier {
namespace {

constexpr const char* kUsage =
    "espalier-run PACKAGE [INPUT=FILE.npy ...] [--output FOLDER] [--kernels NAME] [--threads COUNT] [--quiet]\n"
    "\n"
    "  Without inputs the package's golden case runs, and every layer's bytes must have the stored hash.\n"
    "  --output FOLDER   write each output as FOLDER/<name>.npy\n"
    "  --kernels NAME    best (the default), reference, portable, or an instruction set of this machine\n"
    "  --quiet           no line per layer\n"
    "  Exit code 0: it ran, and the golden case has the stored bits; 1: it has not; 2: it could not run.\n";

struct Arguments {
  std::string package, output;
  std::vector<std::pair<std::string, std::string>> inputs;  // name, file
  SessionOptions session;
  bool quiet = false;
};

Result<Arguments> parse(const std::vector<std::string>& words) {
  Arguments arguments;
  for (size_t i = 0; i < words.size(); ++i) {
    const std::string& word = words[i];
    const auto value = [&]() -> Result<std::string> {
      if (i + 1 == words.size()) return error("{} needs a value", word);
      return words[++i];
    };
    if (word == "--quiet") {
      arguments.quiet = true;
    } else if (word == "--output") {
      arguments.output = TRY(value());
    } else if (word == "--kernels") {
      arguments.session.kernels = TRY(value());
    } else if (word == "--threads") {
      const std::string text = TRY(value());
      const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), arguments.session.thread_count);
      if (code != std::errc{} || end != text.data() + text.size()) return error("--threads: \"{}\" is no number", text);
    } else if (word.starts_with("--")) {
      return error("{} is no option; --help lists them", word);
    } else if (arguments.package.empty()) {
      arguments.package = word;
    } else if (const size_t equals = word.rfind('='); equals != std::string::npos) {
      arguments.inputs.emplace_back(word.substr(0, equals), word.substr(equals + 1));
    } else {
      return error("\"{}\" is no input; write NAME=FILE.npy", word);
    }
  }
  if (arguments.package.empty()) return error("no package is given; --help shows how");
  return arguments;
}

// Prints the layers, and counts those whose hash is not the golden case's.
class Layers {
 public:
  Layers(const std::optional<package::Golden>& golden, bool quiet) : golden_(golden), quiet_(quiet) {}

  void add(const LayerRun& layer) {
    const package::Hash128 hash = layer.output_hash();
    const bool differs = golden_ && hash != golden_->output_hashes[count_];
    total_us_ += layer.time_us;
    ++count_;
    if (differs) ++differing_;
    if (!quiet_ || differs)
      fmt::print("{} {:>10.1f} us  {:<24} {}{}\n", to_hex(hash), layer.time_us, layer.kernel, layer.name,
                 differs ? "  DIFFERS" : "");
  }
  void print_sum() const {
    fmt::print("{} layers, {:.3f} ms\n", count_, total_us_ / 1000);
    if (golden_)
      fmt::print("golden case: {}\n",
                 differing_ == 0 ? "the stored bits" : fmt::format("{} layers differ", differing_));
  }
  bool all_equal() const { return differing_ == 0; }

 private:
  const std::optional<package::Golden>& golden_;
  bool quiet_;
  size_t count_ = 0;
  size_t differing_ = 0;
  double total_us_ = 0;
};

// An output's name may be a path, as exporters write them.
std::string file_name(std::string name) {
  for (char& letter : name)
    if (letter == '/') letter = '_';
  return name + ".npy";
}

Result<int> run(const Arguments& arguments) {
  Session session = TRY(Session::open(arguments.package, arguments.session));
  std::optional<package::Golden> golden;
  if (arguments.inputs.empty()) {
    TRY_STATUS(SessionParts::set_golden_inputs(session));
    golden = SessionParts::package(session).golden;
  }
  for (const auto& [name, path] : arguments.inputs) TRY_STATUS(session.set_input(name, TRY(read_npy(path))));
  fmt::print("cpu {}, kernels {}, {} thread{}\n", to_string(cpu_features()), arguments.session.kernels,
             arguments.session.thread_count, arguments.session.thread_count == 1 ? "" : "s");
  Layers layers(golden, arguments.quiet);
  TRY_STATUS(session.run([&](const LayerRun& layer) { layers.add(layer); }));
  layers.print_sum();
  if (!arguments.output.empty())
    for (const NamedTensor& output : TRY(session.all_outputs()))
      TRY_STATUS(write_npy(arguments.output + "/" + file_name(output.name), output.tensor));
  return layers.all_equal() ? 0 : 1;
}

int main_with(const std::vector<std::string>& words) {
  if (words.size() == 1 && (words[0] == "--help" || words[0] == "-h")) {
    fmt::print("{}", kUsage);
    return 0;
  }
  const auto code = [&]() -> Result<int> { return run(TRY(parse(words))); }();
  if (code.ok()) return *code;
  fmt::print(stderr, "{}\n", code.error().message());
  return 2;
}

}  // namespace
}  // namespace espalier

int main(int argument_count, char** arguments) {
  return espalier::main_with(std::vector<std::string>(arguments + 1, arguments + argument_count));
}
