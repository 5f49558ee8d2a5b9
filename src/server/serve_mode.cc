#include <unistd.h>

#include <cstdio>
#include <cstdlib>

#include "records/schema_state.h"
#include "server/modes.h"
#include "server/serve.h"

namespace cloison::server {

namespace {

constexpr std::int64_t kTickMs = 1'000;

std::optional<std::string> FromProcess(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  if (value == nullptr) return std::nullopt;
  return std::string(value);
}

}  // namespace

void PrintProblems(const std::vector<std::string>& problems) {
  for (const std::string& problem : problems) {
    std::fprintf(stderr, "cloisond: %s%s", problem.c_str(), problem.ends_with('\n') ? "" : "\n");
  }
}

std::optional<Config> LoadConfig(const std::string& file, const Overrides& overrides) {
  base::SystemFiles files;
  const Result<Bytes> text = files.Read(file);
  std::vector<std::string> problems;
  if (!text.ok()) {
    PrintProblems({file + ": cannot be read"});
    return std::nullopt;
  }
  const Result<Config> config = MakeConfig(file, AsText(*text), FromProcess, overrides, problems);
  PrintProblems(problems);
  if (!config.ok()) return std::nullopt;
  return *config;
}

std::unique_ptr<Ground> LoadGround(const std::string& file, const Overrides& overrides,
                                   base::EventSink& events) {
  const std::optional<Config> config = LoadConfig(file, overrides);
  if (!config.has_value()) return nullptr;
  std::vector<std::string> problems;
  Result<std::unique_ptr<Ground>> ground = Ground::Make(*config, events, problems);
  PrintProblems(problems);
  return ground.ok() ? std::move(*ground) : nullptr;
}

bool HasRegister(Ground& ground) {
  if (ground.files().Stat(ground.config().data + "/main").ok()) return true;
  PrintProblems({ground.config().data + ": there is no register"});
  return false;
}

int RunNode(Node& node, RunLoop& loop, JsonLog& log) {
  log.Emit(base::Severity::kInfo, "started",
           {{"port", node.port()},
            {"management_port", node.management_port()},
            {"serving", node.serving() ? 1 : 0},
            {"unlocked_secret_bytes", static_cast<std::int64_t>(crypto::UnlockedBytes())}});
  std::printf("ready port=%u management=%u", unsigned{node.port()},
              unsigned{node.management_port()});
  if (node.public_port() != 0) std::printf(" public=%u", unsigned{node.public_port()});
  std::printf("\n");
  std::fflush(stdout);
  while (true) {
    const Wake wake = loop.Wait(kTickMs);
    if (wake == Wake::kFatal || node.failed()) {
      node.Abandon();
      log.Flush();
      _exit(kExitAgain);  // what is in memory may differ from the disk: no destructor may write
    }
    if (wake == Wake::kStop) break;
    node.Tick();
  }
  const Status stopped = node.Stop();
  log.Emit(base::Severity::kInfo, "stopped", {{"clean", stopped.ok() ? 1 : 0}});
  if (node.failed()) {
    log.Flush();
    _exit(kExitAgain);
  }
  return stopped.ok() ? 0 : kExitFailure;
}

int RunServe(const ServeArguments& arguments) {
  RunLoop loop;
  const base::SystemClock clock;
  JsonLog log(clock);
  std::unique_ptr<Ground> ground = LoadGround(arguments.config_file, arguments.overrides, log);
  if (ground == nullptr) return kExitUsage;
  std::vector<std::string> problems;
  Result<std::unique_ptr<Node>> node = Node::Start(std::move(ground), {}, problems);
  PrintProblems(problems);
  if (!node.ok() && node.error().code() == Code::kNotFound) {
    PrintProblems({"there is no register yet: cloisond init --config " + arguments.config_file});
  }
  if (!node.ok()) return records::IsSchemaConflict(node.error()) ? kExitExists : kExitFailure;
  return RunNode(**node, loop, log);
}

}  // namespace cloison::server
