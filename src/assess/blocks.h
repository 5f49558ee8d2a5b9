// A log of any size as blocks of whole lines, plain or gzip, from a file or a pipe.
//
// Threads  Next: any; blocks come in the order of the file, each to one caller. Memory: one block
//          and a half, and those handed out. Cost: one copy of the bytes.
#ifndef CLOISON_ASSESS_BLOCKS_H_
#define CLOISON_ASSESS_BLOCKS_H_

#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "codec/gunzip.h"

namespace cloison::assess {

inline constexpr std::size_t kBlockBytes = 4u << 20;

// Bytes in order. Threads: one at a time.
class ByteSource {
 public:
  virtual ~ByteSource() = default;
  // Fills what it can of `out`; 0: the end. kUnavailable.
  virtual Result<std::size_t> Read(std::span<char> out) = 0;
};

// "-": standard input. kNotFound, kUnavailable.
Result<std::unique_ptr<ByteSource>> OpenBytes(const std::string& path);
// Unpacks what begins as gzip does, and gives everything else as it is.
std::unique_ptr<ByteSource> MaybeUnpacked(std::unique_ptr<ByteSource> packed);

struct Block {
  std::uint64_t number = 0;  // from 0
  std::string bytes;         // whole lines; the file's last one may have no end
  // A line longer than a block goes over several: this one begins inside it, ends inside it.
  bool begins_inside = false, ends_inside = false;
};

class Blocks {
 public:
  Blocks(std::unique_ptr<ByteSource> source, std::size_t block_bytes = kBlockBytes)
      : source_(std::move(source)), block_bytes_(block_bytes) {}

  // False: there are no more. Fails as the source does, for every caller from then on.
  Result<bool> Next(Block& block);

 private:
  Result<bool> Fill(Block& block);

  std::mutex mutex_;
  std::unique_ptr<ByteSource> source_;
  const std::size_t block_bytes_;
  std::string rest_;     // of the last block, behind its last line end
  bool inside_ = false;  // the next block begins in the middle of a line
  bool ended_ = false;
  std::optional<Error> failed_;
  std::uint64_t number_ = 0;
};

}  // namespace cloison::assess

#endif  // CLOISON_ASSESS_BLOCKS_H_
