// Byte strings put aside by the million, in parts, each of which is taken back alone: what a load
// sorts without holding it in memory.
//
// A part keeps up to a chunk in memory; what is more goes to a file of its own, chunk by chunk,
// DIRECTORY/NAME-NNNN.spill, mode 0600, never synced: a load that is cut short is begun again. A
// chunk is a sealed box under a key that is nowhere but here, bound to its part and place. So what
// a crash leaves says nothing, the order in which people came included, and what was altered is
// kCorrupt.
//
// Threads  Append: one at a time. Take: any, of different parts, after the last Append.
#ifndef CLOISON_RECORDS_INTERNAL_SPILL_H_
#define CLOISON_RECORDS_INTERNAL_SPILL_H_

#include <string>
#include <vector>

#include "base/files.h"
#include "crypto/box.h"
#include "records/spill_place.h"

namespace cloison::records::internal {

class Spill {
 public:
  struct Form {
    std::string name;  // of its files; of nobody else's in the directory
    std::size_t parts;
    std::size_t chunk_bytes;  // in memory, of each part
  };
  Spill(SpillPlace place, Form form, base::Random& random);
  ~Spill();  // removes what is left of its files
  Spill(const Spill&) = delete;
  Spill& operator=(const Spill&) = delete;

  // Fails as the files do. Cost: a copy; once in a chunk, a write.
  Status Append(std::size_t part, std::initializer_list<ByteView> pieces);
  // All that was appended to the part, in that order; its file is removed. Once.
  // Fails    kCorrupt: a file is not what was written; as the files do.
  Result<Bytes> Take(std::size_t part);

  std::size_t parts() const { return parts_.size(); }
  std::uint64_t bytes() const { return bytes_; }  // appended, of all parts

 private:
  struct Part {
    Bytes open;                       // the chunk that grows
    std::vector<std::size_t> chunks;  // sizes, as they lie in the file
  };
  std::string PathOf(std::size_t part) const;
  crypto::Context Binding(std::size_t part, std::size_t chunk) const;
  Status Write(std::size_t part);

  const SpillPlace place_;
  const Form form_;
  base::Random& random_;
  const crypto::BoxKey key_;
  std::vector<Part> parts_;
  std::uint64_t bytes_ = 0;
};

}  // namespace cloison::records::internal

#endif  // CLOISON_RECORDS_INTERNAL_SPILL_H_
