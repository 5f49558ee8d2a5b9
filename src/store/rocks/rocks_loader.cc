#include "store/rocks/internal/rocks_loader.h"

#include <rocksdb/env.h>
#include <rocksdb/options.h>
#include <rocksdb/sst_file_writer.h>

#include <chrono>
#include <thread>

#include "store/internal/checks.h"
#include "store/rocks/internal/rocks_options.h"
#include "store/rocks/internal/rocks_reads.h"

namespace cloison::store::internal {

namespace {

rocksdb::Slice SliceOf(ByteView bytes) {
  return {AsText(bytes).data(), bytes.size()};
}

}  // namespace

RocksLoader::RocksLoader(const rocksdb::Options& options, rocksdb::ColumnFamilyHandle* family,
                         std::string prefix, Version version, Adopt adopt)
    : options_(std::make_unique<rocksdb::Options>(options)),
      family_(family),
      prefix_(std::move(prefix)),
      version_(version),
      adopt_(std::move(adopt)) {}

RocksLoader::~RocksLoader() {
  run_.reset();
  for (const std::string& run : runs_) options_->env->DeleteFile(run).PermitUncheckedError();
}

Status RocksLoader::OpenRun() {
  runs_.push_back(prefix_ + std::to_string(runs_.size()) + ".run");
  run_ =
      std::make_unique<rocksdb::SstFileWriter>(rocksdb::EnvOptions(*options_), *options_, family_);
  rocksdb::Status status = RemoveLeftRun(*options_->env, runs_.back());
  if (status.ok()) status = run_->Open(runs_.back());
  return status.ok() ? Ok() : Status(FromRocks(status));
}

Status RocksLoader::CloseRun() {
  const rocksdb::Status status = run_->Finish();
  run_.reset();
  return status.ok() ? Ok() : Status(FromRocks(status));
}

Status RocksLoader::Add(ByteView key, ByteView value) {
  if (ended_) return Error{Code::kInvalid, "the load has ended"};
  if (key.size() > kKeyBytesMax) return Error{Code::kInvalid, "a key is too long"};
  if (value.size() > kValueBytesMax) return Error{Code::kInvalid, "a value is too large"};
  if (any_ && AsText(key) <= last_key_) {
    return Error{Code::kInvalid, "the keys of a load are not ascending"};
  }
  if (run_ && run_->FileSize() >= kSortedRunBytesMax) {
    CLOISON_TRY(CloseRun());
  }
  if (!run_) {
    CLOISON_TRY(OpenRun());
  }
  row_.clear();
  AppendVersion(row_, version_);
  base::AppendBytes(row_, value);
  const rocksdb::Status status = run_->Put(SliceOf(key), SliceOf(row_));
  if (!status.ok()) {
    ended_ = true;
    return FromRocks(status);
  }
  last_key_ = AsText(key);
  any_ = true;
  if (rests_ && ++rows_ % kRunTurnRows == 0) {
    std::this_thread::sleep_for(std::chrono::microseconds(kRunRestUs));
  }
  return Ok();
}

Status RocksLoader::Finish(Version version) {
  if (ended_) return Error{Code::kInvalid, "the load has ended"};
  if (version != version_) return Error{Code::kConflict, "not the next version"};
  ended_ = true;
  if (run_) {
    CLOISON_TRY(CloseRun());
  }
  CLOISON_TRY(adopt_(version, runs_));
  runs_.clear();
  return Ok();
}

}  // namespace cloison::store::internal
