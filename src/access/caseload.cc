#include "access/caseload.h"

namespace cloison::access {

namespace {

constexpr char kAgentFirst = 0, kPersonFirst = 1, kTallies = 2;
constexpr store::Family kFamily = store::Family::kCaseload;
// Version 1 had the caseload alone, and said as much both ways.
constexpr std::uint8_t kVersionBefore = 1, kVersion = 2;
constexpr Error kBad{Code::kCorrupt, "a pair does not parse"};

void AppendTime(Bytes& out, std::int64_t time_ms) {
  base::AppendU64(out, static_cast<std::uint64_t>(time_ms));
}
std::int64_t TakeTime(base::Reader& reader) {
  return static_cast<std::int64_t>(reader.U64());
}

void AppendBy(Bytes& out, const WrittenBy& by) {
  base::AppendBytes(out, by.principal.bytes());
  base::AppendU32(out, by.client);
}
WrittenBy TakeBy(base::Reader& reader) {
  const PrincipalId principal(reader.Array<16>());
  return {principal, reader.U32()};
}

Result<std::pair<CaseloadPair, ByteArray<16>>> ParseBefore(ByteView plain) {
  base::Reader reader(plain);
  const std::uint8_t version = reader.U8();
  CaseloadPair pair{TakeTime(reader)};
  pair.until_ms = TakeTime(reader);
  pair.by.client = reader.U32();
  const ByteArray<16> other = reader.Array<16>();
  if (reader.failed() || !reader.empty() || version != kVersionBefore) return kBad;
  if (pair.since_ms < 0) return kBad;
  return std::pair(pair, other);
}

bool TakeExplanations(base::Reader& reader, std::vector<Explanation>& out) {
  const std::size_t count = reader.U8();
  std::uint8_t before = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint8_t kind = reader.U8();
    if (kind <= before || kind > kExplanationKindLast) return false;
    before = kind;
    Explanation one{static_cast<ExplanationKind>(kind), TakeTime(reader), TakeTime(reader),
                    TakeBy(reader), reader.U64()};
    out.push_back(one);
  }
  return true;
}

}  // namespace

Bytes EncodePair(const Pair& pair) {
  CLOISON_CHECK(!pair.empty());
  Bytes out{kVersion};
  base::AppendBytes(out, pair.person.bytes());
  out.push_back(pair.caseload.has_value() ? 1 : 0);
  if (pair.caseload.has_value()) {
    AppendTime(out, pair.caseload->since_ms);
    AppendTime(out, pair.caseload->until_ms);
    AppendTime(out, pair.caseload->confirmed_ms);
    AppendBy(out, pair.caseload->by);
  }
  out.push_back(static_cast<std::uint8_t>(pair.explanations.size()));
  for (const Explanation& one : pair.explanations) {
    out.push_back(static_cast<std::uint8_t>(one.kind));
    AppendTime(out, one.since_ms);
    AppendTime(out, one.until_ms);
    AppendBy(out, one.by);
    base::AppendU64(out, one.place);
  }
  return out;
}

Result<Pair> ParsePair(ByteView plain) {
  if (!plain.empty() && plain[0] == kVersionBefore) {
    CLOISON_TRY_ASSIGN(const auto before, ParseBefore(plain));
    return Pair{Aud(before.second), before.first, {}};
  }
  base::Reader reader(plain);
  const std::uint8_t version = reader.U8();
  Pair pair{Aud(reader.Array<16>()), {}, {}};
  const std::uint8_t followed = reader.U8();
  if (followed == 1) {
    CaseloadPair caseload{TakeTime(reader)};
    caseload.until_ms = TakeTime(reader);
    caseload.confirmed_ms = TakeTime(reader);
    caseload.by = TakeBy(reader);
    pair.caseload = caseload;
  }
  const bool explained = TakeExplanations(reader, pair.explanations);
  if (reader.failed() || !reader.empty() || version != kVersion || followed > 1 || !explained ||
      pair.empty()) {
    return kBad;
  }
  if (pair.caseload.has_value() && pair.caseload->since_ms < 0) return kBad;
  return pair;
}

Result<PrincipalId> ParseReverse(ByteView plain) {
  if (!plain.empty() && plain[0] == kVersionBefore) {
    CLOISON_TRY_ASSIGN(const auto before, ParseBefore(plain));
    return PrincipalId(before.second);
  }
  base::Reader reader(plain);
  const std::uint8_t version = reader.U8();
  const PrincipalId agent(reader.Array<16>());
  if (reader.failed() || !reader.empty() || version != kVersion) return kBad;
  return agent;
}

