#include "access/internal/policy_rows.h"

#include <algorithm>

#include "ledger/bootstrap_statement.h"

namespace cloison::access {

namespace {

constexpr std::uint8_t kRowVersion = 1;
constexpr Error kBadRow{Code::kCorrupt, "a policy's row does not parse"};

void AppendText(Bytes& out, std::string_view text) {
  base::AppendU32(out, static_cast<std::uint32_t>(text.size()));
  base::AppendBytes(out, AsBytes(text));
}

std::string TakeText(base::Reader& reader) {
  const std::uint32_t size = reader.U32();
  return std::string(AsText(reader.Take(size)));
}

// Whether `next` is the one that took the place of `before`, as its statement says.
bool Follows(const PolicyVersion& next, const PolicyVersion& before, RegisterId register_id) {
  const Result<ledger::PolicyStatement> statement = ledger::PolicyStatementOf(next.note);
  return next.version == before.version + 1 && statement.ok() &&
         statement->register_id == register_id && statement->version == next.version &&
         statement->follows == DigestOfPolicy(before.document) &&
         statement->document == DigestOfPolicy(next.document);
}

// Whether it may be the first: of development, or the one that a bootstrap statement names.
bool Begins(const PolicyVersion& first, RegisterId register_id) {
  if (first.note.empty()) return true;
  const auto signed_by_officers = ledger::SignedBootstrap::Check(first.note);
  return signed_by_officers.ok() && signed_by_officers->statement().register_id == register_id &&
         signed_by_officers->statement().policy == DigestOfPolicy(first.document);
}

}  // namespace

namespace internal {

store::Key PolicyRowKey(std::uint32_t version) {
  return {store::Family::kPolicies, std::string(AsText(base::BigU32(version)))};
}

Bytes EncodePolicyRow(const PolicyVersion& version) {
  Bytes out{kRowVersion};
  base::AppendU32(out, version.version);
  base::AppendU64(out, static_cast<std::uint64_t>(version.since_ms));
  AppendText(out, version.note);
  AppendText(out, version.document);
  return out;
}

Result<PolicyVersion> ParsePolicyRow(ByteView plain) {
  base::Reader reader(plain);
  const std::uint8_t format = reader.U8();
  PolicyVersion row;
  row.version = reader.U32();
  const std::uint64_t since_ms = reader.U64();
  row.since_ms = static_cast<std::int64_t>(since_ms);
  row.note = TakeText(reader);
  row.document = TakeText(reader);
  const bool bad = reader.failed() || !reader.empty() || format != kRowVersion ||
                   row.version == 0 || since_ms > INT64_MAX ||
                   row.document.size() > kPolicyBytesMax ||
                   row.note.size() > ledger::kBootstrapNoteBytesMax;
  if (bad) return kBadRow;
  return row;
}

void PutPolicy(commit::Staging& staging, const commit::SealedState& state,
               const PolicyVersion& version) {
  store::Key key = PolicyRowKey(version.version);
  Bytes sealed = state.Seal(key, EncodePolicyRow(version));
  staging.Put(std::move(key), std::move(sealed));
}

}  // namespace internal

crypto::Digest DigestOfPolicy(std::string_view document) {
  return crypto::Sha256(AsBytes(document));
}

Task<Result<std::optional<LoadedPolicy>>> LoadPolicy(store::Store& store,
                                                     const commit::SealedState& state,
                                                     const records::Schema& schema) {
  std::optional<PolicyVersion> last;
  store::Range range{store::Family::kPolicies, "", ""};
  for (bool more = true; more;) {
    CLOISON_CO_TRY_ASSIGN(const store::ScanPage page,
                          co_await store.Scan(range, kPolicyRowsPerScan));
    for (const store::KeyedRow& keyed : page.rows) {
      const store::Key key{store::Family::kPolicies, keyed.key};
      CLOISON_CO_TRY_ASSIGN(const crypto::SecretBytes plain, state.Open(key, keyed.row.value));
      CLOISON_CO_TRY_ASSIGN(PolicyVersion row, internal::ParsePolicyRow(plain.Reveal()));
      const bool fits = last.has_value() ? Follows(row, *last, state.register_id())
                                         : Begins(row, state.register_id());
      if (key != internal::PolicyRowKey(row.version) || !fits) {
        co_return Error{Code::kCorrupt, "a policy is not the one that follows the last"};
      }
      last = std::move(row);
    }
    more = page.next.has_value();
    if (more) range.begin = *page.next;
  }
  if (!last.has_value()) co_return std::optional<LoadedPolicy>{};
  std::vector<std::string> problems;
  Result<std::shared_ptr<const Policy>> policy = Policy::Parse(last->document, schema, &problems);
  if (!policy.ok() || (*policy)->version() != last->version) {
    co_return Error{Code::kCorrupt, "the policy in force does not fit the schema"};
  }
  co_return std::optional<LoadedPolicy>(LoadedPolicy{std::move(*last), std::move(*policy)});
}

}  // namespace cloison::access
