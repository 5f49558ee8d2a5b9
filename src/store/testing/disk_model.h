// What a disk holds for certain, and what it may hold after a power cut.
//
// A file is a node; a name is an entry of a directory. Writes to a node wait until SyncFile; names
// made, moved and removed wait until SyncDirectory. Outcome draws a state that a cut may leave:
// everything durable is there; what waits is kept, lost, kept up to a point, or kept piecewise, and
// the write at that point may be torn, its rest being zeros or garbage (Pillai et al., OSDI 2014).
//
// Kinder than reality in two things: moving a whole directory is durable at once, and moving a file
// between directories is durable when either is synced. Threads: one at a time.
#ifndef CLOISON_STORE_TESTING_DISK_MODEL_H_
#define CLOISON_STORE_TESTING_DISK_MODEL_H_

#include <map>
#include <string>
#include <vector>

#include "base/random.h"

namespace cloison::store::testing {

class DiskModel {
 public:
  using NodeId = std::uint64_t;
  struct Entry {
    bool is_directory;
    unsigned mode;
    Bytes bytes;
  };
  using Entries = std::map<std::string, Entry>;  // by path; a directory before what is in it

  bool Has(const std::string& path) const { return names_.contains(path); }
  std::vector<std::string> Names() const;  // all that are visible now, parents first

  // The node under `path`, made when absent; `empty` cuts it to nothing.
  NodeId Open(const std::string& path, unsigned mode, bool empty);
  void Append(NodeId node, ByteView bytes);
  void WriteAt(NodeId node, std::uint64_t offset, ByteView bytes);
  void Truncate(NodeId node, std::uint64_t size);
  void TruncateNamed(const std::string& path, std::uint64_t size);
  void SyncFile(NodeId node);

  void MakeDirectory(const std::string& path, unsigned mode);
  void Rename(const std::string& from, const std::string& to);
  void Link(const std::string& from, const std::string& to);
  void Remove(const std::string& path);
  void SyncDirectory(const std::string& path);

  // Draws what a cut leaves and makes it the durable state: nothing waits any more.
  Entries Outcome(base::Random& random);

 private:
  struct Write {
    bool truncates;  // to `offset`; else writes `bytes` there
    std::uint64_t offset;
    Bytes bytes;
  };
  struct Node {
    bool is_directory = false;
    unsigned mode = 0;
    std::uint64_t size = 0;  // as visible now
    Bytes durable;
    std::vector<Write> waiting;
  };
  struct NameChange {
    std::string removed;  // or empty
    std::string added;    // or empty
    NodeId node;
  };
  using NameMap = std::map<std::string, NodeId>;

  static void ApplyName(NameMap& names, const NameChange& change);
  static void ApplyWrite(Bytes& bytes, const Write& write);
  static Write Tear(const Write& write, base::Random& random);
  static Bytes DrawBytes(const Node& node, base::Random& random);
  NodeId NewNode(bool is_directory, unsigned mode);
  void ChangeName(NameChange change);
  void MoveDirectory(const std::string& from, const std::string& to);
  NameMap DrawNames(base::Random& random) const;

  NodeId next_node_ = 1;
  std::map<NodeId, Node> nodes_;
  NameMap names_;    // visible now
  NameMap durable_;  // survive a cut
  std::vector<NameChange> waiting_;
};

}  // namespace cloison::store::testing

#endif  // CLOISON_STORE_TESTING_DISK_MODEL_H_
