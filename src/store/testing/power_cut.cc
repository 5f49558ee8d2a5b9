#include "store/testing/power_cut.h"

#include <filesystem>
#include <limits>

namespace cloison::store::testing {

namespace {

constexpr std::uint64_t kNever = std::numeric_limits<std::uint64_t>::max();
constexpr Error kOff{Code::kUnavailable, "the power is off"};
constexpr Error kSyncOff{Code::kUnknownOutcome, "the power is off"};

class OurFile final : public base::WritableFile {
 public:
  OurFile(PowerCut& disk, DiskModel::NodeId node, std::unique_ptr<base::WritableFile> real)
      : disk_(disk), node_(node), real_(std::move(real)) {}

  Status Append(ByteView bytes) override {
    return disk_.Change(
        Status(kOff), [this, bytes] { return real_->Append(bytes); },
        [this, bytes](DiskModel& model) { model.Append(node_, bytes); });
  }
  Status Sync() override {
    return disk_.Change(
        Status(kSyncOff), [] { return Ok(); }, [this](DiskModel& model) { model.SyncFile(node_); });
  }

 private:
  PowerCut& disk_;
  DiskModel::NodeId node_;
  std::unique_ptr<base::WritableFile> real_;
};

}  // namespace

class PowerCut::OurFiles final : public base::Files {
 public:
  explicit OurFiles(PowerCut& disk) : disk_(disk) {}

  Result<std::unique_ptr<base::WritableFile>> Create(const std::string& path,
                                                     unsigned mode) override {
    return Open(path, mode, true);
  }
  Result<std::unique_ptr<base::WritableFile>> OpenAppend(const std::string& path) override {
    return Open(path, 0600, false);
  }
  Result<Bytes> Read(const std::string& path) override { return real_.Read(path); }
  Result<Bytes> ReadAt(const std::string& path, std::uint64_t offset, std::size_t size) override {
    return real_.ReadAt(path, offset, size);
  }
  Status Truncate(const std::string& path, std::uint64_t size) override {
    return disk_.Change(
        Status(kOff), [this, &path, size] { return real_.Truncate(path, size); },
        [&path, size](DiskModel& model) { model.TruncateNamed(path, size); });
  }
  Result<base::FileInfo> Stat(const std::string& path) override { return real_.Stat(path); }
  Status Rename(const std::string& from, const std::string& to) override {
    return disk_.Change(
        Status(kOff), [this, &from, &to] { return real_.Rename(from, to); },
        [&from, &to](DiskModel& model) { model.Rename(from, to); });
  }
  Status Remove(const std::string& path) override {
    return disk_.Change(
        Status(kOff), [this, &path] { return real_.Remove(path); },
        [&path](DiskModel& model) { model.Remove(path); });
  }
  Status MakeDirectory(const std::string& path, unsigned mode) override {
    return disk_.Change(
        Status(kOff), [this, &path, mode] { return real_.MakeDirectory(path, mode); },
        [&path, mode](DiskModel& model) { model.MakeDirectory(path, mode); });
  }
  Status SyncDirectory(const std::string& path) override {
    return disk_.Change(
        Status(kSyncOff), [] { return Ok(); },
        [&path](DiskModel& model) { model.SyncDirectory(path); });
  }
  Result<std::vector<std::string>> List(const std::string& path) override {
    return real_.List(path);
  }

 private:
  Result<std::unique_ptr<base::WritableFile>> Open(const std::string& path, unsigned mode,
                                                   bool empty) {
    std::unique_ptr<base::WritableFile> real;
    DiskModel::NodeId node = 0;
    const Status opened = disk_.Change(
        Status(kOff),
        [&]() -> Status {
          CLOISON_TRY_ASSIGN(real, empty ? real_.Create(path, mode) : real_.OpenAppend(path));
          return Ok();
        },
        [&](DiskModel& model) { node = model.Open(path, mode, empty); });
    if (!opened.ok()) return opened.error();
    return std::unique_ptr<base::WritableFile>(
        std::make_unique<OurFile>(disk_, node, std::move(real)));
  }

  PowerCut& disk_;
  base::SystemFiles real_;
};

PowerCut::PowerCut(std::string root, base::Random& random)
    : root_(std::move(root)),
      random_(random),
      left_(kNever),
      files_(std::make_unique<OurFiles>(*this)) {}

PowerCut::~PowerCut() = default;

base::Files& PowerCut::files() {
  return *files_;
}

void PowerCut::Cut() {
  const std::lock_guard lock(mutex_);
  is_cut_ = true;
}

void PowerCut::CutAfter(std::uint64_t changes) {
  const std::lock_guard lock(mutex_);
  left_ = changes;
}

bool PowerCut::is_cut() const {
  const std::lock_guard lock(mutex_);
  return is_cut_;
}

std::uint64_t PowerCut::changes() const {
  const std::lock_guard lock(mutex_);
  return changes_;
}

Status PowerCut::Restore() {
  const std::lock_guard lock(mutex_);
  const std::vector<std::string> before = model_.Names();
  const DiskModel::Entries after = model_.Outcome(random_);
  std::error_code error;
  for (const std::string& path : before) {
    const auto kept = after.find(path);
    const bool stays = kept != after.end() && kept->second.is_directory;
    if (!stays) std::filesystem::remove_all(path, error);
  }
  base::SystemFiles real;
  for (const auto& [path, entry] : after) {
    if (entry.is_directory) {
      CLOISON_TRY(real.MakeDirectory(path, entry.mode));
      continue;
    }
    CLOISON_TRY_ASSIGN(const std::unique_ptr<base::WritableFile> file,
                       real.Create(path, entry.mode));
    CLOISON_TRY(file->Append(entry.bytes));
  }
  is_cut_ = false;
  left_ = kNever;
  return Ok();
}

}  // namespace cloison::store::testing
