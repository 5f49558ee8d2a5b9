#include "server/backups.h"

#include <algorithm>
#include <chrono>
#include <filesystem>

#include "store/rocks/rocks_store.h"

namespace cloison::server {

namespace {

constexpr std::size_t kSnapshotCacheBytes = 8u << 20;  // each row is read once

// A directory that is there while a backup is taken.
class Snapshots {
 public:
  explicit Snapshots(const Ground& ground) : path_(ground.config().data + "/snapshot") { Clear(); }
  ~Snapshots() { Clear(); }
  Snapshots(const Snapshots&) = delete;
  Snapshots& operator=(const Snapshots&) = delete;

  backup::Snapshot Of(store::Store& store, const char* name,
                      std::span<const store::Family> families) const {
    return [this, &store, name, families]() -> Result<std::unique_ptr<store::Store>> {
      std::error_code error;
      std::filesystem::create_directories(path_, error);
      if (error) return Error{Code::kUnavailable, "no room for a snapshot", error.value()};
      const std::string path = path_ + "/" + name;
      CLOISON_TRY(store.Checkpoint(path));
      store::RocksOptions options;
      options.path = path;
      options.families = families;
      options.cache_bytes = kSnapshotCacheBytes;
      options.row_cache_bytes = 0;
      CLOISON_TRY_ASSIGN(std::unique_ptr<store::RocksStore> copy, store::RocksStore::Open(options));
      return std::unique_ptr<store::Store>(std::move(copy));
    };
  }

 private:
  void Clear() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  std::string path_;
};

}  // namespace

Result<backup::Taken> TakeBackup(Ground& ground, const std::string& directory,
                                 const std::string& parent) {
  CLOISON_TRY(base::MakeDirectoryDurably(ground.files(), directory, 0700));
  const vault::Environment environment = ground.environment();
  const Snapshots snapshots(ground);
  const backup::Source source{snapshots.Of(environment.main_store, "main", store::kMainFamilies),
                              snapshots.Of(environment.key_store, "keys", store::kKeyFamilies),
                              environment.objects,
                              ground.files(),
                              ground.random(),
                              ground.settings([] {}).schema->register_id()};
  return backup::Take(source, directory, parent);
}

Backups::~Backups() {
  if (thread_.joinable()) thread_.join();
}

void Backups::Look() {
  if (running_) return;
  if (rest_ > 0) {
    --rest_;
    return;
  }
  if (!IsDue()) return;
  if (thread_.joinable()) thread_.join();
  running_ = true;
  thread_ = std::thread([this] {
    Run();
    running_ = false;
  });
}

// By the files' own times: a server that is begun anew each day takes its backups too.
bool Backups::IsDue() const {
  namespace fs = std::filesystem;
  const std::string& directory = ground_.config().backup_directory;
  const Result<std::vector<std::string>> names = backup::List(ground_.files(), directory);
  if (!names.ok()) return true;  // the directory is not there yet
  const auto now = fs::file_time_type::clock::now();
  const std::chrono::hours age(ground_.config().backup_every_hours);
  return std::ranges::none_of(*names, [&](const std::string& name) {
    std::error_code error;
    const std::string path = backup::PathOf(directory, name, backup::Database::kKeys);
    const fs::file_time_type taken = fs::last_write_time(path, error);
    return !error && taken <= now && taken + age > now;
  });
}

void Backups::Run() {
  if (increments_ == kIncrementsMax) parent_.clear();
  const keys::PersonKeys::Hold hold(keys_);
  const Result<backup::Taken> taken =
      TakeBackup(ground_, ground_.config().backup_directory, parent_);
  if (taken.ok()) {
    increments_ = parent_.empty() ? 0 : increments_ + 1;
    parent_ = taken->name;
    ground_.events().Emit(base::Severity::kInfo, "backup_taken",
                          {{"rows", static_cast<std::int64_t>(taken->main_rows)},
                           {"key_rows", static_cast<std::int64_t>(taken->key_rows)},
                           {"increment", increments_}});
    return;
  }
  parent_.clear();
  rest_ = kLooksAfterFailure;
  ground_.events().Emit(base::Severity::kError, "backup_failed",
                        {{"code", static_cast<std::int64_t>(taken.error().code())},
                         {"detail", taken.error().detail()}});
}

}  // namespace cloison::server
