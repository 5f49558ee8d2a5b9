#include <algorithm>
#include <mutex>

#include "keys/person_keys.h"

namespace cloison::keys {

namespace {

// file   = head ‖ slot*          head = 02 | 01 | u16 0 | u32 register | id[16], drawn with the
// file slot   = record[70] ‖ mark     mark = 01, written after the sync of its record record =
// SealedState::Seal(("meta", "erase/" ‖ id ‖ u64 n),
//                            person_id ‖ AUD ‖ u64 time_ms ‖ u32 past_pkv)
//
// An append is acknowledged after the sync of its mark. So a record that has a byte behind it was
// whole, and must open; the one without may be torn, and nobody was told that it is there.
constexpr std::size_t kIdBytes = 16;
constexpr std::size_t kHeadBytes = 8 + kIdBytes;
constexpr std::size_t kItemBytes = PersonId::kSize + Aud::kSize + 8 + 4;
constexpr std::size_t kRecordBytes = 6 + crypto::kBoxOverhead + kItemBytes;
constexpr std::size_t kSlotBytes = kRecordBytes + 1;
constexpr std::uint8_t kMark = 1;
constexpr unsigned kMode = 0600;
static_assert(kHeadBytes + kEraseItemsMax * kSlotBytes <= base::kFileBytesMax);

const Error kBadHead{Code::kCorrupt, "the erase journal has the wrong head"};

using JournalId = ByteArray<kIdBytes>;

Bytes HeadBytes(RegisterId register_id, const JournalId& id) {
  Bytes head{2, 1, 0, 0};
  base::AppendU32(head, register_id.value());
  base::AppendBytes(head, id);
  return head;
}

store::Key PlaceOf(const JournalId& id, std::uint64_t n) {
  store::Key key{store::Family::kMeta, "erase/"};
  key.bytes.append(AsText(id));
  base::AppendU64(key.bytes, n);
  return key;
}

struct Contents {
  JournalId id{};
  std::vector<EraseJournal::Item> items;
  bool tidy = true;  // false: the end was torn, the file must be written anew
};

class Codec {
 public:
  explicit Codec(const commit::SealedState& sealed) : sealed_(sealed) {}

  Bytes Encode(const JournalId& id, std::uint64_t n, const EraseJournal::Item& item) const {
    crypto::SecretBytes plain;
    plain.Append(item.person.bytes());
    plain.Append(item.aud.bytes());
    plain.Append(base::BigU64(static_cast<std::uint64_t>(item.time_ms)));
    plain.Append(base::BigU32(item.past_pkv));
    return sealed_.Seal(PlaceOf(id, n), plain.Reveal());
  }

  Result<Contents> Decode(ByteView file) const {
    Contents out;
    base::Reader reader(file);
    const ByteView head = reader.Take(kHeadBytes);
    if (reader.failed()) return kBadHead;
    base::Reader(head.subspan(kHeadBytes - kIdBytes)).Array<kIdBytes>().swap(out.id);
    if (!base::Equal(head, HeadBytes(sealed_.register_id(), out.id))) return kBadHead;
    while (reader.rest().size() >= kSlotBytes) {
      CLOISON_TRY(AppendItem(reader.Take(kRecordBytes), out));
      const bool marked = reader.U8() == kMark;
      if (!marked && !reader.empty()) return Error{Code::kCorrupt, "an erase mark is wrong"};
      out.tidy = marked;
    }
    if (reader.empty()) return out;
    out.tidy = false;
    if (reader.rest().size() < kRecordBytes) return out;
    // Torn or not: it counts when it opens.
    if (!AppendItem(reader.Take(kRecordBytes), out).ok()) return out;
    return out;
  }

 private:
  Status AppendItem(ByteView record, Contents& out) const {
    const auto plain = sealed_.Open(PlaceOf(out.id, out.items.size()), record);
    if (!plain.ok()) {
      return Error{Code::kCorrupt, "an erase record does not open",
                   static_cast<std::int64_t>(out.items.size())};
    }
    base::Reader reader(plain->Reveal());
    const PersonId person(reader.Array<PersonId::kSize>());
    const Aud aud(reader.Array<Aud::kSize>());
    const auto time_ms = static_cast<std::int64_t>(reader.U64());
    const std::uint32_t past_pkv = reader.U32();
    if (reader.failed() || !reader.empty()) return Error{Code::kCorrupt, "a bad erase record"};
    out.items.push_back(EraseJournal::Item{person, aud, time_ms, past_pkv});
    return Ok();
  }

