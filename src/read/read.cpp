// The kinds of model files (read/read.h).
#include "read/read.h"

#include "base/bytes.h"
#include "read/onnx/onnx.h"

namespace espalier::read {
namespace {

Result<Model> read_any(const std::string& path, const ReadOptions& options, bool survey) {
  const MappedFile file = TRY(MappedFile::open(path));
  Result<Model> model = onnx::read_onnx(file.bytes(), path, options, survey);
  if (!model.ok()) return model.error().at(path);
  return model;
}

}  // namespace

Result<Model> read_model(const std::string& path, const ReadOptions& options) { return read_any(path, options, false); }

Result<Model> survey_model(const std::string& path, const ReadOptions& options) {
  return read_any(path, options, true);
}

Result<std::vector<std::string>> constant_inputs(const std::string& path) {
  const MappedFile file = TRY(MappedFile::open(path));
  Result<std::vector<std::string>> names = onnx::constant_inputs(file.bytes());
  if (!names.ok()) return names.error().at(path);
  return names;
}

Result<std::vector<std::string>> list_files(const std::string& path) {
  const MappedFile file = TRY(MappedFile::open(path));
  Result<std::vector<std::string>> external = onnx::external_files(file.bytes(), path);
  if (!external.ok()) return external.error().at(path);
  external->insert(external->begin(), path);
  return external;
}

}  // namespace espalier::read
