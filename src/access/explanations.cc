#include "access/explanations.h"

#include "access/caseload_requests.h"
#include "access/internal/explanation_works.h"
#include "access/internal/gate_calls.h"

namespace cloison::access {

using internal::Core;
using internal::ExplainItem;
using internal::ExplainWork;
using internal::PairItem;

namespace {

constexpr std::size_t kSweepRowsPerWork = 500;
constexpr std::size_t kHoursOfSweep = 24;

// Sights and submits; `organisation` is the caller's.
Task<Outcome<ExplainWork::Done>> Submit(Core& core, Caller caller, std::vector<ExplainItem> items,
                                        ExplainWork::Mode mode, Gate::Once once) {
  const Result<internal::KnownPrincipal> info =
      co_await internal::KnownCaller(core, caller.principal);
  if (!info.ok() && info.error().code() == Code::kNotFound) {
    co_return std::variant<ExplainWork::Done, Refusal>(internal::NotEnrolled(core));
  }
  if (!info.ok()) co_return info.error();
  std::vector<PairItem*> pairs;
  for (ExplainItem& item : items) pairs.push_back(&item);
  CLOISON_CO_TRY(co_await internal::SightPairs(core, info->organisation, std::move(pairs)));
  auto work = std::make_unique<ExplainWork>(core, caller, std::move(items), mode, once);
  co_return co_await core.parts.committer.Submit(std::move(work), caller.home);
}

bool IsWritten(ExplanationKind kind) {
  return kind != ExplanationKind::kEmergency && kind != ExplanationKind::kSecondPerson &&
         kind != ExplanationKind::kTransfer;
}

// Whoever the card names alone; nothing: nobody, or more than one.
Task<Result<std::optional<PersonId>>> FindByCard(Core& core, const Card& card) {
  using Found = std::optional<PersonId>;
  const records::Matcher matcher(core.parts.people);
  Result<std::vector<PersonId>> found = co_await matcher.Exact(card.number, kCardPeopleMax + 1);
  // A slot that is too full to be the only criterion answers like nobody.
  if (!found.ok() && found.error().code() == Code::kExhausted) co_return Found{};
  if (!found.ok()) co_return found.error();
  if (found->size() > kCardPeopleMax) co_return Found{};
  if (!card.birth.has_value()) co_return found->size() == 1 ? Found(found->front()) : Found{};
  CLOISON_CO_TRY_ASSIGN(const std::vector<Result<records::Sighting>> sightings,
                        co_await core.parts.people.SightMany(std::move(*found)));
  Found named;
  for (const Result<records::Sighting>& sighting : sightings) {
    if (!sighting.ok() && sighting.error().code() == Code::kNotFound) continue;
    if (!sighting.ok()) co_return sighting.error();
    CLOISON_CO_TRY_ASSIGN(const bool born,
                          matcher.Is(*sighting, card.birth->field, card.birth->date));
    if (!born) continue;
    if (named.has_value()) co_return Found{};
    named = sighting->key.person();
  }
  co_return named;
}

// Names whom the card of `item` names, by the organisation's code.
Task<Status> SearchFor(Core& core, OrganisationId organisation, ExplainItem& item) {
  item.searched = true;
  // Of a policy without presences nobody is told anything.
  const bool may = LimitsOf(item.kind, *core.parts.policy.Current()).has_value();
  if (!may) co_return Ok();
  const auto person = co_await FindByCard(core, *item.card);
  if (!person.ok()) {
    internal::NoteCorrupt(core, person.error(), "record_does_not_open");
    item.failed = person.error();
    co_return Ok();
  }
  if (!person->has_value()) co_return Ok();
  CLOISON_CO_TRY_ASSIGN(const records::PersonCode code,
                        core.parts.codes.Encode(organisation, **person));
  item.named = code.Text();
  co_return Ok();
}

// The people whom the caller follows for certain, as they are before the committer looks.
Task<Result<std::vector<internal::Target>>> Followed(Core& core, PrincipalId agent,
                                                     OrganisationId organisation) {
  const std::int64_t now_ms = core.parts.committer.Now().budget_ms;
  const Standing wanted{Relation::kCaseload, Counted::kOnCaseload};
  std::vector<internal::Target> targets;
  std::string after;
  do {
    CLOISON_CO_TRY_ASSIGN(const Caseload::Page page,
                          co_await core.caseload.PairsOf(core.parts.people.store(), agent, after,
                                                         store::kScanRowsMax));
    for (const auto& [key, pair] : page.pairs) {
      if (targets.size() == kOverviewPeopleMax || StandingOf(pair, now_ms) != wanted) continue;
      const Result<PersonId> person = co_await core.parts.person_keys.PersonOf(pair.person);
      if (!person.ok() && person.error().code() == Code::kNotFound) continue;  // erased meanwhile
      if (!person.ok()) co_return person.error();
      internal::Target target;
      target.person = *person;
      CLOISON_CO_TRY_ASSIGN(target.code, core.parts.codes.Encode(organisation, *person));
      targets.push_back(std::move(target));
    }
    after = page.next;
  } while (!after.empty());
  co_return targets;
}

// Whose pair this is: the row says which person, and the person's rows say who has one.
Task<Result<std::optional<internal::SweepWork::Item>>> OwnerOf(Core& core, store::Key key,
                                                               Aud aud) {
  using Item = internal::SweepWork::Item;
  const Result<PersonId> person = co_await core.parts.person_keys.PersonOf(aud);
  if (!person.ok() && person.error().code() == Code::kNotFound) co_return std::optional<Item>{};
  if (!person.ok()) co_return person.error();
  CLOISON_CO_TRY_ASSIGN(
      const std::vector<PrincipalId> agents,
      co_await core.caseload.AgentsOf(core.parts.people.store(), *person, store::kScanRowsMax));
  for (const PrincipalId& agent : agents) {
    if (core.caseload.PairKey(agent, *person) != key) continue;
    co_return std::optional<Item>(Item{agent, *person, aud});
  }
  co_return std::optional<Item>{};
}

Task<Status> SweepPage(Core& core, std::vector<std::pair<store::Key, Pair>> ended,
                       base::Executor& home) {
  std::vector<internal::SweepWork::Item> items;
  for (const auto& [key, pair] : ended) {
    CLOISON_CO_TRY_ASSIGN(auto item, co_await OwnerOf(core, key, pair.person));
    if (item.has_value()) items.push_back(*item);
  }
  if (items.empty()) co_return Ok();
  auto work =
      std::make_unique<internal::SweepWork>(core, internal::SystemCaller(home), std::move(items));
  const Result<Status> done = co_await core.parts.committer.Submit(std::move(work), home);
  co_return done.ok() ? *done : Status(done.error());
}

}  // namespace

Task<Outcome<Explanations::Explained>> Explanations::Write(Caller caller,
                                                           std::vector<NewExplanation> explanations,
                                                           Gate::Once once) {
  if (explanations.empty() || explanations.size() > kExplanationsPerRequestMax) {
    co_return Error{Code::kInvalid, "a request explains 1 to 500 people"};
  }
  CLOISON_CO_TRY(internal::CheckOnce(once));
  std::vector<ExplainItem> items;
  for (NewExplanation& one : explanations) {
    if (!IsWritten(one.kind)) {
      co_return Error{Code::kInvalid, "this kind of explanation is not written this way"};
    }
    if (one.reference.size() > ledger::kCaseRefBytesMax) {
      co_return Error{Code::kInvalid, "a reference is too long"};
    }
    ExplainItem item;
    item.agent = one.agent;
    item.named = std::move(one.person);
    item.kind = one.kind;
    item.until_ms = one.until_ms;
    item.reference = std::move(one.reference);
    items.push_back(std::move(item));
  }
  Outcome<ExplainWork::Done> outcome = co_await Submit(
      core_, caller, std::move(items), ExplainWork::Mode::kForOthers, std::move(once));
  if (!outcome.ok()) co_return outcome.error();
  if (Refusal* refusal = std::get_if<Refusal>(&*outcome); refusal != nullptr) {
    co_return std::variant<Explained, Refusal>(std::move(*refusal));
  }
  ExplainWork::Done& done = std::get<ExplainWork::Done>(*outcome);
  co_return std::variant<Explained, Refusal>(
      Explained{static_cast<std::size_t>(done.number), std::move(done.recorded)});
}

Task<Outcome<Explanations::Witnessed>> Explanations::WitnessCard(Caller caller,
                                                                 CardPresence presence,
                                                                 Gate::Once once) {
  if (presence.reference.size() > ledger::kCaseRefBytesMax) {
    co_return Error{Code::kInvalid, "a reference is too long"};
  }
  CLOISON_CO_TRY(internal::CheckOnce(once));
  Core& core = core_;
  Reason reason{"explain", ""};
  CLOISON_CO_TRY_ASSIGN(
      std::optional<Refusal> refused,
      co_await internal::RefusedAtOnce(core, caller, std::move(reason), Right::kExplain));
  if (refused.has_value()) co_return std::variant<Witnessed, Refusal>(std::move(*refused));
  CLOISON_CO_TRY_ASSIGN(const internal::KnownPrincipal info,
                        co_await internal::KnownCaller(core, caller.principal));
  // As for a registration: with a key that is used, nobody is looked for.
  const internal::OnceBook book(core, caller.principal, once);
  const internal::OnceTurns::Turn turn =
      co_await core.once_turns.Take(book.key().bytes, caller.home);
  CLOISON_CO_TRY_ASSIGN(const bool is_known, co_await book.IsKnown());
  const auto card = std::make_shared<const Card>(std::move(presence.card));
  // A key may be known and have expired.
  for (bool searches = !is_known;; searches = true) {
    std::vector<ExplainItem> items(1);
    items[0].agent = presence.agent;
    items[0].kind = ExplanationKind::kPresence;
    items[0].until_ms = presence.until_ms;
    items[0].reference = presence.reference;
    items[0].card = card;
    if (searches) {
      CLOISON_CO_TRY(co_await SearchFor(core, info.organisation, items[0]));
      co_await caller.home.Schedule();
    }
    Outcome<ExplainWork::Done> outcome =
        co_await Submit(core, caller, std::move(items), ExplainWork::Mode::kForOthers, once);
    if (!outcome.ok()) co_return outcome.error();
    if (Refusal* refusal = std::get_if<Refusal>(&*outcome); refusal != nullptr) {
      co_return std::variant<Witnessed, Refusal>(std::move(*refusal));
    }
    ExplainWork::Done& done = std::get<ExplainWork::Done>(*outcome);
    if (!done.code.has_value()) continue;
    co_return std::variant<Witnessed, Refusal>(
        Witnessed{*done.code, std::move(done.recorded), done.budget});
  }
}

Task<Outcome<Explanations::Declared>> Explanations::DeclareEmergency(Caller caller,
                                                                     std::string person,
                                                                     std::string reason,
                                                                     Gate::Once once) {
  if (reason.empty() || reason.size() > ledger::kCaseRefBytesMax) {
    co_return Error{Code::kInvalid, "an emergency has a reason of 1 to 128 bytes"};
  }
  CLOISON_CO_TRY(internal::CheckOnce(once));
  std::vector<ExplainItem> items(1);
  items[0].agent = caller.principal;
  items[0].named = std::move(person);
  items[0].kind = ExplanationKind::kEmergency;
  items[0].reference = std::move(reason);
  Outcome<ExplainWork::Done> outcome =
      co_await Submit(core_, caller, std::move(items), ExplainWork::Mode::kOwn, std::move(once));
  if (!outcome.ok()) co_return outcome.error();
  if (Refusal* refusal = std::get_if<Refusal>(&*outcome); refusal != nullptr) {
    co_return std::variant<Declared, Refusal>(std::move(*refusal));
  }
  ExplainWork::Done& done = std::get<ExplainWork::Done>(*outcome);
  co_return std::variant<Declared, Refusal>(
      Declared{static_cast<std::int64_t>(done.number), std::move(done.recorded), done.budget});
}

Task<Outcome<Explanations::Reviews>> Explanations::ListReviews(Caller caller) {
  auto work = std::make_unique<internal::ListReviewsWork>(core_, caller);
  co_return co_await core_.parts.committer.Submit(std::move(work), caller.home);
}

Task<Outcome<Explanations::Closed>> Explanations::CloseReview(Caller caller, std::uint64_t place,
                                                              bool justified) {
  auto work = std::make_unique<internal::CloseReviewWork>(core_, caller, place, justified);
  co_return co_await core_.parts.committer.Submit(std::move(work), caller.home);
}

Task<Outcome<Approvals::Shown>> Explanations::AskAccess(Caller caller, std::string person,
                                                        std::string reason, Gate::Once once) {
  if (person.empty() || person.size() > kAccessPersonBytesMax) {
    co_return Error{Code::kInvalid, "a person is named in 1 to 64 bytes"};
  }
  auto charge = std::make_unique<internal::ChargeAccessWork>(core_, caller, person);
  Result<internal::ChargeAccessWork::Promise> charged =
      co_await core_.parts.committer.Submit(std::move(charge), caller.home);
  if (!charged.ok()) co_return charged.error();
  if (Refusal* refusal = std::get_if<Refusal>(&*charged); refusal != nullptr) {
    co_return std::variant<Approvals::Shown, Refusal>(std::move(*refusal));
  }
  Approvals::Request request{std::string(kAccessKind), Encode(AccessRequest{std::move(person)}),
                             std::move(reason)};
  Approvals approvals(core_);
  Outcome<Approvals::Shown> asked =
      co_await approvals.Ask(caller, std::move(request), std::move(once));
  Approvals::Shown* const shown = asked.ok() ? std::get_if<Approvals::Shown>(&*asked) : nullptr;
  if (shown != nullptr) shown->budget = std::get<base::Indirect<BudgetLeft>>(*charged);
  co_return asked;
}

Task<Outcome<Explanations::Overview>> Explanations::OwnCaseload(Caller caller) {
  Core& core = core_;
  const Result<internal::KnownPrincipal> info =
      co_await internal::KnownCaller(core, caller.principal);
  if (!info.ok() && info.error().code() == Code::kNotFound) {
    co_return std::variant<Overview, Refusal>(internal::NotEnrolled(core));
  }
  if (!info.ok()) co_return info.error();
  auto may = std::make_unique<internal::MayOverviewWork>(core, caller);
  Result<internal::MayOverviewWork::Promise> allowed =
      co_await core.parts.committer.Submit(std::move(may), caller.home);
  if (!allowed.ok()) co_return allowed.error();
  if (Refusal* refusal = std::get_if<Refusal>(&*allowed); refusal != nullptr) {
    co_return std::variant<Overview, Refusal>(std::move(*refusal));
  }
  CLOISON_CO_TRY_ASSIGN(std::vector<internal::Target> targets,
                        co_await Followed(core, caller.principal, info->organisation));
  CLOISON_CO_TRY(co_await internal::SightTargets(core, info->pairs, targets));
  auto work = std::make_unique<internal::OverviewWork>(core, caller, std::move(targets));
  Result<internal::OverviewWork::Promise> promise =
      co_await core.parts.committer.Submit(std::move(work), caller.home);
  if (!promise.ok()) co_return promise.error();
  if (Refusal* refusal = std::get_if<Refusal>(&*promise); refusal != nullptr) {
    co_return std::variant<Overview, Refusal>(std::move(*refusal));
  }
  auto& granted = std::get<internal::DiscloseWork::Granted>(*promise);
  CLOISON_CO_TRY_ASSIGN(std::vector<ShownRecord> shown,
                        internal::OpenAllowed(core, granted.targets, std::move(granted.allowed)));
  co_return std::variant<Overview, Refusal>(Overview{std::move(shown), granted.budget});
}

Task<Status> Explanations::Sweep(base::Executor& home) {
  const std::int64_t now_ms = core_.parts.committer.Now().budget_ms;
  const auto slice = static_cast<std::size_t>(now_ms / base::kHourMs % kHoursOfSweep);
  store::Range range = Caseload::Slice(slice, kHoursOfSweep);
  for (bool more = true; more;) {
    CLOISON_CO_TRY_ASSIGN(store::ScanPage read,
                          co_await core_.parts.people.store().Scan(range, kSweepRowsPerWork));
    std::vector<std::pair<store::Key, Pair>> ended;
    for (store::KeyedRow& keyed : read.rows) {
      store::Key key{store::Family::kCaseload, std::move(keyed.key)};
      CLOISON_CO_TRY_ASSIGN(Pair pair, core_.caseload.Open(key, keyed.row));
      if (internal::HasEnded(pair, now_ms)) ended.emplace_back(std::move(key), std::move(pair));
    }
    if (!ended.empty()) {
      CLOISON_CO_TRY(co_await SweepPage(core_, std::move(ended), home));
    }
    more = read.next.has_value();
    if (more) range.begin = *read.next;
  }
  co_return co_await RemindOfReviews(now_ms);
}

// Of those that came due since it was asked last; of all, after a start.
Task<Status> Explanations::RemindOfReviews(std::int64_t now_ms) {
  std::int64_t overdue = 0;
  store::Range range{store::Family::kExplanations, internal::ReviewKey(OrganisationId(0), 0).bytes,
                     internal::ReviewKey(OrganisationId(UINT32_MAX), UINT64_MAX).bytes};
  for (bool more = true; more;) {
    CLOISON_CO_TRY_ASSIGN(const store::ScanPage read,
                          co_await core_.parts.people.store().Scan(range, store::kScanRowsMax));
    for (const store::KeyedRow& keyed : read.rows) {
      const store::Key key{store::Family::kExplanations, keyed.key};
      CLOISON_CO_TRY_ASSIGN(const crypto::SecretBytes plain,
                            core_.parts.state.Open(key, keyed.row.value));
      CLOISON_CO_TRY_ASSIGN(const internal::ReviewRow review,
                            internal::ParseReview(plain.Reveal()));
      const std::int64_t due_ms = review.at_ms + kReviewDueMs;
      overdue += due_ms > reminded_ms_ && due_ms <= now_ms ? 1 : 0;
    }
    more = read.next.has_value();
    if (more) range.begin = *read.next;
  }
  reminded_ms_ = now_ms;
  if (overdue != 0) {
    core_.parts.events.Emit(base::Severity::kWarning, "emergencies_not_reviewed",
                            {{"count", overdue}});
  }
  co_return Ok();
}

}  // namespace cloison::access
