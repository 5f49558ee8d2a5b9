// The works of explanations: written for others, declared for oneself, looked at by somebody else;
// the overview of one's own caseload; the end of what has ended.
#ifndef CLOISON_ACCESS_INTERNAL_EXPLANATION_WORKS_H_
#define CLOISON_ACCESS_INTERNAL_EXPLANATION_WORKS_H_

#include "access/explanations.h"
#include "access/internal/caseload_works.h"
#include "access/internal/read_works.h"

namespace cloison::access::internal {

// An explanation that waits to be looked at: family explanations, 00 ‖ u32 organisation ‖ u64 place
// of its entry; and 01 ‖ PRF(person) ‖ u64 place, whose value is the organisation, so that it goes
// with the person.
struct ReviewRow {
  ExplanationKind kind = ExplanationKind::kEmergency;
  PrincipalId agent{ByteArray<16>{}}, by{ByteArray<16>{}};  // who reads, who wrote it
  std::optional<HumanId> agents_human, writers_human;       // as they were then
  OrganisationId organisation{0};
  PersonId person{ByteArray<8>{}};
  std::int64_t at_ms = 0;
  std::string reason;  // at most ledger::kCaseRefBytesMax bytes
};
Bytes EncodeReview(const ReviewRow& review);
Result<ReviewRow> ParseReview(ByteView plain);  // kCorrupt
Bytes EncodeReviewOwner(OrganisationId organisation);
store::Key ReviewKey(OrganisationId organisation, std::uint64_t place);
store::Key ReviewOfKey(Core& core, const PersonId& person, std::uint64_t place);
// The rows of what waits about this person, both of each; at most `most` emergencies.
Task<Result<std::vector<store::Key>>> ReviewsOf(Core& core, PersonId person, std::size_t most);

struct ExplainItem : PairItem {
  ExplanationKind kind = ExplanationKind::kTicket;
  std::optional<std::int64_t> until_ms;
  std::string reference;
  // What the person was found by, if anything: whoever writes it is told the code.
  std::shared_ptr<const Card> card;
  bool searched = false;        // for whom it names
  std::optional<Error> failed;  // that could not be ended: said only to who may learn of it
};

class ExplainWork final : public GateWork {
 public:
  struct Done {
    std::uint64_t number;  // how many; of an emergency: until when
    ledger::Recorded recorded;
    base::Indirect<BudgetLeft> budget;
    // Of whom a card names. Nothing: nobody was searched for, and no answer is known: search first.
    std::optional<records::PersonCode> code;
  };
  using Promise = std::variant<Done, Refusal>;
  // Written for others; one's own emergency; or what an approval lets the system write.
  enum class Mode { kForOthers, kOwn, kApproved };
  ExplainWork(Core& core, const Caller& caller, std::vector<ExplainItem> items, Mode mode,
              const Gate::Once& once)
      : GateWork(core, caller, Reason{"explain", ""}),
        items_(std::move(items)),
        mode_(mode),
        once_(core, caller.principal, once) {}
  commit::Lane lane() const override { return commit::Lane::kCaseload; }
  Promise Take(const commit::Durable& durable);

 private:
  bool says_why() const override { return true; }  // in the reference of each
  Task<Status> LoadMore(commit::Staging& staging) override;
  Result<commit::Staged> Decide(commit::Staging& staging) override;

  std::vector<PairItem*> Pairs();
  // Why the caller may not write these kinds at all.
  std::optional<Refusal> NoRight();
  Result<commit::Staged> Explain(commit::Staging& staging);
  bool MayWrite(const commit::Staging& staging, const ExplainItem& item);
  Result<commit::Staged> DecideCard(
      commit::Staging& staging);  // this and two more: card_presence.cc
  Result<bool> IsOfCard(const commit::Staging& staging, const ExplainItem& item) const;
  Principals::Debit DebitOfCard(const Card& card) const;
  Result<std::optional<Passed>> Count(PairEdit& edit, const ExplainItem& item, std::int64_t now_ms);
  bool by_card() const { return items_.front().card != nullptr; }
  Result<std::variant<bool, Passed>> Apply(PairEdit& edit, const ExplainItem& item,
                                           std::int64_t now_ms);
  Status StageChange(PairEdit& edit, const ExplainItem& item);
  void StageReview(commit::Staging& staging, const ExplainItem& item);
  Principals::Debit DebitOfTelling();

  std::vector<ExplainItem> items_;
  Mode mode_;
  OnceBook once_;
  TallyCounts counts_;
  std::optional<Done> done_;
  std::optional<ledger::Pending> last_;
};

// An agent asks for a person: charged as a miss whoever that is, and counted by day.
class ChargeAccessWork final : public GateWork {
 public:
  using Promise = std::variant<base::Indirect<BudgetLeft>, Refusal>;
  ChargeAccessWork(Core& core, const Caller& caller, std::string named)
      : GateWork(core, caller, Reason{"access", ""}), named_(std::move(named)) {}
  Promise Take(const commit::Durable& durable);

 private:
  bool says_why() const override { return true; }  // in the approval
  Task<Status> LoadMore(commit::Staging& staging) override;
  Result<commit::Staged> Decide(commit::Staging& staging) override;

