// The kinds of approval about why an agent may open a person (access/caseload_requests.h).
#include <algorithm>

#include "access/caseload_requests.h"
#include "access/internal/explanation_works.h"
#include "access/internal/gate_calls.h"

namespace cloison::access::internal {

namespace {

constexpr std::size_t kTransferPairsPerWork = 200;

class CaseloadKind : public ApprovalKind {
 public:
  explicit CaseloadKind(Core& core) : core_(core) {}
  bool runs() const override { return true; }
  // The entry that says so is the approval's own; what was asked for runs afterwards.
  Status Enact(commit::Staging&, const Approval&, EntryMaker&) override { return Ok(); }

 protected:
  Task<Status> LoadAgents(commit::Staging& staging, std::vector<PrincipalId> agents) {
    for (const PrincipalId& agent : agents) {
      const Status loaded = co_await core_.principals.Load(staging, agent);
      if (!loaded.ok() && loaded.error().code() != Code::kNotFound) co_return loaded;
    }
    co_return Ok();
  }
  bool IsTheirs(const Approval& approval, const PrincipalId& agent) const {
    const PrincipalState* const state = core_.principals.Peek(agent);
    return state != nullptr && agent != Gate::SystemPrincipal() &&
           state->info().organisation == approval.organisation;
  }
  approvals::Gaining GainOf(const std::vector<PrincipalId>& agents) const {
    approvals::Gaining gaining{agents, {}};
    for (const PrincipalId& agent : agents) {
      const PrincipalState* const state = core_.principals.Peek(agent);
      if (state != nullptr && state->info().human.has_value()) {
        gaining.humans.push_back(*state->info().human);
      }
    }
    return gaining;
  }

  Core& core_;
};

// ---- an agent asks for one person

class AccessKind final : public CaseloadKind {
 public:
  using CaseloadKind::CaseloadKind;
  std::string_view name() const override { return kAccessKind; }
  std::optional<Right> asks() const override { return std::nullopt; }
  Right approves() const override { return Right::kReview; }
  approvals::Rules rules() const override {
    approvals::Rules rules;
    rules.asker_may_gain = true;    // for oneself, and another answers
    rules.chain_may_decide = true;  // a manager, for those below
    return rules;
  }
  Task<Status> Load(commit::Staging& staging, const Approval& approval) override {
    CLOISON_CO_TRY(ParseAccess(approval.what));
    std::vector<PrincipalId> agents{approval.asker};
    co_return co_await LoadAgents(staging, std::move(agents));
  }
  // Whether the code is anybody's is nobody's business here.
  Result<std::optional<Refusal>> Check(commit::Staging&, const Approval&) override {
    const bool listed =
        LimitsOf(ExplanationKind::kSecondPerson, core_.parts.policy.Now()).has_value();
    if (!listed) return std::optional(Plain(RefusalCode::kNoRight, "explain/second_person"));
    return std::optional<Refusal>{};
  }
  approvals::Gaining Gains(const Approval& approval) const override {
    return GainOf({approval.asker});
  }

  Task<Status> Run(Approval approval, base::Executor& home) override {
    CLOISON_CO_TRY_ASSIGN(const AccessRequest request, ParseAccess(approval.what));
    const std::shared_ptr<const Policy> policy = core_.parts.policy.Current();
    const auto limits = LimitsOf(ExplanationKind::kSecondPerson, *policy);
    if (!limits.has_value()) co_return Ok();
    std::vector<ExplainItem> items(1);
    items[0].agent = approval.asker;
    items[0].named = request.person;
    items[0].kind = ExplanationKind::kSecondPerson;
    items[0].until_ms = approval.decided_ms + limits->lasts_ms;
    items[0].reference = "approval " + std::to_string(approval.number);
    std::vector<PairItem*> pairs{&items[0]};
    CLOISON_CO_TRY(co_await SightPairs(core_, approval.organisation, std::move(pairs)));
    if (!items[0].person.has_value()) co_return Ok();  // nobody, or nobody any more
    const Gate::Once once{"access-" + std::to_string(approval.number), {}};
    auto work = std::make_unique<ExplainWork>(core_, SystemCaller(home), std::move(items),
                                              ExplainWork::Mode::kApproved, once);
    const Result<ExplainWork::Promise> done =
        co_await core_.parts.committer.Submit(std::move(work), home);
    co_return done.ok() ? Ok() : Status(done.error());
  }
};

// ---- a whole caseload goes to others

class TransferKind final : public CaseloadKind {
 public:
  using CaseloadKind::CaseloadKind;
  std::string_view name() const override { return kTransferKind; }
  bool bulk() const override { return true; }
  std::optional<Right> asks() const override { return Right::kAssign; }
  Right approves() const override { return Right::kEnrol; }

