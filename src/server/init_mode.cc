#include <cstdio>

#include "server/modes.h"
#include "server/serve.h"

namespace cloison::server {

namespace {

// A configuration that is not there yet is written whole, so that the operator sees every key.
bool WriteMissingConfig(const InitArguments& arguments) {
  base::SystemFiles files;
  if (files.Stat(arguments.config_file).ok()) return true;
  std::vector<std::string> problems;
  const auto nothing = [](const std::string&) { return std::optional<std::string>(); };
  const Result<Config> config =
      MakeConfig(arguments.config_file, "", nothing, arguments.overrides, problems);
  PrintProblems(problems);
  if (!config.ok()) return false;
  const std::string text = ConfigText(*config);
  if (base::WriteWhole(files, arguments.config_file, AsBytes(text), 0644).ok()) return true;
  PrintProblems({arguments.config_file + ": cannot be written"});
  return false;
}

Status CreateRegister(Ground& ground) {
  CLOISON_TRY(ground.MakeDirectories());
  CLOISON_TRY(ground.OpenStores());
  CLOISON_TRY(ground.OpenKeyObjects(true));
  return base::SyncWait(vault::Vault::Create(ground.environment(), ground.settings([] {})));
}

}  // namespace

int RunInit(const InitArguments& arguments) {
  if (!WriteMissingConfig(arguments)) return kExitUsage;
  const std::optional<Config> config = LoadConfig(arguments.config_file, arguments.overrides);
  if (!config.has_value()) return kExitUsage;
  base::NullEventSink events;
  std::vector<std::string> problems;
  Result<std::unique_ptr<Ground>> ground = Ground::Make(*config, events, problems);
  PrintProblems(problems);
  if (!ground.ok()) return kExitUsage;
  const Status created = CreateRegister(**ground);
  if (created.ok()) {
    std::printf("created %s\n", config->data.c_str());
    return 0;
  }
  const bool exists = created.error().code() == Code::kConflict;
  PrintProblems({exists
                     ? "the register exists already"
                     : "the register cannot be created: " + std::string(created.error().text())});
  return exists ? kExitExists : kExitFailure;
}

}  // namespace cloison::server
