// espalier evaluate: accuracy of a package or a model on labelled pictures, with its interval, alone or against
// another.
#include "evaluate/evaluate.h"

#include <filesystem>
#include <nlohmann/json.hpp>

#include "dataset/image_file.h"
#include "dataset/labels.h"
#include "dataset/samples.h"
#include "decode/decode.h"
#include "network.h"
#include "package/package.h"
#include "session_parts.h"

namespace espalier::cli {
namespace {

// What one network said about all samples.
struct Answers {
  std::vector<ClassifiedImage> classified;
  std::vector<DetectedImage> detected;
};

class Evaluate : public Invocation {
 public:
  void declare(Arguments& arguments) override {
    network_.declare(arguments);
    arguments.option("--task", task_, "classification or detection");
    arguments.option("--data", data_, "folder: YOLO (images/, labels/), class folders, or pictures with --labels");
    arguments.option("--labels", labels_, "table of pictures and classes (name,class) for --data");
    arguments.option("--decoder", decoder_, "yolox, fcos or classification; default by the task");
    arguments.option("--views", views_, "10: five crops and their mirrors of every picture count as samples");
    arguments.option("--first", selection_.first, "evaluate pictures first, first + step, ...");
    arguments.option("--step", selection_.step, "distance of pictures");
    arguments.option("--count", selection_.count, "at most so many pictures, 0 = all");
    arguments.option("--score", score_, "detection: drop boxes with a lower score, default 0.001");
    arguments.option("--iou", iou_, "detection: overlap above which the lesser box is dropped, default 0.65");
    arguments.option("--against", against_, "a second network, package or model: paired differences to it");
  }

  Result<Outcome> run(Progress& progress) override {
    if (task_ != "classification" && task_ != "detection")
      return error("--task \"{}\" is none of classification, detection", task_);
    if (decoder_.empty()) decoder_ = task_ == "classification" ? "classification" : "";
    if (decoder_.empty())
      return error("--task detection needs --decoder, which says what the outputs mean: yolox or fcos");
    if (views_ != 1 && views_ != 10) return error("--views must be 1 or 10, is {}", views_);
    if (views_ == 10 && task_ == "detection")
      return error("--views 10 is for classification; boxes are evaluated on whole pictures");
    const Decoder* decoder = TRY(find_decoder(decoder_));
    if ((decoder->makes == DecodedKind::detections) != (task_ == "detection"))
      return error("--decoder {} makes {}, which --task {} does not measure", decoder_,
                   decoder->makes == DecodedKind::detections ? "boxes" : "classes", task_);
    if (task_ == "classification" && (score_ || iou_))
      return error("--score and --iou are for boxes, --task detection");
    if (!labels_.empty() && task_ == "detection")
      return error("--labels is for classification; a YOLO folder holds its own labels");
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
    Answers base;
    if (!against_.empty()) {
      Session other = TRY(open_network(against_, against_package ? ModelOptions{} : model, network_.session));
      base = TRY(answer(other, *decoder, images, progress));
    }
    return summarize(images, answers, base);
  }

 private:
  Result<std::vector<LabelledImage>> read_data() {
    if (data_.empty()) return error("no labelled pictures are given: --data FOLDER");
    std::vector<LabelledImage> all;
    if (task_ == "detection") {
      all = TRY(read_yolo_folder(data_));
    } else if (!labels_.empty()) {
      all = TRY(read_class_table(labels_, data_));
    } else {
      all = TRY(read_class_folders(data_));
    }
    return select(all, selection_);
  }

