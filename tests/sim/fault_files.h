// Files in memory, of which one chosen call fails, once: what store/testing/fault_store.h is for
// the stores. Reads (Read, Stat, List) and changes (all other calls, and Append and Sync of a file)
// are counted apart, from 1.
//
// A read fails kUnavailable; so does a change, but Append (kExhausted: no space) and the two syncs
// (kUnknownOutcome). Threads: one.
#ifndef CLOISON_TESTS_SIM_FAULT_FILES_H_
#define CLOISON_TESTS_SIM_FAULT_FILES_H_

#include <map>
#include <memory>
#include <string>

#include "base/files.h"

namespace cloison::sim {

enum class FileCall : std::uint8_t { kRead, kChange };
enum class FileFault : std::uint8_t {
  kNotApplied,
  kInPart,  // half of what Append was given; of all other calls nothing
  kAppliedButReported,
};

class FaultFiles final : public base::Files {
 public:
  // The nth such call from now on fails; nth 0: none.
  void Arm(FileCall call, int nth, FileFault how);
  bool fired() const { return fired_; }

  Result<std::unique_ptr<base::WritableFile>> Create(const std::string& path,
                                                     unsigned mode) override;
  Result<std::unique_ptr<base::WritableFile>> OpenAppend(const std::string& path) override;
  Result<std::unique_ptr<base::WritableFile>> OpenInPlace(const std::string& path) override;
  Result<Bytes> Read(const std::string& path) override;
  Result<base::FileInfo> Stat(const std::string& path) override;
  Status Rename(const std::string& from, const std::string& to) override;
  Status Remove(const std::string& path) override;
  Status MakeDirectory(const std::string& path, unsigned mode) override;
  Status SyncDirectory(const std::string& path) override;
  Result<std::vector<std::string>> List(const std::string& path) override;

 private:
  struct Node {
    bool is_directory;
    unsigned mode;
    Bytes bytes;
  };
  class File;

  bool Fires(FileCall call);
  // `apply` unless this call fails without effect; `failed` when it fails.
  template <class Apply>
  Status Change(Error failed, Apply apply);
  template <class Find>
  Result<std::unique_ptr<base::WritableFile>> Open(Find find);
  Status AppendTo(Node& node, std::size_t at, ByteView bytes);
  Node* NodeAt(const std::string& path);

  FileCall call_ = FileCall::kRead;
  FileFault how_ = FileFault::kNotApplied;
  int left_ = 0;
  bool fired_ = false;
  std::map<std::string, std::shared_ptr<Node>> nodes_;
};

}  // namespace cloison::sim

#endif  // CLOISON_TESTS_SIM_FAULT_FILES_H_
