#include "keys/key_ring.h"

#include <vector>

#include "keys/internal/wrapped_rows.h"

namespace cloison::keys {

using internal::EpochObject;
using internal::HoldObject;
using internal::HoldRow;
using internal::KekRow;
using internal::LogRow;
using internal::MonthObject;
using internal::MonthRow;
using internal::PartnerRow;
using internal::RetiredLogRow;
using internal::RootObject;
using internal::RowKey;
using internal::UnwrapRow;
using internal::WrapNew;
using internal::Wrapping;

namespace {

constexpr std::uint32_t kFirstEpoch = 1, kFirstLog = 1;
constexpr std::uint32_t kCodeRadix = 32;
constexpr char kIdxRow[] = "idx";
constexpr char kPgRow[] = "pg";
constexpr char kStateRow[] = "state-1";
constexpr char kOversightRow[] = "ovs";

const Error kObjectGone{Code::kUnavailable, "a key object is not there: the register stays sealed"};

Bytes EpochValue(std::uint32_t epoch) {
  return base::ToBytes(base::BigU32(epoch));
}

// An object that is needed to serve and isn't there is out of reach: it may be in a directory that
// is not mounted, or in another HSM.
Error NotThereIsUnavailable(const Error& error) {
  return error.code() == Code::kNotFound ? kObjectGone : error;
}

Status AddNew(const Wrapping& with, const std::string& object, const std::string& name,
              base::Random& random, std::vector<store::Put>& puts) {
  CLOISON_TRY_ASSIGN(Bytes wrapped, WrapNew(with, object, name, random));
  puts.push_back(store::Put{RowKey(name), std::move(wrapped)});
  return Ok();
}

Result<std::vector<store::Put>> FirstRows(const Wrapping& with, base::Random& random) {
  const std::string root = RootObject(with.register_id);
  const std::string epoch = EpochObject(with.register_id, kFirstEpoch);
  CLOISON_TRY(internal::MakeObject(with.objects, root));
  CLOISON_TRY(internal::MakeObject(with.objects, epoch));
  std::vector<store::Put> puts;
  for (const std::string& name : {std::string(kIdxRow), std::string(kPgRow), std::string(kStateRow),
                                  std::string(kOversightRow), LogRow(kFirstLog)}) {
    CLOISON_TRY(AddNew(with, root, name, random, puts));
  }
  CLOISON_TRY(AddNew(with, epoch, KekRow(kFirstEpoch), random, puts));
  puts.push_back(store::Put{RowKey(internal::kEpochRow), EpochValue(kFirstEpoch)});
  return puts;
}

Task<Result<std::map<std::string, Bytes>>> ReadRows(store::Store& key_store) {
  std::map<std::string, Bytes> rows;
  std::string begin;
  while (true) {
    store::Range range{store::Family::kWrappedKeys, begin, ""};
    CLOISON_CO_TRY_ASSIGN(store::ScanPage page,
                          co_await key_store.Scan(std::move(range), store::kScanRowsMax));
    for (store::KeyedRow& row : page.rows) rows[row.key] = std::move(row.row.value);
    if (rows.size() > kWrappedRowsMax) {
      co_return Error{Code::kExhausted, "too many wrapped keys"};
    }
    if (!page.next.has_value()) co_return rows;
    begin = *page.next;
  }
}

}  // namespace

EpochKeys::EpochKeys(crypto::Secret<32> from)
    : kek(std::move(from)),
      wk(crypto::BoxKey::Derive(kek, crypto::Context("kek"))),
      aud(crypto::BoxKey::Derive(kek, crypto::Context("kek-aud"))) {}

KeyRing::KeyRing(KeyObjects& objects, commit::Committer& key_committer, RegisterId register_id,
                 base::Random& random, base::Executor& home)
    : objects_(objects),
      key_committer_(key_committer),
      register_id_(register_id),
      random_(random),
      home_(home),
      months_{MonthObject, MonthRow},
      holds_{HoldObject, HoldRow} {}

Task<Status> KeyRing::Create(KeyObjects& objects, commit::Committer& key_committer,
                             RegisterId register_id, base::Random& random, base::Executor& home) {
  // Looked at before any object is made: a new ROOT beside an old ring would hide that its own is
  // out of reach.
  auto look = std::make_unique<internal::RowsWork>();
  look->absent.push_back(RowKey(internal::kEpochRow));
  const auto looked = co_await key_committer.Submit(std::move(look), home);
  if (!looked.ok()) co_return looked.error();

  const Wrapping with{objects, register_id};
  auto work = std::make_unique<internal::RowsWork>();
  CLOISON_CO_TRY_ASSIGN(work->puts, FirstRows(with, random));
  const auto written = co_await key_committer.Submit(std::move(work), home);
  if (!written.ok()) co_return written.error();
  co_return Ok();
}

Task<Result<std::unique_ptr<KeyRing>>> KeyRing::Open(KeyObjects& objects, store::Store& key_store,
                                                     commit::Committer& key_committer,
                                                     RegisterId register_id, base::Random& random,
                                                     base::Executor& home) {
  const auto rows = co_await ReadRows(key_store);
  if (!rows.ok()) co_return rows.error();
  if (rows->empty()) co_return Error{Code::kNotFound, "there is no key ring yet"};
  std::unique_ptr<KeyRing> ring(new KeyRing(objects, key_committer, register_id, random, home));
  CLOISON_CO_TRY(ring->Absorb(*rows));
  co_return ring;
}

Status KeyRing::Absorb(const std::map<std::string, Bytes>& rows) {
  CLOISON_TRY(AbsorbRootKeys(rows));
  CLOISON_TRY(AbsorbLogs(rows));
  CLOISON_TRY(AbsorbEpoch(rows));
  for (const auto& [name, wrapped] : rows) {
    const bool by_name = name == kIdxRow || name == kPgRow || name == kStateRow ||
                         name == kOversightRow || name == internal::kEpochRow ||
                         internal::LogOf(name).has_value();
    if (by_name) continue;
    CLOISON_TRY(AbsorbNumbered(name, wrapped));
  }
  if (!epochs_.contains(current_epoch_)) return kObjectGone;
  return Ok();
}

Status KeyRing::AbsorbRootKeys(const std::map<std::string, Bytes>& rows) {
  const Wrapping with{objects_, register_id_};
  crypto::Secret<32> oversight;
  const std::pair<const char*, crypto::Secret<32>*> wanted[] = {
      {kIdxRow, &idx_}, {kPgRow, &pg_}, {kStateRow, &state_}, {kOversightRow, &oversight}};
  for (const auto& [name, into] : wanted) {
    const auto row = rows.find(name);
    if (row == rows.end()) return Error{Code::kCorrupt, "a wrapped key is missing"};
    Result<crypto::Secret<32>> key = UnwrapRow(with, RootObject(register_id_), name, row->second);
    if (!key.ok()) return NotThereIsUnavailable(key.error());
    *into = std::move(*key);
  }
  oversight_ = std::make_unique<const ledger::OversightKey>(oversight);
  return Ok();
}

Status KeyRing::AbsorbLogs(const std::map<std::string, Bytes>& rows) {
  const Wrapping with{objects_, register_id_};
  for (const auto& [name, wrapped] : rows) {
    const std::optional<internal::LogName> log = internal::LogOf(name);
    if (!log.has_value()) continue;
    if (log->generation > ledger::kLogsMax) {
      return Error{Code::kCorrupt, "a key of a log that cannot be"};
    }
    Result<crypto::Secret<32>> key = UnwrapRow(with, RootObject(register_id_), name, wrapped);
    if (!key.ok()) return NotThereIsUnavailable(key.error());
    if (log->retired) {
      retired_logs_[log->generation] = base::Reader(key->Reveal()).Array<32>();
    } else {
      log_signers_[log->generation] = std::make_unique<crypto::Ed25519Signer>(*key);
    }
  }
  // A row that was put back does not make a closed log sign again.
  for (const auto& [generation, key] : retired_logs_) log_signers_.erase(generation);
  const bool newest_signs =
      !log_signers_.empty() &&
      (retired_logs_.empty() || retired_logs_.rbegin()->first < log_signers_.rbegin()->first);
  if (!newest_signs) return Error{Code::kCorrupt, "a wrapped key is missing"};
  return Ok();
}

const crypto::Signer& KeyRing::log_signer(std::uint32_t generation) const {
  const std::lock_guard lock(mutex_);
  const auto found = log_signers_.find(generation);
  CLOISON_CHECK(found != log_signers_.end());
  return *found->second;
}

std::vector<ledger::Succession::Known> KeyRing::LogKeys() const {
  const std::lock_guard lock(mutex_);
  std::vector<ledger::Succession::Known> keys(log_signers_.rbegin()->first);
  for (const auto& [generation, key] : retired_logs_) keys[generation - 1].key = key;
  for (const auto& [generation, signer] : log_signers_) {
    keys[generation - 1] = ledger::Succession::Known{signer->public_key(), true};
  }
  return keys;
}

Task<Result<crypto::Ed25519PublicKey>> KeyRing::EnsureLog(std::uint32_t generation) {
  {
    const std::lock_guard lock(mutex_);
    if (retired_logs_.contains(generation)) co_return Error{Code::kConflict, "the log is closed"};
  }
  auto key = co_await EnsureRow(RootObject(register_id_), LogRow(generation));
  if (!key.ok()) co_return key.error();
  const std::lock_guard lock(mutex_);
  auto signer = std::make_unique<crypto::Ed25519Signer>(*key);
  const crypto::Ed25519PublicKey public_key = signer->public_key();
  log_signers_.try_emplace(generation, std::move(signer));
  co_return public_key;
}

Task<Status> KeyRing::RetireLogs(std::uint32_t newest) {
  const Wrapping with{objects_, register_id_};
  auto work = std::make_unique<internal::RetireWork>();
  std::vector<std::pair<std::uint32_t, crypto::Ed25519PublicKey>> retired;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [generation, signer] : log_signers_) {
      if (generation < newest) retired.emplace_back(generation, signer->public_key());
    }
  }
  if (retired.empty()) co_return Ok();
  for (const auto& [generation, key] : retired) {
    const std::string name = RetiredLogRow(generation);
    const crypto::SecretBytes bytes = crypto::SecretBytes::CopyOf(key);
    CLOISON_CO_TRY_ASSIGN(Bytes wrapped,
                          internal::WrapRow(with, RootObject(register_id_), name, bytes));
    work->puts.push_back(store::Put{RowKey(name), std::move(wrapped)});
    work->deletes.push_back(RowKey(LogRow(generation)));
  }
  const auto written = co_await key_committer_.Submit(std::move(work), home_);
  if (!written.ok()) co_return written.error();
  const std::lock_guard lock(mutex_);
  for (const auto& [generation, key] : retired) {
    log_signers_.erase(generation);
    retired_logs_[generation] = key;
  }
  co_return Ok();
}

