// The Python module: thin bindings of compile.h and session.h. Arrays go in and out without a detour; errors become one
// exception class. What is convenience rather than binding is in espalier/__init__.py.
#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>
#include <nanobind/stl/map.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/pair.h>
#include <nanobind/stl/set.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <cstring>

#include "base/error.h"
#include "dataset/image_file.h"
#include "dataset/labels.h"
#include "dataset/npz.h"
#include "dataset/recipe_file.h"
#include "espalier/compile.h"
#include "package/package.h"
#include "reports.h"
#include "results.h"
#include "session_parts.h"

namespace nb = nanobind;

namespace espalier {
namespace {

using Array = nb::ndarray<nb::c_contig, nb::device::cpu, nb::ro>;

struct PythonError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// The border between errors as values and exceptions.
template <class T>
T value_or_throw(Result<T> result) {
  if (!result.ok()) throw PythonError(result.error().message());
  return std::move(result).value();
}
void check_or_throw(const Status& status) {
  if (!status.ok()) throw PythonError(status.error().message());
}

DataType data_type_of(const nb::dlpack::dtype& type) {
  using Code = nb::dlpack::dtype_code;
  const auto is = [&](Code code, int bits) {
    return type.code == static_cast<uint8_t>(code) && type.bits == bits && type.lanes == 1;
  };
  if (is(Code::Float, 32)) return DataType::f32;
  if (is(Code::Int, 8)) return DataType::s8;
  if (is(Code::UInt, 8)) return DataType::u8;
  if (is(Code::Int, 16)) return DataType::s16;
  if (is(Code::Int, 32)) return DataType::s32;
  if (is(Code::Int, 64)) return DataType::s64;
  if (is(Code::Bool, 8)) return DataType::boolean;
  throw PythonError("arrays of this element type are not taken; use float32 (or the integer type of the input)");
}

// A view of the array; the caller keeps the array alive.
Tensor tensor_of(const Array& array) {
  Shape shape;
  for (size_t d = 0; d < array.ndim(); ++d) shape.push_back(static_cast<int64_t>(array.shape(d)));
  return Tensor(data_type_of(array.dtype()), shape, nullptr, array.data());
}

nb::object array_of(const Tensor& tensor) {
  const auto make = [&](auto element) -> nb::object {
    using T = decltype(element);
    auto* owner = new Tensor(tensor);
    nb::capsule capsule(owner, [](void* held) noexcept { delete static_cast<Tensor*>(held); });
    std::vector<size_t> shape(tensor.shape().begin(), tensor.shape().end());
    return nb::cast(nb::ndarray<nb::numpy, T>(const_cast<void*>(owner->bytes()), shape.size(), shape.data(), capsule));
  };
  switch (tensor.type()) {
    case DataType::s8: return make(int8_t{});
    case DataType::u8: return make(uint8_t{});
    case DataType::s16: return make(int16_t{});
    case DataType::s32: return make(int32_t{});
    case DataType::s64: return make(int64_t{});
    case DataType::boolean: return make(bool{});
    case DataType::f16:
    case DataType::f32: return make(float{});
  }
  return nb::none();
}

// HxWx3, uint8, RGB.
Image image_of(const Array& array) {
  if (array.ndim() != 3 || array.shape(2) != 3 || data_type_of(array.dtype()) != DataType::u8)
    throw PythonError("a picture must be a uint8 array of shape height x width x 3, in RGB order");
  Image image{static_cast<int64_t>(array.shape(0)), static_cast<int64_t>(array.shape(1)), {}};
  const auto* pixels = static_cast<const uint8_t*>(array.data());
  image.rgb.assign(pixels, pixels + array.size());
  return image;
}

// A copy, since the array may change or go.
void bind(ModelOptions& options, const std::string& name, const Array& array) {
  const Tensor view = tensor_of(array);
  Tensor copy(view.type(), view.shape());
  std::memcpy(copy.mutable_bytes(), view.bytes(), static_cast<size_t>(view.size_bytes()));
  options.bound[name] = std::move(copy);
}

// `text` is JSON, or without it `path` names a file of it.
void set_recipe(ModelOptions& options, const std::string& path, const std::optional<std::string>& text) {
  options.recipe = value_or_throw(text ? parse_recipe(*text, "preprocess") : read_recipe(path));
}

bool is_default(const ModelOptions& options) {
  return !options.recipe && options.input_shapes.empty() && options.bound.empty() && options.inputs.empty() &&
         options.outputs.empty() && options.disabled_passes.empty();
}

Session open_session(const std::string& path, int threads, const std::string& kernels, const ModelOptions& model) {
  const nb::gil_scoped_release unlocked;
  const SessionOptions options{.thread_count = threads, .kernels = kernels};
  const MappedFile file = value_or_throw(MappedFile::open(path));
  if (!package::is_package(file.bytes())) return value_or_throw(open_model(path, model, options));
  if (!is_default(model))
    throw PythonError(
        path +
        " is a package: it carries its recipe and shapes, so preprocess, input_shapes, bind, inputs, outputs and "
        "disabled_passes apply to model files only");
  return value_or_throw(Session::open(path, options));
}

// The inputs from a picture, or from an .npz with one array per input.
void set_file(Session& session, const std::string& path) {
  const nb::gil_scoped_release unlocked;
  if (!path.ends_with(".npz")) return check_or_throw(session.set_image(value_or_throw(read_image(path))));
  const Status set = SessionParts::set_arrays(session, value_or_throw(read_npz(path)));
  if (!set.ok()) throw PythonError(set.error().at(path).message());
}

// What the last run says about its picture.
nb::object decode_outputs(const Session& session, const std::string& decoder_name, std::optional<float> score,
                          std::optional<float> iou, std::vector<std::string> labels) {
  const Decoder* decoder = value_or_throw(find_decoder(decoder_name));
  if (labels.empty()) labels = session.labels();
  std::optional<Result<Decoded>> decoded;
  {
    const nb::gil_scoped_release unlocked;
    decoded = SessionParts::decode(session, *decoder, {.score_threshold = score, .iou_threshold = iou}, labels);
  }
  if (labels.empty() && decoder->only_class != nullptr) labels = {decoder->only_class};
  return python_of(value_or_throw(std::move(*decoded)), decoder->makes, labels);
}

nb::list decoder_list() {
  nb::list list;
  for (const Decoder* decoder : decoders())
    list.append(nb::make_tuple(decoder->name, name(decoder->makes), decoder->summary));
  return list;
}

// `samples` is a function of a Session that sets its inputs and answers whether there was a sample left. An exception
// of the user's own code passes through the library as an error and is raised again as it was.
nb::dict compile_model(const std::string& path, CompileOptions options, const nb::object& samples) {
  std::optional<nb::python_error> raised;
  if (!samples.is_none())
    options.samples = [&](Session& session) -> Result<bool> {
      const nb::gil_scoped_acquire locked;
      try {
        return nb::cast<bool>(samples(nb::cast(&session, nb::rv_policy::reference)));
      } catch (nb::python_error& wrong) {
        raised.emplace(std::move(wrong));
        return Error("the calibration iterable raised an exception");
      }
    };
  std::optional<Result<CompileReport>> result;
  {
    const nb::gil_scoped_release unlocked;
    result.emplace(compile(path, options));
  }
  if (raised) throw std::move(*raised);
  return python_of(value_or_throw(std::move(*result)), options);
}

nb::dict check(const std::string& path, const ModelOptions& options) {
  std::optional<Result<ModelCheck>> result;
  {
    const nb::gil_scoped_release unlocked;
    result.emplace(check_model(path, options));
  }
  return python_of(value_or_throw(std::move(*result)));
}

nb::dict verify(const std::string& path, const std::string& model_path) {
  std::optional<Result<VerifyReport>> result;
  {
    const nb::gil_scoped_release unlocked;
    result.emplace(verify_package(path, model_path));
  }
  return python_of(value_or_throw(std::move(*result)));
}

void define_options(nb::module_& module) {
  nb::class_<ModelOptions>(module, "ModelOptions")
      .def(nb::init<>())
      .def_rw("input_shapes", &ModelOptions::input_shapes)
      .def_rw("inputs", &ModelOptions::inputs)
      .def_rw("outputs", &ModelOptions::outputs)
      .def_rw("disabled_passes", &ModelOptions::disabled_passes)
      .def("bind", bind, nb::arg("name"), nb::arg("array"))
      .def("set_recipe", set_recipe, nb::arg("path"), nb::arg("text").none());

  nb::class_<CompileOptions>(module, "CompileOptions")
      .def(nb::init<>())
      .def_rw("model", &CompileOptions::model)
      .def_rw("calibration", &CompileOptions::calibration)
      .def_rw("first", &CompileOptions::calibration_first)
      .def_rw("step", &CompileOptions::calibration_step)
      .def_rw("count", &CompileOptions::calibration_count)
      .def_rw("range_method", &CompileOptions::range_method)
      .def_rw("percentile", &CompileOptions::percentile)
      .def_rw("requantize", &CompileOptions::requantize)
      .def_rw("labels", &CompileOptions::labels)
      .def_rw("output", &CompileOptions::output)
      .def_rw("export_qdq", &CompileOptions::qdq)
      .def_rw("export_qoperator", &CompileOptions::qoperator)
      .def_rw("threads", &CompileOptions::thread_count)
      .def_rw("kernels", &CompileOptions::kernels)
      .def_rw("dump", &CompileOptions::dump_folder);
}

void define_session(nb::module_& module) {
  nb::class_<Session>(module, "Session")
      .def("clone",
           [](const Session& session) {
             const nb::gil_scoped_release unlocked;
             return value_or_throw(session.clone());
           })
      .def_prop_ro("inputs", [](const Session& session) { return python_of(session.inputs()); })
      .def_prop_ro("outputs", [](const Session& session) { return python_of(session.outputs()); })
      .def_prop_ro("labels", [](const Session& session) { return session.labels(); })
      .def_prop_ro("notes", [](const Session& session) { return session.notes(); })
      .def(
          "set_input",
          [](Session& session, const std::string& name, const Array& array) {
            const Tensor tensor = tensor_of(array);
            const nb::gil_scoped_release unlocked;
            check_or_throw(session.set_input(name, tensor));
          },
          nb::arg("name"), nb::arg("array"))
      .def(
          "set_image",
          [](Session& session, const Array& pixels) {
            const Image image = image_of(pixels);
            const nb::gil_scoped_release unlocked;
            check_or_throw(session.set_image(image));
          },
          nb::arg("pixels"))
      .def("set_file", set_file, nb::arg("path"))
      .def("run",
           [](Session& session) {
             const nb::gil_scoped_release unlocked;
             check_or_throw(session.run());
           })
      .def(
          "output",
          [](const Session& session, const std::string& name) {
            return array_of(value_or_throw(session.output(name)));
          },
          nb::arg("name"))
      .def("decode", decode_outputs, nb::arg("decoder"), nb::arg("score").none(), nb::arg("iou").none(),
           nb::arg("labels"));
}

}  // namespace
}  // namespace espalier

NB_MODULE(_espalier, module) {
  using namespace espalier;
  nb::exception<PythonError>(module, "Error");

  define_options(module);
  define_session(module);
  module.def("decoders", decoder_list);
  module.def(
      "read_labels", [](const std::string& path) { return value_or_throw(read_class_names(path)); }, nb::arg("path"));
  module.def("open_session", open_session, nb::arg("path"), nb::arg("threads"), nb::arg("kernels"), nb::arg("model"));
  module.def("check_model", check, nb::arg("path"), nb::arg("options"));
  module.def("verify_package", verify, nb::arg("path"), nb::arg("model_path"));
  module.def("compile_model", compile_model, nb::arg("path"), nb::arg("options"), nb::arg("samples").none());
}
