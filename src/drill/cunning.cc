#include "drill/cunning.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>

#include "drill/chance.h"
#include "drill/entrance.h"

namespace cloison::drill {

namespace {

using access::Counter;

constexpr char kApplication[] = "app.case", kNir[] = "civil_number.nir";
constexpr std::int64_t kAskMs = 1, kMorningMs = 8 * base::kHourMs;
constexpr std::size_t kLaunderedADay = 50, kTakenOffADay = 12;
constexpr std::uint64_t kWalkFrom = 20;  // numbers up from each known one
constexpr std::uint64_t kDecoyEvery = 1'000;
constexpr std::uint64_t kWorkMin = 5, kWorkSpread = 20;
constexpr int kWeekdays = 5, kWeek = 7;
constexpr std::int64_t kProofLastsMs = 1'000;

// The stolen credential of the case application. Threads: one.
class Application {
 public:
  explicit Application(World& world)
      : world_(world), id_(vault::DemoPrincipalId(kApplication)), session_(id_.array()) {}

  // All of them or none. Whether it was done.
  Result<bool> Assign(std::vector<access::Assignment> pairs) {
    const std::string key = "assign-" + std::to_string(++cunning_.requests);
    access::Gate::Once once{key, base::ToBytes(AsBytes(key))};
    const access::Caller caller{id_,
                                session_,
                                ClientId(7),
                                world_.executor(),
                                {identity::Actor::kApplication, {}, {}, 0, {}}};
    const auto outcome =
        world_.stage().Try([&] { return world_.vault().gate().Assign(caller, pairs, once); });
    if (!outcome.ok() && world_.stage().IsOfAFault(outcome.error())) return false;
    if (!outcome.ok()) return outcome.error();
    const bool done = std::holds_alternative<access::Gate::Assigned>(*outcome);
    cunning_.refused += done ? 0 : 1;
    return done;
  }

  // It was shown nobody.
  Result<Cunning> Sum() {
    CLOISON_TRY_ASSIGN(cunning_.scope, CompareScope(world_.stage(), session_, Book()));
    return cunning_;
  }

 private:
  World& world_;
  const PrincipalId id_;
  const SessionId session_;
  Cunning cunning_;
};

// Who asks next, until the theft ends. `ask` gives when that account has a chance again, and its
// request takes a millisecond.
Status TakeTurns(World& world, Thieves& thieves, std::int64_t end_ms,
                 const std::function<Result<std::int64_t>(std::size_t)>& ask) {
  std::vector<std::int64_t> next_ms(thieves.size(), world.clock().now_ms());
  while (true) {
    const auto first = std::ranges::min_element(next_ms);
    const std::int64_t at_ms = std::max(*first, world.clock().now_ms());
    if (at_ms >= end_ms) return Ok();
    world.clock().GoTo(at_ms);
    CLOISON_TRY_ASSIGN(const std::int64_t ready_ms,
                       ask(static_cast<std::size_t>(first - next_ms.begin())));
    *first = std::max(ready_ms, at_ms + kAskMs);
  }
}

// The number after this one, with its key.
std::string After(const std::string& nir) {
  constexpr std::size_t kDigits = 13;
  std::string next = nir.substr(0, kDigits);
  std::size_t at = kDigits;
  while (at > 0 && next[at - 1] == '9') next[--at] = '0';
  if (at == 0 || next[at - 1] < '0' || next[at - 1] > '8') return nir;
  ++next[at - 1];
  std::uint64_t number = 0;
  for (const char digit : next) {
    if (digit < '0' || digit > '9') return nir;  // of Corsica: their key is reckoned otherwise
    number = number * 10 + static_cast<std::uint64_t>(digit - '0');
  }
  const std::string key = std::to_string(97 - number % 97);
  return next + (key.size() < 2 ? "0" : "") + key;
}

// What one account of A5 asks for.
class Harvester {
 public:
  Harvester(World& world, const Options& options, Thief& thief, Draw& draw)
      : world_(world), generator_(options.seed), thief_(thief) {
    constexpr std::size_t kKnown = 2'000;
    const std::size_t people = world.people().size();
    const std::size_t first = draw.Below(people);
    for (std::size_t i = 0; i < std::min(kKnown, people); ++i) {
      known_.push_back(generator_.At((first + i) % people));
    }
    std::ranges::sort(known_, {}, [](const ingest::GeneratedPerson& one) {
      return std::pair(one.Text("identity.birth_name"), one.Text("identity.first_name"));
    });
  }

