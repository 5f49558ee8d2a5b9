#include "backup/archive.h"

#include <algorithm>

namespace cloison::backup {
namespace {

constexpr std::string_view kMagic("cloison/1/backup\0", 17);
constexpr std::uint8_t kVersion = 1;
constexpr std::size_t kFixedBytes = 17 + 1 + 1 + 4 + 16 + 16 + 16 + 8 + 8;
constexpr std::uint8_t kHere = 0, kAsBefore = 1;
constexpr std::size_t kChunkHeadBytes = 5;

std::string RootOf(RegisterId register_id) {
  return "root-" + std::to_string(register_id.value());
}

Bytes FixedPart(const ArchiveHeader& header) {
  Bytes out;
  base::AppendBytes(out, AsBytes(kMagic));
  base::AppendU8(out, kVersion);
  base::AppendU8(out, static_cast<std::uint8_t>(header.database));
  base::AppendU32(out, header.register_id.value());
  base::AppendBytes(out, header.pair);
  base::AppendBytes(out, header.parent);
  base::AppendBytes(out, header.incarnation);
  base::AppendU64(out, header.from);
  base::AppendU64(out, header.to);
  return out;
}

// One key per chunk; everything that says which chunk it is, is bound.
crypto::BoxKey ChunkKey(const crypto::HmacKey& key, std::uint64_t number) {
  return crypto::BoxKey::Derive(key, crypto::Context("backup").U64(number));
}
crypto::Context ChunkAad(const crypto::Digest& header, std::uint64_t number, bool last) {
  return crypto::Context("backup-chunk").Raw(header).U64(number).U8(last ? 1 : 0);
}

Error Bad(std::uint64_t offset) {
  return Error{Code::kCorrupt, "a chunk of the backup does not open",
               static_cast<std::int64_t>(offset)};
}

}  // namespace

ArchiveWriter::ArchiveWriter(std::unique_ptr<base::WritableFile> file, base::Random& random,
                             Bytes header, crypto::Secret<32> key)
    : file_(std::move(file)), random_(random), header_(crypto::Sha256(header)), key_(key) {}

Result<std::unique_ptr<ArchiveWriter>> ArchiveWriter::Create(base::Files& files, std::string path,
                                                             keys::KeyObjects& objects,
                                                             base::Random& random,
                                                             const ArchiveHeader& header) {
  Bytes head = FixedPart(header);
  crypto::Secret<32> key(random);
  CLOISON_TRY_ASSIGN(const Bytes wrapped, objects.Wrap(RootOf(header.register_id), head,
                                                       crypto::SecretBytes::CopyOf(key.Reveal())));
  CLOISON_CHECK(wrapped.size() <= kWrappedKeyBytesMax);
  base::AppendU16(head, static_cast<std::uint16_t>(wrapped.size()));
  base::AppendBytes(head, wrapped);
  CLOISON_TRY_ASSIGN(std::unique_ptr<base::WritableFile> file, files.Create(path, 0600));
  CLOISON_TRY(file->Append(head));
  return std::unique_ptr<ArchiveWriter>(
      new ArchiveWriter(std::move(file), random, std::move(head), std::move(key)));
}

Status ArchiveWriter::Add(const ArchiveRow& row) {
  base::AppendU8(plain_, static_cast<std::uint8_t>(row.key.family));
  base::AppendU8(plain_, row.value.has_value() ? kHere : kAsBefore);
  base::AppendU16(plain_, static_cast<std::uint16_t>(row.key.bytes.size()));
  base::AppendBytes(plain_, AsBytes(row.key.bytes));
  if (row.value.has_value()) {
    base::AppendU32(plain_, static_cast<std::uint32_t>(row.value->size()));
    base::AppendBytes(plain_, *row.value);
  }
  ++rows_;
  return plain_.size() < kChunkBytes ? Ok() : WriteChunk(false);
}

Status ArchiveWriter::WriteChunk(bool last) {
  Bytes sealed;
  ChunkKey(key_, chunks_).Seal(ChunkAad(header_, chunks_, last).view(), plain_, random_, sealed);
  Bytes head;
  base::AppendU8(head, last ? 1 : 0);
  base::AppendU32(head, static_cast<std::uint32_t>(sealed.size()));
  ++chunks_;
  plain_.clear();
  CLOISON_TRY(file_->Append(head));
  return file_->Append(sealed);
}

Status ArchiveWriter::Finish() {
  if (!plain_.empty()) {
    CLOISON_TRY(WriteChunk(false));
  }
  base::AppendU64(plain_, rows_);
  CLOISON_TRY(WriteChunk(true));
  return file_->Sync();
}

Result<std::unique_ptr<ArchiveReader>> ArchiveReader::Open(base::Files& files, std::string path,
                                                           keys::KeyObjects& objects) {
  std::unique_ptr<ArchiveReader> reader(new ArchiveReader(files, std::move(path)));
  CLOISON_TRY(reader->ReadHeader(objects));
  return reader;
}

Status ArchiveReader::ReadHeader(keys::KeyObjects& objects) {
  constexpr Error kNone{Code::kCorrupt, "not a backup, or of another version", 0};
  CLOISON_TRY_ASSIGN(Bytes head, files_.ReadAt(path_, 0, kFixedBytes + 2));
  head.resize(std::min(head.size(), kFixedBytes + 2));  // simple files read more
  base::Reader reader(head);
  if (AsText(reader.Take(kMagic.size())) != kMagic || reader.U8() != kVersion) return kNone;
  const std::uint8_t database = reader.U8();
  if (database != 1 && database != 2) return kNone;
  header_.database = static_cast<Database>(database);
  header_.register_id = RegisterId(reader.U32());
  header_.pair = reader.Array<16>();
  header_.parent = reader.Array<16>();
  header_.incarnation = reader.Array<16>();
  header_.from = reader.U64();
  header_.to = reader.U64();
  const std::size_t size = reader.U16();
  if (reader.failed() || size > kWrappedKeyBytesMax) return kNone;
  CLOISON_TRY_ASSIGN(Bytes wrapped, files_.ReadAt(path_, head.size(), size));
  if (wrapped.size() < size) return kNone;
  wrapped.resize(size);
  const Result<crypto::SecretBytes> key =
      objects.Unwrap(RootOf(header_.register_id), ByteView(head).first(kFixedBytes), wrapped);
  if (!key.ok() && key.error().code() == Code::kUnavailable) return key.error();
  if (!key.ok() || key->size() != 32) {
    return Error{Code::kDenied,
                 "the backup is not of this register's keys, or its head is altered"};
  }
  crypto::Secret<32> secret;
  std::copy(key->Reveal().begin(), key->Reveal().end(), secret.Reveal().begin());
  key_.emplace(secret);
  base::AppendBytes(head, wrapped);
  digest_ = crypto::Sha256(head);
  offset_ = head.size();
  return Ok();
}

Status ArchiveReader::ReadChunk() {
  chunk_at_ = offset_;
  CLOISON_TRY_ASSIGN(const Bytes head, files_.ReadAt(path_, offset_, kChunkHeadBytes));
  base::Reader reader(head);
  const std::uint8_t last = reader.U8();
  const std::size_t size = reader.U32();
  if (reader.failed() || last > 1 || size > kChunkBytesMax) return Bad(chunk_at_);
  CLOISON_TRY_ASSIGN(const Bytes sealed, files_.ReadAt(path_, offset_ + kChunkHeadBytes, size));
  if (sealed.size() != size) return Bad(chunk_at_);
  const Result<crypto::SecretBytes> plain =
      ChunkKey(*key_, chunks_).Open(ChunkAad(digest_, chunks_, last == 1).view(), sealed);
  if (!plain.ok()) return Bad(chunk_at_);
  plain_.assign(plain->Reveal().begin(), plain->Reveal().end());
  at_ = 0;
  ++chunks_;
  last_ = last == 1;
  offset_ += kChunkHeadBytes + size;
  return Ok();
}

Result<ArchiveRow> ArchiveReader::ReadRow() {
  base::Reader reader(ByteView(plain_).subspan(at_));
  const auto family = static_cast<store::Family>(reader.U8());
  const std::uint8_t what = reader.U8();
  ArchiveRow row{{family, std::string(AsText(reader.Take(reader.U16())))}, std::nullopt};
  if (what == kHere) {
    const ByteView value = reader.Take(reader.U32());
    row.value.emplace(value.begin(), value.end());
  }
  if (reader.failed() || what > kAsBefore) return Bad(chunk_at_);
  at_ = plain_.size() - reader.rest().size();
  ++rows_;
  return row;
}

Result<std::optional<ArchiveRow>> ArchiveReader::Next() {
  while (at_ == plain_.size() || last_) {
    if (last_) {
      base::Reader reader(plain_);
      const std::uint64_t rows = reader.U64();
      const bool whole = !reader.failed() && reader.rest().empty() && rows == rows_;
      CLOISON_TRY_ASSIGN(const Bytes more, files_.ReadAt(path_, offset_, 1));
      if (!whole || !more.empty()) return Bad(chunk_at_);
      return std::optional<ArchiveRow>();
    }
    CLOISON_TRY(ReadChunk());
  }
  CLOISON_TRY_ASSIGN(ArchiveRow row, ReadRow());
  return std::optional<ArchiveRow>(std::move(row));
}

}  // namespace cloison::backup
