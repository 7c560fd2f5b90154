// The compiler as a list of stages: start reading here.
//
//   read -> simplify -> calibrate (the float graph runs on the samples) -> quantize -> golden case -> package
//
// A model with scales of its own is not calibrated. After quantize the graph may also go out as ONNX (write).
#include <xxhash.h>

#include <algorithm>
#include <cmath>
#include <filesystem>

#include "base/bytes.h"
#include "base/check.h"
#include "base/version.h"
#include "dataset/image_file.h"
#include "dataset/npz.h"
#include "dataset/samples.h"
#include "espalier/compile.h"
#include "graph/statistics.h"
#include "graph/text.h"
#include "graph/verify.h"
#include "numerics/quantize.h"
#include "ops/op.h"
#include "ops/open_lengths.h"
#include "quantize/choose_integers.h"
#include "quantize/discard_scales.h"
#include "quantize/quantize.h"
#include "quantize/quantize_as_stored.h"
#include "read/read.h"
#include "session_parts.h"
#include "simplify/simplify.h"
#include "write/write.h"

namespace espalier {
namespace {

read::ReadOptions read_options(const ModelOptions& options) {
  return {.input_shapes = options.input_shapes,
          .bound = options.bound,
          .inputs = options.inputs,
          .outputs = options.outputs};
}

Status check_disabled_passes(const ModelOptions& options) {
  std::set<std::string> known;
  for (const Pass& pass : simplify::passes()) known.insert(pass.name);
  for (const std::string& name : options.disabled_passes)
    if (!known.contains(name))
      return error("there is no pass \"{}\" to leave out; there are {}", name, fmt::join(known, ", "));
  return {};
}

std::vector<std::string> transposes_of(const Graph& graph) {
  std::vector<std::string> names;
  for (const Node* node : graph.nodes())
    if (node->op == "transpose") names.push_back(node->name);
  return names;
}

// Over the model's file and its external data, where it has some.
Result<package::Hash128> hash_files(const std::string& model_path) {
  const std::vector<std::string> paths = TRY(read::list_files(model_path));
  std::vector<uint8_t> hashes;
  for (const std::string& path : paths) {
    const package::Hash128 hash = package::hash128(TRY(MappedFile::open(path)).bytes());
    if (paths.size() == 1) return hash;
    hashes.insert(hashes.end(), hash.begin(), hash.end());
  }
  return package::hash128(hashes);
}

// The hash of what every node makes of the inputs.
Result<std::vector<package::Hash128>> run_golden(const Graph& graph, const std::vector<Tensor>& inputs,
                                                 const SessionOptions& options) {
  const std::shared_ptr<const Graph> shared(std::shared_ptr<void>(), &graph);
  run::Runner runner = TRY(run::Runner::create(
      shared, {.thread_count = options.thread_count, .kernels = TRY(kernels::kernel_limits(options.kernels))}));
  for (size_t i = 0; i < inputs.size(); ++i)
    std::memcpy(runner.input(i), inputs[i].bytes(), static_cast<size_t>(inputs[i].size_bytes()));
  std::vector<package::Hash128> hashes;
  runner.run([&](const run::Step& step, double) {
    const TensorType& type = step.node->output()->type;
    hashes.push_back(package::hash128({static_cast<const uint8_t*>(step.outputs[0]),
                                       static_cast<size_t>(element_count(type.shape) * size_bytes(type.type))}));
  });
  return hashes;
}

// One compilation, stage by stage; each stage leaves what the next one needs.
class Compilation {
 public:
  Compilation(const std::string& model_path, const CompileOptions& options) : path_(model_path), options_(options) {}

  Result<CompileReport> run() {
    TRY_STATUS(check_options());
    TRY_STATUS(read());
    simplify();
    // Before minutes are spent: a session would refuse the package.
    const auto lengths = ops::open_lengths_of_outputs(package_.graph);
    if (!lengths.ok()) return lengths.error().at(path_);
    TRY_STATUS(calibrate());
    TRY_STATUS(quantize());
    TRY_STATUS(export_onnx());
    TRY_STATUS(add_golden());
    TRY_STATUS(write());
    return report_;
  }