  Result<std::int64_t> Ask() {
    if (next_ / 2 / kWalkFrom >= known_.size()) return INT64_MAX;
    const std::uint64_t turn = next_++;
    access::LookupRequest request{{}, {thief_.LookUpPurpose(), "drill"}};
    const bool asks = turn % 2 == 0 ? ByNumber(turn / 2, request) : ByName(turn / 2, request);
    if (!asks) return world_.clock().now_ms();
    CLOISON_TRY_ASSIGN(const std::int64_t ready_ms, thief_.Harvest(std::move(request)));
    if (ready_ms > world_.clock().now_ms()) --next_;  // again, when there is room
    return ready_ms;
  }

 private:
  bool ByNumber(std::uint64_t turn, access::LookupRequest& request) {
    const ingest::GeneratedPerson& from = known_[turn / kWalkFrom];
    if (turn % kWalkFrom == 0) number_ = std::string(from.Text(kNir));
    if (number_.empty()) return false;
    number_ = After(number_);
    const records::Schema& schema = world_.vault().schema();
    const records::FieldSpec* const field = schema.Find(kNir);
    const auto canonical = schema.Canonical(*field, number_, false);
    if (!canonical.ok()) return false;
    request.criterion = {records::kNirIndex, schema.IndexForm(*field, canonical->Reveal())};
    return true;
  }

  bool ByName(std::uint64_t turn, access::LookupRequest& request) {
    if (turn >= known_.size()) return false;
    const ingest::GeneratedPerson& one = known_[turn];
    records::SearchTexts texts{{one.Text("identity.birth_name")},
                               one.Text("identity.first_name"),
                               one.Text("identity.birth_date"),
                               ""};
    Result<records::SearchForms> forms = records::SearchForms::Of(texts);
    if (!forms.ok() || !forms->IsSearchable()) return false;
    request.search = std::make_shared<const records::SearchForms>(std::move(*forms));
    return true;
  }

