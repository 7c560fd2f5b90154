// espalier run: one picture or .npz through a package or a model; outputs as .npz, decoded results as text and picture.
#include <nlohmann/json.hpp>

#include "dataset/image_file.h"
#include "dataset/labels.h"
#include "dataset/npz.h"
#include "network.h"
#include "results.h"
#include "session_parts.h"

namespace espalier::cli {
namespace {

class Run : public Invocation {
 public:
  void declare(Arguments& arguments) override {
    network_.declare(arguments);
    arguments.positional("sample", sample_, "picture, or .npz with one array per input");
    arguments.option("-o,--output", output_, ".npz to write: one array per output, under the model's own names");
    arguments.option("--decoder", decoder_, "decode the outputs: " + decoder_names());
    arguments.option("--score", score_,
                     "drop boxes, bodies and text boxes with a lower score; of a mask of one class: "
                     "the threshold. Default: the decoder's own");
    arguments.option("--labels", labels_, "class names or symbols of text, one a line; a package carries its own");
    arguments.option("--draw", draw_, "picture to write with the results drawn in (.png or .jpg)");
    arguments.option("--map", map_, ".npz to write: the mask or the depth of every pixel of the picture");
  }

  Result<Outcome> run(Progress&) override {
    if (decoder_.empty() && (!draw_.empty() || !labels_.empty() || !map_.empty() || score_))
      return error("--draw, --map, --labels and --score need --decoder, which says what the outputs mean");
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
    if (!decoder_.empty()) TRY_STATUS(decode_into(session, outcome));
    return outcome;
  }

 private:
  Status decode_into(const Session& session, Outcome& outcome) {
    const Decoder* decoder = TRY(find_decoder(decoder_));
    DecodeOptions options;
    if (score_) options.score_threshold = static_cast<float>(*score_);
    std::vector<std::string> names = labels_.empty() ? session.labels() : TRY(read_class_names(labels_));
    const Decoded decoded = TRY(SessionParts::decode(session, *decoder, options, names));
    if (names.empty() && decoder->only_class != nullptr) names = {decoder->only_class};
    describe(decoded, names, outcome);
    if (!map_.empty()) TRY_STATUS(write_npz(map_, TRY(maps_of(decoded))));
    if (draw_.empty()) return {};
    Image picture = TRY(read_image(sample_));
    draw(picture, decoded, names);
    outcome.text += "drawn: " + draw_ + "\n";
    return write_image(draw_, picture);
  }

  NetworkArguments network_;
  std::string sample_, output_, decoder_, labels_, draw_, map_;
  std::optional<double> score_;
};

}  // namespace

const Command run_command = {"run", "run one picture or .npz through a package or a model",
                             "espalier run yolox_nano.esp image.jpg --output out.npz --decoder yolox --draw seen.png",
                             create<Run>};

}  // namespace espalier::cli
