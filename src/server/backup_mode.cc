// cloisond backup, restore: of a stopped register, and into an empty machine.
//
//   DATA/restoring    is there until a restore is done: what has it is half a register, nothing
//                     opens it (ground.cc), and the next restore begins again
#include <algorithm>
#include <cstdio>
#include <filesystem>

#include "backup/restore.h"
#include "codec/json_writer.h"
#include "server/backups.h"
#include "server/modes.h"
#include "server/serve.h"

namespace cloison::server {

namespace {

constexpr std::string_view kRestoringText = "cloison restore\n";

int Ended(const Status& status, const char* what, const std::string& bad) {
  if (status.ok()) return 0;
  std::string line = std::string(what) + ": " + std::string(status.error().text());
  if (!bad.empty()) {
    line += " (" + bad + ", byte " + std::to_string(status.error().detail()) + ")";
  }
  PrintProblems({std::move(line)});
  if (status.error().code() == Code::kConflict) return kExitExists;
  return status.error().code() == Code::kUnavailable ? kExitUnavailable : kExitFailure;
}

Status Backup(Ground& ground, const BackupArguments& arguments) {
  if (!ground.files().Stat(ground.config().data).ok()) {
    return Error{Code::kNotFound, "there is no register"};
  }
  CLOISON_TRY(ground.OpenStores());
  CLOISON_TRY(ground.OpenKeyObjects(false));
  CLOISON_TRY(backup::EnsureIncarnation(ground.environment().main_store, ground.random()));
  CLOISON_TRY_ASSIGN(const backup::Taken taken,
                     TakeBackup(ground, arguments.directory, arguments.parent));
  std::string out;
  codec::JsonWriter(out)
      .BeginObject()
      .Key("backup")
      .String(taken.name)
      .Key("rows")
      .Uint(taken.main_rows)
      .Key("key_rows")
      .Uint(taken.key_rows)
      .EndObject();
  std::printf("%s\n", out.c_str());
  return Ok();
}

Status RemoveHalf(Ground& ground) {
  std::error_code error;
  for (const char* store : {"/main", "/keys"}) {
    std::filesystem::remove_all(ground.config().data + store, error);
    if (error) return Error{Code::kUnavailable, "half a register cannot be removed"};
  }
  return base::RemoveDurably(ground.files(), RestoringPath(ground.config()));
}

std::string JournalPath(Ground& ground) {
  return ground.settings([] {}).directory + "/erase-journal";
}

// What the journal in place is to be replaced by; nothing: it stays. Sealed, each item bound to its
// place, it is taken as it is, and checked when the register opens. Journals only grow: of two of
// one register the shorter is how the longer one begins, and an older copy would bring people back.
Result<std::optional<Bytes>> LongerJournal(Ground& ground, const std::string& file) {
  if (file.empty()) return std::optional<Bytes>();
  CLOISON_TRY_ASSIGN(Bytes given, ground.files().Read(file));
  Result<Bytes> there = ground.files().Read(JournalPath(ground));
  if (!there.ok() && there.error().code() == Code::kNotFound) there = Bytes{};
  if (!there.ok()) return there.error();
  const auto both = static_cast<std::ptrdiff_t>(std::min(given.size(), there->size()));
  if (!std::equal(given.begin(), given.begin() + both, there->begin())) {
    return Error{Code::kConflict, "another erase journal lies in data/ledger already"};
  }
  if (given.size() <= there->size()) return std::optional<Bytes>();
  return std::optional<Bytes>(std::move(given));
}

backup::Target TargetOf(Ground& ground, const vault::Settings& settings) {
  const vault::Environment e = ground.environment();
  return {e.main_store,
          e.key_store,
          e.objects,
          e.files,
          e.clock,
          e.random,
          e.main_executor,
          e.key_executor,
          e.home,
          *settings.schema,
          settings.spill_directory,
          e.builders};
}

Status Restore(Ground& ground, const RestoreArguments& arguments, std::string& bad) {
  base::SystemFiles& files = ground.files();
  const std::string& data = ground.config().data;
  CLOISON_TRY(ground.OpenKeyObjects(false));
  if (arguments.check) {
    return backup::Check(files, ground.key_objects(), arguments.directory, arguments.name, &bad);
  }
  CLOISON_TRY(ground.MakeDirectories());
  CLOISON_TRY(LockDirectory(data));
  if (files.Stat(RestoringPath(ground.config())).ok()) {
    CLOISON_TRY(RemoveHalf(ground));
  } else if (files.Stat(data + "/main").ok() || files.Stat(data + "/keys").ok()) {
    return Error{Code::kConflict, "there is a register already"};
  }
  CLOISON_TRY_ASSIGN(const std::optional<Bytes> journal,
                     LongerJournal(ground, arguments.erase_journal));
  CLOISON_TRY(base::WriteWhole(files, RestoringPath(ground.config()), AsBytes(kRestoringText)));
  CLOISON_TRY(ground.OpenStoresToRestore());
  const vault::Settings settings = ground.settings([] {});
  CLOISON_TRY_ASSIGN(const backup::Restored restored,
                     base::SyncWait(backup::Restore(TargetOf(ground, settings), arguments.directory,
                                                    arguments.name, &bad)));
  CLOISON_TRY(base::MakeDirectoryDurably(files, settings.directory, 0700));
  if (journal.has_value()) {
    CLOISON_TRY(base::WriteWhole(files, JournalPath(ground), *journal));
  }
  CLOISON_TRY(base::RemoveDurably(files, RestoringPath(ground.config())));
  std::string out;
  codec::JsonWriter(out)
      .BeginObject()
      .Key("people")
      .Uint(restored.index.people)
      .Key("rows")
      .Uint(restored.main_rows)
      .Key("key_rows")
      .Uint(restored.key_rows)
      .Key("postings")
      .Uint(restored.index.postings)
      .Key("keyless")
      .Uint(restored.index.keyless)
      .Key("damaged")
      .Uint(restored.index.damaged)
      .EndObject();
  std::printf("%s\n", out.c_str());
  if (restored.index.damaged > 0) {
    PrintProblems({"records that open in no form: " + std::to_string(restored.index.damaged) +
                   "; nothing finds them (docs/operate/backup.md)"});
  }
  return Ok();
}

}  // namespace

int RunBackup(const BackupArguments& arguments) {
  base::NullEventSink events;
  const std::unique_ptr<Ground> ground =
      LoadGround(arguments.config_file, arguments.overrides, events);
  if (ground == nullptr) return kExitUsage;
  return Ended(Backup(*ground, arguments), "no backup", "");
}

int RunRestore(const RestoreArguments& arguments) {
  base::NullEventSink events;
  const std::unique_ptr<Ground> ground =
      LoadGround(arguments.config_file, arguments.overrides, events);
  if (ground == nullptr) return kExitUsage;
  std::string bad;
  const Status done = Restore(*ground, arguments, bad);
  return Ended(done, arguments.check ? "not a good backup" : "not restored", bad);
}

}  // namespace cloison::server