  const commit::SealedState& sealed_;
};

Status CheckFile(base::Files& files, const std::string& path) {
  CLOISON_TRY_ASSIGN(const base::FileInfo info, files.Stat(path));
  if (info.is_link || info.is_directory || info.mode != kMode) {
    return Error{Code::kDenied, "the erase journal must be a plain file of mode 0600", info.mode};
  }
  return Ok();
}

}  // namespace

struct EraseJournal::State {
  Codec codec;
  Contents contents{};
  std::unique_ptr<base::WritableFile> file{};
  bool failed = false;
  mutable std::mutex mutex{};

  Status Write(const Item& item) {
    CLOISON_TRY(file->Append(codec.Encode(contents.id, contents.items.size(), item)));
    CLOISON_TRY(file->Sync());
    CLOISON_TRY(file->Append(ByteArray<1>{kMark}));
    return file->Sync();
  }
  // The records as they lie in `old`, without what is torn: of two copies of a journal the shorter
  // is how the longer one begins, byte for byte.
  Bytes WholeFile(RegisterId register_id, ByteView old) const {
    Bytes out = HeadBytes(register_id, contents.id);
    for (std::size_t n = 0; n < contents.items.size(); ++n) {
      base::AppendBytes(out, old.subspan(kHeadBytes + n * kSlotBytes, kRecordBytes));
      out.push_back(kMark);
    }
    return out;
  }
};

EraseJournal::EraseJournal(std::shared_ptr<State> state) : state_(std::move(state)) {}

Result<std::unique_ptr<EraseJournal>> EraseJournal::Open(base::Files& files, std::string path,
                                                         const commit::SealedState& state,
                                                         base::Random& random) {
  std::shared_ptr<State> opened(new State{Codec(state)});
  Bytes bytes;
  const Result<base::FileInfo> info = files.Stat(path);
  if (info.ok()) {
    CLOISON_TRY(CheckFile(files, path));
    CLOISON_TRY_ASSIGN(bytes, files.Read(path));
    CLOISON_TRY_ASSIGN(opened->contents, opened->codec.Decode(bytes));
  } else if (info.error().code() == Code::kNotFound) {
    opened->contents.id = random.Draw<kIdBytes>();
    opened->contents.tidy = false;
  } else {
    return info.error();
  }
  if (!opened->contents.tidy) {
    const Bytes whole = opened->WholeFile(state.register_id(), bytes);
    CLOISON_TRY(base::WriteWhole(files, path, whole, kMode));
  }
  CLOISON_TRY_ASSIGN(opened->file, files.OpenAppend(path));
  return std::unique_ptr<EraseJournal>(new EraseJournal(std::move(opened)));
}

Result<std::vector<EraseJournal::Item>> EraseJournal::ReadItems(base::Files& files,
                                                                const std::string& path,
                                                                const commit::SealedState& state) {
  const Result<base::FileInfo> info = files.Stat(path);
  if (!info.ok() && info.error().code() == Code::kNotFound) return std::vector<Item>{};
  if (!info.ok()) return info.error();
  CLOISON_TRY(CheckFile(files, path));
  CLOISON_TRY_ASSIGN(const Bytes bytes, files.Read(path));
  CLOISON_TRY_ASSIGN(Contents contents, Codec(state).Decode(bytes));
  return std::move(contents.items);
}

Status EraseJournal::Append(const Item& item) {
  const std::lock_guard lock(state_->mutex);
  const Error unknown{Code::kUnknownOutcome, "the erase journal could not be written"};
  if (state_->failed) return unknown;
  if (state_->contents.items.size() >= kEraseItemsMax) {
    return Error{Code::kExhausted, "the erase journal is full"};
  }
  if (!state_->Write(item).ok()) {
    state_->failed = true;
    return unknown;
  }
  state_->contents.items.push_back(item);
  return Ok();
}

bool EraseJournal::Same(const Item& a, const Item& b) {
  return a.person == b.person && a.aud == b.aud && a.past_pkv == b.past_pkv;
}

bool EraseJournal::Has(const Item& item) const {
  const std::lock_guard lock(state_->mutex);
  return std::ranges::any_of(state_->contents.items,
                             [&item](const Item& one) { return Same(one, item); });
}

std::size_t EraseJournal::size() const {
  const std::lock_guard lock(state_->mutex);
  return state_->contents.items.size();
}

std::vector<EraseJournal::Item> EraseJournal::items() const {
  const std::lock_guard lock(state_->mutex);
  return state_->contents.items;
}

}  // namespace cloison::keys
