#include "access/caseload.h"

namespace cloison::access {

namespace {
constexpr char kAgentFirst = 0, kPersonFirst = 1;
constexpr store::Family kFamily = store::Family::kCaseload;
constexpr std::uint8_t kVersion = 1;

// A row of either way: its pair, and who is on the other side (AUD; principal id).
struct Opened {
  CaseloadPair pair;
  ByteArray<16> other;
};

Result<Opened> Parse(ByteView plain) {
  base::Reader reader(plain);
  Opened out{{0}, {}};
  const std::uint8_t version = reader.U8();
  out.pair.since_ms = static_cast<std::int64_t>(reader.U64());
  out.pair.until_ms = static_cast<std::int64_t>(reader.U64());
  out.pair.source = reader.U32();
  out.other = reader.Array<16>();
  if (reader.failed() || !reader.empty() || version != kVersion) {
    return Error{Code::kCorrupt, "a caseload pair does not parse"};
  }
  return out;
}

}  // namespace

store::Key Caseload::PairKey(const PrincipalId& agent, const PersonId& person) const {
  std::string key(1, kAgentFirst);
  key += state_.Prf(kFamily, {agent.bytes()});
  key += state_.Prf(kFamily, {agent.bytes(), person.bytes()});
  return {kFamily, std::move(key)};
}

store::Key Caseload::ReverseKey(const PersonId& person, const PrincipalId& agent) const {
  std::string key(1, kPersonFirst);
  key += state_.Prf(kFamily, {person.bytes()});
  key += state_.Prf(kFamily, {person.bytes(), agent.bytes()});
  return {kFamily, std::move(key)};
}

Result<CaseloadPair> Caseload::Open(const store::Key& key, const store::Row& row) const {
  if (!row.present()) return Error{Code::kNotFound, "no such pair"};
  CLOISON_TRY_ASSIGN(const crypto::SecretBytes plain, state_.Open(key, row.value));
  CLOISON_TRY_ASSIGN(const Opened opened, Parse(plain.Reveal()));
  return opened.pair;
}

void Caseload::Put(commit::Staging& staging, const PrincipalId& agent, const PersonId& person,
                   const Aud& aud, const CaseloadPair& pair) const {
  Bytes head{kVersion};
  base::AppendU64(head, static_cast<std::uint64_t>(pair.since_ms));
  base::AppendU64(head, static_cast<std::uint64_t>(pair.until_ms));
  base::AppendU32(head, pair.source);
  Bytes forward = head;
  base::AppendBytes(forward, aud.bytes());
  Bytes reverse = head;
  base::AppendBytes(reverse, agent.bytes());
  store::Key forward_key = PairKey(agent, person);
  store::Key reverse_key = ReverseKey(person, agent);
  Bytes forward_value = state_.Seal(forward_key, forward);
  Bytes reverse_value = state_.Seal(reverse_key, reverse);
  staging.Put(std::move(forward_key), std::move(forward_value));
  staging.Put(std::move(reverse_key), std::move(reverse_value));
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
    CLOISON_CO_TRY_ASSIGN(const Opened opened, Parse(plain.Reveal()));
    agents.push_back(PrincipalId(opened.other));
  }
  co_return agents;
}

}  // namespace cloison::access