PairsOfAgent Caseload::PairsFor(const PrincipalId& agent) const {
  return {agent, state_.PrfBytes(kFamily, {agent.bytes()})};
}

store::Key Caseload::PairKey(const PairsOfAgent& of, const PersonId& person) const {
  std::string key;
  key.reserve(1 + 2 * of.prefix.size());
  key += kAgentFirst;
  key += AsText(of.prefix);
  key += AsText(state_.PrfBytes(kFamily, {of.agent.bytes(), person.bytes()}));
  return {kFamily, std::move(key)};
}

store::Key Caseload::PairKey(const PrincipalId& agent, const PersonId& person) const {
  return PairKey(PairsFor(agent), person);
}

store::Key Caseload::ReverseKey(const PersonId& person, const PrincipalId& agent) const {
  std::string key(1, kPersonFirst);
  key += state_.Prf(kFamily, {person.bytes()});
  key += state_.Prf(kFamily, {person.bytes(), agent.bytes()});
  return {kFamily, std::move(key)};
}

store::Key Caseload::TallyKey(const PrincipalId& principal) const {
  std::string key(1, kTallies);
  key += state_.Prf(kFamily, {principal.bytes()});
  return {kFamily, std::move(key)};
}

Result<Pair> Caseload::Open(const store::Key& key, const store::Row& row) const {
  if (!row.present()) return Error{Code::kNotFound, "no such pair"};
  CLOISON_TRY_ASSIGN(const crypto::SecretBytes plain, state_.Open(key, row.value));
  return ParsePair(plain.Reveal());
}

void Caseload::Put(commit::Staging& staging, store::Key key, const Pair& pair) const {
  Bytes value = state_.Seal(key, EncodePair(pair));
  staging.Put(std::move(key), std::move(value));
}

void Caseload::PutReverse(commit::Staging& staging, const PersonId& person,
                          const PrincipalId& agent) const {
  Bytes plain{kVersion};
  base::AppendBytes(plain, agent.bytes());
  store::Key key = ReverseKey(person, agent);
  Bytes value = state_.Seal(key, plain);
  staging.Put(std::move(key), std::move(value));
}

void Caseload::Remove(commit::Staging& staging, const PrincipalId& agent,
                      const PersonId& person) const {
  staging.Delete(PairKey(agent, person));
  staging.Delete(ReverseKey(person, agent));
}

Task<Result<std::vector<PrincipalId>>> Caseload::AgentsOf(store::Store& store, PersonId person,
                                                          std::size_t most) const {
  std::string prefix(1, kPersonFirst);
  prefix += state_.Prf(kFamily, {person.bytes()});
  std::vector<PrincipalId> agents;
  store::Range range{kFamily, prefix, prefix + std::string(17, '\xff')};
  const Result<store::ScanPage> page = co_await store.Scan(std::move(range), most);
  if (!page.ok()) co_return page.error();
  for (const store::KeyedRow& keyed : page->rows) {
    const store::Key key{kFamily, keyed.key};
    CLOISON_CO_TRY_ASSIGN(const crypto::SecretBytes plain, state_.Open(key, keyed.row.value));
    CLOISON_CO_TRY_ASSIGN(const PrincipalId agent, ParseReverse(plain.Reveal()));
    agents.push_back(agent);
  }
  co_return agents;
}

store::Range Caseload::Slice(std::size_t number, std::size_t slices) {
  CLOISON_CHECK(number < slices && slices <= 256);
  const auto from = [slices](std::size_t slice) {
    std::string key(1, kAgentFirst);
    if (slice == slices) return std::string(1, kPersonFirst);
    return key + static_cast<char>(slice * 256 / slices);
  };
  return {kFamily, from(number), from(number + 1)};
}

Task<Result<Caseload::Page>> Caseload::PairsOf(store::Store& store, PrincipalId agent,
                                               std::string after, std::size_t most) const {
  std::string prefix(1, kAgentFirst);
  prefix += state_.Prf(kFamily, {agent.bytes()});
  store::Range range{kFamily, after.empty() ? prefix : std::move(after),
                     prefix + std::string(17, '\xff')};
  Result<store::ScanPage> read = co_await store.Scan(std::move(range), most);
  if (!read.ok()) co_return read.error();
  Page page{{}, read->next.value_or("")};
  for (store::KeyedRow& keyed : read->rows) {
    store::Key key{kFamily, std::move(keyed.key)};
    CLOISON_CO_TRY_ASSIGN(Pair pair, Open(key, keyed.row));
    page.pairs.emplace_back(std::move(key), std::move(pair));
  }
  co_return page;
}

}  // namespace cloison::access