Status KeyRing::AbsorbEpoch(const std::map<std::string, Bytes>& rows) {
  const auto row = rows.find(std::string(internal::kEpochRow));
  if (row == rows.end()) return Error{Code::kCorrupt, "the current epoch is missing"};
  base::Reader reader(row->second);
  current_epoch_ = reader.U32();
  const bool sound = !reader.failed() && reader.empty() && current_epoch_ >= kFirstEpoch;
  if (!sound || !rows.contains(KekRow(current_epoch_))) {
    return Error{Code::kCorrupt, "the current epoch has no key"};
  }
  return Ok();
}

Status KeyRing::AbsorbNumbered(const std::string& name, ByteView wrapped) {
  if (const auto epoch = internal::NumberAfter(name, "kek-")) return AbsorbKek(*epoch, wrapped);
  if (const auto month = internal::NumberAfter(name, "month-")) {
    return AbsorbRecordKey(months_, *month, wrapped);
  }
  if (const auto hold = internal::NumberAfter(name, "hold-")) {
    return AbsorbRecordKey(holds_, *hold, wrapped);
  }
  const auto partner = internal::PartnerNumbers(name);
  if (!partner.has_value()) return Error{Code::kCorrupt, "a wrapped key of an unknown name"};
  const Wrapping with{objects_, register_id_};
  Result<crypto::Secret<32>> key = UnwrapRow(with, RootObject(register_id_), name, wrapped);
  if (!key.ok()) return NotThereIsUnavailable(key.error());
  partners_[*partner] = std::make_shared<const crypto::Ff1>(key->Reveal(), kCodeRadix);
  return Ok();
}

