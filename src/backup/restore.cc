#include "backup/restore.h"

#include <algorithm>
#include <tuple>

#include "commit/sealed_state.h"
#include "keys/person_keys.h"
#include "records/schema_state.h"

namespace cloison::backup {
namespace {

constexpr std::size_t kBackupsMax = 1'000;  // one after the other
constexpr std::size_t kWriteBytes = 8u << 20, kWriteRows = 10'000;

constexpr Error kNoFit{Code::kConflict, "the backups do not fit together"};

struct Heads {
  std::optional<ArchiveHeader> main, keys;
};

std::optional<ArchiveHeader>& Of(Heads& heads, Database database) {
  return database == Database::kMain ? heads.main : heads.keys;
}

bool IsPair(const Heads& heads) {
  return heads.main->parent == heads.keys->parent &&
         heads.main->register_id == heads.keys->register_id &&
         heads.main->incarnation == heads.keys->incarnation;
}

// Whether `next` holds what changed since `one`, in the same databases.
bool Follows(const ArchiveHeader& next, const ArchiveHeader& one) {
  return next.incarnation == one.incarnation && next.register_id == one.register_id &&
         next.from == one.to;
}

// A full backup and those up to `name`, the oldest first.
Result<std::vector<std::string>> ChainOf(base::Files& files, keys::KeyObjects& objects,
                                         const std::string& directory, const std::string& name,
                                         std::string* bad) {
  std::vector<std::string> chain{name};
  std::optional<Heads> after;
  while (chain.size() <= kBackupsMax) {
    Heads heads;
    for (const Database database : {Database::kMain, Database::kKeys}) {
      *bad = PathOf(directory, chain.back(), database);
      CLOISON_TRY_ASSIGN(const std::unique_ptr<ArchiveReader> reader,
                         ArchiveReader::Open(files, *bad, objects));
      const ArchiveHeader& header = reader->header();
      const bool fits = header.database == database && base::ToHex(header.pair) == chain.back();
      if (!fits || (after.has_value() && !Follows(*Of(*after, database), header))) return kNoFit;
      Of(heads, database) = header;
    }
    if (!IsPair(heads)) return kNoFit;
    const std::optional<ArchiveHeader>& main = heads.main;
    after = heads;
    if (main->full()) {
      std::reverse(chain.begin(), chain.end());
      return chain;
    }
    chain.push_back(base::ToHex(main->parent));
  }
  return Error{Code::kExhausted, "too many backups one after the other"};
}

Status CheckEmpty(store::Store& store, std::span<const store::Family> families) {
  for (const store::Family family : families) {
    store::Range all{family, "", ""};
    CLOISON_TRY_ASSIGN(const store::ScanPage page, base::SyncWait(store.Scan(std::move(all), 1)));
    if (!page.rows.empty()) return Error{Code::kConflict, "there is a register already"};
  }
  return Ok();
}

// Puts the rows of one archive over what earlier ones left.
class Applier {
 public:
  Applier(store::Store& store, bool full) : store_(store), full_(full) {}

  Status Row(ArchiveRow row) {
    if (!begun_ || row.key.family != family_) {
      CLOISON_TRY(EndFamily());
      family_ = row.key.family;
      begun_ = true;
      CLOISON_TRY(BeginRun());
    }
    CLOISON_TRY_ASSIGN(const bool there, PassTo(row.key.bytes));
    if (!row.value.has_value()) return there ? Ok() : Status(kNoFit);
    if (loader_ != nullptr) return loader_->Add(AsBytes(row.key.bytes), *row.value);
    bytes_ += row.key.bytes.size() + row.value->size();
    writes_.puts.push_back({std::move(row.key), std::move(*row.value)});
    return MaybeWrite();
  }
  // `families` without any row in the archive have none.
  Status End(std::span<const store::Family> families) {
    CLOISON_TRY(EndFamily());
    for (const store::Family family : families) {
      const bool seen = std::find(seen_.begin(), seen_.end(), family) != seen_.end();
      if (full_ || seen || family == store::Family::kMeta) continue;
      writes_.range_deletes.push_back({family, "", ""});
    }
    return Write();
  }

