#include "access/internal/case_rows.h"

#include <algorithm>

#include "access/internal/caseload_works.h"

namespace cloison::access::internal {

namespace {

constexpr std::uint8_t kCaseVersion = 1;
constexpr PrincipalId kNobody{ByteArray<16>{}};

void AppendText(Bytes& out, std::string_view text) {
  CLOISON_CHECK(text.size() <= 255);
  out.push_back(static_cast<std::uint8_t>(text.size()));
  base::AppendBytes(out, AsBytes(text));
}

std::string TakeText(base::Reader& reader) {
  const std::size_t size = reader.U8();
  return std::string(AsText(reader.Take(size)));
}

std::optional<PrincipalId> OrNobody(const PrincipalId& id) {
  return id == kNobody ? std::nullopt : std::optional(id);
}

}  // namespace

Bytes EncodeCase(const Case& one) {
  Bytes out{kCaseVersion, static_cast<std::uint8_t>(one.open ? 0 : 1),
            static_cast<std::uint8_t>(one.rung)};
  base::AppendU32(out, one.organisation.value());
  base::AppendBytes(out, one.principal.value_or(kNobody).bytes());
  base::AppendU32(out, one.pool.organisation);
  base::AppendU32(out, one.pool.office);
  base::AppendU64(out, static_cast<std::uint64_t>(one.raised_ms));
  AppendText(out, one.why);
  base::AppendBytes(out, one.closer.value_or(kNobody).bytes());
  base::AppendU64(out, static_cast<std::uint64_t>(one.closed_ms));
  AppendText(out, one.reason);
  return out;
}

Result<Case> ParseCase(ByteView plain, const CaseId& id) {
  base::Reader reader(plain);
  const std::uint8_t version = reader.U8(), closed = reader.U8(), rung = reader.U8();
  Case one;
  one.id = id;
  one.open = closed == 0;
  one.rung = static_cast<Rung>(rung);
  one.organisation = OrganisationId(reader.U32());
  one.principal = OrNobody(PrincipalId(reader.Array<16>()));
  one.pool.organisation = reader.U32();
  one.pool.office = reader.U32();
  one.raised_ms = static_cast<std::int64_t>(reader.U64());
  one.why = TakeText(reader);
  one.closer = OrNobody(PrincipalId(reader.Array<16>()));
  one.closed_ms = static_cast<std::int64_t>(reader.U64());
  one.reason = TakeText(reader);
  const bool fit = version == kCaseVersion && closed <= 1 && rung >= 3 && rung <= 5 &&
                   one.closer.has_value() != one.open && one.reason.empty() == one.open &&
                   (!one.principal.has_value() || one.pool == PoolKey{});
  if (reader.failed() || !reader.empty() || !fit) {
    return Error{Code::kCorrupt, "a case does not parse"};
  }
  return one;
}

store::Key CaseKey(bool open, const CaseId& id) {
  std::string key(1, open ? '\0' : '\1');
  key += AsText(id);
  return {store::Family::kCases, std::move(key)};
}

void PutCase(Core& core, commit::Staging& staging, const PrincipalInfo& who,
             const RungChange& change) {
  Case one;
  one.id = *change.file;
  one.rung = change.to;
  one.organisation = who.organisation;
  if (change.pool.has_value()) {
    one.pool = *change.pool;
  } else {
    one.principal = who.id;
  }
  one.raised_ms = staging.time().budget_ms;
  one.why = change.why;
  store::Key key = CaseKey(true, one.id);
  Bytes sealed = core.parts.state.Seal(key, EncodeCase(one));
  staging.Put(std::move(key), std::move(sealed));
}

Task<Status> LoadCase(Core& core, commit::Staging& staging, CaseId id) {
  std::vector<store::Key> keys{CaseKey(true, id), CaseKey(false, id)};
  CLOISON_CO_TRY(co_await staging.Load(std::move(keys)));
  CLOISON_CO_TRY_ASSIGN(const std::optional<Case> one, FindCase(core, staging, id));
  if (!one.has_value() || !one->principal.has_value()) co_return Ok();
  const Status loaded = co_await core.principals.Load(staging, *one->principal);
  co_return loaded.ok() || loaded.error().code() == Code::kNotFound ? Ok() : loaded;
}

Result<std::optional<Case>> FindCase(Core& core, const commit::Staging& staging, const CaseId& id) {
  for (const bool open : {true, false}) {
    const store::Key key = CaseKey(open, id);
    const store::Row& row = staging.Get(key);
    if (!row.present()) continue;
    CLOISON_TRY_ASSIGN(const crypto::SecretBytes plain, core.parts.state.Open(key, row.value));
    CLOISON_TRY_ASSIGN(Case one, ParseCase(plain.Reveal(), id));
    if (one.open != open) return Error{Code::kCorrupt, "a case is not under its key"};
    return std::optional(std::move(one));
  }
  return std::optional<Case>{};
}

Task<Result<std::optional<Case>>> ReadCase(Core& core, store::Store& store, CaseId id) {
  const std::vector<store::Key> keys{CaseKey(true, id), CaseKey(false, id)};
  std::vector<store::Key> wanted = keys;
  CLOISON_CO_TRY_ASSIGN(const std::vector<store::Row> rows,
                        co_await store.MultiGet(std::move(wanted), store::ReadMode::kAny));
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (!rows[i].present()) continue;
    CLOISON_CO_TRY_ASSIGN(const crypto::SecretBytes plain,
                          core.parts.state.Open(keys[i], rows[i].value));
    CLOISON_CO_TRY_ASSIGN(Case one, ParseCase(plain.Reveal(), id));
    co_return std::optional(std::move(one));
  }
  co_return std::optional<Case>{};
}

