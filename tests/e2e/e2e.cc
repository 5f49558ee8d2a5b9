#include "tests/e2e/e2e.h"

#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace cloison::e2e {

namespace {

constexpr int kReadyPollsMax = 3'000;  // of 20 ms

std::vector<std::string> ShellArguments(const std::string& command) {
  const std::string names =
      // Nobody's own session is used.
      "XDG_STATE_HOME=/none; export XDG_STATE_HOME; cloison='" + Binary("cloison") +
      "'; cloisond='" + Binary("cloisond") + "'; ";
  return {"/bin/sh", "-c", names + command};
}

}  // namespace

std::string Binary(const std::string& name) {
  return std::string(CLOISON_BINARIES) + "/" + name;
}

Folder::Folder() {
  std::string pattern = std::filesystem::temp_directory_path().string() + "/cloison-e2e-XXXXXX";
  path_ = mkdtemp(pattern.data()) == nullptr ? "" : pattern;
}

Folder::~Folder() {
  std::error_code failed;
  if (!path_.empty()) std::filesystem::remove_all(path_, failed);
}

std::string ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

void WriteFile(const std::string& path, const std::string& text) {
  std::ofstream(path, std::ios::binary) << text;
}

std::vector<std::string> LinesOf(const std::string& text) {
  std::vector<std::string> lines;
  std::size_t begin = 0;
  for (std::size_t end = text.find('\n'); end != std::string::npos; end = text.find('\n', begin)) {
    lines.push_back(text.substr(begin, end - begin));
    if (!lines.back().empty() && lines.back().back() == '\r') lines.back().pop_back();
    begin = end + 1;
  }
  if (begin < text.size()) lines.push_back(text.substr(begin));
  return lines;
}

bool Contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

Ended Shell(const std::string& command) {
  const Folder folder;
  const auto child = ShellInBackground(command, folder.path("out"), folder.path("err"));
  Ended ended;
  if (child == nullptr) return ended;
  ended.exit = child->Wait();
  ended.out = ReadFile(folder.path("out"));
  ended.err = ReadFile(folder.path("err"));
  return ended;
}

std::unique_ptr<cli::Child> ShellInBackground(const std::string& command,
                                              const std::string& out_path,
                                              const std::string& err_path) {
  cli::ChildOptions options;
  options.arguments = ShellArguments("exec >'" + out_path + "' 2>'" + err_path + "'; " + command);
  Result<std::unique_ptr<cli::Child>> child = cli::Child::Start(std::move(options));
  return child.ok() ? std::move(*child) : nullptr;
}

World::World(int people) : people_(people) {}

World::~World() {
  if (child_ != nullptr) child_->Stop();
}

bool World::Start() {
  auto port = std::make_shared<std::atomic<int>>(0);
  cli::ChildOptions options;
  options.arguments = {Binary("cloisond"), "demo",
                       "--data",           folder_.path("world"),
                       "--people",         std::to_string(people_),
                       "--port",           std::to_string(port_)};
  options.log_path = folder_.path("log");
  options.on_line = [port](const std::string& line) {
    constexpr std::string_view kReady = "ready port=";
    if (line.starts_with(kReady)) *port = std::atoi(line.c_str() + kReady.size());
  };
  Result<std::unique_ptr<cli::Child>> child = cli::Child::Start(std::move(options));
  if (!child.ok()) return false;
  child_ = std::move(*child);
  for (int i = 0; i < kReadyPollsMax && *port == 0 && child_->Poll() < 0; ++i) usleep(20'000);
  port_ = *port;
  return port_ != 0;
}

void World::Kill() {
  child_->Signal(SIGKILL);
  child_->Wait();
}

std::string World::As(const std::string& name) const {
  return "--server " + server() + " --credentials " + folder_.path("world/credentials") + " --as " +
         name;
}

}  // namespace cloison::e2e