 private:
  // A full archive's rows ascend, and there are none before them: where the store takes a family as
  // a run, nothing is merged later. (kInvalid: it does not, or there was no commit yet.)
  Status BeginRun() {
    CLOISON_TRY(Write());
    if (!full_ || family_ == store::Family::kMeta) return Ok();
    auto loader = store_.LoadRun(family_, store_.last_version(), store::Pace::kAlone);
    if (!loader.ok())
      return loader.error().code() == Code::kInvalid ? Ok() : Status(loader.error());
    loader_ = std::move(*loader);
    return Ok();
  }
  // Rows before `key` that the archive does not name are gone. Gives whether `key` is there.
  Result<bool> PassTo(const std::string& key) {
    if (full_) return false;
    while (true) {
      CLOISON_TRY_ASSIGN(const std::string* old, Old());
      if (old == nullptr || *old > key) return false;
      ++at_;
      if (*old == key) return true;
      writes_.deletes.push_back({family_, *old});
      CLOISON_TRY(MaybeWrite());
    }
  }
  Status EndFamily() {
    if (!begun_) return Ok();
    seen_.push_back(family_);
    if (loader_ != nullptr) {
      CLOISON_TRY(loader_->Finish(store_.last_version()));
      loader_.reset();
    }
    while (!full_) {
      CLOISON_TRY_ASSIGN(const std::string* old, Old());
      if (old == nullptr) break;
      writes_.deletes.push_back({family_, *old});
      ++at_;
      CLOISON_TRY(MaybeWrite());
    }
    page_ = {};
    at_ = 0;
    from_ = "";
    return Ok();
  }
  // The next row that an earlier archive left; nullptr: none.
  Result<const std::string*> Old() {
    while (at_ == page_.rows.size() && from_.has_value()) {
      store::Range range{family_, *from_, ""};
      CLOISON_TRY_ASSIGN(page_, base::SyncWait(store_.Scan(std::move(range), store::kScanRowsMax)));
      from_ = page_.next;
      at_ = 0;
    }
    return at_ < page_.rows.size() ? &page_.rows[at_].key : nullptr;
  }
  Status MaybeWrite() {
    const std::size_t rows = writes_.puts.size() + writes_.deletes.size();
    return bytes_ < kWriteBytes && rows < kWriteRows ? Ok() : Write();
  }
  Status Write() {
    if (writes_.empty()) return Ok();
    bytes_ = 0;
    const Result<store::Version> written =
        base::SyncWait(store_.Commit(std::exchange(writes_, {})));
    return written.ok() ? Ok() : Status(written.error());
  }

