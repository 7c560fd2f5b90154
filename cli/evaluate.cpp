// espalier evaluate: accuracy of a package or a model on labelled pictures, with its interval, alone or against
// another.
#include "evaluate/evaluate.h"

#include <filesystem>
#include <nlohmann/json.hpp>

#include "answers.h"
#include "dataset/image_file.h"
#include "dataset/labels.h"
#include "dataset/samples.h"
#include "network.h"
#include "package/package.h"
#include "session_parts.h"

namespace espalier::cli {
namespace {

class Evaluate : public Invocation {
 public:
  void declare(Arguments& arguments) override {
    network_.declare(arguments);
    arguments.option("--task", task_name_, task_names());
    arguments.option(
        "--data", data_,
        "folder. detection, key_points: images/ and labels/ (YOLO); segmentation: images/ and masks/ (grey); "
        "classification: class folders; with --labels: pictures");
    arguments.option("--labels", labels_, "table for --data: name,class (classification) or name,text (text)");
    arguments.option("--symbols", symbols_, "text: the network's symbols, one a line; a package carries its own");
    arguments.option("--decoder", decoder_, "how outputs are read, default by the task: " + decoder_names());
    arguments.option("--views", views_, "10: five crops and their mirrors of every picture count as samples");
    arguments.option("--first", selection_.first, "evaluate pictures first, first + step, ...");
    arguments.option("--step", selection_.step, "distance of pictures");
    arguments.option("--count", selection_.count, "at most so many pictures, 0 = all");
    arguments.option("--score", score_,
                     "drop results with a lower score, default 0.001 for boxes, else the decoder's own");
    arguments.option("--iou", iou_, "detection: overlap above which the lesser box is dropped, default 0.65");
    arguments.option("--foreground", foreground_, "segmentation: the masks' value that is class 1, others become 0");
    arguments.option("--against", against_, "a second network, package or model: paired differences to it");
  }

  Result<Outcome> run(Progress& progress) override {
    task_ = TRY(find_task(task_name_));
    const Decoder* decoder = TRY(choose_decoder());
    TRY_STATUS(check_options());
    // A package carries its own recipe; a model takes the options, beside a package that package's recipe.
    ModelOptions model = TRY(network_.model.options());
    const bool is_package = TRY(is_package_file(network_.path));
    const bool against_package = !against_.empty() && TRY(is_package_file(against_));
    if (!model.recipe && against_package) model.recipe = TRY(package::load(against_)).recipe;
    const bool takes_options = !is_package || against_.empty() || against_package;
    Session session = TRY(open_network(network_.path, takes_options ? model : ModelOptions{}, network_.session));
    if (!model.recipe) model.recipe = session.recipe();
    const std::vector<LabelledImage> images = TRY(read_data());
    const Answers answers = TRY(answer(session, *decoder, images, progress));
    std::optional<Answers> base;
    if (!against_.empty()) {
      Session other = TRY(open_network(against_, against_package ? ModelOptions{} : model, network_.session));
      base = TRY(answer(other, *decoder, images, progress));
    }
    return summarize(images, answers, base);
  }

 private:
  Result<const Decoder*> choose_decoder() {
    const std::string fitting = decoder_names(task_.kind);
    if (decoder_.empty() && fitting.find(',') != std::string::npos)
      return error("--task {} needs --decoder, which says what the outputs mean: {}", task_.name, fitting);
    const Decoder* decoder = TRY(find_decoder(decoder_.empty() ? fitting : decoder_));
    if (decoder->makes != task_.kind)
      return error("--decoder {} makes {}, which --task {} does not measure", decoder_, name(decoder->makes),
                   task_.name);
    return decoder;
  }

  Status check_options() {
    const auto is = [this](DecodedKind kind) { return task_.kind == kind; };
    const bool takes_table = is(DecodedKind::classifications) || is(DecodedKind::text_lines);
    if (views_ != 1 && views_ != 10) return error("--views must be 1 or 10, is {}", views_);
    if (views_ == 10 && !is(DecodedKind::classifications))
      return error("--views 10 is for classification; --task {} is evaluated on whole pictures", task_.name);
    if (score_ && !task_.has_scores)
      return error("--score is for boxes, masks and bodies, not for --task {}", task_.name);
    if (iou_ && !is(DecodedKind::detections)) return error("--iou is for boxes, --task detection");
    if (!labels_.empty() && !takes_table)
      return error("--labels is for classification and text; a YOLO folder or a folder of masks holds its own labels");
    if (labels_.empty() && is(DecodedKind::text_lines))
      return error("--task text needs --labels, a table of pictures and texts (name,text)");
    if (!symbols_.empty() && !is(DecodedKind::text_lines)) return error("--symbols is for --task text");
    if (foreground_ && !is(DecodedKind::mask)) return error("--foreground is for --task segmentation");
    if (foreground_ && (*foreground_ < 0 || *foreground_ >= LabelledMask::kLeftOut))
      return error("--foreground must be 0 to 254, a value of the masks, is {}", *foreground_);
    return {};
  }

