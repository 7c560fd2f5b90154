// File mapping and whole-file writing for base/bytes.h.
#include "base/bytes.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>

namespace espalier {
namespace {

std::string reason_of(int code) { return std::string(std::strerror(code)); }

struct FileDescriptor {
  int number;
  ~FileDescriptor() {
    if (number >= 0) ::close(number);
  }
};

// Writes all bytes or returns errno; 0 is success.
int write_all(int file, Bytes bytes) {
  size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t written = ::write(file, bytes.data() + done, bytes.size() - done);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return errno;
    done += static_cast<size_t>(written);
  }
  return ::fsync(file) == 0 || errno == EINVAL ? 0 : errno;
}

}  // namespace

Status ByteReader::skip(uint64_t size) {
  const Result<Bytes> taken = take(size);
  if (!taken.ok()) return taken.error();
  return {};
}

Result<Bytes> ByteReader::take(uint64_t size) {
  if (!fits(position_, size, bytes_.size()))
    return error("the data ends early: {} bytes wanted at offset {}, {} are left", size, position_, remaining());
  const Bytes taken = bytes_.subspan(position_, size);
  position_ += size;
  return taken;
}

std::string to_hex(Bytes bytes) {
  std::string text;
  for (const uint8_t byte : bytes) text += fmt::format("{:02x}", byte);
  return text;
}

Result<MappedFile> MappedFile::open(const std::string& path) {
  // O_NONBLOCK: opening a pipe must not wait for its writer; regular files do not care.
  const FileDescriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
  if (file.number < 0) return error("{}: cannot be opened: {}", path, reason_of(errno));
  struct stat information{};
  if (::fstat(file.number, &information) != 0) return error("{}: {}", path, reason_of(errno));
  if (!S_ISREG(information.st_mode)) return error("{}: is not a regular file", path);

  MappedFile mapped;
  const size_t size = static_cast<size_t>(information.st_size);
  if (size == 0) return mapped;
  void* address = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file.number, 0);
  if (address == MAP_FAILED) return error("{}: cannot be mapped: {}", path, reason_of(errno));
  mapped.owner_ = std::shared_ptr<const void>(address, [size](const void* p) { ::munmap(const_cast<void*>(p), size); });
  mapped.bytes_ = {static_cast<const uint8_t*>(address), size};
  return mapped;
}

Status write_file(const std::string& path, Bytes bytes) {
  // Renaming onto a link, a device or a pipe would put a file in its place: links are followed, the others refused.
  struct stat information{};
  const bool exists = ::stat(path.c_str(), &information) == 0;
  if (exists && !S_ISREG(information.st_mode))
    return error("{}: is there and is no regular file; give the name of a file to write", path);
  std::string target = path;
  if (exists) {
    const std::unique_ptr<char, void (*)(void*)> resolved(::realpath(path.c_str(), nullptr), ::free);
    if (resolved) target = resolved.get();
  }
  // The process id keeps two writers of one target apart.
  const std::string aside = fmt::format("{}.{}.part", target, ::getpid());
  int failed = 0;
  {
    const FileDescriptor file{::open(aside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666)};
    if (file.number < 0)
      return error("{}: cannot be written: {}. Is the folder there, and writable?", path, reason_of(errno));
    failed = write_all(file.number, bytes);
  }
  if (failed == 0 && ::rename(aside.c_str(), target.c_str()) != 0) failed = errno;
  if (failed != 0) {
    ::unlink(aside.c_str());
    return error("{}: writing {} bytes failed: {}. The file is as it was before.", path, bytes.size(),
                 reason_of(failed));
  }
  return {};
}

}  // namespace espalier
