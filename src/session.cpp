// Session: the border between the user's tensors and the graph's, around run::Runner.
#include "espalier/session.h"

#include <algorithm>
#include <cstring>

#include "base/check.h"
#include "numerics/quantize.h"
#include "ops/open_lengths.h"
#include "ops/shapes.h"
#include "session_parts.h"

namespace espalier {

struct Session::Impl {
  std::shared_ptr<const package::Package> package;
  SessionOptions options;
  run::Runner runner;
  std::vector<TensorInfo> inputs;
  std::vector<TensorInfo> outputs;
  // Of each output; the runner keeps the sources of those that have one, in this order.
  std::vector<std::optional<ops::OpenLength>> open_lengths;
  Geometry geometry;
  std::vector<bool> input_is_set;
  bool has_run = false;
};

namespace {

std::vector<TensorInfo> describe(const std::vector<Port>& ports) {
  std::vector<TensorInfo> infos;
  for (const Port& port : ports) infos.push_back({port.name, port.type.type, port.type.shape});
  return infos;
}

// Strides of the user's dense tensor in the order of the value's dimensions.
std::vector<int64_t> user_strides(const Port& port) {
  const std::vector<int64_t> dense = ops::dense_strides(port.type.shape);
  if (port.permutation.empty()) return dense;
  std::vector<int64_t> strides;
  for (const int64_t from : port.permutation) strides.push_back(dense[static_cast<size_t>(from)]);
  return strides;
}

template <class Name>
std::string names_of(const std::vector<TensorInfo>& infos, Name name) {
  std::vector<std::string> names;
  for (const TensorInfo& info : infos) names.push_back(name(info));
  return fmt::format("{}", fmt::join(names, ", "));
}

Result<size_t> index_of(const std::vector<TensorInfo>& infos, const std::string& name, const char* what) {
  for (size_t i = 0; i < infos.size(); ++i)
    if (infos[i].name == name) return i;
  return error("the network has no {} \"{}\"; it has {}", what, name,
               names_of(infos, [](const TensorInfo& info) { return "\"" + info.name + "\""; }));
}

Tensor copied(const Value& value, const void* bytes) {
  Tensor copy(value.type.type, value.shape());
  std::memcpy(copy.mutable_bytes(), bytes, static_cast<size_t>(copy.size_bytes()));
  return copy;
}

Bytes bytes_of(const Value& value, const void* bytes) {
  return {static_cast<const uint8_t*>(bytes),
          static_cast<size_t>(element_count(value.shape()) * size_bytes(value.type.type))};
}

// The value as real numbers in its own layout; what is not quantized as it is.
Tensor real_tensor(const Value& value, const void* bytes) {
  if (value.type.type != DataType::s8 || !value.quantization || !value.quantization->per_tensor())
    return copied(value, bytes);
  Tensor real(DataType::f32, value.shape());
  float* out = real.mutable_data<float>();
  for (int64_t i = 0; i < real.count(); ++i)
    out[i] = dequantize(static_cast<const int8_t*>(bytes)[i], value.scale(), value.zero_point());
  return real;
}

// From u8 to s8 and back: adding 128 modulo 256 either way.
void shift_by_128(void* bytes, int64_t count) {
  auto* elements = static_cast<uint8_t*>(bytes);
  for (int64_t i = 0; i < count; ++i) elements[i] ^= 0x80;
}

// The value in the user's type and its own layout.
Tensor in_user_type(const Value& value, DataType type, const void* bytes) {
  if (type == value.type.type) return copied(value, bytes);
  if (type != DataType::u8) return real_tensor(value, bytes);
  Tensor shifted(DataType::u8, value.shape());
  std::memcpy(shifted.mutable_bytes(), bytes, static_cast<size_t>(shifted.size_bytes()));
  shift_by_128(shifted.mutable_bytes(), shifted.count());
  return shifted;
}

// The first places of the dimension whose length is data.
Tensor trimmed(const Tensor& tensor, size_t dimension, int64_t filled_count) {
  Shape shape = tensor.shape();
  shape[dimension] = std::min(shape[dimension], filled_count);
  Tensor filled(tensor.type(), shape);
  ops::copy_strided(tensor.bytes(), filled.mutable_bytes(), size_bytes(tensor.type()), shape, 0,
                    ops::dense_strides(tensor.shape()));
  return filled;
}

}  // namespace

Session::Session(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Session::Session(Session&&) noexcept = default;
Session& Session::operator=(Session&&) noexcept = default;
Session::~Session() = default;

Result<Session> SessionParts::open(std::shared_ptr<const package::Package> package, const SessionOptions& options) {
  const kernels::KernelLimits limits = TRY(kernels::kernel_limits(options.kernels));
  // The graph lives inside the package; both share one owner.
  const std::shared_ptr<const Graph> graph(package, &package->graph);
  std::vector<std::optional<ops::OpenLength>> open = TRY(ops::open_lengths_of_outputs(*graph));
  std::vector<const Value*> sources;
  for (const auto& length : open)
    if (length) sources.push_back(length->source);
  run::Runner runner = TRY(run::Runner::create(
      graph, {.thread_count = options.thread_count, .kernels = limits, .kept = std::move(sources)}));
  std::vector<TensorInfo> inputs = describe(graph->inputs());
  std::vector<TensorInfo> outputs = describe(graph->outputs());
  const size_t input_count = inputs.size();
  return Session(std::make_unique<Session::Impl>(Session::Impl{.package = std::move(package),
                                                               .options = options,
                                                               .runner = std::move(runner),
                                                               .inputs = std::move(inputs),
                                                               .outputs = std::move(outputs),
                                                               .open_lengths = std::move(open),
                                                               .geometry = {},
                                                               .input_is_set = std::vector<bool>(input_count),
                                                               .has_run = false}));
}

run::Runner& SessionParts::runner(Session& session) { return session.impl_->runner; }
const package::Package& SessionParts::package(const Session& session) { return *session.impl_->package; }

Result<Session> Session::open(const std::string& path, const SessionOptions& options) {
  return SessionParts::open(std::make_shared<const package::Package>(TRY(package::load(path))), options);
}

Result<Session> Session::clone() const { return SessionParts::open(impl_->package, impl_->options); }

const std::vector<TensorInfo>& Session::inputs() const { return impl_->inputs; }
const std::vector<TensorInfo>& Session::outputs() const { return impl_->outputs; }
const std::optional<Recipe>& Session::recipe() const { return impl_->package->recipe; }
const std::vector<std::string>& Session::labels() const { return impl_->package->labels; }
const std::vector<std::string>& Session::notes() const { return impl_->package->notes; }
const Geometry& Session::geometry() const { return impl_->geometry; }

Status Session::set_input(const std::string& name, const Tensor& tensor) {
  const size_t index = TRY(index_of(impl_->inputs, name, "input"));
  const Port& port = impl_->runner.graph().inputs()[index];
  if (tensor.type() != port.type.type || tensor.shape() != port.type.shape)
    return error("input \"{}\" takes {} of shape {}, it was given {} of shape {}", name, espalier::name(port.type.type),
                 to_string(port.type.shape), espalier::name(tensor.type()), to_string(tensor.shape()));
  const Value& value = *port.value;
  impl_->input_is_set[index] = true;
  // An array in the place of the picture: where the last picture lay says nothing about it.
  const bool takes_pictures = impl_->inputs.size() == 1 || (recipe() && recipe()->input == name);
  if (takes_pictures) impl_->geometry = {};
  void* out = impl_->runner.input(index);
  const std::vector<int64_t> strides = user_strides(port);
  if (value.type.type == port.type.type) {
    ops::copy_strided(tensor.bytes(), out, size_bytes(value.type.type), value.shape(), 0, strides);
    return {};
  }
  if (port.type.type == DataType::u8) {
    ops::copy_strided(tensor.bytes(), out, 1, value.shape(), 0, strides);
    shift_by_128(out, tensor.count());
    return {};
  }
  CHECK(value.type.type == DataType::s8 && port.type.type == DataType::f32);
  const float* in = tensor.data<float>();
  ops::for_each_pair(value.shape(), strides, strides, [&](int64_t at, int64_t from, int64_t) {
    static_cast<int8_t*>(out)[at] = quantize_s8(in[from], value.scale(), value.zero_point());
  });
  return {};
}

Status Session::set_image(const Image& image) {
  if (!recipe())
    return error(
        "the network has no preprocessing recipe for pictures. Compile it with --preprocess recipe.json, or "
        "give an .npz with its inputs");
  return SessionParts::set_prepared(*this, TRY(prepare(image, *recipe())));
}

Status SessionParts::set_prepared(Session& session, const Prepared& prepared) {
  const Recipe& recipe = *session.recipe();
  const std::vector<TensorInfo>& inputs = session.inputs();
  if (recipe.input.empty() && inputs.size() != 1)
    return error("the network has {} inputs; the recipe must name one of them (\"input\")", inputs.size());
  const size_t index = recipe.input.empty() ? 0 : TRY(index_of(inputs, recipe.input, "input"));
  const Port& port = session.impl_->runner.graph().inputs()[index];
  const Shape& shape = port.type.shape;
  const Shape nchw = {1, 3, recipe.height, recipe.width};
  const Shape nhwc = {1, recipe.height, recipe.width, 3};
  if (shape != nchw && shape != nhwc)
    return error("the recipe makes a picture of {} x {} pixels with 3 channels, the input \"{}\" takes {}",
                 recipe.height, recipe.width, port.name, to_string(shape));
  const Value& value = *port.value;
  // The value's own layout, so that nothing is reordered twice.
  const Layout layout = value.shape() == nhwc ? Layout::nhwc : Layout::nchw;
  const Tensor tensor = value.type.type == DataType::s8
                            ? to_s8(prepared, recipe, value.scale(), value.zero_point(), layout)
                            : to_float(prepared, recipe, layout);
  if (tensor.type() != value.type.type || tensor.shape() != value.shape())
    return error("the input \"{}\" takes {}, pictures become {}", port.name, name(value.type.type),
                 name(tensor.type()));
  std::memcpy(session.impl_->runner.input(index), tensor.bytes(), static_cast<size_t>(tensor.size_bytes()));
  session.impl_->geometry = prepared.geometry;
  session.impl_->input_is_set[index] = true;
  return {};
}

namespace {

// [height, width] of the input that pictures go to.
Result<std::pair<int64_t, int64_t>> picture_input_size(const Session& session) {
  if (session.recipe()) return std::pair{session.recipe()->height, session.recipe()->width};
  if (session.inputs().size() != 1 || session.inputs()[0].shape.size() != 4)
    return error("the size of the picture's input is unknown; give a recipe (--preprocess)");
  const Shape& shape = session.inputs()[0].shape;
  return shape[1] == 3 ? std::pair{shape[2], shape[3]} : std::pair{shape[1], shape[2]};
}

}  // namespace

Result<Decoded> SessionParts::decode(const Session& session, const Decoder& decoder, const DecodeOptions& options,
                                     std::span<const std::string> labels) {
  const std::vector<NamedTensor> outputs = TRY(session.all_outputs());
  const auto [height, width] = TRY(picture_input_size(session));
  return espalier::decode(decoder,
                          {.outputs = outputs,
                           .geometry = session.geometry(),
                           .input_height = height,
                           .input_width = width,
                           .options = options,
                           .labels = labels.empty() ? std::span<const std::string>(session.labels()) : labels});
}

Status SessionParts::set_arrays(Session& session, const std::vector<NamedTensor>& arrays) {
  if (arrays.size() != session.inputs().size())
    return error("{} arrays are given, the network has {} inputs", arrays.size(), session.inputs().size());
  for (const NamedTensor& array : arrays) TRY_STATUS(session.set_input(array.name, array.tensor));
  return {};
}

Status SessionParts::set_golden_inputs(Session& session) {
  const std::optional<package::Golden>& golden = session.impl_->package->golden;
  if (!golden) return error("the package holds no golden case; give its inputs");
  session.impl_->geometry = {};
  for (size_t i = 0; i < golden->inputs.size(); ++i) {
    const Tensor& input = golden->inputs[i];
    std::memcpy(session.impl_->runner.input(i), input.bytes(), static_cast<size_t>(input.size_bytes()));
    session.impl_->input_is_set[i] = true;
  }
  return {};
}

Status Session::run(const LayerObserver& observer) {
  for (size_t i = 0; i < impl_->inputs.size(); ++i)
    if (!impl_->input_is_set[i]) return error("input \"{}\" has not been set", impl_->inputs[i].name);
  if (!observer) {
    impl_->runner.run();
  } else {
    impl_->runner.run([&](const run::Step& step, double time_us) {
      const Value& output = *step.node->output();
      std::vector<std::string> inputs;
      for (const Value* input : step.node->inputs)
        if (input != nullptr && !input->is_constant()) inputs.push_back(input->name);
      std::vector<std::string> refusals;
      for (const kernels::Refusal& refusal : step.choice.refusals)
        refusals.push_back(fmt::format("{}: {}", refusal.kernel->name, refusal.reason.sentence()));
      observer({.name = step.node->name,
                .op = step.node->op,
                .inputs = inputs,
                .output = output.name,
                .kernel = step.choice.kernel->name,
                .refusals = refusals,
                .time_us = time_us,
                .mac_count = ops::mac_count(*step.node),
                .real_output = [&] { return real_tensor(output, step.outputs[0]); },
                .output_hash = [&] { return package::hash128(bytes_of(output, step.outputs[0])); }});
    });
  }
  impl_->has_run = true;
  return {};
}

Result<Tensor> Session::output(const std::string& name) const {
  const size_t index = TRY(index_of(impl_->outputs, name, "output"));
  if (!impl_->has_run) return error("output \"{}\" is asked for before the network has run", name);
  const Port& port = impl_->runner.graph().outputs()[index];
  const void* bytes = impl_->runner.output(index);
  const Tensor whole = in_user_type(*port.value, port.type.type, bytes);
  const std::vector<std::optional<ops::OpenLength>>& lengths = impl_->open_lengths;
  const auto kept = static_cast<size_t>(std::count_if(lengths.begin(), lengths.begin() + static_cast<long>(index),
                                                      [](const auto& length) { return length.has_value(); }));
  const Tensor made =
      !lengths[index]
          ? whole
          : trimmed(whole, lengths[index]->dimension,
                    ops::filled_count(*lengths[index]->source, static_cast<const int64_t*>(impl_->runner.kept(kept))));
  Port user = port;
  for (size_t d = 0; d < made.shape().size(); ++d)
    if (made.shape()[d] != whole.shape()[d])
      user.type.shape[port.permutation.empty() ? d : static_cast<size_t>(port.permutation[d])] = made.shape()[d];
  if (port.permutation.empty()) return made.reshaped(user.type.shape);
  Tensor result(made.type(), user.type.shape);
  const int64_t size = size_bytes(made.type());
  const std::vector<int64_t> strides = user_strides(user);
  char* out = static_cast<char*>(result.mutable_bytes());
  ops::for_each_pair(made.shape(), strides, strides, [&](int64_t from, int64_t to, int64_t) {
    std::memcpy(out + to * size, static_cast<const char*>(made.bytes()) + from * size, static_cast<size_t>(size));
  });
  return result;
}

Result<std::vector<NamedTensor>> Session::all_outputs() const {
  std::vector<NamedTensor> all;
  for (const TensorInfo& info : impl_->outputs) all.push_back({info.name, TRY(output(info.name))});
  return all;
}

}  // namespace espalier
