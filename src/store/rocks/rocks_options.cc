#include "store/rocks/internal/rocks_options.h"

#include <rocksdb/cache.h>
#include <rocksdb/env.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/options.h>
#include <rocksdb/status.h>
#include <rocksdb/table.h>

#include <algorithm>

#include "store/rocks/internal/row_tail.h"
#include "store/rocks/internal/write_pace.h"

namespace cloison::store::internal {

namespace {

constexpr std::int64_t kFlushBytesPerSecond = 64 << 20;
// A flush or a compaction rests after each turn, so that a commit never waits long for its core:
// some 0.6 ms of work, then the rest of the millisecond.
constexpr std::int64_t kFlushTurnUs = 1'000;
constexpr std::size_t kFlushTurnBytes = 64u << 10;
constexpr double kBloomBitsPerKey = 10;
constexpr double kMemoryFilterRatio = 0.01;  // of a write buffer: 10 bits for each 128 bytes
constexpr std::uint64_t kDeletedStaysSeconds = 30 * 86'400;  // in files, at most
constexpr std::size_t kWriteBufferBytesMin = 64u << 10;
// RocksDB reserves as much of the disk ahead. Not a multiple of the others' size: when several full
// buffers cannot be exchanged because the disk is gone, RocksDB 7.8 keeps references for ever, and
// an assertion of its destructor fails.
constexpr double kTailLogBuffers = 2.25;

// Families that are asked for keys which are often absent: a filter answers without the disk.
bool HasFilter(Family family) {
  switch (family) {
    case Family::kPeople:
    case Family::kIndex:
    case Family::kPrincipals:
    case Family::kSeen:
    case Family::kCaseload:
    case Family::kTrail:     // a head is checked by a tag that must be absent
    case Family::kActivity:  // and so is a principal's running number
    case Family::kHeads:
    case Family::kIdempotency:
    case Family::kPersonKeys:
    case Family::kAud: return true;
    default: return false;
  }
}

// Families written by every request or loaded whole; the rest hold few rows.
bool IsLarge(Family family) {
  switch (family) {
    case Family::kMeta:
    case Family::kPolicies:
    case Family::kSchemas:
    case Family::kOperations:
    case Family::kOutbox:
    case Family::kOrganisations:
    case Family::kWrappedKeys: return false;
    default: return true;
  }
}

// Families that come as sorted runs of random keys, each over the whole range (folds). RocksDB 7.8
// merges by like size without a look at what is in memory; a run that comes flushes first what it
// overlaps there, so nothing newer lies below it.
bool ComesInRuns(Family family) {
  switch (family) {
    case Family::kPrincipals:
    case Family::kSeen:
    case Family::kTrail:
    case Family::kActivity:
    case Family::kHeads: return true;
    default: return false;
  }
}

// Levels would write the whole of the first one again for each four runs: with 4 million entries 18
// rows for each that comes. Runs of like size are merged instead; kRunsMax lie side by side, as
// many as levels had, more while a long merge is under way.
void MergeByLikeSize(Family family, rocksdb::ColumnFamilyOptions& out) {
  out.compaction_style = rocksdb::kCompactionStyleUniversal;
  out.level_compaction_dynamic_level_bytes = false;
  out.level0_file_num_compaction_trigger = kRunsMax;
  out.compaction_options_universal.size_ratio = 20;  // percent: runs are not all of one length
  // Where rows are deleted. The rest only grows: all of it again each month would be for nothing.
  out.periodic_compaction_seconds = family == Family::kSeen ? kDeletedStaysSeconds : 0;
  out.ttl = 0;  // RocksDB takes it for the same
  // A commit does not wait for a long merge until so many runs have come meanwhile.
  out.level0_slowdown_writes_trigger = 32 * kRunsMax;
  out.level0_stop_writes_trigger = 64 * kRunsMax;
}

}  // namespace

rocksdb::DBOptions DatabaseOptions(const RocksOptions& options, rocksdb::Env* env) {
  rocksdb::DBOptions out;
  out.env = env;
  out.create_if_missing = true;
  out.create_missing_column_families = true;
  // A file that failed once is never trusted again: no resuming after a background error.
  out.max_bgerror_resume_count = 0;
  // Rules out recycle_log_file_num (RocksDB 7.8 turns it off): recovery up to the first broken
  // record is worth more than the shorter sync of a file that does not grow.
  out.wal_recovery_mode = rocksdb::WALRecoveryMode::kPointInTimeRecovery;
  // One writer: what lets several writers in only costs.
  out.allow_concurrent_memtable_write = false;
  out.enable_pipelined_write = false;
  out.enable_write_thread_adaptive_yield = false;
  out.max_open_files = -1;
  // One flush and one merge; up to three merges when a family has 16 runs behind a long one, and
  // trail and activity come due together.
  out.max_background_jobs = 4;
  out.db_write_buffer_size = 9 * options.write_buffer_bytes;
  out.max_total_wal_size = 11 * options.write_buffer_bytes;
  // Flushes and compactions yield the disk to the syncs of commits.
  out.rate_limiter = MakeRateLimiter(kFlushBytesPerSecond, kFlushTurnUs);
  out.writable_file_max_buffer_size = kFlushTurnBytes;
  out.bytes_per_sync = 1u << 20;
  out.stats_dump_period_sec = 0;
  out.stats_persist_period_sec = 0;
  return out;
}

rocksdb::ColumnFamilyOptions FamilyOptions(Family family, const RocksOptions& options,
                                           std::shared_ptr<rocksdb::Cache> cache) {
  rocksdb::BlockBasedTableOptions table;
  table.block_cache = std::move(cache);
  table.format_version = 5;
  table.checksum = rocksdb::kXXH3;  // the distribution's build has no CRC32C in hardware
  // Whole-file filters and indexes do not fit a shard of the cache and are read again at each seek
  // (measured: 50 times slower); parts of 4 KiB under a pinned top do.
  table.index_type = rocksdb::BlockBasedTableOptions::kTwoLevelIndexSearch;
  table.partition_filters = true;
  table.metadata_block_size = 4096;
  table.cache_index_and_filter_blocks = true;
  table.cache_index_and_filter_blocks_with_high_priority = true;
  table.pin_l0_filter_and_index_blocks_in_cache = true;
  table.pin_top_level_index_and_filter = true;
  if (family == Family::kHeads) {
    // One small row a person, asked for at every first look: whole filters, kept out of the cache,
    // are some 54 MiB for 43 million people, and as much for the index; up to four times that while
    // newer runs wait to be merged. (The trail grows for ever: its filters stay in parts.)
    table.index_type = rocksdb::BlockBasedTableOptions::kBinarySearch;
    table.partition_filters = false;
    table.cache_index_and_filter_blocks = false;
  }
  if (HasFilter(family)) table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(kBloomBitsPerKey));

