#include "tests/sim/fault_files.h"

#include <algorithm>

namespace cloison::sim {

namespace {

constexpr Error kReadFailed{Code::kUnavailable, "an injected failure of a file"};
constexpr Error kChangeFailed{Code::kUnavailable, "an injected failure of a file's name"};
constexpr Error kNoSpace{Code::kExhausted, "an injected full disk"};
constexpr Error kSyncFailed{Code::kUnknownOutcome, "an injected failure of a sync"};
constexpr Error kNoFile{Code::kNotFound, "no such file"};

}  // namespace

class FaultFiles::File final : public base::WritableFile {
 public:
  File(FaultFiles& files, std::shared_ptr<Node> node, std::size_t at)
      : files_(files), node_(std::move(node)), at_(at) {}

  Status Append(ByteView bytes) override {
    const Status done = files_.AppendTo(*node_, at_, bytes);
    at_ += bytes.size();
    return done;
  }
  Status Sync() override {
    return files_.Change(kSyncFailed, [] { return Ok(); });
  }

 private:
  FaultFiles& files_;
  std::shared_ptr<Node> node_;  // lives on when its name goes, as an open file does
  std::size_t at_;
};

void FaultFiles::Arm(FileCall call, int nth, FileFault how) {
  call_ = call;
  how_ = how;
  left_ = nth;
  fired_ = false;
}

bool FaultFiles::Fires(FileCall call) {
  if (call != call_ || left_ == 0 || --left_ != 0) return false;
  fired_ = true;
  return true;
}

template <class Apply>
Status FaultFiles::Change(Error failed, Apply apply) {
  if (!Fires(FileCall::kChange)) return apply();
  if (how_ == FileFault::kAppliedButReported) (void)apply();
  return failed;
}

template <class Find>
Result<std::unique_ptr<base::WritableFile>> FaultFiles::Open(Find find) {
  std::unique_ptr<base::WritableFile> file;
  CLOISON_TRY(Change(kChangeFailed, [&]() -> Status {
    const std::shared_ptr<Node> node = find();
    if (node == nullptr) return kNoFile;
    file = std::make_unique<File>(*this, node, node->bytes.size());
    return Ok();
  }));
  return file;
}

Status FaultFiles::AppendTo(Node& node, std::size_t at, ByteView bytes) {
  const auto write = [&node, at](ByteView part) {
    if (node.bytes.size() < at + part.size()) node.bytes.resize(at + part.size());
    std::copy(part.begin(), part.end(), node.bytes.begin() + static_cast<std::ptrdiff_t>(at));
    return Ok();
  };
  const Status done = Change(kNoSpace, [&] { return write(bytes); });
  if (!done.ok() && how_ == FileFault::kInPart) (void)write(bytes.first(bytes.size() / 2));
  return done;
}

FaultFiles::Node* FaultFiles::NodeAt(const std::string& path) {
  const auto found = nodes_.find(path);
  return found == nodes_.end() ? nullptr : found->second.get();
}

Result<std::unique_ptr<base::WritableFile>> FaultFiles::Create(const std::string& path,
                                                               unsigned mode) {
  return Open([this, &path, mode] {
    std::shared_ptr<Node>& node = nodes_[path];
    if (node == nullptr) node = std::make_shared<Node>();
    *node = Node{false, mode, {}};
    return node;
  });
}

Result<std::unique_ptr<base::WritableFile>> FaultFiles::OpenAppend(const std::string& path) {
  return Open([this, &path] {
    std::shared_ptr<Node>& node = nodes_[path];
    if (node == nullptr) node = std::make_shared<Node>(Node{false, 0600, {}});
    return node;
  });
}

Result<std::unique_ptr<base::WritableFile>> FaultFiles::OpenInPlace(const std::string& path) {
  std::unique_ptr<base::WritableFile> file;
  CLOISON_TRY(Change(kChangeFailed, [&]() -> Status {
    const auto found = nodes_.find(path);
    if (found == nodes_.end()) return kNoFile;
    file = std::make_unique<File>(*this, found->second, 0);
    return Ok();
  }));
  return file;
}

Result<Bytes> FaultFiles::Read(const std::string& path) {
  if (Fires(FileCall::kRead)) return kReadFailed;
  const Node* node = NodeAt(path);
  if (node == nullptr || node->is_directory) return kNoFile;
  return node->bytes;
}

Result<base::FileInfo> FaultFiles::Stat(const std::string& path) {
  if (Fires(FileCall::kRead)) return kReadFailed;
  const Node* node = NodeAt(path);
  if (node == nullptr) return kNoFile;
  return base::FileInfo{node->bytes.size(), node->mode, node->is_directory};
}

Status FaultFiles::Rename(const std::string& from, const std::string& to) {
  return Change(kChangeFailed, [&]() -> Status {
    const auto found = nodes_.find(from);
    if (found == nodes_.end()) return kNoFile;
    nodes_[to] = found->second;
    nodes_.erase(from);
    return Ok();
  });
}

Status FaultFiles::Remove(const std::string& path) {
  return Change(kChangeFailed, [&]() -> Status {
    if (nodes_.erase(path) == 0) return kNoFile;
    return Ok();
  });
}

Status FaultFiles::MakeDirectory(const std::string& path, unsigned mode) {
  return Change(kChangeFailed, [&] {
    if (NodeAt(path) == nullptr) nodes_[path] = std::make_shared<Node>(Node{true, mode, {}});
    return Ok();
  });
}

Status FaultFiles::SyncDirectory(const std::string&) {
  return Change(kSyncFailed, [] { return Ok(); });
}

Result<std::vector<std::string>> FaultFiles::List(const std::string& path) {
  if (Fires(FileCall::kRead)) return kReadFailed;
  if (NodeAt(path) == nullptr) return kNoFile;
  const std::string prefix = path + "/";
  std::vector<std::string> names;
  for (const auto& [name, node] : nodes_) {
    if (!name.starts_with(prefix)) continue;
    if (name.find('/', prefix.size()) == std::string::npos) {
      names.push_back(name.substr(prefix.size()));
    }
  }
  return names;
}

}  // namespace cloison::sim