 private:
  std::optional<quantize::RangeMethod> range_method() const {
    if (options_.range_method == "percentile") return quantize::RangeMethod::percentile;
    if (options_.range_method == "min-max") return quantize::RangeMethod::min_max;
    if (options_.range_method == "mean-square") return quantize::RangeMethod::mean_square;
    return std::nullopt;
  }

  // What can be known before minutes are spent.
  Status check_options() {
    if (!range_method())
      return error("range method \"{}\" is none of percentile, min-max, mean-square", options_.range_method);
    if (options_.output.empty() && options_.qdq.empty() && options_.qoperator.empty())
      return error("no output file is given (-o net.esp, --export-qdq net.onnx or --export-qoperator net.onnx)");
    if (!(options_.percentile > 50 && options_.percentile <= 100))
      return error("percentile {} is impossible; it must be above 50 and at most 100", options_.percentile);
    if (options_.thread_count < 1 || options_.thread_count > 256)
      return error("{} threads were asked for; 1 to 256 are possible", options_.thread_count);
    TRY(kernels::kernel_limits(options_.kernels));
    TRY_STATUS(check_disabled_passes(options_.model));
    TRY_STATUS(check_outputs());
    if (options_.samples || options_.calibration.empty()) return {};
    const SampleList all = TRY(list_samples(options_.calibration));
    sample_kind_ = all.kind;
    sample_paths_ = TRY(select(
        all.paths,
        {.first = options_.calibration_first, .step = options_.calibration_step, .count = options_.calibration_count}));
    if (sample_kind_ == SampleKind::image && !options_.model.recipe)
      return error("the calibration samples are pictures, so a recipe is needed: --preprocess recipe.json");
    return {};
  }

  // Files that are written are neither the model nor each other.
  Status check_outputs() const {
    std::set<std::string> names;
    for (const std::string* output : {&options_.output, &options_.qdq, &options_.qoperator}) {
      if (output->empty()) continue;
      std::error_code absent;
      if (std::filesystem::equivalent(*output, path_, absent))
        return error("{}: the output is the model itself; give the {} another name", *output,
                     output == &options_.output ? "package" : "export");
      if (!names.insert(*output).second) return error("{} is to be written twice; give each file a name", *output);
    }
    return {};
  }

  Status read() {
    read::Model model = TRY(read::read_model(path_, read_options(options_.model)));
    package_.model_hash = TRY(hash_files(path_));
    report_.notes = std::move(model.notes);
    package_.graph = std::move(model.graph);
    package_.labels = options_.labels.empty() ? std::move(model.labels) : options_.labels;
    TRY_STATUS(dump("00_read"));
    if (options_.requantize) TRY_STATUS(discard_scales());
    report_.has_stored_scales = !options_.requantize && quantize::has_scales(package_.graph);
    if (report_.has_stored_scales) {
      if (has_samples())
        report_.notes.push_back(
            "the model's own scales are used, so the calibration samples are not; --requantize "
            "discards the scales and uses the samples");
      return {};
    }
    if (has_samples()) return {};
    return error(
        "no calibration samples are given. Ranges of activations come from samples: --calibration FOLDER "
        "with pictures or .npz files");
  }

  Status discard_scales() {
    const quantize::Discarded discarded = quantize::discard_scales(package_.graph);
    if (discarded.pair_count == 0)
      return error("the model holds no scales that could be discarded; compile it without --requantize");
    report_.notes.push_back(
        fmt::format("{} of the {} discarded scales leave a clip to their range behind, since a quantizer may have put "
                    "a relu or clip into it. Of the others, behind a sigmoid or a product say, a clip is not restored: "
                    "if the float network has one there, quantize that network instead",
                    discarded.clip_count, discarded.pair_count));
    return {};
  }

  bool has_samples() const { return options_.samples || !options_.calibration.empty(); }

