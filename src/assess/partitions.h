// All accesses of a log, sorted into parts by account: what fits in memory, the rest in one file
// that has no name. What is written there are keyed hashes of people under a key that ends with the
// run, numbers of seats, and times.
//
// Threads  a Writer each; Load: any, once all writers have finished. Memory: `memory_bytes`, 200 KB
//          per part and writer, and 24 bytes for each access of the parts that are loaded.
#ifndef CLOISON_ASSESS_PARTITIONS_H_
#define CLOISON_ASSESS_PARTITIONS_H_

#include <array>
#include <mutex>
#include <string>
#include <vector>

#include "assess/log_line.h"

namespace cloison::assess {

inline constexpr std::size_t kParts = 64;
inline constexpr std::size_t kTailRecords = 8'192;
inline constexpr std::size_t kPartRecordsMax = 50'000'000;  // 1.2 GB
inline constexpr std::uint64_t kBlocksMax = 1u << 22;

// One access, 24 bytes. Ordered as the log is where times are the same, however it was read.
struct Record {
  std::uint64_t person;  // keyed hash
  std::uint64_t order;   // time and block
  std::uint32_t seat;
  std::uint32_t detail;  // line of the block, action, follows

  Record() = default;
  Record(std::uint64_t person_hash, std::uint32_t seat_number, const LogAccess& access,
         std::uint64_t block, std::uint32_t line)
      : person(person_hash),
        order(static_cast<std::uint64_t>(access.time_ms) << 22 | block),
        seat(seat_number),
        detail(line << 4 | static_cast<std::uint32_t>(access.action) << 2 |
               static_cast<std::uint32_t>(access.follows)) {}
  std::int64_t time_ms() const { return static_cast<std::int64_t>(order >> 22); }
  Action action() const { return static_cast<Action>(detail >> 2 & 3); }
  Follows follows() const { return static_cast<Follows>(detail & 3); }
};

class Partitions {
 public:
  // `directory`: where the file is made when memory does not do.
  Partitions(std::string directory, std::size_t memory_bytes);
  ~Partitions();
  Partitions(const Partitions&) = delete;
  Partitions& operator=(const Partitions&) = delete;

  class Writer {
   public:
    explicit Writer(Partitions& partitions) : partitions_(partitions) {}
    // kUnavailable, kExhausted: the file cannot be made, or the disk is full.
    Status Add(std::uint32_t account, const Record& record);
    Status Finish();

   private:
    Partitions& partitions_;
    std::array<std::vector<Record>, kParts> tails_;
  };

  // The accesses of the accounts whose number modulo kParts is `part`, in no order. kExhausted
  // above kPartRecordsMax.
  Result<std::vector<Record>> Load(std::size_t part);

  std::uint64_t spilled_bytes() const { return file_bytes_; }

 private:
  struct Extent {
    std::vector<Record> records;  // empty: in the file
    std::uint64_t offset = 0;
    std::size_t count = 0;
  };
  Status Take(std::size_t part, std::vector<Record> records);
  Status OpenFile();

  const std::string directory_;
  const std::size_t memory_bytes_;
  std::mutex mutex_;
  std::array<std::vector<Extent>, kParts> extents_;
  std::size_t kept_bytes_ = 0;
  std::uint64_t file_bytes_ = 0;
  int file_ = -1;
};

}  // namespace cloison::assess

#endif  // CLOISON_ASSESS_PARTITIONS_H_
