#include "access/internal/approval_rows.h"

#include "access/approvals.h"

namespace cloison::access::internal {

namespace {

constexpr char kDocument = 1, kOpen = 2, kAsked = 3;

store::Key Numbered(char what, std::uint64_t number) {
  std::string key(1, what);
  key += AsText(base::BigU64(number));
  return {store::Family::kApprovals, std::move(key)};
}

store::Key NextKey() {
  return {store::Family::kApprovals, "next"};
}

bool IsOpen(const Approval& approval) {
  return approval.state == approvals::State::kPending ||
         approval.state == approvals::State::kApproved;
}

}  // namespace

store::Key ApprovalRows::AskedKey(const PrincipalId& asker) const {
  return {
      store::Family::kApprovals,
      std::string(1, kAsked) + core_.parts.state.Prf(store::Family::kApprovals, {asker.bytes()})};
}

Task<Status> ApprovalRows::LoadForAdd(commit::Staging& staging, PrincipalId asker) const {
  std::vector<store::Key> keys{NextKey(), AskedKey(asker)};
  co_return co_await staging.Load(std::move(keys));
}

Task<Status> ApprovalRows::Load(commit::Staging& staging, std::uint64_t number) const {
  std::vector<store::Key> keys{Numbered(kDocument, number), NextKey()};
  co_return co_await staging.Load(std::move(keys));
}

Task<Status> ApprovalRows::LoadForMove(commit::Staging& staging, std::uint64_t number) const {
  CLOISON_CO_TRY_ASSIGN(const std::optional<Approval> approval, Get(staging, number));
  if (!approval.has_value()) co_return Ok();
  std::vector<store::Key> keys{AskedKey(approval->asker)};
  co_return co_await staging.Load(std::move(keys));
}

Result<Approval> ApprovalRows::Open(std::uint64_t number, const store::Row& row) const {
  CLOISON_TRY_ASSIGN(const crypto::SecretBytes plain,
                     core_.parts.state.Open(Numbered(kDocument, number), row.value));
  CLOISON_TRY_ASSIGN(Approval approval, approvals::Parse(plain.Reveal()));
  if (approval.number != number) return Error{Code::kCorrupt, "an approval has another number"};
  return approval;
}

Result<std::optional<Approval>> ApprovalRows::Get(const commit::Staging& staging,
                                                  std::uint64_t number) const {
  const store::Row& row = staging.Get(Numbered(kDocument, number));
  if (!row.present()) return std::optional<Approval>{};
  CLOISON_TRY_ASSIGN(Approval approval, Open(number, row));
  return std::optional<Approval>(std::move(approval));
}

Result<ApprovalRows::Counts> ApprovalRows::CountsIn(const commit::Staging& staging) const {
  const store::Row& row = staging.Get(NextKey());
  if (!row.present()) return Counts{};
  CLOISON_TRY_ASSIGN(const crypto::SecretBytes plain, core_.parts.state.Open(NextKey(), row.value));
  base::Reader reader(plain.Reveal());
  const Counts counts{reader.U64(), reader.U32()};
  if (reader.failed() || !reader.empty() || counts.next == 0) {
    return Error{Code::kCorrupt, "the counts of approvals do not parse"};
  }
  return counts;
}

Result<std::uint32_t> ApprovalRows::AskedIn(const commit::Staging& staging,
                                            const PrincipalId& asker) const {
  const store::Key key = AskedKey(asker);
  const store::Row& row = staging.Get(key);
  if (!row.present()) return std::uint32_t{0};
  CLOISON_TRY_ASSIGN(const crypto::SecretBytes plain, core_.parts.state.Open(key, row.value));
  base::Reader reader(plain.Reveal());
  const std::uint32_t count = reader.U32();
  if (reader.failed() || !reader.empty()) {
    return Error{Code::kCorrupt, "a count of approvals does not parse"};
  }
  return count;
}

void ApprovalRows::PutCounts(commit::Staging& staging, const Counts& counts) const {
  Bytes plain = base::ToBytes(base::BigU64(counts.next));
  base::AppendU32(plain, counts.open);
  staging.Put(NextKey(), core_.parts.state.Seal(NextKey(), plain));
}

void ApprovalRows::PutAsked(commit::Staging& staging, const PrincipalId& asker,
                            std::uint32_t count) const {
  store::Key key = AskedKey(asker);
  if (count == 0) return staging.Delete(std::move(key));
  Bytes sealed = core_.parts.state.Seal(key, base::BigU32(count));
  staging.Put(std::move(key), std::move(sealed));
}

void ApprovalRows::PutDocument(commit::Staging& staging, const Approval& approval) const {
  store::Key key = Numbered(kDocument, approval.number);
  Bytes sealed = core_.parts.state.Seal(key, approvals::Encode(approval));
  staging.Put(std::move(key), std::move(sealed));
}

Result<std::uint64_t> ApprovalRows::NextNumber(const commit::Staging& staging,
                                               PrincipalId asker) const {
  CLOISON_TRY_ASSIGN(const Counts counts, CountsIn(staging));
  CLOISON_TRY_ASSIGN(const std::uint32_t asked, AskedIn(staging, asker));
  if (counts.next > kApprovalsMax || counts.open >= kApprovalsOpenMax) {
    return Error{Code::kExhausted, "too many approvals"};
  }
  if (asked >= kApprovalsOpenOfOneMax) {
    return Error{Code::kExhausted, "too many approvals of this principal are open"};
  }
  return counts.next;
}

void ApprovalRows::Add(commit::Staging& staging, const Approval& approval) const {
  Result<Counts> counts = CountsIn(staging);
  const Result<std::uint32_t> asked = AskedIn(staging, approval.asker);
  CLOISON_CHECK(counts.ok() && asked.ok() && counts->next == approval.number);
  ++counts->next;
  ++counts->open;
  PutCounts(staging, *counts);
  PutAsked(staging, approval.asker, *asked + 1);
  PutDocument(staging, approval);
  store::Key open = Numbered(kOpen, approval.number);
  Bytes sealed = core_.parts.state.Seal(open, {});
  staging.Put(std::move(open), std::move(sealed));
}

Status ApprovalRows::Move(commit::Staging& staging, const Approval& approval) const {
  CLOISON_TRY_ASSIGN(const std::optional<Approval> before, Get(staging, approval.number));
  CLOISON_CHECK(before.has_value());
  if (IsOpen(*before) && !IsOpen(approval)) {
    CLOISON_TRY_ASSIGN(Counts counts, CountsIn(staging));
    CLOISON_TRY_ASSIGN(const std::uint32_t asked, AskedIn(staging, approval.asker));
    if (counts.open == 0 || asked == 0) {
      return Error{Code::kCorrupt, "the counts of approvals are too low"};
    }
    --counts.open;
    PutCounts(staging, counts);
    PutAsked(staging, approval.asker, asked - 1);
    staging.Delete(Numbered(kOpen, approval.number));
  }
  PutDocument(staging, approval);
  return Ok();
}

Task<Result<std::vector<Approval>>> ApprovalRows::ReadOpen(store::Store& store, std::uint64_t above,
                                                           std::size_t most) const {
  std::vector<Approval> open;
  store::Range range{store::Family::kApprovals, Numbered(kOpen, above + 1).bytes,
                     std::string(1, kOpen + 1)};
  CLOISON_CO_TRY_ASSIGN(const store::ScanPage page, co_await store.Scan(range, most));
  std::vector<store::Key> keys;
  for (const store::KeyedRow& row : page.rows) {
    if (row.key.size() != 9) co_return Error{Code::kCorrupt, "an approval's row has another name"};
    keys.push_back(Numbered(kDocument, base::LoadBig(AsBytes(row.key).subspan(1))));
  }
  if (keys.empty()) co_return open;
  std::vector<store::Key> wanted = keys;
  CLOISON_CO_TRY_ASSIGN(const std::vector<store::Row> rows,
                        co_await store.MultiGet(std::move(wanted), store::ReadMode::kAny));
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const std::uint64_t number = base::LoadBig(AsBytes(keys[i].bytes).subspan(1));
    // Closed between the two readings.
    if (!rows[i].present()) continue;
    CLOISON_CO_TRY_ASSIGN(Approval approval, Open(number, rows[i]));
    if (IsOpen(approval)) open.push_back(std::move(approval));
  }
  co_return open;
}

}  // namespace cloison::access::internal
