// espalier check: every operator of a model, supported or why not, with shapes, MACs and parameters.
#include <nlohmann/json.hpp>

#include "network.h"

namespace espalier::cli {
namespace {

double percent(int64_t part, int64_t whole) {
  return whole == 0 ? 0 : 100.0 * static_cast<double>(part) / static_cast<double>(whole);
}

class Check : public Invocation {
 public:
  void declare(Arguments& arguments) override {
    arguments.positional("model", path_, "model file (.onnx)");
    model_.declare(arguments);
  }

  Result<Outcome> run(Progress&) override {
    const ModelCheck check = TRY(check_model(path_, TRY(model_.options())));
    return Outcome{.text = text_of(check), .json = json_of(check), .exit_code = check.supported ? 0 : 1};
  }

 private:
  static std::string text_of(const ModelCheck& check) {
    std::string text;
    for (const TensorInfo& info : check.inputs)
      text += fmt::format("input   {} {}[{}]\n", info.name, name(info.type), to_string(info.shape));
    for (const TensorInfo& info : check.outputs)
      text += fmt::format("output  {} {}[{}]\n", info.name, name(info.type), to_string(info.shape));
    text += fmt::format("\n{:<44} {:<20} {:>18} {:>12}  {}\n", "node", "operator", "output (NHWC)", "MMAC", "");
    for (const CheckedNode& node : check.nodes)
      text += fmt::format("{:<44} {:<20} {:>18} {:>12}  {}\n", node.name, node.op, node.output_shape,
                          node.mac_count == 0 ? "" : fmt::format("{:.3f}", static_cast<double>(node.mac_count) * 1e-6),
                          node.supported ? node.reason : "NOT SUPPORTED: " + node.reason);
    const auto unsupported =
        std::count_if(check.nodes.begin(), check.nodes.end(), [](const CheckedNode& node) { return !node.supported; });
    text += fmt::format(
        "\n{} nodes, {} not supported; {:.3f} GMAC, {:.2f} % of them have an integer meaning; {:.3f} M parameters\n",
        check.nodes.size(), unsupported, static_cast<double>(check.mac_count) * 1e-9,
        percent(check.integer_mac_count, check.mac_count), static_cast<double>(check.parameter_count) * 1e-6);
    text += fmt::format("{} transposes are left after simplification", check.transposes.size());
    for (const std::string& transpose : check.transposes) text += "\n  " + transpose;
    text += '\n';
    for (const std::string& name : check.constant_inputs)
      text += fmt::format("input \"{0}\" decides shapes or scales: make it a constant, --bind {0}=file.npy\n", name);
    for (const std::string& note : check.notes) text += "note: " + note + "\n";
    return text;
  }

  static std::shared_ptr<nlohmann::json> json_of(const ModelCheck& check) {
    auto json = std::make_shared<nlohmann::json>();
    (*json)["supported"] = check.supported;
    (*json)["macs"] = check.mac_count;
    (*json)["integer_macs"] = check.integer_mac_count;
    (*json)["parameters"] = check.parameter_count;
    for (const auto& [key, infos] : {std::pair{"inputs", &check.inputs}, {"outputs", &check.outputs}}) {
      (*json)[key] = nlohmann::json::array();
      for (const TensorInfo& info : *infos)
        (*json)[key].push_back({{"name", info.name}, {"type", name(info.type)}, {"shape", info.shape}});
    }
    (*json)["notes"] = check.notes;
    (*json)["constant_inputs"] = check.constant_inputs;
    (*json)["transposes"] = check.transposes;
    (*json)["nodes"] = nlohmann::json::array();
    for (const CheckedNode& node : check.nodes)
      (*json)["nodes"].push_back({{"name", node.name},
                                  {"op", node.op},
                                  {"supported", node.supported},
                                  {"reason", node.reason},
                                  {"macs", node.mac_count},
                                  {"output_shape", node.output_shape}});
    return json;
  }

  std::string path_;
  ModelArguments model_;
};

}  // namespace

const Command check_command = {"check", "every operator of a model: supported, or the reason why not",
                               "espalier check yolox_nano.onnx", create<Check>};

}  // namespace espalier::cli
