// A directory that goes away with the object (under TMPDIR when it is set).
#ifndef CLOISON_STORE_TESTING_TEMP_DIRECTORY_H_
#define CLOISON_STORE_TESTING_TEMP_DIRECTORY_H_

#include <cstdlib>
#include <filesystem>
#include <string>

#include "base/check.h"

namespace cloison::store::testing {

class TempDirectory {
 public:
  TempDirectory() {
    std::string pattern = Base() + "/cloison-XXXXXX";
    CLOISON_CHECK(mkdtemp(pattern.data()) != nullptr);
    path_ = pattern;
  }
  ~TempDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TempDirectory(const TempDirectory&) = delete;
  TempDirectory& operator=(const TempDirectory&) = delete;
  const std::string& path() const { return path_; }

 private:
  // In memory where there is such a place: tests open many stores, and their syncs prove nothing.
  static std::string Base() {
    const char* chosen = std::getenv("TMPDIR");
    if (chosen != nullptr) return chosen;
    std::error_code ignored;
    return std::filesystem::is_directory("/dev/shm", ignored) ? "/dev/shm" : "/tmp";
  }

  std::string path_;
};

}  // namespace cloison::store::testing

#endif  // CLOISON_STORE_TESTING_TEMP_DIRECTORY_H_
