// An .npz is a zip archive whose members are .npy files: dataset/zip.h and dataset/npy.h put together.
#include "dataset/npz.h"

#include <set>

#include "dataset/npy.h"
#include "dataset/zip.h"

namespace espalier {

Result<std::vector<NamedTensor>> parse_npz(Bytes file) {
  std::vector<ZipMember> members = TRY(read_zip(file));
  std::vector<NamedTensor> tensors;
  std::set<std::string> names;
  for (ZipMember& member : members) {
    constexpr std::string_view kSuffix = ".npy";
    if (!member.name.ends_with(kSuffix)) return error("member \"{}\" is no .npy array", member.name);
    const std::string tensor_name = member.name.substr(0, member.name.size() - kSuffix.size());
    if (!names.insert(tensor_name).second) return error("holds two arrays \"{}\"", tensor_name);
    Result<Tensor> tensor = parse_npy(member.bytes);
    if (!tensor.ok()) return tensor.error().at(fmt::format("array \"{}\"", tensor_name));
    tensors.push_back({tensor_name, std::move(*tensor)});
    member.bytes = {};  // large archives are not held twice
  }
  return tensors;
}

Result<std::vector<NamedTensor>> read_npz(const std::string& path) {
  const MappedFile file = TRY(MappedFile::open(path));
  Result<std::vector<NamedTensor>> tensors = parse_npz(file.bytes());
  if (!tensors.ok()) return tensors.error().at(path);
  return tensors;
}

Result<std::vector<uint8_t>> npz_bytes(const std::vector<NamedTensor>& tensors) {
  std::vector<ZipMember> members;
  for (const NamedTensor& named : tensors) members.push_back({named.name + ".npy", npy_bytes(named.tensor)});
  return write_zip(members);
}

Status write_npz(const std::string& path, const std::vector<NamedTensor>& tensors) {
  const Result<std::vector<uint8_t>> bytes = npz_bytes(tensors);
  if (!bytes.ok()) return bytes.error().at(path);
  return write_file(path, *bytes);
}

}  // namespace espalier
