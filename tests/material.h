// Where tests find files: the repository's own fixtures, and shared test material that a machine may lack.
#pragma once

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>

namespace espalier {

inline std::string fixture(const std::string& path) { return std::string(ESPALIER_SOURCE_DIR) + "/tests/" + path; }

// $ESPALIER_SHARED, or the folder "shared" beside the sources; nothing when neither is there.
inline std::optional<std::string> shared_folder() {
  const char* chosen = std::getenv("ESPALIER_SHARED");
  const std::string folder = chosen != nullptr ? chosen : std::string(ESPALIER_SOURCE_DIR) + "/../shared";
  if (!std::filesystem::is_directory(folder)) return std::nullopt;
  return folder;
}

// An empty folder that goes with the test.
class ScratchFolder {
 public:
  ScratchFolder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "espalier_test_XXXXXX").string();
    path_ = ::mkdtemp(pattern.data());
  }
  ~ScratchFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;

  std::string path(const std::string& name) const { return path_ + "/" + name; }
  const std::string& root() const { return path_; }

 private:
  std::string path_;
};

// Skips a test with a sentence when the shared material is absent.
#define SHARED_FOLDER_OR_SKIP(variable)                                    \
  const std::optional<std::string> variable = ::espalier::shared_folder(); \
  if (!variable.has_value())                                               \
  GTEST_SKIP() << "Shared test material is absent; set ESPALIER_SHARED to the folder that holds images/ and models/."

}  // namespace espalier
