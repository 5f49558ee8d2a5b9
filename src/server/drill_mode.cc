#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <iostream>

#include "base/files.h"
#include "base/random.h"
#include "server/modes.h"
#include "server/serve.h"
#include "store/rocks/rocks_store.h"

namespace cloison::server {

namespace {

// A directory of its own under the system's temporary one, gone at the end.
class Scratch {
 public:
  explicit Scratch(base::Random& random)
      : path_(std::filesystem::temp_directory_path() /
              ("cloison-drill-" + base::ToHex(random.Draw<8>()))) {}
  ~Scratch() {
    std::error_code error;
    std::filesystem::remove_all(path_, error);
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

}  // namespace

int RunDrill(const DrillArguments& arguments) {
  base::SystemFiles files;
  base::SystemRandom random;
  const Scratch scratch(random);
  if (!files.MakeDirectory(scratch.path(), 0700).ok()) {
    PrintProblems({"no temporary directory can be made"});
    return kExitFailure;
  }
  drill::OpenStore open;
  std::atomic<int> opened = 0;
  if (arguments.store == "rocks") {
    open = [&](const std::string& name,
               std::span<const store::Family> families) -> Result<std::unique_ptr<store::Store>> {
      store::RocksOptions options;
      options.path = scratch.path() + "/store-" + std::to_string(opened++) + "-" + name;
      options.families = families;
      CLOISON_TRY_ASSIGN(std::unique_ptr<store::RocksStore> store,
                         store::RocksStore::Open(options));
      return std::unique_ptr<store::Store>(std::move(store));
    };
  }
  const drill::Ground ground{files, random, scratch.path(), open};
  return drill::Main(arguments.drill, ground, std::cout, std::cerr);
}

}  // namespace cloison::server