  void simplify() {
    PassOptions pass_options{.disabled = options_.model.disabled_passes, .dump = {}};
    if (!options_.dump_folder.empty())
      pass_options.dump = [this](const std::string& pass, const Graph& graph) {
        // A dump that cannot be written is reported when the stage's own dump fails.
        (void)dump_graph(fmt::format("10_simplify_{:02}_{}", ++dump_count_, pass), graph);
      };
    for (const PassResult& result : simplify::simplify(package_.graph, pass_options))
      report_.passes.push_back({result.name, result.rewrite_count, result.time_ms});
    const size_t round = simplify::passes().size() - options_.model.disabled_passes.size();
    if (std::any_of(report_.passes.end() - static_cast<std::ptrdiff_t>(round), report_.passes.end(),
                    [](const PassRun& pass) { return pass.rewrite_count > 0; }))
      report_.notes.push_back(fmt::format("simplify stopped after {} rounds with work left", kRoundCountMax));
    report_.transposes = transposes_of(package_.graph);
    package_.float_graph_hash = package::hash128(bytes_of(print_graph(package_.graph, ops::op_lookup())));
  }

  Status calibrate() {
    TRY_STATUS(dump("20_simplified"));
    if (report_.has_stored_scales) return {};
    const auto float_package = std::make_shared<package::Package>();
    float_package->graph = package_.graph.clone();
    float_package->recipe = options_.model.recipe;
    Session session =
        TRY(SessionParts::open(float_package, {.thread_count = options_.thread_count, .kernels = options_.kernels}));
    run::Runner& runner = SessionParts::runner(session);
    const auto observe = [&](const run::Step& step, double) {
      for (size_t i = 0; i < step.outputs.size(); ++i) add_statistics(*step.node->outputs[i], step.outputs[i]);
    };
    while (TRY(next_sample(session))) {
      for (size_t i = 0; i < runner.graph().inputs().size(); ++i)
        add_statistics(*runner.graph().inputs()[i].value, runner.input(i));
      runner.run(observe);
      ++report_.sample_count;
      progress("calibrating", report_.sample_count, static_cast<int64_t>(sample_paths_.size()));
    }
    if (report_.sample_count == 0) return error("calibration got no sample; at least one is needed");
    return {};
  }

  void add_statistics(const Value& value, const void* data) {
    if (value.type.type == DataType::f32)
      statistics_[value.name].add(static_cast<const float*>(data), element_count(value.shape()));
  }

  Result<bool> next_sample(Session& session) {
    if (options_.samples) return next_of_source(session);
    if (report_.sample_count == static_cast<int64_t>(sample_paths_.size())) return false;
    const std::string& path = sample_paths_[static_cast<size_t>(report_.sample_count)];
    const MappedFile file = TRY(MappedFile::open(path));
    const package::Hash128 hash = package::hash128(file.bytes());
    sample_hashes_.insert(sample_hashes_.end(), hash.begin(), hash.end());
    const Status set = sample_kind_ == SampleKind::image ? set_picture(session, file.bytes(), path)
                                                         : set_arrays(session, file.bytes());
    if (!set.ok()) return set.error().at("calibration sample " + path);
    return true;
  }

  // Samples of the caller have no file, so what they put into the inputs is what is hashed.
  Result<bool> next_of_source(Session& session) {
    if (!TRY(options_.samples(session))) return false;
    run::Runner& runner = SessionParts::runner(session);
    for (size_t i = 0; i < runner.graph().inputs().size(); ++i) {
      const Port& port = runner.graph().inputs()[i];
      const TensorType& type = port.value->type;
      if (type.type == DataType::f32) {
        const Status finite =
            check_finite(port.name, static_cast<const float*>(runner.input(i)), element_count(type.shape));
        if (!finite.ok()) return finite.error().at(fmt::format("calibration sample {}", report_.sample_count));
      }
      const auto size = static_cast<size_t>(element_count(type.shape) * size_bytes(type.type));
      const package::Hash128 hash = package::hash128({static_cast<const uint8_t*>(runner.input(i)), size});
      sample_hashes_.insert(sample_hashes_.end(), hash.begin(), hash.end());
    }
    return true;
  }

  Status set_picture(Session& session, Bytes bytes, const std::string& path) {
    return session.set_image(TRY(decode_image(bytes, path)));
  }

