#include "access/decoys.h"

#include <algorithm>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "access/internal/decoy_works.h"
#include "access/internal/gate_calls.h"

namespace cloison::access {

using internal::DecoyListWork;
using internal::SystemCaller;
using internal::Turn;
using records::Stratum;

namespace {

constexpr std::uint8_t kVersion = 1;
constexpr std::size_t kMadeAtOnce = 64;  // under one change of the list

constexpr Error kNotEnrolled{Code::kDenied, "the system principal is not enrolled"};

Task<Result<DecoyListWork::Now>> ChangeList(internal::Core& core, std::vector<Decoy> add,
                                            std::vector<Decoy> remove, base::Executor& home) {
  auto work =
      std::make_unique<DecoyListWork>(core, SystemCaller(home), std::move(add), std::move(remove));
  Result<DecoyListWork::Promise> done = co_await core.parts.committer.Submit(std::move(work), home);
  if (!done.ok()) co_return done.error();
  auto* const now = std::get_if<DecoyListWork::Now>(&*done);
  if (now == nullptr) co_return kNotEnrolled;
  co_return std::move(*now);
}

// Not inside a coroutine: nothing that has no name may be an argument there.
Task<Result<DecoyListWork::Now>> ReadList(internal::Core& core, base::Executor& home) {
  return ChangeList(core, {}, {}, home);
}
Task<Result<DecoyListWork::Now>> AddToList(internal::Core& core, std::vector<Decoy> decoys,
                                           base::Executor& home) {
  return ChangeList(core, std::move(decoys), {}, home);
}
Task<Result<DecoyListWork::Now>> TakeFromList(internal::Core& core, std::vector<Decoy> decoys,
                                              base::Executor& home) {
  return ChangeList(core, {}, std::move(decoys), home);
}

// Durable, or an error: of a number that is taken kConflict.
template <class Record>
Task<Status> Submit(internal::Core& core, Record record, base::Executor& home) {
  using Work = internal::DecoyRecordWork<Record>;
  auto work = std::make_unique<Work>(core, SystemCaller(home), std::move(record));
  const auto done = co_await core.parts.committer.Submit(std::move(work), home);
  if (!done.ok()) co_return done.error();
  if (std::holds_alternative<Refusal>(*done)) co_return kNotEnrolled;
  co_return Ok();
}

}  // namespace

Bytes Encode(const DecoysRequest& request) {
  Bytes out{kVersion};
  base::AppendU32(out, request.per_100000);
  return out;
}

Result<DecoysRequest> ParseDecoys(ByteView what) {
  base::Reader reader(what);
  const std::uint8_t version = reader.U8();
  const DecoysRequest request{reader.U32()};
  const bool fit = !reader.failed() && reader.empty() && version == kVersion &&
                   request.per_100000 <= kDecoyShareMax;
  if (!fit) return Error{Code::kInvalid, "what is asked for does not parse"};
  return request;
}

struct Decoys::Plan {
  std::size_t people = 0;
  std::map<std::uint64_t, std::size_t> versions;  // of people
  struct Life {
    Decoy decoy;
    std::uint64_t seq;
  };
  std::vector<Life> decoys;  // on the list, and there
  std::vector<Decoy> gone;   // on the list, and erased
  std::size_t unseen = 0;    // on the list, and neither there nor erased
  std::size_t unread = 0;    // rows that do not open, decoys' or not
  std::vector<Stratum> make;
  std::vector<Decoy> retire;
};

namespace {

// Of decoys that a pass did not see only the erased go off the list; gives how many stay. An entry
// that names nobody does nothing; without it whoever hides rows from one pass has records that
// nobody watches afterwards.
std::size_t StayListed(const keys::EraseJournal& journal, std::vector<Decoy>& unseen) {
  std::unordered_set<Aud, base::IdHash> erased;
  for (const keys::EraseJournal::Item& item : journal.items()) {
    if (item.past_pkv == 0) erased.insert(item.aud);  // else their key alone is gone
  }
  return std::erase_if(unseen,
                       [&erased](const Decoy& decoy) { return !erased.contains(decoy.aud); });
}

}  // namespace

// As many of each stratum as its share, what is left over going on to the next one: so any row of
// strata, a département or a decade within it, has its share too, give or take one. Two where
// people came and went: else one who comes would move decoys of every stratum after theirs.
Task<Result<Decoys::Plan>> Decoys::MakePlan(base::Executor& home) {
  CLOISON_CO_TRY_ASSIGN(const DecoyListWork::Now now, co_await ReadList(core_, home));
  Plan plan;
  if (now.share == 0 && now.decoys.empty()) co_return plan;
  std::unordered_map<PersonId, Decoy, base::IdHash> known;
  std::unordered_set<Aud, base::IdHash> auds;
  for (const Decoy& decoy : now.decoys) {
    known.emplace(decoy.person, decoy);
    auds.insert(decoy.aud);
  }
  const std::function<bool(const Aud&)> is_apart = [&auds](const Aud& aud) {
    return auds.contains(aud);
  };
  const std::function<bool()> goes_on = [this] { return !stops_; };
  CLOISON_CO_TRY_ASSIGN(const records::StrataCount count,
                        co_await records::CountStrata(core_.parts.people, is_apart, goes_on));
  co_await home.Schedule();
  plan.people = count.total;
  plan.versions = count.versions;
  std::map<Stratum, std::pair<std::size_t, std::vector<records::SetApart>>> strata;
  for (const auto& [stratum, people] : count.people) strata[stratum].first = people;
  for (const auto& [stratum, people] : count.set_apart) strata[stratum].second = people;
  constexpr std::int64_t kOne = 100'000;
  std::int64_t wanting = kOne / 2;  // up to here, in hundred thousandths
  // Of one département and decade together: where no initial fits, a decoy has another one.
  const auto is_with = [](const Stratum& a, const Stratum& b) {
    return a.departement == b.departement && a.decade == b.decade;
  };
  for (auto from = strata.begin(); from != strata.end();) {
    auto to = from;
    std::int64_t share = 0;
    for (; to != strata.end() && is_with(to->first, from->first); ++to) {
      share += static_cast<std::int64_t>(to->second.first * now.share);
    }
    for (auto at = from; at != to; ++at) {
      for (const records::SetApart& one : at->second.second) {
        const Decoy decoy = known.extract(one.person).mapped();
        const bool stays = now.share != 0 && wanting + share >= 0;
        if (stays) {
          wanting -= kOne;
          plan.decoys.push_back({decoy, one.seq});
        } else {
          plan.retire.push_back(decoy);
        }
      }
    }
    for (; from != to; ++from) {
      wanting += static_cast<std::int64_t>(from->second.first * now.share);
      for (; wanting >= kOne; wanting -= kOne) plan.make.push_back(from->first);
    }
  }
  plan.unread = count.unread;
  for (const auto& [person, decoy] : known) plan.gone.push_back(decoy);
  plan.unseen = StayListed(core_.parts.erase_journal, plan.gone);
  co_return plan;
}

Task<Status> Decoys::Make(Plan& plan, Tended& tended, base::Executor& home) {
  const std::size_t most =
      core_.parts.observer->decoys().inventor() == nullptr ? 0 : kDecoysPerTendMax;
  const std::size_t end = std::min(plan.make.size(), most);
  tended.unmade += plan.make.size() - end;
  for (std::size_t from = 0; from < end && !stops_; from += kMadeAtOnce) {
    std::vector<records::Registration> registrations;
    std::vector<Decoy> listed, dropped;
    for (std::size_t i = from; i < std::min(end, from + kMadeAtOnce); ++i) {
      const auto invented =
          core_.parts.observer->decoys().inventor()->Invent(plan.make[i], plan.people);
      if (!invented.has_value()) {
        ++tended.unmade;
        continue;
      }
      CLOISON_CO_TRY_ASSIGN(keys::PersonKey key, co_await core_.parts.person_keys.Create(home));
      const Decoy decoy{key.person(), key.aud(), invented->origin};
      Result<records::Registration> made =
          core_.parts.people.Register(std::move(key), invented->values);
      if (!made.ok()) {  // a field that the register asks for was not invented
        CLOISON_CO_TRY(co_await core_.parts.person_keys.Abandon(decoy.person, home));
        ++tended.unmade;
        continue;
      }
      listed.push_back(decoy);
      registrations.push_back(std::move(*made));
    }
    // On the list before it is there: what is shown of it is counted from the first time on.
    CLOISON_CO_TRY(co_await AddToList(core_, listed, home));
    for (std::size_t i = 0; i < registrations.size(); ++i) {
      const Status done = co_await Submit(core_, std::move(registrations[i]), home);
      if (done.ok()) {
        core_.parts.person_keys.Adopted(listed[i].person);
        plan.decoys.push_back({listed[i], 1});
        ++tended.made;
        continue;
      }
      if (done.error().code() == Code::kUnknownOutcome) co_return done;
      CLOISON_CO_TRY(co_await core_.parts.person_keys.Abandon(listed[i].person, home));
      if (done.error().code() != Code::kConflict) co_return done;
      dropped.push_back(listed[i]);  // a number of somebody's
      ++tended.unmade;
    }
    CLOISON_CO_TRY(co_await TakeFromList(core_, std::move(dropped), home));
  }
  co_return Ok();
}

Task<Status> Decoys::Retire(const Plan& plan, Tended& tended, base::Executor& home) {
  std::vector<Decoy> gone = plan.gone;
  const std::size_t end = std::min(plan.retire.size(), kDecoysPerTendMax);
  for (std::size_t i = 0; i < end && !stops_; ++i) {
    const Decoy& decoy = plan.retire[i];
    const keys::EraseJournal::Item item{decoy.person, decoy.aud,
                                        core_.parts.committer.Now().wall_ms};
    CLOISON_CO_TRY(internal::JournalOnce(core_, item));
    const Reason reason{"erase", ""};
    const auto done = co_await internal::FinishErasure(core_, SystemCaller(home), reason, item);
    if (!done.ok()) co_return done.error();
    gone.push_back(decoy);
    ++tended.retired;
  }
  if (gone.empty()) co_return Ok();
  const auto listed = co_await TakeFromList(core_, std::move(gone), home);
  co_return listed.ok() ? Ok() : Status(listed.error());
}

namespace {

// Another telephone or mail address of the same invented person, where the record still has one.
Task<Result<bool>> MoveOne(internal::Core& core, const Decoy& decoy, std::size_t people,
                           base::Executor& home) {
  std::optional<records::Value> value =
      core.parts.observer->decoys().inventor()->Move(decoy.origin, people);
  if (!value.has_value()) co_return false;
  Result<records::Sighting> sighting = co_await core.parts.people.Sight(decoy.person);
  if (!sighting.ok()) co_return false;
  CLOISON_CO_TRY_ASSIGN(const bool has,
                        records::Matcher(core.parts.people).Has(*sighting, value->field));
  if (!has) co_return false;
  std::vector<records::FieldChange> changes;
  changes.push_back({value->field, std::move(value->text)});
  Result<records::Change> change =
      records::Editor(core.parts.people).Update(std::move(*sighting), std::move(changes));
  // The same once more, by chance: another time.
  if (!change.ok() && change.error().code() == Code::kInvalid) co_return false;
  if (!change.ok()) co_return change.error();
  const Status done = co_await Submit(core, std::move(*change), home);
  if (!done.ok() && done.error().code() != Code::kConflict) co_return done.error();
  co_return done.ok();
}

}  // namespace

// The nth of the decoys, by their versions, is to have had as many as the nth of the people: those
// made just now too, or whoever opens none but records that were changed often meets none. Both are
// known from the pass over everybody: no decoy's row is read because it is one, but of who is
// changed, as everybody's is who is changed. A row that was read lately answers sooner.
Task<Status> Decoys::Live(const Plan& plan, Tended& tended, base::Executor& home) {
  if (core_.parts.observer->decoys().inventor() == nullptr) co_return Ok();
  std::vector<Plan::Life> lives = plan.decoys;
  std::ranges::sort(lives, {}, [](const Plan::Life& one) {
    return std::pair(one.seq, one.decoy.person);  // ids are random: no stratum goes first
  });
  auto at = plan.versions.begin();  // the people's up to here are `passed`
  std::size_t passed = 0;
  for (std::size_t i = 0; i < lives.size() && !stops_; ++i) {
    const std::size_t place = i * plan.people / lives.size();
    for (; at != plan.versions.end() && passed + at->second <= place; ++at) passed += at->second;
    if (at == plan.versions.end()) break;
    for (std::uint64_t seq = lives[i].seq; seq < at->first; ++seq) {  // versions never go back
      if (tended.moved == kDecoyMovesMax) co_return Ok();
      CLOISON_CO_TRY_ASSIGN(const bool moved,
                            co_await MoveOne(core_, lives[i].decoy, plan.people, home));
      if (!moved) break;
      ++tended.moved;
    }
  }
  co_return Ok();
}

Task<Status> Decoys::TendIfDue(base::Executor& home) {
  if (core_.parts.observer == nullptr) co_return Ok();
  CLOISON_CO_TRY_ASSIGN(const DecoyListWork::Now now, co_await ReadList(core_, home));
  const std::int64_t now_ms = core_.parts.committer.Now().budget_ms;
  const bool same = tended_share_ == now.share && now_ms - tended_ms_ < base::kDayMs;
  if (same || (now.share == 0 && now.decoys.empty())) co_return Ok();
  const Result<Tended> tended = co_await Tend(home);
  if (!tended.ok()) co_return tended.error();
  tended_share_ = now.share;
  tended_ms_ = now_ms;
  co_return Ok();
}

Task<Result<Decoys::Tended>> Decoys::Tend(base::Executor& home) {
  const Turn turn(busy_);
  if (!turn.mine()) co_return Error{Code::kUnavailable, "decoys are tended already"};
  Tended tended;
  if (core_.parts.observer == nullptr) co_return tended;
  CLOISON_CO_TRY_ASSIGN(Plan plan, co_await MakePlan(home));
  CLOISON_CO_TRY(co_await Retire(plan, tended, home));
  CLOISON_CO_TRY(co_await Make(plan, tended, home));
  CLOISON_CO_TRY(co_await Live(plan, tended, home));
  tended.people = plan.people;
  tended.decoys = plan.decoys.size() + plan.retire.size() - tended.retired;
  core_.parts.events.Emit(base::Severity::kInfo, "decoys_tended",
                          {{"made", static_cast<std::int64_t>(tended.made)},
                           {"retired", static_cast<std::int64_t>(tended.retired)},
                           {"moved", static_cast<std::int64_t>(tended.moved)},
                           {"unmade", static_cast<std::int64_t>(tended.unmade)},
                           {"unseen", static_cast<std::int64_t>(plan.unseen)},
                           {"unread", static_cast<std::int64_t>(plan.unread)}});
  co_return tended;
}

}  // namespace cloison::access
