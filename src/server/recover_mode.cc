// cloisond recover: the recovery ceremony, offline (docs/operate/recovery.md).
#include <cstdio>

#include "server/modes.h"
#include "server/serve.h"
#include "vault/recovery.h"

namespace cloison::server {

namespace {

Result<std::string> TextOf(base::Files& files, const std::string& path) {
  const Result<Bytes> bytes = files.Read(path);
  if (bytes.ok()) return std::string(AsText(*bytes));
  PrintProblems({path + ": cannot be read"});
  return bytes.error();
}

Result<std::vector<tlog::VerifierKey>> OfficersOf(base::Files& files, const Config& config) {
  if (config.recovery_officers.empty()) {
    PrintProblems({"ledger.recovery_officers names no file of officers' keys"});
    return Error{Code::kInvalid, "nobody may sign a recovery"};
  }
  CLOISON_TRY_ASSIGN(const std::string text, TextOf(files, config.recovery_officers));
  Result<std::vector<tlog::VerifierKey>> officers = ledger::ParseOfficers(text);
  if (!officers.ok()) {
    PrintProblems({config.recovery_officers + ": " + std::string(officers.error().text())});
  }
  return officers;
}

Status WriteStatement(Ground& ground, const RecoverArguments& arguments, std::string witnessed) {
  if (ground.files().Stat(arguments.statement).ok()) {
    return Error{Code::kConflict, "the file of the statement is there already"};
  }
  CLOISON_TRY_ASSIGN(const std::string statement,
                     base::SyncWait(vault::StateRecovery(
                         ground.environment(), ground.settings([] {}), std::move(witnessed))));
  CLOISON_TRY(base::WriteWhole(ground.files(), arguments.statement, AsBytes(statement), 0644));
  std::printf("%s", statement.c_str());
  return Ok();
}

Status Complete(Ground& ground, const RecoverArguments& arguments, std::string witnessed) {
  CLOISON_TRY_ASSIGN(std::string note, TextOf(ground.files(), arguments.note));
  CLOISON_TRY_ASSIGN(std::vector<tlog::VerifierKey> officers,
                     OfficersOf(ground.files(), ground.config()));
  CLOISON_TRY(
      base::SyncWait(vault::Recover(ground.environment(), ground.settings([] {}),
                                    std::move(witnessed), std::move(note), std::move(officers))));
  std::printf("recovered %s\n", ground.config().data.c_str());
  return Ok();
}

Status Run(Ground& ground, const RecoverArguments& arguments) {
  std::string witnessed;
  if (!arguments.witnessed.empty()) {
    CLOISON_TRY_ASSIGN(witnessed, TextOf(ground.files(), arguments.witnessed));
  }
  if (!ground.files().Stat(ground.config().data).ok()) {
    return Error{Code::kNotFound, "there is no register"};
  }
  CLOISON_TRY(ground.OpenStores());
  CLOISON_TRY(ground.OpenKeyObjects(false));
  return arguments.note.empty() ? WriteStatement(ground, arguments, std::move(witnessed))
                                : Complete(ground, arguments, std::move(witnessed));
}

}  // namespace

int RunRecover(const RecoverArguments& arguments) {
  base::NullEventSink events;
  const std::unique_ptr<Ground> ground =
      LoadGround(arguments.config_file, arguments.overrides, events);
  if (ground == nullptr) return kExitUsage;
  const Status done = Run(*ground, arguments);
  if (done.ok()) return 0;
  PrintProblems({"not recovered: " + std::string(done.error().text())});
  return done.error().code() == Code::kConflict ? kExitExists : kExitFailure;
}

}  // namespace cloison::server