  Status set_arrays(Session& session, Bytes bytes) {
    const std::vector<NamedTensor> arrays = TRY(parse_npz(bytes));
    for (const NamedTensor& array : arrays)
      if (array.tensor.type() == DataType::f32)
        TRY_STATUS(check_finite(array.name, array.tensor.data<float>(), array.tensor.count()));
    return SessionParts::set_arrays(session, arrays);
  }

  static Status check_finite(const std::string& name, const float* data, int64_t count) {
    for (int64_t i = 0; i < count; ++i)
      if (!std::isfinite(data[i]))
        return error("array \"{}\" holds {} at element {}; ranges come from finite numbers", name, data[i], i);
    return {};
  }

  Status quantize() {
    const quantize::QuantizeOptions quantize_options{.method = *range_method(), .percentile = options_.percentile};
    quantize::Quantized quantized =
        TRY(report_.has_stored_scales ? quantize::quantize_as_stored(package_.graph)
                                      : quantize::quantize(package_.graph, statistics_, quantize_options));
    report_.notes.insert(report_.notes.end(), quantized.report.notes.begin(), quantized.report.notes.end());
    package_.graph = std::move(quantized.graph);
    const Status valid = verify_graph(package_.graph, ops::op_lookup());
    CHECK(valid.ok(), "after quantize: {}", valid.error().message());
    for (const quantize::FloatNode& node : quantized.report.float_nodes)
      report_.float_layers.push_back({node.name, node.op, node.reason, node.mac_count});
    report_.mac_count = quantized.report.mac_count;
    report_.integer_mac_count = quantized.report.integer_mac_count;
    return dump("30_quantized");
  }

  // The golden input is seeded noise with the mean and the deviation that calibration has seen, never a user's picture.
  // Without calibration it fills the range of an input's integers.
  Status add_golden() {
    progress("golden case", 0, 1);
    package::Golden golden;
    uint64_t seed = 1;
    for (const Port& port : package_.graph.inputs()) golden.inputs.push_back(noise(*port.value, seed++));
    golden.output_hashes = TRY(run_golden(package_.graph, golden.inputs, {.kernels = "reference"}));
    package_.golden = std::move(golden);
    return {};
  }

  // Uniform in [-1, 1) has the deviation 1 / sqrt(3).
  static constexpr double kUniformDeviation = 1.7320508075688772;

  Tensor noise(const Value& value, uint64_t seed) {
    const auto found = statistics_.find(value.name);
    double mean = found == statistics_.end() ? 0.0 : found->second.mean();
    double deviation = found == statistics_.end() ? 1.0 : found->second.deviation();
    if (report_.has_stored_scales && value.type.type == DataType::s8) {
      mean = (-0.5 - value.zero_point()) * double{value.scale()};
      deviation = 127.5 * double{value.scale()} / kUniformDeviation;
    }
    const Tensor uniform = random_tensor(seed, {DataType::f32, value.shape()});
    Tensor result(value.type.type, value.shape());
    if (value.type.type != DataType::f32 && value.type.type != DataType::s8) return result;
    const float factor = static_cast<float>(deviation * kUniformDeviation);
    for (int64_t i = 0; i < result.count(); ++i) {
      const float real = static_cast<float>(mean) + uniform.data<float>()[i] * factor;
      if (value.type.type == DataType::f32) {
        result.mutable_data<float>()[i] = real;
      } else {
        result.mutable_data<int8_t>()[i] = quantize_s8(real, value.scale(), value.zero_point());
      }
    }
    return result;
  }

  Status write() {
    package_.producer = fmt::format("espalier {}", version());
    package_.recipe = options_.model.recipe;
    package_.disabled_passes.assign(options_.model.disabled_passes.begin(), options_.model.disabled_passes.end());
    package_.calibration_hash = package::hash128(sample_hashes_);
    const std::vector<uint8_t> bytes = package::serialize(package_);
    report_.package_size_bytes = static_cast<int64_t>(bytes.size());
    for (const Value* value : package_.graph.values())
      if (value->is_constant()) report_.weight_size_bytes += value->constant.size_bytes();
    return options_.output.empty() ? Status() : write_file(options_.output, bytes);
  }

