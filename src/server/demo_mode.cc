// cloisond demo: one directory with everything, built when it is empty.
//
//   DIR/data  DIR/key-objects  DIR/credentials  DIR/world       DIR/building while it is built
#include <charconv>
#include <cstdio>
#include <filesystem>

#include "server/modes.h"
#include "server/serve.h"
#include "vault/demo_world.h"

namespace cloison::server {

namespace {

constexpr std::size_t kPeopleDefault = 100'000;
constexpr std::size_t kReadyMadePrincipals = 11;
constexpr std::string_view kBuildingMark = "cloison demo\n";

Config ConfigOf(const DemoArguments& arguments) {
  Config config;
  config.mode = "development";
  config.data = arguments.data + "/data";
  config.key_objects = arguments.data + "/key-objects";
  config.schema = arguments.schema;
  config.policy = arguments.policy;
  config.credentials = arguments.data + "/credentials";
  config.port = arguments.port;
  config.management_port = arguments.management_port;
  return config;
}

// How many people the world of this directory has; nothing: none, or one half-built.
std::optional<std::size_t> PeopleOf(base::Files& files, const std::string& data) {
  if (files.Stat(data + "/building").ok()) return std::nullopt;
  const Result<Bytes> text = files.Read(data + "/world");
  if (!text.ok()) return std::nullopt;
  const std::string_view digits = AsText(*text);
  std::size_t people = 0;
  const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), people);
  if (read.ec != std::errc() || people == 0) return std::nullopt;
  return people;
}

Status Build(Ground& ground, const vault::DemoSize& size) {
  CLOISON_TRY(ground.MakeDirectories());
  CLOISON_TRY(ground.OpenStores());
  CLOISON_TRY(ground.OpenKeyObjects(true));
  CLOISON_TRY(base::SyncWait(vault::Vault::Create(ground.environment(), ground.settings([] {}))));
  Result<std::unique_ptr<vault::Vault>> vault =
      base::SyncWait(vault::Vault::Open(ground.environment(), ground.settings([] {})));
  if (!vault.ok()) return vault.error();
  const auto progress = [&size](std::size_t loaded) {
    std::printf("loaded %zu of %zu\n", loaded, size.people);
    std::fflush(stdout);
  };
  const auto world = base::SyncWait(vault::BuildDemoWorld(**vault, size, progress));
  const Status stopped = base::SyncWait((*vault)->Stop());
  if (!world.ok()) return world.error();
  return stopped;
}

// A world that was not finished is thrown away: `building` marks the directory as ours to clear.
Status BuildWorld(const DemoArguments& arguments, const Config& config, JsonLog& log,
                  std::size_t people) {
  base::SystemFiles files;
  std::error_code error;
  const std::string building = arguments.data + "/building";
  const bool data_there = files.Stat(config.data).ok() || files.Stat(config.key_objects).ok();
  const Result<Bytes> marker = files.Read(building);
  const bool ours_to_clear = marker.ok() && AsText(*marker) == kBuildingMark;
  if (data_there && !ours_to_clear) {
    return Error{Code::kConflict, "the directory holds data that no demo made"};
  }
  if (ours_to_clear) {
    for (const std::string& ours : {config.data, config.key_objects}) {
      std::filesystem::remove_all(ours, error);
    }
  }
  CLOISON_TRY(base::WriteWhole(files, building, AsBytes(kBuildingMark)));
  std::vector<std::string> problems;
  const Result<std::unique_ptr<Ground>> ground = Ground::Make(config, log, problems);
  PrintProblems(problems);
  if (!ground.ok()) return ground.error();
  vault::DemoSize size;
  size.people = people;
  CLOISON_TRY(Build(**ground, size));
  const std::string text = std::to_string(people) + "\n";
  CLOISON_TRY(base::WriteWhole(files, arguments.data + "/world", AsBytes(text)));
  return base::RemoveDurably(files, building);
}

std::vector<std::string> NamesOf(const DemoArguments& arguments) {
  std::vector<std::string> names;
  for (const vault::DemoPrincipal& principal : vault::DemoPrincipals({})) {
    if (names.size() == kReadyMadePrincipals && !arguments.every_adviser) break;
    names.push_back(principal.name);
  }
  return names;
}

Result<std::unique_ptr<Node>> StartNode(const DemoArguments& arguments, Config config,
                                        JsonLog& log) {
  Result<std::unique_ptr<Node>> node = Error{Code::kUnavailable, "not started"};
  for (int attempt = 0; attempt < 2; ++attempt) {
    std::vector<std::string> problems;
    Result<std::unique_ptr<Ground>> ground = Ground::Make(config, log, problems);
    if (!ground.ok()) {
      PrintProblems(problems);
      return ground.error();
    }
    node = Node::Start(std::move(*ground), NamesOf(arguments), problems);
    // A port in use is no reason to have no demo: any other will do.
    const bool taken = !node.ok() && node.error().code() == Code::kUnavailable && config.port != 0;
    if (!taken) {
      PrintProblems(problems);
      return node;
    }
    config.port = 0;
  }
  return node;
}

}  // namespace

int RunDemo(const DemoArguments& arguments) {
  RunLoop loop;
  const base::SystemClock clock;
  JsonLog log(clock);
  base::SystemFiles files;
  const Config config = ConfigOf(arguments);
  std::error_code error;
  std::filesystem::create_directories(std::filesystem::path(arguments.data).parent_path(), error);
  Status locked = base::MakeDirectoryDurably(files, arguments.data, 0700);
  if (locked.ok()) locked = LockDirectory(arguments.data);
  if (!locked.ok()) {
    PrintProblems({arguments.data + ": " + std::string(locked.error().text())});
    return locked.error().code() == Code::kConflict ? kExitExists : kExitFailure;
  }
  const std::optional<std::size_t> there = PeopleOf(files, arguments.data);
  const std::size_t people = arguments.people.value_or(there.value_or(kPeopleDefault));
  if (there.has_value() && *there != people) {
    PrintProblems({arguments.data + " holds a world of " + std::to_string(*there) +
                   " people: ask for as many, or give another --data"});
    return kExitUsage;
  }
  if (!there.has_value()) {
    const Status built = BuildWorld(arguments, config, log, people);
    if (!built.ok()) {
      PrintProblems({"the demo world cannot be built: " + std::string(built.error().text())});
      return kExitFailure;
    }
  }
  Result<std::unique_ptr<Node>> node = StartNode(arguments, config, log);
  if (!node.ok()) {
    PrintProblems({"the demo does not start: " + std::string(node.error().text())});
    return kExitFailure;
  }
  return RunNode(**node, loop, log);
}

}  // namespace cloison::server