  std::string named_;
  TallyCounts counts_;
  base::Indirect<BudgetLeft> budget_;
};

class ListReviewsWork final : public GateWork {
 public:
  using Promise = std::variant<Explanations::Reviews, Refusal>;
  ListReviewsWork(Core& core, const Caller& caller)
      : GateWork(core, caller, Reason{"review", ""}) {}
  Promise Take(const commit::Durable& durable);

 private:
  Task<Status> LoadMore(commit::Staging& staging) override;
  Result<commit::Staged> Decide(commit::Staging& staging) override;

  std::vector<std::pair<std::uint64_t, ReviewRow>> rows_;  // of the organisation, by place
  std::optional<Explanations::Reviews> found_;
  std::optional<ledger::Pending> pending_;
};

class CloseReviewWork final : public GateWork {
 public:
  using Promise = std::variant<Explanations::Closed, Refusal>;
  CloseReviewWork(Core& core, const Caller& caller, std::uint64_t place, bool justified)
      : GateWork(core, caller, Reason{"review", std::to_string(place)}),
        place_(place),
        justified_(justified) {}
  Promise Take(const commit::Durable& durable);

 private:
  Task<Status> LoadMore(commit::Staging& staging) override;
  Result<commit::Staged> Decide(commit::Staging& staging) override;
  Result<std::optional<ReviewRow>> Find(const commit::Staging& staging);

  std::uint64_t place_;
  bool justified_;
  std::optional<ledger::Pending> pending_;
};

// What an overview of the own caseload shows, and what it costs: a call is one showing of a budget
// of its own.
class OfOverview : public GateWork {
 public:
  commit::Lane lane() const override { return commit::Lane::kCaseload; }

 protected:
  OfOverview(Core& core, const Caller& caller) : GateWork(core, caller, Reason{"caseload", ""}) {}
  std::vector<FieldId> RowFields();
  Principals::Debit DebitOfCall();
  // Nothing: the caller may have one now.
  std::optional<Result<commit::Staged>> RefuseOverview(commit::Staging& staging,
                                                       const Principals::Debit& debit);

 private:
  bool changes() const override { return false; }
  // Whether this call is past kStepUpPercent of a day's.
  bool IsWorn(const commit::Staging& staging);
};

// Whether there may be an overview, before hundreds of people are read for it: whoever has had
// theirs costs the register no more than a refusal.
class MayOverviewWork final : public OfOverview {
 public:
  using Promise = std::variant<std::monostate, Refusal>;
  MayOverviewWork(Core& core, const Caller& caller) : OfOverview(core, caller) {}
  Promise Take(const commit::Durable& durable);

 private:
  Result<commit::Staged> Decide(commit::Staging& staging) override;
};

// Whom the caller follows, masked, each with an entry.
class OverviewWork final : public OfOverview {
 public:
  using Promise = std::variant<DiscloseWork::Granted, Refusal>;
  OverviewWork(Core& core, const Caller& caller, std::vector<Target> targets)
      : OfOverview(core, caller), targets_(std::move(targets)) {}
  Promise Take(const commit::Durable& durable);

 private:
  Task<Status> LoadMore(commit::Staging& staging) override;
  Result<commit::Staged> Decide(commit::Staging& staging) override;
  Result<bool> IsFollowed(const Target& target, const commit::BatchTime& now);
  void StageRow(std::size_t number, const std::vector<FieldId>& fields);

  std::vector<Target> targets_;
  std::vector<std::pair<std::size_t, ledger::Pending>> pending_;
  base::Indirect<BudgetLeft> budget_;
};

// People go from one caseload to others. By the system principal, as an approval says.
class TransferWork final : public GateWork {
 public:
  using Promise = Status;
  struct Item : PairItem {  // `agent`: from whom
    PrincipalId to{ByteArray<16>{}};
  };
  TransferWork(Core& core, const Caller& caller, std::uint64_t approval, std::vector<Item> items)
      : GateWork(core, caller, Reason{"transfer", "approval " + std::to_string(approval)}),
        items_(std::move(items)) {}
  commit::Lane lane() const override { return commit::Lane::kBulk; }
  Promise Take(const commit::Durable&);

 private:
  Task<Status> LoadMore(commit::Staging& staging) override;
  Result<commit::Staged> Decide(commit::Staging& staging) override;
  Result<bool> MoveOne(PairEdit& edit, const Item& item, std::int64_t now_ms);

  std::vector<Item> items_;
  TallyCounts counts_;
  std::size_t left_ = 0;  // whom nobody had a place for
};

// Drops what has ended of these pairs. By the system principal.
class SweepWork final : public GateWork {
 public:
  using Promise = Status;
  struct Item {
    PrincipalId agent;
    PersonId person;
    Aud aud;
  };
  SweepWork(Core& core, const Caller& caller, std::vector<Item> items)
      : GateWork(core, caller, Reason{"sweep", ""}), items_(std::move(items)) {}
  commit::Lane lane() const override { return commit::Lane::kBulk; }
  Promise Take(const commit::Durable&) {
    return refused() ? Status(Error{Code::kDenied, "the system principal is not enrolled"}) : Ok();
  }

 private:
  Task<Status> LoadMore(commit::Staging& staging) override;
  Result<commit::Staged> Decide(commit::Staging& staging) override;
  std::vector<Item> items_;
  TallyCounts counts_;
};

// Whether anything of the pair has ended.
bool HasEnded(const Pair& pair, std::int64_t now_ms);

}  // namespace cloison::access::internal

#endif  // CLOISON_ACCESS_INTERNAL_EXPLANATION_WORKS_H_
