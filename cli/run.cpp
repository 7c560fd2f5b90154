// espalier run: one picture or .npz through a package or a model; outputs as .npz, decoded results as text and picture.
#include <nlohmann/json.hpp>

#include "dataset/draw.h"
#include "dataset/image_file.h"
#include "dataset/labels.h"
#include "dataset/npz.h"
#include "decode/decode.h"
#include "network.h"

namespace espalier::cli {
namespace {

class Run : public Invocation {
 public:
  void declare(Arguments& arguments) override {
    network_.declare(arguments);
    arguments.positional("sample", sample_, "picture, or .npz with one array per input");
    arguments.option("-o,--output", output_, ".npz to write: one array per output, under the model's own names");
    arguments.option("--decoder", decoder_, "decode the outputs: yolox, fcos or classification");
    arguments.option("--score", score_, "drop boxes with a lower score, default 0.3");
    arguments.option("--labels", labels_, "class names, one a line; a package carries its own");
    arguments.option("--draw", draw_, "picture to write with the results drawn in (.png or .jpg)");
  }

  Result<Outcome> run(Progress&) override {
    if (decoder_.empty() && (!draw_.empty() || !labels_.empty() || score_))
      return error("--draw, --labels and --score need --decoder, which says what the outputs mean");
    Session session = TRY(network_.open_with(sample_));
    TRY_STATUS(session.run());
    const std::vector<NamedTensor> outputs = TRY(session.all_outputs());
    if (!output_.empty()) TRY_STATUS(write_npz(output_, outputs));
    Outcome outcome{.text = {}, .json = std::make_shared<nlohmann::json>()};
    (*outcome.json)["outputs"] = nlohmann::json::array();
    for (const NamedTensor& output : outputs) {
      (*outcome.json)["outputs"].push_back(
          {{"name", output.name}, {"type", name(output.tensor.type())}, {"shape", output.tensor.shape()}});
      outcome.text +=
          fmt::format("output {} {}[{}]\n", output.name, name(output.tensor.type()), to_string(output.tensor.shape()));
    }
    if (!decoder_.empty()) TRY_STATUS(decode_into(session, outputs, outcome));
    return outcome;
  }

 private:
  Status decode_into(const Session& session, const std::vector<NamedTensor>& outputs, Outcome& outcome) {
    const Decoder* decoder = TRY(find_decoder(decoder_));
    const auto [height, width] = TRY(picture_input_size(session));
    DecodeOptions options;
    options.score_threshold = static_cast<float>(score_.value_or(0.3));
    const Decoded decoded = TRY(decode(*decoder, {.outputs = outputs,
                                                  .geometry = session.geometry(),
                                                  .input_height = height,
                                                  .input_width = width,
                                                  .options = options}));
    const std::vector<std::string> names = labels_.empty() ? session.labels() : TRY(read_class_names(labels_));
    const auto label = [&](int64_t index) {
      return index >= 0 && static_cast<size_t>(index) < names.size() ? names[static_cast<size_t>(index)]
                                                                     : std::to_string(index);
    };
    auto& json = *outcome.json;
    json["detections"] = nlohmann::json::array();
    json["classes"] = nlohmann::json::array();
    for (const Detection& box : decoded.detections) {
      outcome.text += fmt::format("{:<16} {:5.1f} %  at {:.0f},{:.0f} to {:.0f},{:.0f}\n", label(box.class_index),
                                  100 * box.score, box.left, box.top, box.right, box.bottom);
      json["detections"].push_back({{"class", box.class_index},
                                    {"label", label(box.class_index)},
                                    {"score", box.score},
                                    {"box", {box.left, box.top, box.right, box.bottom}}});
    }
    std::vector<std::string> lines;
    for (const Classification& found : decoded.classifications) {
      lines.push_back(fmt::format("{} {:.3f}", label(found.class_index), found.score));
      outcome.text += lines.back() + "\n";
      json["classes"].push_back(
          {{"class", found.class_index}, {"label", label(found.class_index)}, {"score", found.score}});
    }
    if (draw_.empty()) return {};
    Image picture = TRY(read_image(sample_));
    draw_detections(picture, decoded.detections, names);
    if (!lines.empty()) draw_lines(picture, lines);
    outcome.text += "drawn: " + draw_ + "\n";
    return write_image(draw_, picture);
  }

  NetworkArguments network_;
  std::string sample_, output_, decoder_, labels_, draw_;
  std::optional<double> score_;
};

}  // namespace

const Command run_command = {"run", "run one picture or .npz through a package or a model",
                             "espalier run yolox_nano.esp image.jpg --output out.npz --decoder yolox --draw seen.png",
                             create<Run>};

}  // namespace espalier::cli
