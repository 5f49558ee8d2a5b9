#include "drill/thief.h"

#include <algorithm>
#include <numeric>

namespace cloison::drill {

namespace {

constexpr int kHammerTries = 20;
constexpr std::int64_t kNever = INT64_MAX;
constexpr std::int64_t kHeldBackTriesMs = base::kDayMs;  // whoever is held back tries each day
constexpr std::uint32_t kHeldPercent = 95;
constexpr char kNir[] = "civil_number.nir";

struct Best {
  Door door;
  std::size_t sensitive = 0;
};

// What a purpose gives of people in this relation, in plain form.
Best DoorOf(const records::Schema& schema, const std::vector<const access::Grant*>& grants,
            access::Relation relation, bool with_sensitive) {
  Best best;
  best.door.strangers = relation == access::Relation::kAny;
  for (const records::FieldSpec& field : schema.fields()) {
    const auto form = access::Policy::FormOf(grants, relation, field.id);
    if (form != ledger::Form::kPlain || (field.sensitive && !with_sensitive)) continue;
    best.door.fields.push_back(field.id);
    if (field.sensitive) ++best.sensitive;
  }
  best.door.sensitive = best.sensitive > 0;
  return best;
}

void Shuffle(std::vector<std::uint32_t>& list, Draw& draw) {
  for (std::size_t i = list.size(); i > 1; --i) std::swap(list[i - 1], list[draw.Below(i)]);
}

access::CounterSet CountersOf(const Door& door, bool stranger) {
  access::CounterSet counters;
  counters.Add(access::Counter::kGlimpsed);
  if (stranger) counters.Add(access::Counter::kGlimpsedOff);
  if (door.fields.empty()) return counters;
  counters.Add(access::Counter::kOpened);
  if (stranger) counters.Add(access::Counter::kOpenedOff);
  if (door.sensitive) counters.Add(access::Counter::kSensitive);
  return counters;
}

access::SeenId IdOf(const PersonId& person) {
  access::SeenId id{};
  std::ranges::copy(person.array(), id.begin());
  return id;
}

access::Caps Held(access::Caps caps) {
  for (auto& windows : caps.of) {
    for (std::uint32_t& cap : windows) cap = cap * kHeldPercent / 100;
  }
  return caps;
}

}  // namespace

Thief::Thief(World& world, std::size_t number, const Options& options)
    : world_(world),
      account_(world.accounts()[number]),
      hammer_(options.hammer),
      generator_(options.seed),
      caseload_(account_.caseload.begin(), account_.caseload.end()),
      own_(account_.caseload) {
  sessions_.push_back(account_.session);
  for (const std::uint32_t i : caseload_) own_since_ms_[world_.people()[i]] = 0;
  FindDoors();
  if (options.name == kAware) held_.emplace(Held(world.CapsOf(account_)));
  for (Way& way : ways_) {
    if (way.door.fields.empty()) way.left = LookUpsToSpare(options.days);
  }
}

// An opening is a glimpse too: a masked row taken out of turn would cost a whole record later.
std::uint64_t Thief::LookUpsToSpare(int days) const {
  const access::Caps& caps = world_.CapsOf(account_);
  const std::int64_t duration_ms = days * base::kDayMs;
  const std::uint64_t glimpses = access::Bound(caps, access::Counter::kGlimpsedOff, duration_ms);
  const std::uint64_t openings = access::Bound(caps, access::Counter::kOpenedOff, duration_ms);
  return glimpses - std::min(glimpses, openings);
}

// For strangers and for the caseload: the door that gives most sensitive fields, and the one that
// gives most without any; then look-ups.
void Thief::FindDoors() {
  const records::Schema& schema = world_.vault().schema();
  const std::shared_ptr<const access::Policy> in_force = world_.vault().policy();
  const access::Policy& policy = *in_force;
  std::optional<std::string> look_up;
  for (const auto relation : {access::Relation::kAny, access::Relation::kCaseload}) {
    Best full, light;
    for (const access::Purpose& purpose : policy.purposes()) {
      const auto grants = policy.GrantsOf(account_.organisation, account_.role, purpose.name);
      if (!grants.empty() && !look_up.has_value()) look_up = purpose.name;
      Best one = DoorOf(schema, grants, relation, true);
      one.door.purpose = purpose.name;
      if (one.sensitive > full.sensitive) full = one;
      one = DoorOf(schema, grants, relation, false);
      one.door.purpose = purpose.name;
      if (one.door.fields.size() > light.door.fields.size()) light = one;
      // A look-up finds strangers only where some field of them is granted.
      if (relation == access::Relation::kAny && !one.door.fields.empty()) look_up = purpose.name;
    }
    if (full.sensitive > 0) ways_.push_back({full.door});
    if (!light.door.fields.empty()) ways_.push_back({light.door});
  }
  if (look_up.has_value()) ways_.push_back({Door{*look_up, {}, true, false}});
}

access::Caller Thief::CallerNow() {
  return {account_.id, sessions_.back(), ClientId(1), world_.executor(),
          identity::Assurance::Internal()};
}

Status Thief::WorkHonestly(Draw& draw) {
  if (own_.empty()) return Ok();
  const bool sensitive = draw.Below(10) == 0;
  for (const Way& way : ways_) {
    if (way.door.strangers || way.door.sensitive != sensitive) continue;
    const std::uint32_t person = own_[draw.Below(own_.size())];
    const Result<Answer> answer = Ask(way.door, person, Owners());
    return answer.ok() ? Ok() : Status(answer.error());
  }
  return Ok();
}

Status Thief::HelpStranger(Draw& draw) {
  const Door* const door = DoorTo(true, false);
  if (door == nullptr || caseload_.size() >= world_.people().size()) return Ok();
  std::uint32_t person = 0;
  do {
    person = static_cast<std::uint32_t>(draw.Below(world_.people().size()));
  } while (caseload_.contains(person));
  const Result<Answer> answer = Ask(*door, person, Owners());
  return answer.ok() ? Ok() : Status(answer.error());
}

Strangers::Strangers(std::size_t people, const std::set<std::uint32_t>& own, Draw& draw)
    : own_(&own), size_(people - own.size()), people_(people), next_(draw.Below(people)) {
  // Steps that have no divisor in common with all of them meet everybody.
  do {
    step_ = 1 + draw.Below(people);
  } while (std::gcd(step_, people_) != 1);
}

std::uint32_t Strangers::at(std::size_t i) {
  CLOISON_CHECK(i < size_);
  while (made_.size() <= i) {
    const auto person = static_cast<std::uint32_t>(next_);
    next_ = (next_ + step_) % people_;
    if (!own_->contains(person)) made_.push_back(person);
  }
  return made_[i];
}

void Thief::Begin(Draw& draw) {
  strangers_ = Strangers(world_.people().size(), caseload_, draw);
  Shuffle(own_, draw);
  begun_ = true;
}

std::optional<std::uint32_t> Thief::PersonAt(bool stranger, std::size_t i) {
  if (i >= (stranger ? strangers_.size() : own_.size())) return std::nullopt;
  return stranger ? strangers_.at(i) : own_[i];
}

void Thief::Listen() {
  for (const Heard::Rung& rung : world_.stage().heard().Take()) {
    climbed_.push_back({rung.number, world_.clock().now_ms(), stolen_.requests, rung.acts});
    if (rung.acts) rung_ = rung.number;
  }
}

std::optional<std::uint32_t> Thief::NextPerson(Way& way) {
  if (way.left == 0) return std::nullopt;
  std::optional<std::uint32_t> person = PersonAt(way.door.strangers, way.next);
  // A stranger who was opened once is no new person by a narrower door.
  const auto leaves_out = [this](std::uint32_t one) {
    return opened_.contains(one) || (suspects_ && suspects_(one));
  };
  while (person.has_value() && way.door.strangers && leaves_out(*person)) {
    person = PersonAt(true, ++way.next);
  }
  return person;
}

Result<std::int64_t> Thief::Steal() {
  const std::int64_t now_ms = world_.clock().now_ms();
  std::int64_t soonest_ms = kNever;
  for (Way& way : ways_) {
    if (way.ready_ms > now_ms) {
      soonest_ms = std::min(soonest_ms, way.ready_ms);
      continue;
    }
    const std::optional<std::uint32_t> person = NextPerson(way);
    if (!person.has_value()) {
      way.ready_ms = kNever;
      continue;
    }
    if (const auto ready_ms = HoldsBack(way.door, *person)) {
      way.ready_ms = *ready_ms;
      soonest_ms = std::min(soonest_ms, way.ready_ms);
      continue;
    }
    CLOISON_TRY_ASSIGN(const Answer answer, Ask(way.door, *person, stolen_));
    if (answer.shown) {
      if (way.door.strangers) opened_.insert(*person);
      if (way.door.strangers && !way.door.fields.empty()) ++loot_;
      ++way.next;
      --way.left;
      way.again = hammer_ ? kHammerTries : 0;
    } else if (answer.retry_ms == 0) {
      ++way.next;  // nobody, or not by this door
    } else if (way.again > 0) {
      --way.again;
    } else {
      way.ready_ms = now_ms + answer.retry_ms;
      way.again = hammer_ ? kHammerTries : 0;
    }
    return now_ms;
  }
  return soonest_ms;
}

Result<Thief::Answer> Thief::Ask(const Door& door, std::uint32_t person, Tally& tally) {
  Result<Answer> answer = door.fields.empty() ? LookUp(door, person, tally)
                                              : Open(door, world_.people()[person], tally);
  Listen();
  return answer;
}

Result<Thief::Answer> Thief::Open(const Door& door, const PersonId& person, Tally& tally) {
  access::DisclosureRequest request;
  request.persons.push_back(world_.CodeOf(account_, person));
  request.fields = door.fields;
  request.reason = {door.purpose, "drill"};
  ++tally.requests;
  access::Outcome<access::Disclosed> outcome = world_.stage().Try(
      [&] { return world_.vault().gate().Disclose(CallerNow(), std::move(request)); });
  if (!outcome.ok()) return Failed(outcome.error(), person, 1);
  if (const auto* refusal = std::get_if<access::Refusal>(&*outcome)) {
    return Refused(*refusal, tally);
  }
  return Note(door, std::move(std::get<access::Disclosed>(*outcome).records));
}

Result<Thief::Answer> Thief::LookUp(const Door& door, std::uint32_t person, Tally& tally) {
  const records::Schema& schema = world_.vault().schema();
  const records::FieldSpec* field = schema.Find(kNir);
  if (field == nullptr) return Answer{};
  const ingest::GeneratedPerson known = generator_.At(person);
  const std::string_view nir = known.Text(kNir);
  if (nir.empty()) return Answer{};
  CLOISON_TRY_ASSIGN(const crypto::SecretBytes canonical, schema.Canonical(*field, nir, false));
  access::LookupRequest request{{records::kNirIndex, schema.IndexForm(*field, canonical.Reveal())},
                                {door.purpose, "drill"}};
  ++tally.requests;
  access::Outcome<access::LookedUp> outcome = world_.stage().Try(
      [&] { return world_.vault().gate().LookUp(CallerNow(), std::move(request)); });
  if (!outcome.ok()) return Failed(outcome.error(), world_.people()[person], 1);
  if (const auto* refusal = std::get_if<access::Refusal>(&*outcome)) {
    return Refused(*refusal, tally);
  }
  return Note(door, std::move(std::get<access::LookedUp>(*outcome).rows));
}

Result<Thief::Answer> Thief::Failed(const Error& error, std::optional<PersonId> person,
                                    std::size_t people) {
  if (!world_.stage().IsOfAFault(error)) return error;
  world_.stage().NoteFault(error, person, people, book_);
  return Answer{false, 1, true};
}

Thief::Answer Thief::Refused(const access::Refusal& refusal, Tally& tally) {
  ++tally.refused;
  if (refusal.code == access::RefusalCode::kHeldBack) return {false, kHeldBackTriesMs};
  if (refusal.code != access::RefusalCode::kBudgetSpent) return {};
  return {false, std::max<std::int64_t>(1, refusal.retry_after_ms)};
}

Thief::Answer Thief::Note(const Door& door, std::vector<access::ShownRecord> records) {
  for (const access::ShownRecord& record : records) {
    const std::optional<PersonId> person = world_.PersonOf(account_, record.code);
    CLOISON_CHECK(person.has_value());
    BookLine line{world_.clock().now_ms(), *person, {}, {}, {}};
    line.counters = CountersOf(door, !IsOwn(*person));
    for (const ledger::Recorded& recorded : record.recorded) line.entries.push_back(recorded.index);
    for (const records::OpenedValue& value : record.values) line.fields.push_back(value.field);
    if (held_.has_value()) {
      const access::Showing showing{IdOf(*person), line.counters};
      held_->Debit(line.at_ms, {&showing, 1});
    }
    book_.Add(std::move(line));
  }
  return {!records.empty(), 0};
}

const Door* Thief::DoorTo(bool strangers, bool sensitive) const {
  for (const Way& way : ways_) {
    const Door& door = way.door;
    if (!door.fields.empty() && door.strangers == strangers && door.sensitive == sensitive) {
      return &door;
    }
  }
  return nullptr;
}

std::optional<std::int64_t> Thief::HoldsBack(const Door& door, std::uint32_t person) const {
  if (!held_.has_value()) return std::nullopt;
  const std::int64_t now_ms = world_.clock().now_ms();
  const access::Showing showing{IdOf(world_.people()[person]),
                                CountersOf(door, !caseload_.contains(person))};
  const std::optional<access::Spent> spent = held_->WouldPass(now_ms, {&showing, 1});
  if (!spent.has_value()) return std::nullopt;
  return now_ms + std::max<std::int64_t>(1, held_->FreesIn(spent->counter, spent->window, now_ms));
}

Status Thief::OpenNumber(bool stranger, std::size_t number) {
  const std::optional<std::uint32_t> person = PersonAt(stranger, number);
  const Door* door = DoorTo(stranger, false);
  if (door == nullptr || !person.has_value()) {
    return Error{Code::kExhausted, "fewer people or doors than the log needs"};
  }
  const Result<Answer> answer = Ask(*door, *person, honest_);
  return answer.ok() ? Ok() : Status(answer.error());
}

Status Thief::TakeStranger() {
  for (Way& way : ways_) {
    if (!way.door.strangers || way.door.fields.empty()) continue;
    const std::optional<std::uint32_t> person = NextPerson(way);
    if (!person.has_value()) return Ok();
    CLOISON_TRY_ASSIGN(const Answer answer, Ask(way.door, *person, stolen_));
    // Its sensitive window is full: the narrower door has room, maybe.
    if (!answer.shown) continue;
    opened_.insert(*person);
    ++loot_;
    return Ok();
  }
  return Ok();
}

Result<std::int64_t> Thief::Guess(const std::string& code) {
  const Door* door = DoorTo(true, false);
  const std::int64_t now_ms = world_.clock().now_ms();
  if (door == nullptr) return kNever;
  access::DisclosureRequest request{{code}, door->fields, {door->purpose, "drill"}};
  ++stolen_.requests;
  access::Outcome<access::Disclosed> outcome = world_.stage().Try(
      [&] { return world_.vault().gate().Disclose(CallerNow(), std::move(request)); });
  if (!outcome.ok() && outcome.error().code() == Code::kInvalid) {
    ++stolen_.refused;  // no code at all
    return now_ms;
  }
  if (!outcome.ok()) {
    CLOISON_TRY_ASSIGN(const Answer answer, Failed(outcome.error(), std::nullopt, 1));
    return now_ms + answer.retry_ms;
  }
  Listen();
  if (const auto* refusal = std::get_if<access::Refusal>(&*outcome)) {
    return now_ms + Refused(*refusal, stolen_).retry_ms;
  }
  Note(*door, std::move(std::get<access::Disclosed>(*outcome).records));
  return now_ms;
}

bool Thief::IsOwn(const PersonId& person) const {
  const auto own = own_since_ms_.find(person);
  return own != own_since_ms_.end() && world_.clock().now_ms() >= own->second;
}

void Thief::Give(const std::vector<std::uint32_t>& people) {
  for (const std::uint32_t person : people) {
    given_.push_back(person);
    own_since_ms_.emplace(world_.people()[person], world_.clock().now_ms() + access::kQuarantineMs);
  }
}

Result<std::int64_t> Thief::ReadGiven() {
  const std::int64_t now_ms = world_.clock().now_ms();
  if (next_given_ == given_.size()) return kNever;
  const PersonId& person = world_.people()[given_[next_given_]];
  std::int64_t retry_ms = 0;
  for (const bool sensitive : {true, false}) {
    const Door* const door = DoorTo(false, sensitive);
    if (door == nullptr) continue;
    CLOISON_TRY_ASSIGN(const Answer answer, Open(*door, person, stolen_));
    Listen();
    if (answer.shown) {
      ++next_given_;
      ++loot_;
      return now_ms;
    }
    retry_ms = answer.retry_ms;
  }
  if (retry_ms == 0) ++next_given_;
  return now_ms + retry_ms;
}

Result<bool> Thief::Take(const PersonId& person) {
  for (const Way& way : ways_) {
    if (!way.door.strangers || way.door.fields.empty()) continue;
    CLOISON_TRY_ASSIGN(const Answer answer, Open(way.door, person, stolen_));
    Listen();
    if (answer.shown) return true;
  }
  return false;
}

std::string Thief::LookUpPurpose() const {
  for (const Way& way : ways_) {
    if (way.door.fields.empty()) return way.door.purpose;
  }
  return "";
}

Result<std::int64_t> Thief::Harvest(access::LookupRequest request) {
  const Door rows{request.reason.purpose, {}, true, false};
  const std::int64_t now_ms = world_.clock().now_ms();
  ++stolen_.requests;
  access::Outcome<access::LookedUp> outcome = world_.stage().Try(
      [&] { return world_.vault().gate().LookUp(CallerNow(), std::move(request)); });
  if (!outcome.ok()) {
    CLOISON_TRY_ASSIGN(const Answer answer,
                       Failed(outcome.error(), std::nullopt, access::kLookupRowsMax));
    return now_ms + answer.retry_ms;
  }
  Listen();
  if (const auto* refusal = std::get_if<access::Refusal>(&*outcome)) {
    return now_ms + Refused(*refusal, stolen_).retry_ms;
  }
  const std::size_t first = book_.lines().size();
  Note(rows, std::move(std::get<access::LookedUp>(*outcome).rows));
  std::vector<PersonId> people;
  for (std::size_t i = first; i < book_.lines().size(); ++i) {
    people.push_back(book_.lines()[i].person);
  }
  for (const PersonId& person : people) {
    if (IsOwn(person) || taken_.contains(person)) continue;
    CLOISON_TRY_ASSIGN(const bool shown, Take(person));
    if (!shown) continue;
    taken_.insert(person);
    ++loot_;
  }
  return now_ms;
}

PersonId Thief::NextStranger() {
  return world_.people()[NextStrangerNumber()];
}

std::uint32_t Thief::NextStrangerNumber() {
  CLOISON_CHECK(strangers_.size() > 0);
  return strangers_.at(next_stranger_++ % strangers_.size());
}

Result<std::string> Thief::Probe(const std::string& code) {
  const Door* door = DoorTo(false, false);
  if (door == nullptr) return Error{Code::kInvalid, "no door to one's own caseload"};
  access::DisclosureRequest request{{code}, door->fields, {door->purpose, "drill"}};
  ++stolen_.requests;
  access::Outcome<access::Disclosed> outcome = world_.stage().Try(
      [&] { return world_.vault().gate().Disclose(CallerNow(), std::move(request)); });
  if (!outcome.ok()) {
    CLOISON_TRY_ASSIGN(const Answer answer, Failed(outcome.error(), std::nullopt, 1));
    left_.reset();
    return std::string(answer.failed ? kSpent : "");
  }
  Listen();
  const auto* refusal = std::get_if<access::Refusal>(&*outcome);
  if (refusal == nullptr) return std::string("shown");
  ++stolen_.refused;
  std::string told = std::to_string(static_cast<int>(refusal->code));
  if (refusal->code == access::RefusalCode::kBudgetSpent) return std::string(kSpent);
  told += " retry " + std::to_string(refusal->retry_after_ms);
  if (refusal->field.has_value()) told += " field";
  for (std::size_t c = 0; left_.has_value() && c < access::kCounters; ++c) {
    for (std::size_t w = 0; w < access::kWindows; ++w) {
      told += " " + std::to_string(left_->left[c][w] - refusal->budget->left[c][w]);
    }
  }
  left_ = *refusal->budget;
  return told;
}

}  // namespace cloison::drill
