#include "access/internal/citizen_works.h"

#include <algorithm>

#include "access/internal/archive.h"
#include "access/internal/decoy_works.h"
#include "records/pivot_match.h"

namespace cloison::access::internal {

namespace {

constexpr std::uint8_t kRowVersion = 1;
constexpr char kLetterRow = 1, kTriesRow = 2, kBoundRow = 3, kSentRow = 4, kLettersDayRow = 5;
constexpr std::int64_t kLettersKeptMs = kLetterDays * base::kDayMs;
constexpr std::size_t kLetterKeyBytes = 1 + 16;
constexpr Error kBadRow{Code::kCorrupt, "a citizen's row does not parse"};

store::Key KeyOf(const commit::SealedState& state, char kind, std::string_view label,
                 ByteView what) {
  return {store::Family::kCredentials,
          kind + state.Prf(store::Family::kCredentials, {AsBytes(label), what})};
}

Refusal GoToACounter() {
  return Refusal{RefusalCode::kNotAvailable, "citizen/counter", {}, {}, 0, {}, {}, {}};
}

void Seal(commit::Staging& staging, const commit::SealedState& state, const store::Key& key,
          const Bytes& plain) {
  staging.Put(key, state.Seal(key, plain));
}

records::PivotView ViewOf(const identity::Pivot& pivot) {
  return {pivot.birth_name, pivot.given_names, pivot.gender,
          pivot.birth_date, pivot.birth_place, pivot.birth_country};
}

}  // namespace

// ---- rows

Bytes EncodeLetter(const Letter& letter) {
  Bytes out{kRowVersion};
  base::AppendBytes(out, letter.person.bytes());
  base::AppendBytes(out, letter.code);
  base::AppendU64(out, static_cast<std::uint64_t>(letter.until_ms));
  out.push_back(letter.tries);
  return out;
}

Result<Letter> ParseLetter(ByteView plain) {
  base::Reader reader(plain);
  const std::uint8_t version = reader.U8();
  Letter letter{PersonId(reader.Array<8>())};
  letter.code = reader.Array<32>();
  letter.until_ms = static_cast<std::int64_t>(reader.U64());
  letter.tries = reader.U8();
  if (reader.failed() || !reader.empty() || version != kRowVersion || letter.until_ms < 0 ||
      letter.tries > kBindTriesMax) {
    return kBadRow;
  }
  return letter;
}

Bytes EncodeTries(const Tries& tries) {
  Bytes out{kRowVersion};
  base::AppendU64(out, static_cast<std::uint64_t>(tries.since_ms));
  out.push_back(tries.count);
  return out;
}

Result<Tries> ParseTries(ByteView plain) {
  base::Reader reader(plain);
  const std::uint8_t version = reader.U8();
  Tries tries;
  tries.since_ms = static_cast<std::int64_t>(reader.U64());
  tries.count = reader.U8();
  if (reader.failed() || !reader.empty() || version != kRowVersion || tries.since_ms < 0 ||
      tries.count == 0 || tries.count > kBindTriesMax) {
    return kBadRow;
  }
  return tries;
}

Bytes EncodeSent(const SentLetters& sent) {
  Bytes out{kRowVersion, static_cast<std::uint8_t>(sent.at_ms.size())};
  for (const std::int64_t at_ms : sent.at_ms) {
    base::AppendU64(out, static_cast<std::uint64_t>(at_ms));
  }
  base::AppendBytes(out, AsBytes(sent.newest));
  return out;
}

Result<SentLetters> ParseSent(ByteView plain) {
  base::Reader reader(plain);
  const std::uint8_t version = reader.U8();
  const std::size_t count = reader.U8();
  SentLetters sent;
  if (version != kRowVersion || count == 0 || count > kLettersOfPersonMax) return kBadRow;
  for (std::size_t i = 0; i < count; ++i) {
    sent.at_ms.push_back(static_cast<std::int64_t>(reader.U64()));
  }
  const bool in_order = std::ranges::is_sorted(sent.at_ms) && sent.at_ms.front() >= 0;
  sent.newest = std::string(AsText(reader.Take(kLetterKeyBytes)));
  if (reader.failed() || !reader.empty() || !in_order) return kBadRow;
  return sent;
}

Bytes EncodeBound(const PrincipalId& principal) {
  Bytes out{kRowVersion};
  base::AppendBytes(out, principal.bytes());
  return out;
}

Result<PrincipalId> ParseBound(ByteView plain) {
  base::Reader reader(plain);
  const std::uint8_t version = reader.U8();
  const PrincipalId principal(reader.Array<16>());
  if (reader.failed() || !reader.empty() || version != kRowVersion) return kBadRow;
  return principal;
}

store::Key LetterKey(const commit::SealedState& state, const text::CodeDigits& code) {
  return KeyOf(state, kLetterRow, "letter", ByteView(code).first(kLocatorDigits));
}

crypto::Digest LetterDigest(const commit::SealedState& state, const text::CodeDigits& code) {
  return state.Digest("letter", {ByteView(code)});
}

store::Key TriesKey(const commit::SealedState& state, const PrincipalId& principal) {
  return KeyOf(state, kTriesRow, "tries", principal.bytes());
}

store::Key SentKey(const commit::SealedState& state, const PersonId& person) {
  return KeyOf(state, kSentRow, "letters", person.bytes());
}

store::Key LettersDayKey() {
  return {store::Family::kCredentials, std::string(1, kLettersDayRow)};
}

store::Key BoundKey(const commit::SealedState& state, const PersonId& person) {
  return KeyOf(state, kBoundRow, "bound", person.bytes());
}

// ---- bind

std::optional<PersonId> BindWork::Named() const {
  if (letter_.has_value()) return letter_->person;
  return request_.person;
}

Result<std::optional<Letter>> BindWork::ReadLetter(const commit::Staging& staging) const {
  if (!request_.code.has_value()) return std::optional<Letter>();
  const store::Key key = LetterKey(core_.parts.state, *request_.code);
  const store::Row& row = staging.Get(key);
  if (!row.present()) return std::optional<Letter>();
  CLOISON_TRY_ASSIGN(const crypto::SecretBytes plain, core_.parts.state.Open(key, row.value));
  CLOISON_TRY_ASSIGN(const Letter letter, ParseLetter(plain.Reveal()));
  return std::optional<Letter>(letter);
}

Task<Status> BindWork::LoadMore(commit::Staging& staging) {
  const commit::SealedState& state = core_.parts.state;
  letter_.reset();
  sighting_.reset();
  matches_ = false;
  std::vector<store::Key> keys{
      TriesKey(state, request_.info.id),
      {store::Family::kPrincipals, core_.principals.RowKey(request_.info.id)},
      CredentialsKey(core_, request_.info.id)};
  if (request_.code.has_value()) keys.push_back(LetterKey(state, *request_.code));
  CLOISON_CO_TRY(co_await staging.Load(std::move(keys)));
  CLOISON_CO_TRY_ASSIGN(letter_, ReadLetter(staging));
  if (!Named().has_value()) co_return Ok();
  std::vector<store::Key> bound{BoundKey(state, *Named())};
  CLOISON_CO_TRY(co_await staging.Load(std::move(bound)));
  Result<records::Sighting> sighting = co_await core_.parts.people.Sight(*Named());
  if (!sighting.ok()) {
    if (sighting.error().code() == Code::kNotFound) co_return Ok();  // erased
    co_return sighting.error();
  }
  sighting_.emplace(std::move(*sighting));
  CLOISON_CO_TRY_ASSIGN(matches_, records::MatchesPivot(core_.parts.people.schema(), *sighting_,
                                                        ViewOf(*request_.pivot)));
  co_return co_await core_.parts.ledger.LoadHead(sighting_->key.subject());
}

Result<bool> BindWork::Fits(const commit::Staging& staging) const {
  const commit::SealedState& state = core_.parts.state;
  if (!sighting_.has_value() || !matches_ || IsDecoy(core_, *sighting_)) return false;
  if (staging.Get(BoundKey(state, sighting_->key.person())).present()) return false;
  if (!request_.code.has_value()) return true;
  return letter_.has_value() && letter_->tries < kBindTriesMax &&
         letter_->until_ms > staging.time().budget_ms &&
         crypto::EqualConstantTime(letter_->code, LetterDigest(state, *request_.code));
}

Result<commit::Staged> BindWork::RefuseTry(commit::Staging& staging, Tries tries) {
  const commit::SealedState& state = core_.parts.state;
  if (tries.count < kBindTriesMax) {
    ++tries.count;
    Seal(staging, state, TriesKey(state, request_.info.id), EncodeTries(tries));
    if (letter_.has_value() && letter_->tries < kBindTriesMax) {
      ++letter_->tries;
      Seal(staging, state, LetterKey(state, *request_.code), EncodeLetter(*letter_));
    }
  }
  return Refuse(staging, GoToACounter(), ledger::Decision::kRefuse, {});
}

Result<commit::Staged> BindWork::Decide(commit::Staging& staging) {
  pending_.reset();
  const commit::SealedState& state = core_.parts.state;
  const PrincipalInfo& info = request_.info;
  const store::Key own{store::Family::kPrincipals, core_.principals.RowKey(info.id)};
  if (staging.Get(own).present()) return Error{Code::kConflict, "this sign-in is bound already"};
  // An earlier work of this batch may have used the code, or changed the record: then again.
  CLOISON_TRY_ASSIGN(letter_, ReadLetter(staging));
  if (sighting_.has_value() &&
      !staging.UnchangedSince(records::RowKeyOf(sighting_->key.person()), sighting_->snapshot)) {
    return commit::Staged::kAgain;
  }
  Tries tries{staging.time().budget_ms, 0};
  const store::Row& row = staging.Get(TriesKey(state, info.id));
  if (row.present()) {
    CLOISON_TRY_ASSIGN(const crypto::SecretBytes plain,
                       state.Open(TriesKey(state, info.id), row.value));
    CLOISON_TRY_ASSIGN(const Tries before, ParseTries(plain.Reveal()));
    const std::int64_t age_ms = staging.time().budget_ms - before.since_ms;
    if (age_ms < kLettersKeptMs) tries = before;
  }
  CLOISON_TRY_ASSIGN(const bool fits, Fits(staging));
  if (!fits || tries.count >= kBindTriesMax) return RefuseTry(staging, tries);
  PrincipalInfo citizen = info;
  citizen.person = sighting_->key.aud();
  citizen.enrolled_ms = staging.time().budget_ms;
  CLOISON_TRY(core_.principals.Enrol(staging, std::move(citizen)));
  CLOISON_TRY_ASSIGN(Credentials known, CredentialsIn(core_, staging, info.id));
  known.AddKey(request_.key, staging.time().budget_ms);
  PutCredentials(core_, staging, info.id, known);
  const PersonId person = sighting_->key.person();
  Seal(staging, state, BoundKey(state, person), EncodeBound(info.id));
  if (request_.code.has_value()) staging.Delete(LetterKey(state, *request_.code));
  ledger::EntryDraft draft = Draft(ledger::Kind::kRights, ledger::Decision::kAllow,
                                   "citizen/" + base::ToHex(info.id.bytes()));
  draft.subject = ledger::EntryDraft::Subject{
      person, &sighting_->key.subject(), sighting_->header.seq, {}, ledger::Form::kExists, {}};
  pending_ = StageEntry(std::move(draft));
  Charge(staging, {});
  return commit::Staged::kDone;
}

BindWork::Promise BindWork::Take(const commit::Durable& durable) {
  if (refused()) return TakeRefusal(durable);
  return Citizens::Bound{core_.parts.ledger.Redeem(std::move(*pending_), durable)};
}

// ---- letters

Task<Status> LetterWork::LoadMore(commit::Staging& staging) {
  std::vector<store::Key> keys{LetterKey(core_.parts.state, code_), LettersDayKey()};
  if (person_.has_value()) keys.push_back(SentKey(core_.parts.state, person_->key.person()));
  CLOISON_CO_TRY(co_await staging.Load(std::move(keys)));
  std::vector<PrincipalId> counted{caller_.principal};
  CLOISON_CO_TRY(co_await counts_.Load(core_, staging, std::move(counted)));
  if (!person_.has_value()) co_return Ok();
  if (!Holds(staging)) {  // changed since it was found
    Result<records::Sighting> again = co_await core_.parts.people.Sight(person_->key.person());
    person_.reset();
    if (!again.ok() && again.error().code() == Code::kNotFound) co_return Ok();
    if (!again.ok()) co_return again.error();
    person_.emplace(std::move(*again));
  }
  co_return co_await core_.parts.ledger.LoadHead(person_->key.subject());
}

bool LetterWork::Holds(const commit::Staging& staging) const {
  return staging.UnchangedSince(records::RowKeyOf(person_->key.person()), person_->snapshot);
}

Result<SentLetters> LetterWork::SentIn(const commit::Staging& staging) const {
  const store::Key key = SentKey(core_.parts.state, person_->key.person());
  const store::Row& row = staging.Get(key);
  if (!row.present()) return SentLetters{};
  CLOISON_TRY_ASSIGN(const crypto::SecretBytes plain, core_.parts.state.Open(key, row.value));
  return ParseSent(plain.Reveal());
}

Result<std::optional<Refusal>> LetterWork::Count(commit::Staging& staging) {
  const commit::SealedState& state = core_.parts.state;
  const std::int64_t now_ms = staging.time().budget_ms;
  CLOISON_TRY_ASSIGN(SentLetters sent, SentIn(staging));
  std::erase_if(sent.at_ms, [=](std::int64_t at) { return now_ms - at >= kLettersKeptMs; });
  if (sent.at_ms.size() >= kLettersOfPersonMax) {
    const std::int64_t again_ms = sent.at_ms.front() + kLettersKeptMs - now_ms;
    return std::optional(CeilingRefusal({"ceiling/letters/person", again_ms}));
  }
  Tally all;
  const store::Key day = LettersDayKey();
  if (const store::Row& row = staging.Get(day); row.present()) {
    CLOISON_TRY_ASSIGN(const crypto::SecretBytes plain, state.Open(day, row.value));
    CLOISON_TRY_ASSIGN(all, Tally::Parse(plain.Reveal()));
  }
  PairEdit edit(core_, staging, counts_);
  CLOISON_TRY_ASSIGN(Tally* const own, edit.TallyOf(caller_.principal));
  own->Add(kTallyLetters, TallySide::kBy, now_ms, 1);
  all.Add(kTallyLetters, TallySide::kBy, now_ms, 1);
  if (own->InDay(kTallyLetters, TallySide::kBy, now_ms) > kLettersOfOneDayMax) {
    return std::optional(CeilingRefusal({"ceiling/letters/writer", base::kHourMs}));
  }
  if (all.InDay(kTallyLetters, TallySide::kBy, now_ms) > kLettersOfAllDayMax) {
    return std::optional(CeilingRefusal({"ceiling/letters/register", base::kHourMs}));
  }
  if (!sent.newest.empty()) staging.Delete({store::Family::kCredentials, sent.newest});
  sent.at_ms.push_back(now_ms);
  sent.newest = LetterKey(state, code_).bytes;
  Seal(staging, state, SentKey(state, person_->key.person()), EncodeSent(sent));
  Seal(staging, state, day, all.Serialise());
  edit.Stage(staging);
  return std::optional<Refusal>{};
}

Result<commit::Staged> LetterWork::Decide(commit::Staging& staging) {
  pending_.reset();
  const commit::SealedState& state = core_.parts.state;
  if (!core_.parts.policy.Now().Has(principal().info().role, Right::kExplain)) {
    return Refuse(staging, Refusal{RefusalCode::kNoRight, "right/explain", {}, {}, 0, {}, {}, {}},
                  ledger::Decision::kRefuse, {});
  }
  if (person_.has_value() && !Holds(staging)) return commit::Staged::kAgain;
  bool there = person_.has_value() && !IsDecoy(core_, *person_);
  if (there) {
    // Nobody writes to the archive, or learns who is in it.
    const ArchiveQuestion nobody{false, true, false, staging.time().wall_ms};
    CLOISON_TRY_ASSIGN(const bool kept_away,
                       IsKeptAway(core_, core_.parts.policy.Now(), nobody, *person_));
    there = !kept_away;
  }
  if (!there) return RefuseMisses(staging, {DebitOfCode(named_)});
  const store::Key key = LetterKey(state, code_);
  if (staging.Get(key).present()) return Error{Code::kConflict, "ask for another code"};
  CLOISON_TRY_ASSIGN(std::optional<Refusal> spent, Count(staging));
  if (spent.has_value()) {
    return Refuse(staging, std::move(*spent), ledger::Decision::kRefuse, {});
  }
  const std::int64_t until_ms = staging.time().budget_ms + kLettersKeptMs;
  Seal(staging, state, key,
       EncodeLetter({person_->key.person(), LetterDigest(state, code_), until_ms, 0}));
  ledger::EntryDraft draft =
      Draft(ledger::Kind::kRights, ledger::Decision::kAllow, "citizen/letter");
  draft.subject = ledger::EntryDraft::Subject{person_->key.person(), &person_->key.subject(),
                                              person_->header.seq,   {},
                                              ledger::Form::kExists, {}};
  pending_ = StageEntry(std::move(draft));
  Charge(staging, {});
  return commit::Staged::kDone;
}

LetterWork::Promise LetterWork::Take(const commit::Durable& durable) {
  if (refused()) return TakeRefusal(durable);
  return Citizens::Lettered{text::FormatCode(code_),
                            core_.parts.ledger.Redeem(std::move(*pending_), durable)};
}

// ---- what is past

Result<bool> IsPast(const commit::SealedState& state, const store::Key& key, ByteView sealed,
                    std::int64_t now_ms) {
  CLOISON_TRY_ASSIGN(const crypto::SecretBytes plain, state.Open(key, sealed));
  switch (key.bytes.front()) {
    case kLetterRow: {
      CLOISON_TRY_ASSIGN(const Letter letter, ParseLetter(plain.Reveal()));
      return letter.until_ms <= now_ms;
    }
    case kTriesRow: {
      CLOISON_TRY_ASSIGN(const Tries tries, ParseTries(plain.Reveal()));
      return now_ms - tries.since_ms >= kLettersKeptMs;
    }
    case kSentRow: {
      CLOISON_TRY_ASSIGN(const SentLetters sent, ParseSent(plain.Reveal()));
      return now_ms - sent.at_ms.back() >= kLettersKeptMs;
    }
    default: return false;
  }
}

Task<Status> SweepCitizensWork::LoadMore(commit::Staging& staging) {
  std::vector<store::Key> keys = rows_;
  co_return co_await staging.Load(std::move(keys));
}

Result<commit::Staged> SweepCitizensWork::Decide(commit::Staging& staging) {
  for (const store::Key& key : rows_) {
    const store::Row& row = staging.Get(key);
    if (!row.present()) continue;
    CLOISON_TRY_ASSIGN(const bool past,
                       IsPast(core_.parts.state, key, row.value, staging.time().budget_ms));
    if (past) staging.Delete(key);
  }
  return commit::Staged::kDone;
}

}  // namespace cloison::access::internal