  Result<Answers> answer(Session& session, const Decoder& decoder, const std::vector<LabelledImage>& images,
                         Progress& progress) {
    Answers answers;
    for (const LabelledImage& labelled : images) {
      const Image picture = TRY(read_image(labelled.path));
      for (const Prepared& view : TRY(views_of(session, picture))) {
        TRY_STATUS(SessionParts::set_prepared(session, view));
        TRY_STATUS(session.run());
        const std::vector<NamedTensor> outputs = TRY(session.all_outputs());
        const auto [height, width] = TRY(picture_input_size(session));
        DecodeOptions options;
        options.score_threshold = static_cast<float>(score_.value_or(0.001));
        options.iou_threshold = static_cast<float>(iou_.value_or(0.65));
        const Decoded decoded = TRY(decode(decoder, {.outputs = outputs,
                                                     .geometry = view.geometry,
                                                     .input_height = height,
                                                     .input_width = width,
                                                     .options = options}));
        answers.classified.push_back({labelled.class_index, decoded.classifications});
        if (task_ == "detection")
          answers.detected.push_back(
              {boxes_in_pixels(labelled.boxes, picture.height, picture.width), decoded.detections});
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

  Result<Outcome> summarize(const std::vector<LabelledImage>& images, const Answers& answers, const Answers& base) {
    const BootstrapOptions bootstrap{.group_size = views_};
    const bool detection = task_ == "detection";
    const std::vector<Metric> metrics = TRY(detection ? evaluate_detection(answers.detected, bootstrap)
                                                      : evaluate_classification(answers.classified, bootstrap));
    Outcome outcome{.text = {}, .json = std::make_shared<nlohmann::json>()};
    auto& json = *outcome.json;
    json = to_json(metrics[0]);
    json["metrics"] = nlohmann::json::array();
    for (const Metric& metric : metrics) {
      json["metrics"].push_back(to_json(metric));
      outcome.text += fmt::format("{:<10} {:.4f}   95 % interval {:.4f} to {:.4f}   {} samples\n", metric.name,
                                  metric.value, metric.interval.low, metric.interval.high, metric.image_count);
    }
    if (!against_.empty()) {
      const std::vector<Metric> differences =
          TRY(detection ? compare_detection(base.detected, answers.detected, bootstrap)
                        : compare_classification(base.classified, answers.classified, bootstrap));
      json["differences"] = nlohmann::json::array();
      for (const Metric& metric : differences) {
        json["differences"].push_back(to_json(metric));
        outcome.text += fmt::format("{:<10} {:+.4f}   95 % interval {:+.4f} to {:+.4f}   paired difference to {}\n",
                                    metric.name, metric.value, metric.interval.low, metric.interval.high, against_);
      }
      if (!detection) {
        int64_t equal = 0;
        for (size_t i = 0; i < answers.classified.size(); ++i)
          equal += answers.classified[i].best[0].class_index == base.classified[i].best[0].class_index;
        json["agreement"] = static_cast<double>(equal) / static_cast<double>(answers.classified.size());
        outcome.text +=
            fmt::format("agreement  {:.4f}   same best class as {}\n", json["agreement"].get<double>(), against_);
      }
    }
    json["per_image"] = nlohmann::json::array();
    const size_t samples = answers.classified.size();
    for (size_t i = 0; i < samples; ++i) {
      nlohmann::json row = {
          {"image", std::filesystem::path(images[i / static_cast<size_t>(views_)].path).filename().string()}};
      if (detection) {
        row["labels"] = answers.detected[i].labels.size();
        row["detections"] = answers.detected[i].detections.size();
      } else {
        row["class"] = answers.classified[i].class_index;
        row["best"] = answers.classified[i].best[0].class_index;
      }
      json["per_image"].push_back(row);
    }
    return outcome;
  }

  static nlohmann::json to_json(const Metric& metric) {
    return {{"metric", metric.name},
            {"value", metric.value},
            {"count", metric.image_count},
            {"interval_low", metric.interval.low},
            {"interval_high", metric.interval.high}};
  }

  NetworkArguments network_;
  std::string task_ = "classification", data_, labels_, decoder_, against_;
  SampleSelection selection_;
  int64_t views_ = 1;
  int64_t done_ = 0;
  std::optional<double> score_, iou_;
};

}  // namespace

const Command evaluate_command = {"evaluate", "accuracy on labelled pictures, with its interval",
                                  "espalier evaluate yolox_nano.esp --task detection --decoder yolox --data coco128",
                                  create<Evaluate>};

}  // namespace espalier::cli