bool IsTheirs(Core& core, const Case& one, const PrincipalId& who) {
  if (!one.principal.has_value()) return false;
  if (*one.principal == who) return true;
  const PrincipalState* const state = core.principals.Peek(who);
  return state != nullptr && IsSameHuman(core, state->info(), *one.principal);
}

void CloseCase(Core& core, commit::Staging& staging, EntryMaker& entries, Case& one) {
  const std::int64_t now_ms = staging.time().budget_ms;
  staging.Delete(CaseKey(true, one.id));
  one.open = false;
  one.closed_ms = now_ms;
  store::Key key = CaseKey(false, one.id);
  Bytes sealed = core.parts.state.Seal(key, EncodeCase(one));
  staging.Put(std::move(key), std::move(sealed));
  ledger::EntryDraft decided =
      entries.Draft(ledger::Kind::kFreeze, ledger::Decision::kAllow, "case/close");
  decided.case_ref = base::ToHex(one.id);
  (void)entries.StageEntry(std::move(decided));
  Alarm alarm;
  alarm.what = Alarm::What::kCaseClosed;
  alarm.from = one.rung;
  alarm.organisation = one.organisation;
  if (!one.principal.has_value()) alarm.pool = one.pool;
  alarm.file = one.id;
  (void)core.alarms.Raise(std::move(alarm));
  if (!one.principal.has_value()) {
    core.parts.observer->EndCase(one.pool, one.id, now_ms);
    return;
  }
  PrincipalState& who = core.principals.Get(*one.principal);
  ledger::EntryDraft own =
      entries.Draft(ledger::Kind::kFreeze, ledger::Decision::kAllow, "case/closed");
  own.actor = {who.info().id,           &who.key(),        who.n(),
               who.info().organisation, who.info().office, who.info().role};
  (void)core.parts.ledger.Stage(std::move(own));
  core.principals.CloseCase(who, one.id, now_ms);
  (void)core.principals.Charge(staging, who, ClientId(0), 1, {});
}

}  // namespace cloison::access::internal