Status KeyRing::AbsorbKek(std::uint32_t epoch, ByteView wrapped) {
  if (epoch > current_epoch_) return Error{Code::kCorrupt, "a key of an epoch not begun"};
  const Wrapping with{objects_, register_id_};
  Result<crypto::Secret<32>> key =
      UnwrapRow(with, EpochObject(register_id_, epoch), KekRow(epoch), wrapped);
  if (key.ok()) {
    epochs_[epoch] = std::make_shared<const EpochKeys>(std::move(*key));
  } else if (key.error().code() != Code::kNotFound) {
    return key.error();
  }
  return Ok();
}

Status KeyRing::AbsorbRecordKey(RecordKeys& of, std::uint32_t number, ByteView wrapped) {
  const Wrapping with{objects_, register_id_};
  Result<crypto::Secret<32>> key =
      UnwrapRow(with, of.object_of(register_id_, number), of.row_of(number), wrapped);
  if (key.ok()) {
    of.keys[number] = std::make_shared<const crypto::HmacKey>(*key);
  } else if (key.error().code() == Code::kNotFound) {
    of.destroyed.insert(number);
  } else {
    return key.error();
  }
  return Ok();
}

std::uint32_t KeyRing::current_epoch() const {
  const std::lock_guard lock(mutex_);
  return current_epoch_;
}