  rocksdb::ColumnFamilyOptions out;
  // For what is in memory as well: each step of a skip list misses the CPU's caches.
  if (HasFilter(family)) {
    out.memtable_prefix_bloom_size_ratio = kMemoryFilterRatio;
    out.memtable_whole_key_filtering = true;
  }
  out.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  out.compression = rocksdb::kNoCompression;  // sealed bytes do not compress
  out.bottommost_compression = rocksdb::kNoCompression;
  const std::size_t buffer = options.write_buffer_bytes;
  out.write_buffer_size = std::max(IsLarge(family) ? buffer : buffer / 8, kWriteBufferBytesMin);
  out.max_write_buffer_number = 4;
  out.level_compaction_dynamic_level_bytes = true;
  if (ComesInRuns(family)) MergeByLikeSize(family, out);
  return out;
}

rocksdb::ColumnFamilyOptions TailLogOptions(const RocksOptions& options,
                                            std::shared_ptr<rocksdb::Cache> cache) {
  rocksdb::ColumnFamilyOptions out = FamilyOptions(Family::kFrames, options, std::move(cache));
  // Room for some generations: what a fold has deleted by then is not written at the flush. A
  // database without folded rows, that of the keys, has no log.
  const bool folds = std::ranges::any_of(options.families, RowTail::Takes);
  const double buffers = folds ? kTailLogBuffers : 1;
  out.write_buffer_size =
      static_cast<std::size_t>(buffers * static_cast<double>(options.write_buffer_bytes));
  return out;
}

rocksdb::Status RemoveLeftRun(rocksdb::Env& env, const std::string& path) {
  const rocksdb::Status there = env.FileExists(path);
  if (there.IsNotFound()) return rocksdb::Status::OK();
  return there.ok() ? env.DeleteFile(path) : there;
}

Error FromRocks(const rocksdb::Status& status) {
  if (status.IsCorruption()) return Error{Code::kCorrupt, "the store is damaged"};
  if (status.IsInvalidArgument()) {
    return Error{Code::kInvalid, "the directory holds other families"};
  }
  return Error{Code::kUnavailable, "the store cannot be read", status.code()};
}

}  // namespace cloison::store::internal