  store::Store& store_;
  const bool full_;
  store::Family family_ = store::Family::kMeta;
  bool begun_ = false;
  std::vector<store::Family> seen_;
  store::ScanPage page_;
  std::size_t at_ = 0;
  std::optional<std::string> from_ = "";
  store::WriteSet writes_;
  std::unique_ptr<store::BulkLoader> loader_;  // of the family, where there is one
  std::size_t bytes_ = 0;
};

Result<std::uint64_t> Apply(const Target& target, const std::string& path, Database database) {
  CLOISON_TRY_ASSIGN(const std::unique_ptr<ArchiveReader> reader,
                     ArchiveReader::Open(target.files, path, target.objects));
  const bool main = database == Database::kMain;
  Applier applier(main ? target.main_store : target.key_store, reader->header().full());
  while (true) {
    CLOISON_TRY_ASSIGN(std::optional<ArchiveRow> row, reader->Next());
    if (!row.has_value()) break;
    CLOISON_TRY(applier.Row(std::move(*row)));
  }
  CLOISON_TRY(main ? applier.End(store::kMainFamilies) : applier.End(store::kKeyFamilies));
  return reader->rows();
}

// By which the rows are sealed, as they say; of before any was kept, the one that is given.
Task<Result<std::shared_ptr<const records::Schema>>> SchemaOfRows(
    const Target& target, const commit::SealedState& state) {
  CLOISON_CO_TRY_ASSIGN(const records::SchemaState kept,
                        co_await records::LoadSchemaState(target.main_store, state));
  if (kept.in_force.has_value()) co_return records::SchemaOf(*kept.in_force);
  co_return std::make_shared<const records::Schema>(target.schema);
}

// What of a vault is needed to open rows.
Task<Result<records::Reindexed>> BuildIndex(const Target& target) {
  auto key_committer =
      co_await commit::Committer::Open(target.key_store, target.key_executor, target.clock, {});
  if (!key_committer.ok()) co_return key_committer.error();
  auto ring = co_await keys::KeyRing::Open(target.objects, target.key_store, **key_committer,
                                           target.schema.register_id(), target.random, target.home);
  Result<records::Reindexed> done(Error{Code::kUnavailable, "not begun"});
  if (!ring.ok()) {
    done = ring.error();
  } else {
    const commit::SealedState state(target.schema.register_id(), (*ring)->state_generation(),
                                    (*ring)->state().Duplicate(), target.random);
    commit::Committer::Options options;
    options.sealed = &state;
    auto committer = co_await commit::Committer::Open(target.main_store, target.main_executor,
                                                      target.clock, std::move(options));
    if (!committer.ok()) {
      done = committer.error();
    } else {
      // Of no log: it names people in entries, and none is written here.
      keys::PersonKeys person_keys(**ring, target.key_store, **key_committer, state,
                                   LogId(ByteArray<8>{}), target.random);
      const auto schema = co_await SchemaOfRows(target, state);
      if (!schema.ok()) {
        done = schema.error();
      } else {
        records::People people(**schema, target.main_store, **committer, person_keys, **ring, state,
                               target.random);
        const Status opened = co_await people.Open(**committer);
        if (opened.ok()) {
          records::SpillPlace place{target.files, target.directory};
          done = co_await records::Reindex(people, **committer, target.home, std::move(place),
                                           target.parallel);
        } else {
          done = opened.error();
        }
      }
      co_await (*committer)->Stop();
    }
  }
  co_await (*key_committer)->Stop();
  co_await target.home.Schedule();
  co_return done;
}

// Reads an archive to its end: its rows ascend, and the one before it names every row that is said
// to be there as before. `before`: empty for a full one.
Status CheckOne(base::Files& files, keys::KeyObjects& objects, const std::string& path,
                const std::string& before) {
  CLOISON_TRY_ASSIGN(const std::unique_ptr<ArchiveReader> reader,
                     ArchiveReader::Open(files, path, objects));
  std::unique_ptr<ArchiveReader> earlier;
  if (!before.empty()) {
    CLOISON_TRY_ASSIGN(earlier, ArchiveReader::Open(files, before, objects));
  }
  std::optional<store::Key> last;
  std::optional<ArchiveRow> old;
  const auto is_before = [](const store::Key& a, const store::Key& b) {
    return std::tie(a.family, a.bytes) < std::tie(b.family, b.bytes);
  };
  while (true) {
    CLOISON_TRY_ASSIGN(std::optional<ArchiveRow> row, reader->Next());
    if (!row.has_value()) return Ok();
    if (last.has_value() && !is_before(*last, row->key)) return kNoFit;
    while (!row->value.has_value() && (!old.has_value() || is_before(old->key, row->key))) {
      if (earlier == nullptr) return kNoFit;
      CLOISON_TRY_ASSIGN(old, earlier->Next());
      if (!old.has_value()) return kNoFit;
    }
    if (!row->value.has_value() && is_before(row->key, old->key)) return kNoFit;
    last = std::move(row->key);
  }
}

Status CheckChain(base::Files& files, keys::KeyObjects& objects, const std::string& directory,
                  const std::vector<std::string>& chain, std::string* bad) {
  for (std::size_t i = 0; i < chain.size(); ++i) {
    for (const Database database : {Database::kMain, Database::kKeys}) {
      *bad = PathOf(directory, chain[i], database);
      const std::string before = i == 0 ? "" : PathOf(directory, chain[i - 1], database);
      CLOISON_TRY(CheckOne(files, objects, *bad, before));
    }
  }
  bad->clear();
  return Ok();
}

}  // namespace

Status Check(base::Files& files, keys::KeyObjects& objects, const std::string& directory,
             const std::string& name, std::string* bad) {
  CLOISON_TRY_ASSIGN(const std::vector<std::string> chain,
                     ChainOf(files, objects, directory, name, bad));
  return CheckChain(files, objects, directory, chain, bad);
}

Task<Result<Restored>> Restore(Target target, std::string directory, std::string name,
                               std::string* bad) {
  CLOISON_CO_TRY(CheckEmpty(target.main_store, store::kMainFamilies));
  CLOISON_CO_TRY(CheckEmpty(target.key_store, store::kKeyFamilies));
  CLOISON_CO_TRY_ASSIGN(const std::vector<std::string> chain,
                        ChainOf(target.files, target.objects, directory, name, bad));
  CLOISON_CO_TRY(CheckChain(target.files, target.objects, directory, chain, bad));
  Restored restored;
  for (const std::string& one : chain) {
    CLOISON_CO_TRY_ASSIGN(restored.main_rows,
                          Apply(target, PathOf(directory, one, Database::kMain), Database::kMain));
    CLOISON_CO_TRY_ASSIGN(restored.key_rows,
                          Apply(target, PathOf(directory, one, Database::kKeys), Database::kKeys));
  }
  CLOISON_CO_TRY(EnsureIncarnation(target.main_store, target.random));
  CLOISON_CO_TRY_ASSIGN(restored.index, co_await BuildIndex(target));
  co_return restored;
}

}  // namespace cloison::backup