Result<std::shared_ptr<const EpochKeys>> KeyRing::Epoch(std::uint32_t epoch) const {
  const std::lock_guard lock(mutex_);
  const auto found = epochs_.find(epoch);
  if (found != epochs_.end()) return found->second;
  if (epoch < kFirstEpoch || epoch > current_epoch_) {
    return Error{Code::kCorrupt, "no such epoch"};
  }
  return Error{Code::kNotFound, "the epoch's key was destroyed"};
}

Result<std::shared_ptr<const crypto::Secret<32>>> KeyRing::Kek(std::uint32_t epoch) const {
  CLOISON_TRY_ASSIGN(const std::shared_ptr<const EpochKeys> keys, Epoch(epoch));
  return SharedKey(keys, &keys->kek);
}

Status KeyRing::DestroyEpoch(std::uint32_t epoch) {
  {
    const std::lock_guard lock(mutex_);
    if (epoch < kFirstEpoch || epoch >= current_epoch_) {
      return Error{Code::kConflict, "the epoch is in use"};
    }
    epochs_.erase(epoch);
  }
  const Status done = objects_.Destroy(EpochObject(register_id_, epoch));
  if (!done.ok() && done.error().code() != Code::kNotFound) return done;
  return Ok();
}

Task<Status> KeyRing::BeginEpoch() {
  const std::uint32_t current = current_epoch();
  const std::uint32_t next = current + 1;
  const Wrapping with{objects_, register_id_};
  const std::string object = EpochObject(register_id_, next);
  CLOISON_CO_TRY(internal::MakeObject(objects_, object));
  auto work = std::make_unique<internal::RowsWork>();
  CLOISON_CO_TRY_ASSIGN(Bytes wrapped, WrapNew(with, object, KekRow(next), random_));
  CLOISON_CO_TRY_ASSIGN(crypto::Secret<32> kek, UnwrapRow(with, object, KekRow(next), wrapped));
  work->puts.push_back(store::Put{RowKey(KekRow(next)), std::move(wrapped)});
  work->moved =
      internal::RowsWork::Move{RowKey(internal::kEpochRow), EpochValue(current), EpochValue(next)};
  const auto written = co_await key_committer_.Submit(std::move(work), home_);
  if (!written.ok()) co_return written.error();
  const std::lock_guard lock(mutex_);
  epochs_[next] = std::make_shared<const EpochKeys>(std::move(kek));
  current_epoch_ = next;
  co_return Ok();
}

