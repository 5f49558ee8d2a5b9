#include "drill/live_thief.h"

#include <algorithm>

#include "codec/json_writer.h"
#include "crypto/mac.h"

namespace cloison::drill {

namespace {

using access::Counter;
using access::CounterSet;

constexpr std::size_t kLanes = 4;
constexpr std::string_view kCaseRef = "drill-live";
constexpr int kShown = 200, kDisclosed = 201, kServerFailed = 500;

// Of what forms a field may come in: the one that shows most.
ledger::Form Wider(ledger::Form a, ledger::Form b) {
  return std::min(a, b);
}

void WriteReason(codec::JsonWriter& json, const std::string& purpose) {
  json.Key("purpose").String(purpose).Key("case_ref").String(kCaseRef).EndObject();
}

}  // namespace

std::optional<std::pair<std::size_t, std::size_t>> LiveThief::Lane::Turn() {
  const std::size_t all = doors.size() * items.size();
  for (std::size_t tried = 0; tried < all; ++tried) {
    if (next >= all) next = 0;
    const std::pair turn{next / items.size(), next % items.size()};
    ++next;
    if (!done.contains(turn)) return turn;
  }
  return std::nullopt;
}

LiveThief::LiveThief(const records::Schema& schema, LiveStart start)
    : schema_(schema), start_(std::move(start)), draw_(start_.seed) {
  text::CodeDigits known{};
  for (const LiveRecord& row : start_.caseload) {
    own_.insert(row.person);
    LaneOf(LiveWork::Lane::kOwn).items.push_back(row.person);
    if (const auto digits = text::ParseCode(row.person); digits.ok()) known = *digits;
  }
  guesses_.emplace(known, draw_);
  Lane& strangers = LaneOf(LiveWork::Lane::kStranger);
  for (const std::string& code : start_.strangers) {
    if (!own_.contains(code) && known_.insert(code).second) strangers.items.push_back(code);
  }
  FindDoors(strangers, {"any"}, false);
  FindDoors(strangers, {"explained"}, true);
  FindDoors(LaneOf(LiveWork::Lane::kOwn), {"caseload", "any"}, false);
  FindLookUps();
}

// By the purposes that show strangers, which show one's own people as well; where there is none, by
// one that shows those. A number that gives nobody costs a glimpse: no purpose is tried in vain.
void LiveThief::FindLookUps() {
  Lane& look_ups = LaneOf(LiveWork::Lane::kLookUp);
  look_ups.items = start_.nirs;
  std::set<std::string> purposes;
  for (const Door& door : LaneOf(LiveWork::Lane::kStranger).doors) {
    if (!door.narrow && purposes.insert(door.purpose).second) look_ups.doors.push_back(door);
  }
  const Lane& own = LaneOf(LiveWork::Lane::kOwn);
  if (look_ups.doors.empty() && !own.doors.empty()) look_ups.doors.push_back(own.doors.front());
}

LiveThief::~LiveThief() {
  for (std::string& nir : start_.nirs) net::WipeText(nir);
  for (std::string& nir : LaneOf(LiveWork::Lane::kLookUp).items) net::WipeText(nir);
}

// Doors of one purpose for people whom these relations reach: a field comes in the widest form that
// any of them gives.
std::vector<LiveThief::Door> LiveThief::DoorsOf(
    const std::string& purpose, std::initializer_list<std::string_view> relations) const {
  std::map<std::string, ledger::Form> forms;
  for (const LiveGrant& grant : start_.self.grants) {
    const bool reaches = std::ranges::find(relations, grant.relation) != relations.end();
    if (grant.purpose != purpose || !reaches) continue;
    // A question about a value is no opening.
    if (grant.form == ledger::Form::kMatches) continue;
    for (const std::string& field : grant.fields) {
      const auto [at, added] = forms.emplace(field, grant.form);
      if (!added) at->second = Wider(at->second, grant.form);
    }
  }
  std::vector<Door> doors;
  for (const auto form : {ledger::Form::kPlain, ledger::Form::kMasked, ledger::Form::kExists}) {
    Door door{purpose, {}, form};
    for (const auto& [field, of] : forms) {
      if (of == form) door.fields.push_back(field);
    }
    if (!door.fields.empty()) doors.push_back(std::move(door));
  }
  return doors;
}

// Adds doors, the widest first.
void LiveThief::FindDoors(Lane& lane, std::initializer_list<std::string_view> relations,
                          bool narrow) const {
  const bool own = &lane == &lanes_[static_cast<std::size_t>(LiveWork::Lane::kOwn)];
  std::set<std::string> purposes;
  std::vector<Door> found;
  for (const LiveGrant& grant : start_.self.grants) {
    if (!purposes.insert(grant.purpose).second) continue;
    for (Door& door : DoorsOf(grant.purpose, relations)) {
      // Of a stranger it is answered as of nobody, which tells nothing of which it was.
      if (!own && door.form == ledger::Form::kExists) continue;
      door.narrow = narrow;
      found.push_back(std::move(door));
    }
  }
  std::ranges::stable_sort(found, {}, [](const Door& door) {
    return std::pair(door.form, -static_cast<std::int64_t>(door.fields.size()));
  });
  std::ranges::move(found, std::back_inserter(lane.doors));
}

LiveWork LiveThief::Make(LiveWork::Lane lane, const Door& door, const std::string& item) const {
  LiveWork work;
  work.lane = lane;
  if (lane != LiveWork::Lane::kLookUp) work.form = door.form;
  codec::JsonWriter json(work.body);
  json.BeginObject();
  if (lane == LiveWork::Lane::kLookUp) {
    work.path = "/v1/lookups";
    json.Key("criteria").BeginObject().Key("nir").String(item).EndObject();
    WriteReason(json, door.purpose);
    return work;
  }
  work.path = "/v1/disclosures";
  work.code = item;
  json.Key("person").String(item).Key("fields").BeginArray();
  for (const std::string& field : door.fields) json.String(field);
  json.EndArray();
  if (door.form == ledger::Form::kExists) json.Key("form").String("exists");
  WriteReason(json, door.purpose);
  return work;
}

LiveWork LiveThief::Guess() {
  const Lane& strangers = LaneOf(LiveWork::Lane::kStranger);
  const Lane& own = LaneOf(LiveWork::Lane::kOwn);
  const Lane& of = strangers.doors.empty() ? own : strangers;
  // A role that is granted nothing asks for the first field there is.
  static const Door kNone{"support", {"identity.birth_name"}, ledger::Form::kPlain, false};
  const Door& door = of.doors.empty() ? kNone : of.doors.front();
  return Make(LiveWork::Lane::kGuess, door, guesses_->Next());
}

LiveWork LiveThief::Next() {
  const std::scoped_lock lock(mutex_);
  for (std::size_t tried = 0; tried < kLanes; ++tried) {
    const auto lane = static_cast<LiveWork::Lane>(turn_++ % kLanes);
    if (lane == LiveWork::Lane::kGuess) return Guess();
    const auto turn = LaneOf(lane).Turn();
    if (!turn.has_value()) continue;
    const Lane& of = LaneOf(lane);
    LiveWork work = Make(lane, of.doors[turn->first], of.items[turn->second]);
    work.door = turn->first;
    work.item = turn->second;
    return work;
  }
  return Guess();
}

PersonId LiveThief::PersonOf(const std::string& code) const {
  const crypto::Digest digest =
      crypto::Sha256({base::BigU64(start_.self.organisation), AsBytes(code)});
  return PersonId(crypto::Truncate<8>(digest));
}

Status LiveThief::AddLine(const LiveRecord& record, const std::string& code,
                          std::optional<ledger::Form> form, std::int64_t at_ms) {
  if (!log_.empty() && record.log != log_) {
    return Error{Code::kCorrupt, "the server went on to another log"};
  }
  log_ = record.log;
  BookLine line{at_ms, PersonOf(code), {}, record.entries, {}};
  bool sensitive = false;
  for (const std::string& name : record.fields) {
    const records::FieldSpec* const field = schema_.Find(name);
    if (field == nullptr) {
      return Error{Code::kCorrupt, "a field came that the schema does not have: --schema"};
    }
    line.fields.push_back(field->id);
    sensitive = sensitive || field->sensitive;
  }
  const bool off = !own_.contains(code);
  if (form.has_value()) {
    line.counters.Add(Counter::kGlimpsed);
    if (off) line.counters.Add(Counter::kGlimpsedOff);
  }
  if (form == ledger::Form::kPlain) {
    line.counters.Add(Counter::kOpened);
    if (off) line.counters.Add(Counter::kOpenedOff);
    if (sensitive) line.counters.Add(Counter::kSensitive);
    if (off) opened_off_.insert(line.person);
  }
  book_.Add(std::move(line));
  return Ok();
}

Status LiveThief::NoteShown(const LiveWork& work, const net::Response& answer, std::int64_t at_ms) {
  const bool look_up = work.lane == LiveWork::Lane::kLookUp;
  CLOISON_TRY_ASSIGN(const std::vector<LiveRecord> records,
                     ParseRecords(answer.body, look_up ? "rows" : "disclosures"));
  if (!look_up && records.size() != 1) {
    return Error{Code::kCorrupt, "one person was asked for, and not one came"};
  }
  if (work.lane != LiveWork::Lane::kGuess) LaneOf(work.lane).done.insert({work.door, work.item});
  for (const LiveRecord& record : records) {
    // Whoever is answered about without a name is whom the request named.
    const std::string& code = record.person.empty() ? work.code : record.person;
    CLOISON_TRY(AddLine(record, code, work.form, at_ms));
    if (own_.contains(code) || !known_.insert(code).second) continue;
    Lane& strangers = LaneOf(LiveWork::Lane::kStranger);
    strangers.items.push_back(code);
    // Guesses go by the first door.
    const bool opened = work.lane == LiveWork::Lane::kGuess && !strangers.doors.empty();
    if (opened) strangers.done.insert({0, strangers.items.size() - 1});
  }
  return Ok();
}

Status LiveThief::NoteOverview(std::int64_t at_ms) {
  const std::scoped_lock lock(mutex_);
  for (const LiveRecord& row : start_.caseload) {
    CLOISON_TRY(AddLine(row, row.person, std::nullopt, at_ms));
  }
  return Ok();
}

void LiveThief::AddUnanswered(const LiveWork& work) {
  unanswered_.push_back(work.code.empty() ? std::nullopt : std::optional(PersonOf(work.code)));
}

Result<LiveNoted> LiveThief::Note(const LiveWork& work, const Result<net::Response>& answer,
                                  std::int64_t at_ms) {
  const std::scoped_lock lock(mutex_);
  ++tally_.requests;
  if (!answer.ok()) {
    AddUnanswered(work);
    return LiveNoted::kLost;
  }
  if (answer->status == kShown || answer->status == kDisclosed) {
    CLOISON_TRY(NoteShown(work, *answer, at_ms));
    return LiveNoted::kAnswered;
  }
  ++tally_.refused;
  if (answer->status < kServerFailed) return LiveNoted::kAnswered;
  // But for who is told so before anything is read, nobody knows what the server did before it
  // failed.
  if (ProblemCodeOf(answer->body) == "overloaded") return LiveNoted::kBusy;
  AddUnanswered(work);
  return LiveNoted::kLost;
}

void LiveThief::NoteRung(int rung, std::int64_t at_ms) {
  const std::scoped_lock lock(mutex_);
  if (rung <= (rungs_.empty() ? start_.self.rung : rungs_.back().rung)) return;
  rungs_.push_back({rung, at_ms, tally_.requests});
}

}  // namespace cloison::drill
