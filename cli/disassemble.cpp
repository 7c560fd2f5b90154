// espalier disassemble: a package as text.
#include <nlohmann/json.hpp>

#include "network.h"

namespace espalier::cli {
namespace {

class Disassemble : public Invocation {
 public:
  void declare(Arguments& arguments) override { arguments.positional("package", path_, "package (.esp)"); }

  Result<Outcome> run(Progress&) override {
    std::string text = TRY(disassemble(path_));
    auto json = std::make_shared<nlohmann::json>();
    (*json)["text"] = text;
    return Outcome{.text = std::move(text), .json = json};
  }

 private:
  std::string path_;
};

}  // namespace

const Command disassemble_command = {"disassemble", "the package as text", "espalier disassemble yolox_nano.esp",
                                     create<Disassemble>};

}  // namespace espalier::cli
