#include "store/testing/disk_model.h"

#include <algorithm>

#include "base/files.h"

namespace cloison::store::testing {

namespace {

// How much of what waits survives.
enum class Kept : std::uint8_t { kNothing, kAll, kPrefix, kPieces };

Kept DrawKept(base::Random& random) {
  return static_cast<Kept>(random.Below(4));
}

// Which of `count` waiting things survive; for kPrefix, `cut_at` is the first that does not.
std::vector<bool> DrawSurvivors(std::size_t count, Kept kept, base::Random& random,
                                std::size_t& cut_at) {
  cut_at = kept == Kept::kAll ? count : 0;
  if (kept == Kept::kPrefix) cut_at = random.Below(count + 1);
  std::vector<bool> survives(count);
  for (std::size_t i = 0; i < count; ++i) {
    survives[i] = kept == Kept::kPieces ? random.Below(2) == 0 : i < cut_at;
  }
  return survives;
}

bool IsBelow(const std::string& path, const std::string& directory) {
  return path.size() > directory.size() && path.starts_with(directory) &&
         path[directory.size()] == '/';
}

}  // namespace

std::vector<std::string> DiskModel::Names() const {
  std::vector<std::string> out;
  for (const auto& [path, node] : names_) out.push_back(path);
  return out;
}

DiskModel::NodeId DiskModel::NewNode(bool is_directory, unsigned mode) {
  Node& node = nodes_[next_node_];
  node.is_directory = is_directory;
  node.mode = mode;
  return next_node_++;
}

DiskModel::NodeId DiskModel::Open(const std::string& path, unsigned mode, bool empty) {
  const auto found = names_.find(path);
  if (found == names_.end()) {
    const NodeId node = NewNode(false, mode);
    ChangeName(NameChange{{}, path, node});
    return node;
  }
  if (empty && nodes_[found->second].size > 0) Truncate(found->second, 0);
  return found->second;
}

void DiskModel::Append(NodeId node, ByteView bytes) {
  WriteAt(node, nodes_[node].size, bytes);
}

void DiskModel::WriteAt(NodeId id, std::uint64_t offset, ByteView bytes) {
  Node& node = nodes_[id];
  node.waiting.push_back(Write{false, offset, base::ToBytes(bytes)});
  node.size = std::max(node.size, offset + bytes.size());
}

void DiskModel::Truncate(NodeId id, std::uint64_t size) {
  Node& node = nodes_[id];
  node.waiting.push_back(Write{true, size, {}});
  node.size = size;
}

void DiskModel::TruncateNamed(const std::string& path, std::uint64_t size) {
  const auto found = names_.find(path);
  if (found != names_.end()) Truncate(found->second, size);
}

void DiskModel::ApplyWrite(Bytes& bytes, const Write& write) {
  if (write.truncates) {
    bytes.resize(write.offset);
    return;
  }
  bytes.resize(std::max<std::size_t>(bytes.size(), write.offset + write.bytes.size()));
  std::copy(write.bytes.begin(), write.bytes.end(),
            bytes.begin() + static_cast<std::ptrdiff_t>(write.offset));
}

void DiskModel::SyncFile(NodeId id) {
  Node& node = nodes_[id];
  for (const Write& write : node.waiting) ApplyWrite(node.durable, write);
  node.waiting.clear();
}

void DiskModel::ApplyName(NameMap& names, const NameChange& change) {
  if (!change.removed.empty()) {
    const auto found = names.find(change.removed);
    if (found != names.end() && found->second == change.node) names.erase(found);
  }
  if (!change.added.empty()) names[change.added] = change.node;
}

void DiskModel::ChangeName(NameChange change) {
  ApplyName(names_, change);
  waiting_.push_back(std::move(change));
}

void DiskModel::MakeDirectory(const std::string& path, unsigned mode) {
  if (Has(path)) return;
  ChangeName(NameChange{{}, path, NewNode(true, mode)});
}

void DiskModel::Rename(const std::string& from, const std::string& to) {
  const auto found = names_.find(from);
  if (found == names_.end()) return;
  if (nodes_[found->second].is_directory) return MoveDirectory(from, to);
  ChangeName(NameChange{from, to, found->second});
}

void DiskModel::MoveDirectory(const std::string& from, const std::string& to) {
  const auto moved = [&from, &to](const std::string& path) {
    if (path != from && !IsBelow(path, from)) return path;
    return to + path.substr(from.size());
  };
  for (NameMap* names : {&names_, &durable_}) {
    NameMap out;
    for (const auto& [path, node] : *names) out[moved(path)] = node;
    *names = std::move(out);
  }
  for (NameChange& change : waiting_) {
    change.removed = moved(change.removed);
    change.added = moved(change.added);
  }
}

void DiskModel::Link(const std::string& from, const std::string& to) {
  const auto found = names_.find(from);
  if (found != names_.end()) ChangeName(NameChange{{}, to, found->second});
}

void DiskModel::Remove(const std::string& path) {
  const auto found = names_.find(path);
  if (found != names_.end()) ChangeName(NameChange{path, {}, found->second});
}

void DiskModel::SyncDirectory(const std::string& path) {
  const auto is_here = [&path](const NameChange& change) {
    return (!change.removed.empty() && base::DirectoryOf(change.removed) == path) ||
           (!change.added.empty() && base::DirectoryOf(change.added) == path);
  };
  for (const NameChange& change : waiting_) {
    if (is_here(change)) ApplyName(durable_, change);
  }
  std::erase_if(waiting_, is_here);
}

DiskModel::NameMap DiskModel::DrawNames(base::Random& random) const {
  std::size_t cut_at = 0;
  const std::vector<bool> survives =
      DrawSurvivors(waiting_.size(), DrawKept(random), random, cut_at);
  NameMap names = durable_;
  for (std::size_t i = 0; i < waiting_.size(); ++i) {
    if (survives[i]) ApplyName(names, waiting_[i]);
  }
  return names;
}

// The first bytes of a write, and in the place of the rest nothing, zeros or garbage.
DiskModel::Write DiskModel::Tear(const Write& write, base::Random& random) {
  Write torn = write;
  if (write.truncates) return torn;
  const std::size_t keep = random.Below(write.bytes.size() + 1);
  const auto rest = torn.bytes.begin() + static_cast<std::ptrdiff_t>(keep);
  switch (random.Below(3)) {
    case 0: torn.bytes.erase(rest, torn.bytes.end()); break;
    case 1: std::fill(rest, torn.bytes.end(), std::uint8_t{0}); break;
    default: random.Fill(std::span(torn.bytes).subspan(keep));
  }
  return torn;
}

Bytes DiskModel::DrawBytes(const Node& node, base::Random& random) {
  std::size_t cut_at = 0;
  const Kept kept = DrawKept(random);
  const std::vector<bool> survives = DrawSurvivors(node.waiting.size(), kept, random, cut_at);
  Bytes bytes = node.durable;
  for (std::size_t i = 0; i < node.waiting.size(); ++i) {
    if (survives[i]) ApplyWrite(bytes, node.waiting[i]);
  }
  if (kept == Kept::kPrefix && cut_at < node.waiting.size()) {
    ApplyWrite(bytes, Tear(node.waiting[cut_at], random));
  }
  return bytes;
}

DiskModel::Entries DiskModel::Outcome(base::Random& random) {
  NameMap kept;
  for (const auto& [path, id] : DrawNames(random)) {
    // A directory that is lost takes what is in it along. Parents come first in a map of paths,
    // and the root of the model has no entry of its own.
    const std::string parent = base::DirectoryOf(path);
    const bool parent_lost =
        (names_.contains(parent) || durable_.contains(parent)) && !kept.contains(parent);
    if (!parent_lost) kept[path] = id;
  }
  std::map<NodeId, Node> nodes;
  for (const auto& [path, id] : kept) {
    if (nodes.contains(id)) continue;
    Node node = nodes_[id];
    node.durable = DrawBytes(node, random);
    node.waiting.clear();
    node.size = node.durable.size();
    nodes[id] = std::move(node);
  }
  nodes_ = std::move(nodes);
  names_ = durable_ = std::move(kept);
  waiting_.clear();
  Entries out;
  for (const auto& [path, id] : names_) {
    const Node& node = nodes_[id];
    out[path] = Entry{node.is_directory, node.mode, node.durable};
  }
  return out;
}

}  // namespace cloison::store::testing
