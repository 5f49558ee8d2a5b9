#include "store/rocks/internal/tail_folder.h"

#include <rocksdb/db.h>
#include <rocksdb/options.h>
#include <rocksdb/sst_file_writer.h>

#include <chrono>
#include <thread>
#include <utility>

#include "store/rocks/internal/rocks_options.h"
#include "store/rocks/internal/rocks_reads.h"

namespace cloison::store::internal {

namespace {

rocksdb::Slice SliceOf(std::string_view text) {
  return {text.data(), text.size()};
}

constexpr Error kFailed{Code::kUnknownOutcome, "a fold may or may not be written"};

}  // namespace

std::string TailLogKey(Version version) {
  return std::string(AsText(base::BigU64(version)));
}

TailFolder::TailFolder(RowTail& tail, Ground ground) : tail_(tail), ground_(std::move(ground)) {}

void TailFolder::AfterCommit() {
  const std::size_t bytes = tail_.current_bytes();
  if (bytes < ground_.bytes) return;
  std::unique_lock lock(mutex_);
  if (!folding_ && !failed_) {
    folding_ = true;
    pool_.Post([this] { End(!FoldOnce().ok()); });
  }
  // Memory is bounded: who writes faster than the fold waits for it.
  if (bytes < kTailsWaitingMax * ground_.bytes) return;
  ended_.wait(lock, [this] { return !folding_; });
}

void TailFolder::End(bool failed) {
  if (failed) ground_.on_failure();
  const std::lock_guard lock(mutex_);
  folding_ = false;
  failed_ |= failed;
  ended_.notify_all();
}

Status TailFolder::FoldAll() {
  // What was frozen already, then what came after it.
  for (int times = 0; times < 2; ++times) {
    const Status folded = FoldOnce();
    if (folded.ok()) continue;
    ground_.on_failure();
    return folded;
  }
  return Ok();
}

Status TailFolder::FoldOnce() {
  const std::lock_guard lock(fold_mutex_);
  const std::shared_ptr<const RowTable> rows = tail_.Freeze();
  if (rows == nullptr) return Ok();
  CLOISON_TRY(Fold(*rows));
  tail_.DropFrozen();
  return Ok();
}

void TailFolder::Rest() const {
  if (tail_.current_bytes() > ground_.bytes) return;  // behind: commits would wait for the fold
  std::this_thread::sleep_for(std::chrono::microseconds(kRunRestUs));
}

Status TailFolder::WriteRun(const RowTable& rows, Family family, const std::string& path) {
  const rocksdb::Options how = ground_.options(family);
  rocksdb::SstFileWriter run(rocksdb::EnvOptions(how), how, ground_.family(family));
  rocksdb::Status status = RemoveLeftRun(*how.env, path);
  if (status.ok()) status = run.Open(path);
  Bytes stored;
  std::size_t turn = 0;
  for (const RowTable::View& row : rows.Sorted(family)) {
    if (!status.ok()) break;
    if (++turn % kRunTurnRows == 0) Rest();
    if (row.version == kAbsent) {
      status = run.Delete(SliceOf(row.key));
      continue;
    }
    stored.clear();
    AppendVersion(stored, row.version);
    base::AppendBytes(stored, row.value);
    status = run.Put(SliceOf(row.key), SliceOf(AsText(stored)));
  }
  if (status.ok()) status = run.Finish();
  return status.ok() ? Ok() : Status(kFailed);
}

Status TailFolder::Fold(const RowTable& rows) {
  for (const Family family : kTailFamilies) {
    if (!rows.Has(family)) continue;
    const std::string path = ground_.prefix + std::string(FamilyName(family)) + "-tail.run";
    CLOISON_TRY(WriteRun(rows, family, path));
    rocksdb::IngestExternalFileOptions how;
    how.move_files = true;
    how.write_global_seqno = false;
    if (!ground_.db.IngestExternalFile(ground_.family(family), {path}, how).ok()) return kFailed;
  }
  // Not synced: what a power cut brings back is taken in again.
  const std::string end = TailLogKey(rows.last() + 1);
  const rocksdb::Status status =
      ground_.db.DeleteRange(rocksdb::WriteOptions(), &ground_.log, "", SliceOf(end));
  return status.ok() ? Ok() : Status(kFailed);
}

}  // namespace cloison::store::internal
