// cloisond export: a log of a stopped register as files, in the layout of C2SP tlog-tiles; above
// all one that a recovery ceremony closed, which is not published any more. Nothing of the register
// is changed.
#include <cstdio>

#include "crypto/base64.h"
#include "server/modes.h"
#include "server/serve.h"
#include "verify/log_writer.h"

namespace cloison::server {

namespace {

constexpr unsigned kDirectoryMode = 0755;

// The entries [0, size) of one log. Gives their head.
Result<tlog::Head> WriteEntries(const ledger::Ledger& log, std::uint32_t generation,
                                std::uint64_t size, verify::LogWriter& writer) {
  for (std::uint64_t at = 0; at < size;) {
    CLOISON_TRY_ASSIGN(const std::vector<ledger::Leaf> leaves,
                       base::SyncWait(log.ReadLeaves(at, size - at, generation)));
    for (const ledger::Leaf& leaf : leaves) {
      CLOISON_TRY(writer.Append(leaf));
    }
    at += leaves.size();
  }
  return writer.Finish();
}

// What the export of a log is by itself: all of a closed one; of the newest as much as the last
// checkpoint that was kept says, since no other is given to anybody. Without one all of it.
struct Whole {
  std::uint64_t size;
  std::string checkpoint;          // "": none
  std::optional<tlog::Head> head;  // that the entries must have
};
Result<Whole> WholeOf(const ledger::Ledger& log, std::uint32_t generation) {
  const std::vector<ledger::Log>& logs = log.logs();
  if (generation < logs.size()) {
    const tlog::Head& head = logs[generation - 1].closing->head;
    return Whole{head.size, "", head};
  }
  std::string kept = log.signed_checkpoint();
  if (kept.empty()) return Whole{log.size(), "", std::nullopt};
  CLOISON_TRY_ASSIGN(const tlog::Note note, tlog::ParseNote(kept));
  CLOISON_TRY_ASSIGN(const tlog::Checkpoint checkpoint, tlog::ParseCheckpoint(note.text));
  return Whole{checkpoint.head.size, std::move(kept), checkpoint.head};
}

// What stands beside the entries of a whole log: the kept checkpoint, or who closed it.
Status WriteHead(const ledger::Ledger& log, std::uint32_t generation, const Whole& whole,
                 const tlog::Head& head, verify::LogWriter& writer) {
  if (whole.head.has_value() && !(*whole.head == head)) {
    return Error{Code::kCorrupt, "the entries are not those of the head beside them"};
  }
  if (!whole.checkpoint.empty()) return writer.WriteFile("checkpoint", AsBytes(whole.checkpoint));
  const std::vector<ledger::Log>& logs = log.logs();
  for (std::size_t i = generation; i < logs.size(); ++i) {
    if (!logs[i].opening.has_value()) continue;
    return writer.WriteFile("statement", AsBytes(logs[i].opening->statement));
  }
  return Ok();
}

Status Export(Ground& ground, vault::Vault& vault, const ExportArguments& arguments) {
  const ledger::Ledger& log = vault.ledger();
  const std::uint32_t generation =
      arguments.generation == 0 ? log.generation() : arguments.generation;
  if (generation > log.generation()) return Error{Code::kInvalid, "there is no such log"};
  CLOISON_TRY_ASSIGN(const Whole whole, WholeOf(log, generation));
  const std::uint64_t size = arguments.size.value_or(whole.size);
  if (size > log.SizeOf(generation)) {
    return Error{Code::kInvalid, "the log has not so many entries"};
  }
  CLOISON_TRY(ground.files().MakeDirectory(arguments.out, kDirectoryMode));
  verify::LogWriter writer(ground.files(), arguments.out);
  CLOISON_TRY_ASSIGN(const tlog::Head head, WriteEntries(log, generation, size, writer));
  if (size == whole.size) {
    CLOISON_TRY(WriteHead(log, generation, whole, head, writer));
  }
  std::printf("%s\n%llu\n%s\n", log.logs()[generation - 1].origin.c_str(),
              static_cast<unsigned long long>(head.size), crypto::ToBase64(head.root).c_str());
  return Ok();
}

Status Run(Ground& ground, const ExportArguments& arguments) {
  if (ground.files().Stat(arguments.out).ok()) {
    return Error{Code::kConflict, "the directory is there already"};
  }
  if (!ground.files().Stat(ground.config().data + "/main").ok()) {
    return Error{Code::kNotFound, "there is no register"};
  }
  CLOISON_TRY(ground.OpenStores());
  CLOISON_TRY(ground.OpenKeyObjects(false));
  CLOISON_TRY_ASSIGN(
      const std::unique_ptr<vault::Vault> vault,
      base::SyncWait(vault::Vault::OpenToRead(ground.environment(), ground.settings([] {}))));
  const Status done = Export(ground, *vault, arguments);
  const Status stopped = base::SyncWait(vault->Stop());
  return done.ok() ? stopped : done;
}

}  // namespace

int RunExport(const ExportArguments& arguments) {
  base::NullEventSink events;
  const std::unique_ptr<Ground> ground =
      LoadGround(arguments.config_file, arguments.overrides, events);
  if (ground == nullptr) return kExitUsage;
  const Status done = Run(*ground, arguments);
  if (done.ok()) return 0;
  PrintProblems({"not exported: " + std::string(done.error().text())});
  return done.error().code() == Code::kConflict ? kExitExists : kExitFailure;
}

}  // namespace cloison::server
