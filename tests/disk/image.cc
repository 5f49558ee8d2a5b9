#include "tests/disk/image.h"

#include "server/config.h"
#include "store/rocks/rocks_store.h"
#include "tests/disk/daemon.h"
#include "vault/demo_world.h"
#include "vault/embedded.h"

namespace cloison::disk {

namespace {

constexpr std::size_t kBlockBytes = 32'768, kHeaderBytes = 7, kRecyclableHeaderBytes = 11;
enum RecordType : std::uint8_t { kZero = 0, kFull, kFirst, kMiddle, kLast, kRecyclableFull };
constexpr std::uint8_t kRecyclableLast = 8;

// Little-endian numbers and lengths, as RocksDB writes them.
class LittleReader {
 public:
  explicit LittleReader(std::string_view text) : text_(text) {}
  std::uint64_t Varint() {
    std::uint64_t out = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
      const std::uint64_t byte = Byte();
      out |= (byte & 0x7f) << shift;
      if ((byte & 0x80) == 0) break;
    }
    return out;
  }
  std::uint8_t Byte() {
    const std::string_view one = Take(1);
    return one.empty() ? 0 : static_cast<std::uint8_t>(one.front());
  }
  std::string_view Sized() { return Take(Varint()); }
  std::string_view Take(std::uint64_t size) {
    if (size > text_.size()) {
      failed_ = true;
      text_ = {};
      return {};
    }
    const std::string_view out = text_.substr(0, size);
    text_.remove_prefix(size);
    return out;
  }
  bool empty() const { return text_.empty(); }
  bool failed() const { return failed_; }

 private:
  std::string_view text_;
  bool failed_ = false;
};

// db/dbformat.h and db/write_batch.cc of RocksDB 7.8.
enum Tag : std::uint8_t {
  kDelete = 0x0,
  kPut = 0x1,
  kLogData = 0x3,
  kFamilyDelete = 0x4,
  kFamilyPut = 0x5,
  kSingleDelete = 0x7,
  kFamilySingleDelete = 0x8,
  kNoop = 0xd,
  kFamilyRangeDelete = 0xe,
  kRangeDelete = 0xf,
};

bool ReadOperation(LittleReader& reader, const std::function<void(const Logged&)>& found) {
  const std::uint8_t tag = reader.Byte();
  if (tag == kFamilyDelete || tag == kFamilyPut || tag == kFamilySingleDelete ||
      tag == kFamilyRangeDelete) {
    (void)reader.Varint();
  }
  switch (tag) {
    case kPut:
    case kFamilyPut: {
      const std::string_view key = reader.Sized();
      found({key, reader.Sized(), true});
      return !reader.failed();
    }
    case kDelete:
    case kSingleDelete:
    case kFamilyDelete:
    case kFamilySingleDelete: found({reader.Sized(), {}, false}); return !reader.failed();
    case kRangeDelete:
    case kFamilyRangeDelete:
      found({reader.Sized(), {}, false});
      found({reader.Sized(), {}, false});
      return !reader.failed();
    case kLogData: (void)reader.Sized(); return !reader.failed();
    case kNoop: return true;
    default: return false;
  }
}

bool ReadBatch(std::string_view batch, const std::function<void(const Logged&)>& found) {
  LittleReader reader(batch);
  (void)reader.Take(12);  // sequence number and count
  while (!reader.empty() && !reader.failed()) {
    if (!ReadOperation(reader, found)) return false;
  }
  return !reader.failed();
}

}  // namespace

FamilyRows RowsOf(const std::string& path, std::span<const store::Family> families) {
  store::RocksOptions options;
  options.path = path;
  options.families = families;
  const auto opened = store::RocksStore::Open(options);
  CLOISON_CHECK(opened.ok());
  FamilyRows rows;
  for (const store::Family family : families) {
    store::Range range{family, "", ""};
    for (bool more = true; more;) {
      Result<store::ScanPage> page = base::SyncWait((*opened)->Scan(range, store::kScanRowsMax));
      CLOISON_CHECK(page.ok());
      for (store::KeyedRow& row : page->rows) rows[family].push_back(std::move(row));
      more = page->next.has_value();
      if (more) range.begin = *page->next;
    }
  }
  return rows;
}

Status FoldLedger(const std::string& data, const std::string& key_objects) {
  base::SystemFiles files;
  base::SystemClock clock;
  base::SystemRandom random;
  base::NullEventSink events;
  store::RocksOptions options;
  options.path = data + "/main";
  options.families = store::kMainFamilies;
  CLOISON_TRY_ASSIGN(const auto main, store::RocksStore::Open(options));
  options.path = data + "/keys";
  options.families = store::kKeyFamilies;
  CLOISON_TRY_ASSIGN(const auto keys, store::RocksStore::Open(options));
  CLOISON_TRY_ASSIGN(const auto objects,
                     keys::FileKeyObjects::Open(files, random, key_objects, false));
  base::ThreadPool main_committer{1}, key_committer{1}, background{1}, home{1};
  const vault::Environment environment{*main,         *keys,      *objects, files,
                                       clock,         random,     events,   main_committer,
                                       key_committer, background, home};
  vault::Settings settings;
  std::vector<std::string> problems;
  CLOISON_TRY_ASSIGN(settings.schema,
                     records::Schema::Parse(vault::JobSeekersSchemaToml(), &problems));
  settings.policy = vault::DemoPolicy(*settings.schema);
  settings.origin = server::Config().origin;
  settings.directory = data + "/ledger";
  CLOISON_TRY_ASSIGN(const auto vault, base::SyncWait(vault::Vault::Open(environment, settings)));
  CLOISON_TRY(base::SyncWait(vault->ledger().Fold()));
  return base::SyncWait(vault->Stop());
}

bool ReadWriteAheadLog(ByteView file, const std::function<void(const Logged&)>& found) {
  const std::string_view text = AsText(file);
  std::string record;
  std::size_t at = 0;
  while (at + kHeaderBytes <= text.size()) {
    const std::size_t left = kBlockBytes - at % kBlockBytes;
    if (left < kHeaderBytes) {
      at += left;
      continue;
    }
    const std::size_t size =
        static_cast<std::size_t>(file[at + 4]) | static_cast<std::size_t>(file[at + 5]) << 8;
    const std::uint8_t type = file[at + 6];
    if (type == kZero && size == 0) return true;
    if (type > kRecyclableLast) return false;
    const bool recyclable = type >= kRecyclableFull;
    const std::size_t header = recyclable ? kRecyclableHeaderBytes : kHeaderBytes;
    if (at + header + size > text.size()) return true;  // torn
    const std::uint8_t part = recyclable ? static_cast<std::uint8_t>(type - 4) : type;
    if (part == kFull || part == kFirst) record.clear();
    record += text.substr(at + header, size);
    at += header + size;
    const bool ends = part == kFull || part == kLast;
    if (ends && !ReadBatch(record, found)) return false;
  }
  return true;
}

std::vector<std::string> WriteAheadLogsBelow(const std::string& directory) {
  std::vector<std::string> logs;
  for (const std::string& path : FilesBelow(directory)) {
    if (path.ends_with(".log")) logs.push_back(path);
  }
  return logs;
}

}  // namespace cloison::disk