  // The integer graph for other tools. An operator without a form in ONNX is known before anything is written.
  Status export_onnx() {
    std::vector<std::pair<std::string, std::vector<uint8_t>>> files;
    for (const auto& [path, form] :
         {std::pair{options_.qdq, write::OnnxForm::qdq}, std::pair{options_.qoperator, write::OnnxForm::qoperator}}) {
      if (path.empty()) continue;
      const write::WriteOptions options{.form = form, .producer = fmt::format("espalier {}", version())};
      files.emplace_back(path, TRY(write::write_onnx(package_.graph, options)));
    }
    for (const auto& [path, bytes] : files) TRY_STATUS(write_file(path, bytes));
    return {};
  }

  Status dump(const std::string& stage) {
    return options_.dump_folder.empty() ? Status() : dump_graph(stage, package_.graph);
  }

  Status dump_graph(const std::string& stage, const Graph& graph) {
    std::error_code ignored;
    std::filesystem::create_directories(options_.dump_folder, ignored);
    return write_file(options_.dump_folder + "/" + stage + ".txt", bytes_of(print_graph(graph, ops::op_lookup())));
  }

  void progress(const std::string& what, int64_t done, int64_t total) {
    if (options_.progress) options_.progress(what, done, total);
  }

  const std::string& path_;
  const CompileOptions& options_;
  CompileReport report_;
  package::Package package_;
  Statistics statistics_;
  SampleKind sample_kind_ = SampleKind::image;
  std::vector<std::string> sample_paths_;
  std::vector<uint8_t> sample_hashes_;
  int dump_count_ = 0;
};

}  // namespace

Result<CompileReport> compile(const std::string& model_path, const CompileOptions& options) {
  return Compilation(model_path, options).run();
}

Result<Session> open_model(const std::string& path, const ModelOptions& options,
                           const SessionOptions& session_options) {
  TRY_STATUS(check_disabled_passes(options));
  read::Model model = TRY(read::read_model(path, read_options(options)));
  simplify::simplify(model.graph, {.disabled = options.disabled_passes, .dump = {}});
  const auto package = std::make_shared<package::Package>();
  package->graph = std::move(model.graph);
  package->recipe = options.recipe;
  package->notes = std::move(model.notes);
  package->labels = std::move(model.labels);
  return SessionParts::open(package, session_options);
}

namespace {

// Which nodes become integer, by calibration or by the file's own scales.
Result<std::unordered_map<const Node*, Reason>> choose_integers(const Graph& graph) {
  if (!quantize::has_scales(graph)) return quantize::choose_integers(graph);
  return TRY(quantize::quantize_as_stored(graph)).choice;
}

}  // namespace

namespace {

// Weights and biases of products, normalisations and slopes; tables of positions and masks are no parameters of a
// layer.
int64_t parameter_count(const Graph& graph) {
  std::set<const Value*> parameters;
  for (const Node* node : graph.nodes()) {
    const ops::IntegerRule rule = ops::find_op(node->op)->integer;
    if (rule != ops::IntegerRule::product_sum && rule != ops::IntegerRule::rescale_first) continue;
    for (size_t i = 1; i < node->inputs.size(); ++i)
      if (node->inputs[i] != nullptr && node->inputs[i]->is_constant()) parameters.insert(node->inputs[i]);
  }
  int64_t count = 0;
  for (const Value* parameter : parameters) count += parameter->constant.count();
  return count;
}

}  // namespace

Result<ModelCheck> check_model(const std::string& path, const ModelOptions& options) {
  TRY_STATUS(check_disabled_passes(options));
  read::Model model = TRY(read::survey_model(path, read_options(options)));
  ModelCheck check;
  check.notes = model.notes;
  for (const std::string& name : TRY(read::constant_inputs(path)))
    if (!options.bound.contains(name)) check.constant_inputs.push_back(name);
  for (const Port& port : model.graph.inputs()) check.inputs.push_back({port.name, port.type.type, port.type.shape});
  for (size_t i = 0; i < model.outputs.size(); ++i) {
    const Port& port = model.graph.outputs()[i];
    check.outputs.push_back({port.name, port.type.type, port.type.shape});
  }
  for (const read::NodeReport& node : model.nodes) check.supported &= node.supported;
  // Nodes of ours carry the name of the file's node that they came from.
  std::map<std::string, CheckedNode> by_name;
  if (!model.graph.outputs().empty())
    simplify::simplify(model.graph, {.disabled = options.disabled_passes, .dump = {}});
  const auto choice = TRY(choose_integers(model.graph));
  for (const Node* node : model.graph.nodes()) {
    CheckedNode& known = by_name[node->name];
    const int64_t macs = ops::mac_count(*node);
    const Reason& why = choice.at(node);
    known.mac_count += macs;
    known.output_shape = to_string(node->output()->shape());
    if (!why.applies()) known.reason = "stays float: " + why.sentence();
    check.mac_count += macs;
    if (why.applies()) check.integer_mac_count += macs;
  }
  check.parameter_count = parameter_count(model.graph);
  check.transposes = transposes_of(model.graph);
  for (const read::NodeReport& node : model.nodes) {
    CheckedNode checked{.name = node.name, .op = node.op, .supported = node.supported, .reason = node.reason};
    const auto found = by_name.find(node.name);
    if (node.supported && found == by_name.end()) checked.reason = "folded away, or part of another node";
    if (node.supported && found != by_name.end()) {
      checked.mac_count = found->second.mac_count;
      checked.output_shape = found->second.output_shape;
      checked.reason = found->second.reason;
    }
    check.nodes.push_back(std::move(checked));
  }
  return check;
}

Result<std::vector<std::string>> constant_inputs(const std::string& path) { return read::constant_inputs(path); }

Result<std::string> hash_model(const std::string& path) { return to_hex(TRY(hash_files(path))); }

Result<VerifyReport> verify_package(
    const std::string& path, const std::string& model_path,
    const std::function<void(const std::string& what, int64_t done, int64_t total)>& progress) {
  const MappedFile file = TRY(MappedFile::open(path));
  const package::Package package = TRY(package::parse(file.bytes(), file.owner(), path));
  VerifyReport report;
  report.differences = TRY(package::check_hashes(file.bytes()));
  if (!model_path.empty()) {
    if (TRY(hash_files(model_path)) != package.model_hash)
      report.differences.push_back(fmt::format("{} is not the file that the package was compiled from", model_path));
  }
  if (!package.golden) report.differences.push_back("the package holds no golden case, so nothing was run");
  if (package.golden) {
    const std::vector<Node*> nodes = package.graph.nodes();
    std::vector<std::string> kernel_names = {"reference"};
    for (const kernels::Isa isa : kernels::available_isas()) kernel_names.push_back(kernels::name(isa));
    for (const std::string& kernels : kernel_names)
      for (const int threads : {1, 2}) {
        if (progress)
          progress("verifying", static_cast<int64_t>(report.runs.size()),
                   static_cast<int64_t>(2 * kernel_names.size()));
        const std::vector<package::Hash128> hashes =
            TRY(run_golden(package.graph, package.golden->inputs, {.thread_count = threads, .kernels = kernels}));
        VerifyRun run{.kernels = kernels, .thread_count = threads, .equal = true, .first_different = {}};
        for (size_t i = 0; i < hashes.size() && run.equal; ++i) {
          if (hashes[i] == package.golden->output_hashes[i]) continue;
          run.equal = false;
          run.first_different = nodes[i]->name;
        }
        report.reference_equal &= run.equal;
        report.runs.push_back(std::move(run));
      }
  }
  report.ok = report.reference_equal && report.differences.empty();
  return report;
}

Result<std::string> disassemble(const std::string& path) {
  const package::Package package = TRY(package::load(path));
  std::string text = fmt::format("# package of {}, format version {}\n", package.producer, package::kFormatVersion);
  text += fmt::format("# model {}  calibration {}\n", to_hex(package.model_hash), to_hex(package.calibration_hash));
  if (package.golden) text += fmt::format("# golden case with {} layers\n", package.golden->output_hashes.size());
  for (const std::string& label : package.labels) text += "# label " + label + "\n";
  return text + print_graph(package.graph, ops::op_lookup());
}

}  // namespace espalier