Task<Result<crypto::Secret<32>>> KeyRing::EnsureRow(std::string object, std::string name) {
  const Wrapping with{objects_, register_id_};
  CLOISON_CO_TRY(internal::MakeObject(objects_, object));
  CLOISON_CO_TRY_ASSIGN(Bytes wrapped, WrapNew(with, object, name, random_));
  store::Put put{RowKey(name), std::move(wrapped)};
  auto work = std::make_unique<internal::EnsureRowWork>(std::move(put));
  const auto in_force = co_await key_committer_.Submit(std::move(work), home_);
  if (!in_force.ok()) co_return in_force.error();
  co_return UnwrapRow(with, object, name, *in_force);
}

Task<Status> KeyRing::EnsurePartner(OrganisationId organisation, std::uint32_t generation) {
  if (Partner(organisation, generation).ok()) co_return Ok();
  auto key = co_await EnsureRow(RootObject(register_id_), PartnerRow(organisation, generation));
  if (!key.ok()) co_return key.error();
  const std::lock_guard lock(mutex_);
  partners_[PartnerName(organisation.value(), generation)] =
      std::make_shared<const crypto::Ff1>(key->Reveal(), kCodeRadix);
  co_return Ok();
}

Result<std::shared_ptr<const crypto::Ff1>> KeyRing::Partner(OrganisationId organisation,
                                                            std::uint32_t generation) const {
  const std::lock_guard lock(mutex_);
  const auto found = partners_.find(PartnerName(organisation.value(), generation));
  if (found == partners_.end()) return Error{Code::kNotFound, "no key for this organisation"};
  return found->second;
}

Task<Status> KeyRing::EnsureRecordKey(RecordKeys& of, std::uint32_t number) {
  const Error destroyed{Code::kNotFound, "a key of records was destroyed"};
  {
    const std::lock_guard lock(mutex_);
    if (of.keys.contains(number)) co_return Ok();
    if (of.destroyed.contains(number)) co_return destroyed;
  }
  auto key = co_await EnsureRow(of.object_of(register_id_, number), of.row_of(number));
  if (!key.ok()) co_return key.error();
  const std::lock_guard lock(mutex_);
  if (of.destroyed.contains(number)) co_return destroyed;
  of.keys[number] = std::make_shared<const crypto::HmacKey>(*key);
  co_return Ok();
}

Result<std::shared_ptr<const crypto::HmacKey>> KeyRing::RecordKeyOf(const RecordKeys& of,
                                                                    std::uint32_t number) const {
  const std::lock_guard lock(mutex_);
  const auto found = of.keys.find(number);
  if (found == of.keys.end()) return Error{Code::kNotFound, "no such key of records"};
  return found->second;
}

// Out of use first: the committer asks for keys of months, and must not wait for an HSM. When the
// object cannot be destroyed, the next call tries again.
Status KeyRing::DestroyRecordKey(RecordKeys& of, std::uint32_t number) {
  {
    const std::lock_guard lock(mutex_);
    if (!of.keys.contains(number) && !of.destroyed.contains(number)) {
      return Error{Code::kNotFound, "no such key of records"};
    }
    of.keys.erase(number);
    of.destroyed.insert(number);
  }
  const Status done = objects_.Destroy(of.object_of(register_id_, number));
  if (!done.ok() && done.error().code() != Code::kNotFound) return done;
  return Ok();
}

Task<Status> KeyRing::Ensure(std::uint32_t month) {
  return EnsureRecordKey(months_, month);
}

Result<std::shared_ptr<const crypto::HmacKey>> KeyRing::KeyOf(std::uint32_t month) {
  return RecordKeyOf(months_, month);
}

Status KeyRing::DestroyMonth(std::uint32_t month) {
  return DestroyRecordKey(months_, month);
}

Task<Status> KeyRing::EnsureHold(std::uint32_t hold) {
  return EnsureRecordKey(holds_, hold);
}

Result<std::shared_ptr<const crypto::HmacKey>> KeyRing::HoldKeyOf(std::uint32_t hold) {
  return RecordKeyOf(holds_, hold);
}

std::vector<std::uint32_t> KeyRing::Holds() const {
  const std::lock_guard lock(mutex_);
  std::vector<std::uint32_t> holds;
  for (const auto& [hold, key] : holds_.keys) holds.push_back(hold);
  return holds;
}

Status KeyRing::DestroyHold(std::uint32_t hold) {
  return DestroyRecordKey(holds_, hold);
}

}  // namespace cloison::keys
