// What the tests of the real programs share: run cloison, start cloisond on a small world.
#ifndef CLOISON_TESTS_E2E_E2E_H_
#define CLOISON_TESTS_E2E_E2E_H_

#include <memory>
#include <string>
#include <vector>

#include "cli/process.h"

namespace cloison::e2e {

// The path of a program of this build.
std::string Binary(const std::string& name);

// A directory of its own, gone at the end.
class Folder {
 public:
  Folder();
  ~Folder();
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  std::string path(const std::string& name = "") const {
    return name.empty() ? path_ : path_ + "/" + name;
  }

 private:
  std::string path_;
};

struct Ended {
  int exit = -1;
  std::string out;
  std::string err;
};

// Runs a command of /bin/sh in which $cloison is our program and $cloisond the server.
Ended Shell(const std::string& command);
// The same, without waiting; what it says goes to `out_path` and `err_path`.
std::unique_ptr<cli::Child> ShellInBackground(const std::string& command,
                                              const std::string& out_path,
                                              const std::string& err_path);

std::string ReadFile(const std::string& path);
void WriteFile(const std::string& path, const std::string& text);
std::vector<std::string> LinesOf(const std::string& text);
bool Contains(const std::string& text, const std::string& part);

// cloisond on a world of `people`, in a folder of its own.
class World {
 public:
  explicit World(int people);
  ~World();
  // Starts it, again after Kill, on the same port; true once it is ready.
  bool Start();
  void Kill();  // SIGKILL
  // "--server ... --credentials ... --as NAME"
  std::string As(const std::string& name) const;
  std::string server() const { return "https://127.0.0.1:" + std::to_string(port_); }
  const Folder& folder() const { return folder_; }

 private:
  Folder folder_;
  int people_;
  int port_ = 0;
  std::unique_ptr<cli::Child> child_;
};

}  // namespace cloison::e2e

#endif  // CLOISON_TESTS_E2E_E2E_H_
