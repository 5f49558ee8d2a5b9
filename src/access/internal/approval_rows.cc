#include "access/internal/approval_rows.h"

#include "access/approvals.h"

namespace cloison::access::internal {

namespace {

constexpr char kDocument = 1, kOpen = 2, kAsked = 3, kOpenOfCitizens = 4, kOpenOfStaff = 5,
               kCitizens = 6;

store::Key Numbered(char what, std::uint64_t number) {
  std::string key(1, what);
  key += AsText(base::BigU64(number));
  return {store::Family::kApprovals, std::move(key)};
}

store::Key NextKey() {
  return {store::Family::kApprovals, "next"};
}

char OpenList(Whose whose) {
  return whose == Whose::kCitizens ? kOpenOfCitizens : kOpen;
}

// How many are open of those whose quota this one is of.
store::Key QuotaKey(const Approval& approval) {
  if (WhoseIs(approval.kind) == Whose::kCitizens) {
    return {store::Family::kApprovals, std::string(1, kCitizens)};
  }
  std::string key(1, kOpenOfStaff);
  key += AsText(base::BigU32(approval.organisation.value()));
  return {store::Family::kApprovals, std::move(key)};
}

bool IsOpen(const Approval& approval) {
  return approval.state == approvals::State::kPending ||
         approval.state == approvals::State::kApproved;
}

}  // namespace

Whose WhoseIs(std::string_view kind) {
  return kind == "citizen_key" ? Whose::kCitizens : Whose::kStaff;
}

store::Key ApprovalRows::AskedKey(const PrincipalId& asker) const {
  return {
      store::Family::kApprovals,
      std::string(1, kAsked) + core_.parts.state.Prf(store::Family::kApprovals, {asker.bytes()})};
}

Task<Status> ApprovalRows::LoadForAdd(commit::Staging& staging, const Approval& wanted) const {
  std::vector<store::Key> keys{NextKey(), AskedKey(wanted.asker), QuotaKey(wanted)};
  co_return co_await staging.Load(std::move(keys));
}

Task<Status> ApprovalRows::Load(commit::Staging& staging, std::uint64_t number) const {
  std::vector<store::Key> keys{Numbered(kDocument, number), NextKey()};
  co_return co_await staging.Load(std::move(keys));
}

Task<Status> ApprovalRows::LoadForMove(commit::Staging& staging, std::uint64_t number) const {
  CLOISON_CO_TRY_ASSIGN(const std::optional<Approval> approval, Get(staging, number));
  if (!approval.has_value()) co_return Ok();
  std::vector<store::Key> keys{AskedKey(approval->asker), QuotaKey(*approval)};
  co_return co_await staging.Load(std::move(keys));
}

Result<Approval> ApprovalRows::OpenRow(std::uint64_t number, const store::Row& row) const {
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
  CLOISON_TRY_ASSIGN(Approval approval, OpenRow(number, row));
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

Result<std::uint32_t> ApprovalRows::CountIn(const commit::Staging& staging,
                                            const store::Key& key) const {
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

void ApprovalRows::PutCount(commit::Staging& staging, store::Key key, std::uint32_t count) const {
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
                                               const Approval& wanted) const {
  CLOISON_TRY_ASSIGN(const Counts counts, CountsIn(staging));
  CLOISON_TRY_ASSIGN(const std::uint32_t asked, CountIn(staging, AskedKey(wanted.asker)));
  CLOISON_TRY_ASSIGN(const std::uint32_t open, CountIn(staging, QuotaKey(wanted)));
  const bool citizens = WhoseIs(wanted.kind) == Whose::kCitizens;
  if (counts.next > kApprovalsMax || open >= (citizens ? kCitizenKeysOpenMax : kApprovalsOpenMax)) {
    return Error{Code::kExhausted, "too many approvals"};
  }
  if (asked >= kApprovalsOpenOfOneMax) {
    return Error{Code::kExhausted, "too many approvals of this principal are open"};
  }
  return counts.next;
}

void ApprovalRows::Add(commit::Staging& staging, const Approval& approval) const {
  Result<Counts> counts = CountsIn(staging);
  const store::Key asked_key = AskedKey(approval.asker), quota_key = QuotaKey(approval);
  const Result<std::uint32_t> asked = CountIn(staging, asked_key);
  const Result<std::uint32_t> open = CountIn(staging, quota_key);
  CLOISON_CHECK(counts.ok() && asked.ok() && open.ok() && counts->next == approval.number);
  ++counts->next;
  ++counts->open;
  PutCounts(staging, *counts);
  PutCount(staging, asked_key, *asked + 1);
  PutCount(staging, quota_key, *open + 1);
  PutDocument(staging, approval);
  store::Key listed = Numbered(OpenList(WhoseIs(approval.kind)), approval.number);
  Bytes sealed = core_.parts.state.Seal(listed, {});
  staging.Put(std::move(listed), std::move(sealed));
}

Status ApprovalRows::Move(commit::Staging& staging, const Approval& approval) const {
  CLOISON_TRY_ASSIGN(const std::optional<Approval> before, Get(staging, approval.number));
  CLOISON_CHECK(before.has_value());
  if (IsOpen(*before) && !IsOpen(approval)) {
    const store::Key asked_key = AskedKey(approval.asker), quota_key = QuotaKey(approval);
    CLOISON_TRY_ASSIGN(Counts counts, CountsIn(staging));
    CLOISON_TRY_ASSIGN(const std::uint32_t asked, CountIn(staging, asked_key));
    CLOISON_TRY_ASSIGN(const std::uint32_t open, CountIn(staging, quota_key));
    if (counts.open == 0 || asked == 0 || open == 0) {
      return Error{Code::kCorrupt, "the counts of approvals are too low"};
    }
    --counts.open;
    PutCounts(staging, counts);
    PutCount(staging, asked_key, asked - 1);
    PutCount(staging, quota_key, open - 1);
    staging.Delete(Numbered(OpenList(WhoseIs(approval.kind)), approval.number));
  }
  PutDocument(staging, approval);
  return Ok();
}

Task<Result<ApprovalRows::Open>> ApprovalRows::ReadOpen(store::Store& store, Whose whose,
                                                        std::uint64_t above,
                                                        std::size_t most) const {
  Open open;
  const char list = OpenList(whose);
  store::Range range{store::Family::kApprovals, Numbered(list, above + 1).bytes,
                     std::string(1, static_cast<char>(list + 1))};
  CLOISON_CO_TRY_ASSIGN(const store::ScanPage page, co_await store.Scan(range, most));
  std::vector<store::Key> keys;
  for (const store::KeyedRow& row : page.rows) {
    if (row.key.size() != 9) co_return Error{Code::kCorrupt, "an approval's row has another name"};
    keys.push_back(Numbered(kDocument, base::LoadBig(AsBytes(row.key).subspan(1))));
  }
  if (keys.empty()) co_return open;
  if (keys.size() >= most) open.next = base::LoadBig(AsBytes(keys.back().bytes).subspan(1));
  std::vector<store::Key> wanted = keys;
  CLOISON_CO_TRY_ASSIGN(const std::vector<store::Row> rows,
                        co_await store.MultiGet(std::move(wanted), store::ReadMode::kAny));
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const std::uint64_t number = base::LoadBig(AsBytes(keys[i].bytes).subspan(1));
    // Closed between the two readings.
    if (!rows[i].present()) continue;
    CLOISON_CO_TRY_ASSIGN(Approval approval, OpenRow(number, rows[i]));
    if (IsOpen(approval)) open.items.push_back(std::move(approval));
  }
  co_return open;
}

}  // namespace cloison::access::internal
