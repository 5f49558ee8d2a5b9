#include "store/rocks/internal/rocks_log.h"

#include <rocksdb/env.h>

#include <algorithm>
#include <array>
#include <cstdarg>
#include <cstdio>
#include <ctime>
#include <mutex>

#include "base/clock.h"

namespace cloison::store::internal {

namespace {

class RocksLog final : public rocksdb::Logger {
 public:
  RocksLog(base::Files& files, const std::string& directory)
      : rocksdb::Logger(rocksdb::InfoLogLevel::WARN_LEVEL),
        files_(files),
        path_(directory + "/LOG") {
    // What is there stays: a server that starts again and again tells its first failure too, and
    // who finds the database locked takes nothing from who has it open.
    const Result<base::FileInfo> there = files_.Stat(path_);
    const std::lock_guard lock(mutex_);
    bytes_ = there.ok() ? static_cast<std::size_t>(there->size) : 0;
    Open();
  }

  using rocksdb::Logger::Logv;
  void Logv(const char* format, va_list arguments) override {
    std::array<char, kRocksLogLineBytesMax> line;
    std::size_t size = AppendTime(line.data(), line.size());
    const int said = std::vsnprintf(line.data() + size, line.size() - size, format, arguments);
    if (said > 0) size = std::min(size + static_cast<std::size_t>(said), line.size() - 2);
    if (line[size - 1] != '\n') line[size++] = '\n';
    const std::lock_guard lock(mutex_);
    if (bytes_ + size > kRocksLogBytesMax) BeginAnew();
    bytes_ += size;
    if (file_ == nullptr) Open();
    if (file_ != nullptr) (void)file_->Append(AsBytes(std::string_view(line.data(), size)));
  }

 private:
  // "2026-11-28T10:00:00Z "
  std::size_t AppendTime(char* out, std::size_t room) const {
    const std::time_t now_s = clock_.wall_ms() / base::kSecondMs;
    std::tm utc{};
    gmtime_r(&now_s, &utc);
    return std::strftime(out, room, "%Y-%m-%dT%H:%M:%SZ ", &utc);
  }
  void BeginAnew() {
    file_.reset();
    bytes_ = 0;
    (void)files_.Rename(path_, path_ + ".old");
    Open();
  }
  void Open() {
    Result<std::unique_ptr<base::WritableFile>> opened = files_.OpenAppend(path_);
    file_ = opened.ok() ? std::move(*opened) : nullptr;
  }

  base::Files& files_;
  const std::string path_;
  const base::SystemClock clock_;  // for people to read; decides nothing
  std::mutex mutex_;               // guards what follows
  std::unique_ptr<base::WritableFile> file_;
  std::size_t bytes_ = 0;
};

}  // namespace

std::shared_ptr<rocksdb::Logger> MakeRocksLog(base::Files& files, const std::string& directory) {
  return std::make_shared<RocksLog>(files, directory);
}

}  // namespace cloison::store::internal
