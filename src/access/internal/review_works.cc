// Explanations that wait to be looked at: their rows, and the works that list and close them.
#include "access/internal/explanation_works.h"

namespace cloison::access::internal {

namespace {

constexpr char kReviews = 0, kReviewsOfPerson = 1;
constexpr store::Family kFamily = store::Family::kExplanations;
constexpr std::uint8_t kReviewVersion = 2;

void AppendHuman(Bytes& out, const std::optional<HumanId>& human) {
  out.push_back(human.has_value() ? 1 : 0);
  base::AppendBytes(out, human.value_or(HumanId{}));
}

bool TakeHuman(base::Reader& reader, std::optional<HumanId>& human) {
  const std::uint8_t has = reader.U8();
  const HumanId id = reader.Array<16>();
  if (has == 1) human = id;
  return has == 1 || (has == 0 && id == HumanId{});
}

// Whoever reads by it or wrote it, under whichever account.
bool IsOwn(const ReviewRow& review, const PrincipalInfo& info) {
  const bool same = info.human.has_value() &&
                    (info.human == review.agents_human || info.human == review.writers_human);
  return same || review.agent == info.id || review.by == info.id;
}

}  // namespace

Bytes EncodeReview(const ReviewRow& review) {
  Bytes out{kReviewVersion, static_cast<std::uint8_t>(review.kind)};
  base::AppendBytes(out, review.agent.bytes());
  AppendHuman(out, review.agents_human);
  base::AppendBytes(out, review.by.bytes());
  AppendHuman(out, review.writers_human);
  base::AppendU32(out, review.organisation.value());
  base::AppendBytes(out, review.person.bytes());
  base::AppendU64(out, static_cast<std::uint64_t>(review.at_ms));
  out.push_back(static_cast<std::uint8_t>(review.reason.size()));
  base::AppendBytes(out, AsBytes(review.reason));
  return out;
}

Bytes EncodeReviewOwner(OrganisationId organisation) {
  Bytes out{kReviewVersion};
  base::AppendU32(out, organisation.value());
  return out;
}

Result<ReviewRow> ParseReview(ByteView plain) {
  base::Reader reader(plain);
  const std::uint8_t version = reader.U8(), kind = reader.U8();
  ReviewRow review;
  review.agent = PrincipalId(reader.Array<16>());
  bool humans = TakeHuman(reader, review.agents_human);
  review.by = PrincipalId(reader.Array<16>());
  humans = TakeHuman(reader, review.writers_human) && humans;
  review.organisation = OrganisationId(reader.U32());
  review.person = PersonId(reader.Array<8>());
  review.at_ms = static_cast<std::int64_t>(reader.U64());
  const std::size_t size = reader.U8();
  review.reason = std::string(AsText(reader.Take(size)));
  const bool known = kind >= 1 && kind <= kExplanationKindLast;
  if (reader.failed() || !reader.empty() || version != kReviewVersion || !known || !humans ||
      size > ledger::kCaseRefBytesMax || review.at_ms < 0) {
    return Error{Code::kCorrupt, "a review does not parse"};
  }
  review.kind = static_cast<ExplanationKind>(kind);
  return review;
}

store::Key ReviewKey(OrganisationId organisation, std::uint64_t place) {
  std::string key(1, kReviews);
  key += AsText(base::BigU32(organisation.value()));
  key += AsText(base::BigU64(place));
  return {kFamily, std::move(key)};
}

store::Key ReviewOfKey(Core& core, const PersonId& person, std::uint64_t place) {
  std::string key(1, kReviewsOfPerson);
  key += core.parts.state.Prf(kFamily, {person.bytes()});
  key += AsText(base::BigU64(place));
  return {kFamily, std::move(key)};
}

Task<Result<std::vector<store::Key>>> ReviewsOf(Core& core, PersonId person, std::size_t most) {
  const std::string first = ReviewOfKey(core, person, 0).bytes;
  store::Range range{kFamily, first, ReviewOfKey(core, person, UINT64_MAX).bytes};
  Result<store::ScanPage> page = co_await core.parts.people.store().Scan(std::move(range), most);
  if (!page.ok()) co_return page.error();
  std::vector<store::Key> keys;
  for (store::KeyedRow& row : page->rows) {
    const std::uint64_t place = base::LoadBig(AsBytes(row.key).last(8));
    store::Key of_person{kFamily, std::move(row.key)};
    CLOISON_CO_TRY_ASSIGN(const crypto::SecretBytes plain,
                          core.parts.state.Open(of_person, row.row.value));
    base::Reader reader(plain.Reveal());
    const std::uint8_t version = reader.U8();
    const OrganisationId organisation(reader.U32());
    if (reader.failed() || !reader.empty() || version != kReviewVersion) {
      co_return Error{Code::kCorrupt, "a review does not parse"};
    }
    keys.push_back(ReviewKey(organisation, place));
    keys.push_back(std::move(of_person));
  }
  co_return keys;
}

// ---- reviews

Task<Status> ListReviewsWork::LoadMore(commit::Staging& staging) {
  rows_.clear();
  const Policy& policy = core_.parts.policy.Now();
  const PrincipalInfo info = principal().info();
  if (!policy.Has(info.role, Right::kReview)) co_return Ok();  // refused in Decide
  store::Range range{kFamily, ReviewKey(info.organisation, 0).bytes,
                     ReviewKey(info.organisation, UINT64_MAX).bytes};
  const Result<store::ScanPage> page =
      co_await staging.store().Scan(std::move(range), kReviewsScannedMax);
  if (!page.ok()) co_return page.error();
  for (const store::KeyedRow& keyed : page->rows) {
    const store::Key key{kFamily, keyed.key};
    CLOISON_CO_TRY_ASSIGN(const crypto::SecretBytes plain,
                          core_.parts.state.Open(key, keyed.row.value));
    CLOISON_CO_TRY_ASSIGN(ReviewRow row, ParseReview(plain.Reveal()));
    rows_.emplace_back(base::LoadBig(AsBytes(keyed.key).last(8)), std::move(row));
  }
  co_return Ok();
}

Result<commit::Staged> ListReviewsWork::Decide(commit::Staging& staging) {
  found_.reset();
  pending_.reset();
  const PrincipalInfo& info = principal().info();
  if (!core_.parts.policy.Now().Has(info.role, Right::kReview)) {
    return Refuse(staging, Plain(RefusalCode::kNoRight, "right/review"), ledger::Decision::kRefuse,
                  {});
  }
  Explanations::Reviews reviews;
  for (const auto& [place, row] : rows_) {
    if (IsOwn(row, info) || reviews.pending.size() == kReviewsListedMax) continue;
    CLOISON_TRY_ASSIGN(const records::PersonCode code,
                       core_.parts.codes.Encode(info.organisation, row.person));
    reviews.pending.push_back(
        {place, row.kind, row.agent, row.organisation, row.at_ms, code.symbols(), row.reason});
  }
  pending_ = StageEntry(Draft(ledger::Kind::kRights, ledger::Decision::kAllow, "review/list"));
  Charge(staging, {});
  found_ = std::move(reviews);
  return commit::Staged::kDone;
}

ListReviewsWork::Promise ListReviewsWork::Take(const commit::Durable& durable) {
  if (refused()) return TakeRefusal(durable);
  found_->recorded = core_.parts.ledger.Redeem(std::move(*pending_), durable);
  return std::move(*found_);
}

Task<Status> CloseReviewWork::LoadMore(commit::Staging& staging) {
  std::vector<store::Key> keys{ReviewKey(principal().info().organisation, place_)};
  CLOISON_CO_TRY(co_await staging.Load(std::move(keys)));
  CLOISON_CO_TRY_ASSIGN(const std::optional<ReviewRow> review, Find(staging));
  if (!review.has_value()) co_return Ok();
  const std::vector<PrincipalId> theirs{review->agent, review->by};
  co_return co_await LoadHumansOf(core_, staging, principal().info(), theirs);
}

Result<std::optional<ReviewRow>> CloseReviewWork::Find(const commit::Staging& staging) {
  const store::Key key = ReviewKey(principal().info().organisation, place_);
  const store::Row& row = staging.Get(key);
  if (!row.present()) return std::optional<ReviewRow>{};
  CLOISON_TRY_ASSIGN(const crypto::SecretBytes plain, core_.parts.state.Open(key, row.value));
  CLOISON_TRY_ASSIGN(ReviewRow review, ParseReview(plain.Reveal()));
  return std::optional<ReviewRow>(std::move(review));
}

Result<commit::Staged> CloseReviewWork::Decide(commit::Staging& staging) {
  pending_.reset();
  const PrincipalInfo& info = principal().info();
  if (!core_.parts.policy.Now().Has(info.role, Right::kReview)) {
    return Refuse(staging, Plain(RefusalCode::kNoRight, "right/review"), ledger::Decision::kRefuse,
                  {});
  }
  CLOISON_TRY_ASSIGN(const std::optional<ReviewRow> review, Find(staging));
  const bool theirs = review.has_value() && !IsOwn(*review, info) &&
                      !IsSameHuman(core_, info, review->agent) &&
                      !IsSameHuman(core_, info, review->by);
  if (!theirs) {
    return Refuse(staging, Plain(RefusalCode::kNotAvailable, "not-available"),
                  ledger::Decision::kMiss, {});
  }
  staging.Delete(ReviewKey(info.organisation, place_));
  staging.Delete(ReviewOfKey(core_, review->person, place_));
  pending_ = StageEntry(Draft(ledger::Kind::kRights, ledger::Decision::kAllow,
                              justified_ ? "review/justified" : "review/unjustified"));
  Charge(staging, {});
  return commit::Staged::kDone;
}

CloseReviewWork::Promise CloseReviewWork::Take(const commit::Durable& durable) {
  if (refused()) return TakeRefusal(durable);
  return Explanations::Closed{core_.parts.ledger.Redeem(std::move(*pending_), durable)};
}

}  // namespace cloison::access::internal
