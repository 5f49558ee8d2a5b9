// Rows of the families that every entry writes to, since they were folded last.
//
// RocksDB puts each row into a list in memory that misses the processor's caches at every step, and
// sorts it again when it is flushed: some 8 us a row. Here a commit's rows of these families are
// one value of its log, and lie in a table by hash until many are folded, sorted, into one run
// beside the database (tail_folder.h). What RocksDB holds of a row that is here is older.
//
//   log  = 01 | (u8 family | u8 what | u16 bytes | key | u32 bytes | rest)*
//   what = 1 put, rest: the value · 2 delete, rest: empty
//
// Two generations: the current one grows with each commit; a fold freezes it and drops it when its
// rows are in a run. Threads: any. Cost: one look-up by hash a row, and its copy.
// Source  docs/format/store.md "Rows that are folded".
#ifndef CLOISON_STORE_ROCKS_INTERNAL_ROW_TAIL_H_
#define CLOISON_STORE_ROCKS_INTERNAL_ROW_TAIL_H_

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <shared_mutex>
#include <vector>

#include "store/store.h"

namespace cloison::store::internal {

inline constexpr Family kTailFamilies[] = {Family::kPrincipals, Family::kSeen};
inline constexpr std::size_t kTailPrefixBytes = 16;  // of a key: rows that are read as one range

// The rows of one generation; a deleted one is there too, without a version.
class RowTable {
 public:
  struct View {
    std::string_view key;
    Version version;  // kAbsent: deleted
    ByteView value;
  };

  RowTable() = default;
  explicit RowTable(std::size_t rows);  // room for as many without growing on the way

  void Set(Family family, const View& row);
  // Nothing: this generation knows nothing of the key.
  std::optional<View> Find(Family family, std::string_view key) const;
  // Calls `each` for every row of the range, in no order.
  void ForRange(const Range& range, const std::function<void(const View&)>& each) const;
  std::vector<View> Sorted(Family family) const;  // ascending
  bool Has(Family family) const;                  // any row, deleted ones too
  Version last() const { return last_; }          // of the newest commit in it
  void set_last(Version version) { last_ = version; }
  std::size_t bytes() const { return bytes_; }  // keys and values, replaced ones too
  bool empty() const { return rows_.empty(); }
  std::size_t size() const { return rows_.size(); }

 private:
  static constexpr std::uint32_t kNone = UINT32_MAX;
  struct Stored {
    Family family;
    std::uint16_t key_bytes;
    std::uint32_t value_bytes;
    std::uint32_t room;            // for a value, from its place on
    std::uint32_t next_of_prefix;  // the row before it with the same beginning
    Version version;
    std::uint8_t* bytes;  // key ‖ value
  };
  struct Slot {
    std::size_t hash = 0;
    std::uint32_t row = kNone;
  };
  // By hash, open addressing: where the row is or would go.
  class Table {
   public:
    template <class Same>
    Slot& Place(std::size_t hash, const Same& same) {
      return slots_[IndexOf(hash, same)];
    }
    template <class Same>
    std::uint32_t Find(std::size_t hash, const Same& same) const {
      return slots_.empty() ? kNone : slots_[IndexOf(hash, same)].row;
    }
    void MakeRoom(std::size_t more = 1);
    void Added() { ++used_; }

   private:
    template <class Same>
    std::size_t IndexOf(std::size_t hash, const Same& same) const {
      const std::size_t mask = slots_.size() - 1;
      std::size_t at = hash & mask;
      while (slots_[at].row != kNone && !(slots_[at].hash == hash && same(slots_[at].row))) {
        at = (at + 1) & mask;
      }
      return at;
    }
    std::vector<Slot> slots_;  // a power of 2 of them, two thirds used at most
    std::size_t used_ = 0;
  };

  static View ViewOf(const Stored& row);
  std::uint8_t* Allocate(std::size_t bytes);
  void Write(Stored& row, const View& from);
  void Link(std::uint32_t number);

  std::vector<Stored> rows_;
  Table by_key_, by_prefix_;
  std::vector<std::unique_ptr<std::uint8_t[]>> blocks_;
  std::uint8_t* next_ = nullptr;  // free bytes of the last block
  std::size_t block_left_ = 0;
  std::size_t bytes_ = 0;
  Version last_ = kAbsent;
};

class RowTail {
 public:
  static bool Takes(Family family);
  static void AppendPut(const Put& put, Bytes& log);
  static void AppendDelete(const Key& key, Bytes& log);

  // The rows of a commit that is durable, in the order of the commits. kCorrupt: not such a log;
  // parts of it may have been applied.
  Status Apply(Version version, ByteView log);

  using Rows = std::map<std::string, Row>;  // by key; deleted ones without a version

  // What the tail knows at one moment: no commit is applied and nothing dropped while it is open.
  class Look {
   public:
    // Nothing: the tail knows nothing of it, and RocksDB says what is there.
    std::optional<Row> Find(const Key& key) const;
    Rows RowsOf(const Range& range) const;

   private:
    friend class RowTail;
    explicit Look(const RowTail& tail) : tail_(tail), lock_(tail.mutex_) {}
    const RowTail& tail_;
    std::shared_lock<std::shared_mutex> lock_;
  };
  Look Open() const { return Look(*this); }

  std::size_t current_bytes() const;
  bool frozen() const;
  // What is to be folded: what an earlier fold left frozen, else the current generation, frozen
  // now. Null: there is nothing.
  std::shared_ptr<const RowTable> Freeze();
  void DropFrozen();  // its rows are in RocksDB

 private:
  Status ApplyOne(base::Reader& reader, Version version);

  mutable std::shared_mutex mutex_;
  std::shared_ptr<RowTable> current_ = std::make_shared<RowTable>();
  std::shared_ptr<const RowTable> frozen_;
};

}  // namespace cloison::store::internal

#endif  // CLOISON_STORE_ROCKS_INTERNAL_ROW_TAIL_H_