  Result<std::vector<LabelledImage>> read_data() {
    if (data_.empty()) return error("no labelled pictures are given: --data FOLDER");
    const auto read = [this]() -> Result<std::vector<LabelledImage>> {
      switch (task_.kind) {
        case DecodedKind::detections: return read_yolo_folder(data_);
        case DecodedKind::poses: return read_body_folder(data_);
        case DecodedKind::mask: return read_mask_folder(data_);
        case DecodedKind::text_lines: return read_text_table(labels_, data_);
        default: return labels_.empty() ? read_class_folders(data_) : read_class_table(labels_, data_);
      }
    };
    return select(TRY(read()), selection_);
  }

  Result<Answers> answer(Session& session, const Decoder& decoder, const std::vector<LabelledImage>& images,
                         Progress& progress) {
    Answers answers({.kind = task_.kind, .foreground = foreground_});
    const std::vector<std::string> symbols = symbols_.empty() ? session.labels() : TRY(read_class_names(symbols_));
    DecodeOptions options;
    if (task_.kind == DecodedKind::detections) options = {.score_threshold = 0.001f, .iou_threshold = 0.65f};
    if (score_) options.score_threshold = static_cast<float>(*score_);
    if (iou_) options.iou_threshold = static_cast<float>(*iou_);
    for (const LabelledImage& labelled : images) {
      const Image picture = TRY(read_image(labelled.path));
      for (const Prepared& view : TRY(views_of(session, picture))) {
        TRY_STATUS(SessionParts::set_prepared(session, view));
        TRY_STATUS(session.run());
        TRY_STATUS(answers.add(labelled, picture, TRY(SessionParts::decode(session, decoder, options, symbols))));
      }
      progress.update("evaluating", ++done_, static_cast<int64_t>(images.size()) * (against_.empty() ? 1 : 2));
    }
    return answers;
  }

  Result<std::vector<Prepared>> views_of(const Session& session, const Image& picture) {
    if (!session.recipe()) return error("pictures need a recipe: --preprocess recipe.json");
    if (views_ == 10) return prepare_ten_views(picture, *session.recipe());
    std::vector<Prepared> one;
    one.push_back(TRY(prepare(picture, *session.recipe())));
    return one;
  }

  Result<Outcome> summarize(const std::vector<LabelledImage>& images, const Answers& answers,
                            const std::optional<Answers>& base) {
    const BootstrapOptions bootstrap{.group_size = views_};
    const std::vector<Metric> metrics = TRY(answers.measure(bootstrap));
    Outcome outcome{.text = {}, .json = std::make_shared<nlohmann::json>()};
    auto& json = *outcome.json;
    json = to_json(metrics[0]);
    json["metrics"] = nlohmann::json::array();
    for (const Metric& metric : metrics) {
      json["metrics"].push_back(to_json(metric));
      outcome.text += fmt::format("{:<14} {:.4f}   95 % interval {:.4f} to {:.4f}   {} samples\n", metric.name,
                                  metric.value, metric.interval.low, metric.interval.high, metric.image_count);
    }
    if (base) TRY_STATUS(add_differences(answers, *base, bootstrap, outcome));
    json["per_image"] = nlohmann::json::array();
    for (size_t i = 0; i < answers.sample_count(); ++i) {
      nlohmann::json row = answers.row(i);
      row["image"] = std::filesystem::path(images[i / static_cast<size_t>(views_)].path).filename().string();
      json["per_image"].push_back(row);
    }
    return outcome;
  }

  Status add_differences(const Answers& answers, const Answers& base, const BootstrapOptions& bootstrap,
                         Outcome& outcome) {
    auto& json = *outcome.json;
    json["differences"] = nlohmann::json::array();
    for (const Metric& metric : TRY(answers.compare(base, bootstrap))) {
      json["differences"].push_back(to_json(metric));
      outcome.text += fmt::format("{:<14} {:+.4f}   95 % interval {:+.4f} to {:+.4f}   paired difference to {}\n",
                                  metric.name, metric.value, metric.interval.low, metric.interval.high, against_);
    }
    if (const std::optional<double> agreement = answers.agreement(base)) {
      json["agreement"] = *agreement;
      outcome.text += fmt::format("{:<14} {:.4f}   same best class as {}\n", "agreement", *agreement, against_);
    }
    return {};
  }

  static nlohmann::json to_json(const Metric& metric) {
    return {{"metric", metric.name},
            {"value", metric.value},
            {"count", metric.image_count},
            {"interval_low", metric.interval.low},
            {"interval_high", metric.interval.high}};
  }

  NetworkArguments network_;
  std::string task_name_ = "classification", data_, labels_, symbols_, decoder_, against_;
  Task task_{};
  SampleSelection selection_;
  int64_t views_ = 1;
  int64_t done_ = 0;
  std::optional<double> score_, iou_;
  std::optional<int64_t> foreground_;
};

}  // namespace

const Command evaluate_command = {"evaluate", "accuracy on labelled pictures, with its interval",
                                  "espalier evaluate yolox_nano.esp --task detection --decoder yolox --data coco128",
                                  create<Evaluate>};

}  // namespace espalier::cli
