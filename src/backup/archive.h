// One file of a backup: rows of one database, sealed in chunks under a key that the register's ROOT
// object wraps (docs/format/backup.md). What is read was written by us, whole and in this order, or
// it is refused with the place where it is not.
//
// Threads  one caller. Cost: 1 us a row of 1 KB.
#ifndef CLOISON_BACKUP_ARCHIVE_H_
#define CLOISON_BACKUP_ARCHIVE_H_

#include <memory>
#include <optional>
#include <string>

#include "base/files.h"
#include "base/ids.h"
#include "crypto/box.h"
#include "keys/key_objects.h"
#include "store/store.h"

namespace cloison::backup {

inline constexpr std::size_t kChunkBytes = 1u << 20;  // a chunk ends after the row that reaches it
// Of one sealed chunk: the largest row, and what may have been before it.
inline constexpr std::size_t kChunkBytesMax = store::kValueBytesMax + (2u << 20);
inline constexpr std::size_t kWrappedKeyBytesMax = 4'096;

enum class Database : std::uint8_t { kMain = 1, kKeys = 2 };
using PairId = ByteArray<16>;
// Of a pair of databases: numbers of commits are compared within one alone. A restore makes
// another.
using Incarnation = ByteArray<16>;

struct ArchiveHeader {
  Database database;
  RegisterId register_id;
  PairId pair;              // the same in both files of a backup
  PairId parent;            // of the backup before; zeros: all rows are in this one
  Incarnation incarnation;  // of the databases it was taken of
  store::Version from = 0;  // rows of later commits are here
  store::Version to = 0;    // up to this one
  bool full() const { return parent == PairId{}; }
};

// A row that is in the backup, or (without a value) one that is as it was in an earlier one.
struct ArchiveRow {
  store::Key key;
  std::optional<Bytes> value;
};

class ArchiveWriter {
 public:
  // Makes the file, mode 0600. All references outlive it.
  static Result<std::unique_ptr<ArchiveWriter>> Create(base::Files& files, std::string path,
                                                       keys::KeyObjects& objects,
                                                       base::Random& random,
                                                       const ArchiveHeader& header);
  // Ascending by family and key.
  Status Add(const ArchiveRow& row);
  std::uint64_t rows() const { return rows_; }
  // The last chunk, synced. Once.
  Status Finish();

 private:
  ArchiveWriter(std::unique_ptr<base::WritableFile> file, base::Random& random, Bytes header,
                crypto::Secret<32> key);
  Status WriteChunk(bool last);

  std::unique_ptr<base::WritableFile> file_;
  base::Random& random_;
  crypto::Digest header_;
  crypto::HmacKey key_;
  Bytes plain_;
  std::uint64_t chunks_ = 0, rows_ = 0;
};

class ArchiveReader {
 public:
  // kCorrupt: no backup, or of another version; kDenied: not of this register's keys.
  static Result<std::unique_ptr<ArchiveReader>> Open(base::Files& files, std::string path,
                                                     keys::KeyObjects& objects);
  const ArchiveHeader& header() const { return header_; }
  // Nothing: that was all of it, and it was whole. kCorrupt, with the offset in the file: altered,
  // moved or cut off there.
  Result<std::optional<ArchiveRow>> Next();
  std::uint64_t rows() const { return rows_; }

 private:
  ArchiveReader(base::Files& files, std::string path) : files_(files), path_(std::move(path)) {}
  Status ReadHeader(keys::KeyObjects& objects);
  Status ReadChunk();
  Result<ArchiveRow> ReadRow();

  base::Files& files_;
  std::string path_;
  ArchiveHeader header_{Database::kMain, RegisterId(0), {}, {}, {}};
  crypto::Digest digest_{};
  std::optional<crypto::HmacKey> key_;
  std::uint64_t offset_ = 0, chunk_at_ = 0, chunks_ = 0, rows_ = 0;
  bool last_ = false;
  Bytes plain_;
  std::size_t at_ = 0;
};

}  // namespace cloison::backup

#endif  // CLOISON_BACKUP_ARCHIVE_H_