  World& world_;
  const ingest::Generator generator_;
  Thief& thief_;
  std::vector<ingest::GeneratedPerson> known_;
  std::uint64_t next_ = 0;
  std::string number_;
};

// How far apart two normal scores lie whose classifier has kDecoyAuc.
double Separation() {
  double low = 0, high = 4;
  for (int i = 0; i < 60; ++i) {
    const double middle = (low + high) / 2;
    (std::erfc(-middle / 2) / 2 < kDecoyAuc ? low : high) = middle;
  }
  return low;
}

access::Caller Human(World& world, const Account& account, SessionId session) {
  access::Caller caller{account.id, session, ClientId(1), world.executor(), {}};
  caller.assurance = {
      identity::Actor::kHuman, "eidas2", {}, world.clock().wall_ms() / kProofLastsMs, "idp"};
  caller.assurance.methods.Add(identity::Method::kHardware);
  return caller;
}

// Whether a session opens for a key from a network.
Result<bool> OpensSession(World& world, const Account& account, SessionId session,
                          access::SeenKey key) {
  const auto outcome =
      world.executor().Wait(world.vault().gate().OpenSession(Human(world, account, session), key));
  if (!outcome.ok()) return outcome.error();
  return std::holds_alternative<access::SessionOpened>(*outcome);
}

// Nobody may come in so.
void Wrong(bool in, Cunning& cunning) {
  ++cunning.requests;
  ++(in ? cunning.scope.extra : cunning.refused);
}

Status AddDevice(World& world, Thief& thief, Cunning& cunning) {
  const access::SeenKey owner{{1}, {1}}, far{{2}, {2}}, near{{2}, {1}};
  const Account& account = thief.account();
  CLOISON_TRY_ASSIGN(const bool first, OpensSession(world, account, account.session, owner));
  if (!first) return Error{Code::kInvalid, "the owner's own key does not open"};
  ByteArray<16> other = account.id.array();
  other[0] = static_cast<std::uint8_t>(other[0] ^ 0xff);
  const SessionId second(other);
  CLOISON_TRY_ASSIGN(const bool from_far, OpensSession(world, account, second, far));
  Wrong(from_far, cunning);
  CLOISON_TRY_ASSIGN(const bool from_near, OpensSession(world, account, second, near));
  if (!from_near) return Error{Code::kInvalid, "a proven second device does not open"};
  ++cunning.requests;
  thief.UseSession(second);
  return Ok();
}

Status Replay(Entrance& entrance, const Account& account, Cunning& cunning) {
  CLOISON_TRY_ASSIGN(const Entrance::Tried tried,
                     entrance.Try(account.id, identity::Actor::kHuman));
  if (!tried.owner) return Error{Code::kInvalid, "the owner's own key does not open"};
  for (std::uint64_t i = 0; i < tried.times; ++i) Wrong(i < tried.entered, cunning);
  return Ok();
}

// Of a third of a day's budget.
double RatioOfFirstDay(World& world, const Thieves& thieves, std::int64_t begin_ms) {
  double ratio = 0;
  for (const auto& thief : thieves) {
    const access::Caps third = access::Divided(world.CapsOf(thief->account()), 3);
    for (const Counter counter : {Counter::kOpenedOff, Counter::kGlimpsedOff}) {
      const std::uint64_t shown =
          thief->book().PeopleBetween(counter, begin_ms, begin_ms + access::kReducedAfterKeyMs);
      ratio = std::max(ratio, RatioOf(shown, third.cap(counter, access::Window::kDay)));
    }
  }
  return ratio;
}

}  // namespace

Status HarvestInOrder(World& world, Thieves& thieves, const Options& options, Draw& draw) {
  std::vector<std::unique_ptr<Harvester>> harvesters;
  for (const auto& thief : thieves) {
    harvesters.push_back(std::make_unique<Harvester>(world, options, *thief, draw));
  }
  const std::int64_t end_ms = world.clock().now_ms() + options.days * base::kDayMs;
  return TakeTurns(world, thieves, end_ms, [&](std::size_t i) { return harvesters[i]->Ask(); });
}

Result<Cunning> Launder(World& world, Thieves& thieves, const Options& options, Draw&) {
  Application application(world);
  const std::int64_t begin_ms = world.clock().now_ms();
  for (int day = 0; day < options.days; ++day) {
    const std::int64_t morning_ms = begin_ms + day * base::kDayMs + kMorningMs;
    world.clock().GoTo(std::max(world.clock().now_ms(), morning_ms));
    for (const auto& thief : thieves) {
      std::vector<access::Assignment> pairs;
      std::vector<std::uint32_t> people;
      for (std::size_t i = 0; i < kLaunderedADay; ++i) {
        people.push_back(thief->NextStrangerNumber());
        pairs.push_back({thief->account().id,
                         world.CodeOf(thief->account(), world.people()[people.back()]),
                         std::nullopt});
      }
      CLOISON_TRY_ASSIGN(const bool done, application.Assign(std::move(pairs)));
      if (done) thief->Give(people);
    }
    const std::int64_t end_ms = begin_ms + (day + 1) * base::kDayMs + kMorningMs;
    CLOISON_TRY(TakeTurns(world, thieves, std::min(end_ms, begin_ms + options.days * base::kDayMs),
                          [&](std::size_t i) { return thieves[i]->ReadGiven(); }));
  }
  return application.Sum();
}

Result<Cunning> UseTwoDevices(World& world, Thieves& thieves, const Options& options, Draw& draw) {
  CLOISON_TRY_ASSIGN(const std::unique_ptr<Entrance> entrance, Entrance::Open(world.stage()));
  Cunning cunning;
  for (const auto& thief : thieves) {
    CLOISON_TRY(AddDevice(world, *thief, cunning));
  }
  const std::int64_t begin_ms = world.clock().now_ms();
  for (int day = 0; day < options.days; ++day) {
    for (const auto& thief : thieves) {
      CLOISON_TRY(Replay(*entrance, thief->account(), cunning));
      const bool works = day % kWeek < kWeekdays;
      const std::uint64_t reads = works ? kWorkMin + draw.Below(kWorkSpread) : 0;
      for (std::uint64_t n = 0; n < reads; ++n) {
        CLOISON_TRY(thief->WorkHonestly(draw));
      }
    }
    CLOISON_TRY(TakeTurns(world, thieves, begin_ms + (day + 1) * base::kDayMs,
                          [&](std::size_t i) { return thieves[i]->Steal(); }));
  }
  cunning.ratio = RatioOfFirstDay(world, thieves, begin_ms);
  return cunning;
}

Status AvoidDecoys(World& world, Thieves& thieves, const Options& options, Draw& draw) {
  std::set<std::uint32_t> decoys;
  const std::size_t people = world.people().size();
  while (decoys.size() < std::max<std::size_t>(1, people / kDecoyEvery)) {
    const auto one = static_cast<std::uint32_t>(draw.Below(people));
    const bool followed = std::ranges::any_of(thieves, [&](const auto& thief) {
      return std::ranges::find(thief->account().caseload, one) != thief->account().caseload.end();
    });
    if (!followed) decoys.insert(one);
  }
  CLOISON_TRY(world.PlaceDecoys({decoys.begin(), decoys.end()}));
  const double apart = Separation();
  for (const auto& thief : thieves) {
    auto scores = std::make_shared<std::map<std::uint32_t, bool>>();
    thief->Avoid([&draw, scores, decoys, apart](std::uint32_t person) {
      const auto [place, fresh] = scores->emplace(person, false);
      const double more = decoys.contains(person) ? apart : 0;
      if (fresh) place->second = Normal(draw) + more > 0;
      return place->second;
    });
  }
  return StealSlowly(world, thieves, options, draw);
}

Result<Cunning> PoisonAlarms(World& world, Thieves& thieves, const Options& options, Draw& draw) {
  if (thieves.size() < 2) return Error{Code::kInvalid, "A12 needs two accounts: one is innocent"};
  Application application(world);
  const std::int64_t begin_ms = world.clock().now_ms();
  std::vector<std::size_t> taken_off(thieves.size(), 0);
  for (int day = 0; day < options.days; ++day) {
    const std::int64_t day_ms = begin_ms + day * base::kDayMs;
    world.clock().GoTo(std::max(world.clock().now_ms(), day_ms + kMorningMs));
    for (std::size_t i = 1; i < thieves.size(); ++i) {
      const Account& account = thieves[i]->account();
      std::vector<access::Assignment> pairs;
      for (std::size_t n = 0; n < kTakenOffADay && taken_off[i] < account.caseload.size(); ++n) {
        const std::uint32_t person = account.caseload[taken_off[i]++];
        pairs.push_back(
            {account.id, world.CodeOf(account, world.people()[person]), std::nullopt, true});
      }
      if (pairs.empty()) continue;
      CLOISON_TRY(application.Assign(std::move(pairs)));
    }
    std::vector<std::int64_t> works_ms;  // of the innocents, in turn
    for (std::size_t n = 0; day % kWeek < kWeekdays && n < kWorkMin + kWorkSpread; ++n) {
      works_ms.push_back(day_ms + kMorningMs +
                         static_cast<std::int64_t>(n + 1) * base::kHourMs / 4);
    }
    for (std::size_t n = 0; n < works_ms.size(); ++n) {
      world.clock().GoTo(std::max(world.clock().now_ms(), works_ms[n]));
      for (std::size_t i = 1; i < thieves.size(); ++i) {
        CLOISON_TRY(thieves[i]->WorkHonestly(draw));
      }
    }
    Thieves one;
    one.push_back(std::move(thieves[0]));
    const Status stolen =
        TakeTurns(world, one, day_ms + base::kDayMs, [&](std::size_t) { return one[0]->Steal(); });
    thieves[0] = std::move(one[0]);
    CLOISON_TRY(stolen);
  }
  return application.Sum();
}

}  // namespace cloison::drill
