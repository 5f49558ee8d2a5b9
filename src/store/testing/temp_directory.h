// A directory that goes away with the object.
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
    std::string pattern = (std::filesystem::temp_directory_path() / "cloison-XXXXXX").string();
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
  std::string path_;
};

}  // namespace cloison::store::testing

#endif  // CLOISON_STORE_TESTING_TEMP_DIRECTORY_H_