  Task<Status> Load(commit::Staging& staging, const Approval& approval) override {
    CLOISON_CO_TRY_ASSIGN(TransferRequest request, ParseTransfer(approval.what));
    request.to.push_back(request.from);
    co_return co_await LoadAgents(staging, std::move(request.to));
  }
  Result<std::optional<Refusal>> Check(commit::Staging&, const Approval& approval) override {
    CLOISON_TRY_ASSIGN(const TransferRequest request, ParseTransfer(approval.what));
    const bool theirs = IsTheirs(approval, request.from) &&
                        std::ranges::all_of(request.to, [&](const PrincipalId& to) {
                          return to != request.from && IsTheirs(approval, to);
                        });
    if (!theirs) return std::optional(Plain(RefusalCode::kNotAvailable, "not-available"));
    return std::optional<Refusal>{};
  }
  approvals::Gaining Gains(const Approval& approval) const override {
    const Result<TransferRequest> request = ParseTransfer(approval.what);
    CLOISON_CHECK(request.ok());
    return GainOf(request->to);
  }

  // Over all pairs once; those that have gone already are not there any more.
  Task<Status> Run(Approval approval, base::Executor& home) override {
    CLOISON_CO_TRY_ASSIGN(const TransferRequest request, ParseTransfer(approval.what));
    std::size_t turn = 0;
    std::string after;
    do {
      CLOISON_CO_TRY_ASSIGN(const Caseload::Page page, co_await core_.caseload.PairsOf(
                                                           core_.parts.people.store(), request.from,
                                                           after, kTransferPairsPerWork));
      std::vector<TransferWork::Item> items;
      for (const auto& [key, pair] : page.pairs) {
        const bool was_there =
            pair.caseload.has_value() && pair.caseload->since_ms <= approval.decided_ms;
        if (!was_there) continue;
        const Result<PersonId> person = co_await core_.parts.person_keys.PersonOf(pair.person);
        if (!person.ok() && person.error().code() == Code::kNotFound) continue;
        if (!person.ok()) co_return person.error();
        Result<records::Sighting> sighting = co_await core_.parts.people.Sight(*person);
        if (!sighting.ok() && sighting.error().code() == Code::kNotFound) continue;
        if (!sighting.ok()) co_return sighting.error();
        TransferWork::Item item;
        item.agent = request.from;
        item.to = request.to[turn++ % request.to.size()];
        item.person.emplace(std::move(*sighting));
        items.push_back(std::move(item));
      }
      after = page.next;
      if (items.empty()) continue;
      auto work = std::make_unique<TransferWork>(core_, SystemCaller(home), approval.number,
                                                 std::move(items));
      const Result<Status> done = co_await core_.parts.committer.Submit(std::move(work), home);
      if (!done.ok()) co_return done.error();
      CLOISON_CO_TRY(*done);
    } while (!after.empty());
    co_return Ok();
  }
};

}  // namespace

void AddCaseloadKinds(Core& core) {
  core.approval_kinds.push_back(std::make_unique<AccessKind>(core));
  core.approval_kinds.push_back(std::make_unique<TransferKind>(core));
}

}  // namespace cloison::access::internal
