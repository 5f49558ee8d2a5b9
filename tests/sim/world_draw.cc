#include "tests/sim/world_draw.h"

#include <algorithm>

namespace cloison::sim {

namespace {

constexpr std::size_t kNobodies = 6;  // codes of nobody that are tried
constexpr std::size_t kCitizens = 2;

PrincipalId IdOf(Part part, std::size_t number) {
  return PrincipalId(ByteArray<16>{static_cast<std::uint8_t>(0x10 + static_cast<int>(part)),
                                   static_cast<std::uint8_t>(number)});
}

}  // namespace

std::vector<Actor> DrawActors(base::Random& random) {
  std::vector<Actor> actors;
  const auto add = [&actors](Part part, std::uint32_t organisation) {
    actors.push_back({IdOf(part, actors.size()), part, OrganisationId(organisation)});
  };
  const std::size_t agents = 2 + random.Below(5);
  for (std::size_t i = 0; i < agents; ++i) add(Part::kAgent, i == 1 ? 2 : 1);
  for (const std::uint32_t organisation : {1u, 2u}) add(Part::kApplication, organisation);
  add(Part::kOfficer, 1);
  if (random.Below(2) == 0) add(Part::kOfficer, 2);
  for (std::size_t i = 0; i < kCitizens; ++i) {
    add(Part::kCitizen, 0);
    actors.back().person = i;
    actors.back().enrolled = false;  // until there is the person
  }
  add(Part::kNobody, 1);
  actors.back().enrolled = false;
  actors.push_back({access::Gate::SystemPrincipal(), Part::kSystem, OrganisationId(0)});
  return actors;
}

Op& WorldDraw::Add(What what, std::size_t actor) {
  Op op;
  op.number = model_.ops().size() + 1;
  op.what = what;
  op.actor = actor;
  model_.ops().push_back(std::move(op));
  return model_.ops().back();
}

void WorldDraw::Focus() {
  person_.reset();
  agent_.reset();
  if (Chance(2)) return;
  person_ = Known();
  agent_ = OneOf(Part::kAgent);
}

std::size_t WorldDraw::OneOf(Part part) {
  if (part == Part::kAgent && agent_ && !Chance(3)) return *agent_;
  std::vector<std::size_t> all;
  for (std::size_t i = 0; i < model_.actors().size(); ++i) {
    if (model_.actors()[i].part == part) all.push_back(i);
  }
  return all[Draw(all.size())];
}

// What nobody answered is asked again, under its key.
Op* WorldDraw::Again() {
  std::vector<std::size_t> open;
  for (std::size_t i = 0; i < model_.ops().size(); ++i) {
    const Op& op = model_.ops()[i];
    const bool once = op.what == What::kRegister || op.what == What::kAssign;
    const bool unheard = op.answer == Answer::kNone || op.answer == Answer::kFailed;
    if (once && op.settled && (unheard || Chance(24))) open.push_back(i);
  }
  if (open.empty()) return nullptr;
  const Op& before = model_.ops()[open[Draw(open.size())]];
  Op& op = Add(before.what, before.actor);
  op.people = before.people;
  op.named = before.named;
  op.nir = before.nir;
  op.email = before.email;
  op.other = before.other;
  op.off = before.off;
  op.until_ms = before.until_ms;
  op.once = before.once;
  return &op;
}

Op& WorldDraw::Next(std::int64_t budget_ms) {
  const std::size_t before = model_.ops().size();
  if (Chance(8) && Again() != nullptr) return model_.ops().back();
  switch (Draw(28)) {
    case 0:
    case 1:
    case 2: LookUp(); break;
    case 3:
    case 4:
    case 5: Register(); break;
    case 6:
    case 7: Update(); break;
    case 8: Erase(); break;
    case 9:
    case 10:
    case 11: Assign(budget_ms); break;
    case 12: Freeze(); break;
    case 13: Add(What::kOwnTrail, OneOf(Part::kCitizen)); break;
    case 14: Add(What::kCapabilities, OneOf(Part::kAgent)); break;
    case 15: Housekeeping(); break;
    default: Disclose();
  }
  if (model_.ops().size() == before) Housekeeping();  // nobody is known yet
  return model_.ops().back();
}

Op& WorldDraw::NextPerson() {
  Op& op = Add(What::kRegister, OneOf(Part::kApplication));
  op.nir = next_nir_++;
  op.email = next_email_++;
  op.once = "key-" + std::to_string(next_once_++);
  return op;
}

std::optional<Number> WorldDraw::Known() {
  if (person_ && !Chance(3)) return person_;
  std::vector<Number> living, all;
  for (Number person = 0; person < model_.people().size(); ++person) {
    if (!model_.people()[person].id) continue;
    all.push_back(person);
    if (model_.people()[person].alive) living.push_back(person);
  }
  const std::vector<Number>& from = living.empty() || Chance(7) ? all : living;
  if (from.empty()) return std::nullopt;
  return from[Draw(from.size())];
}

std::string WorldDraw::CodeOf(const Actor& actor, Number person) {
  PersonId id(ByteArray<8>{0xee, static_cast<std::uint8_t>(person - kFirstNobody)});
  if (person < kFirstNobody) id = *model_.people()[person].id;
  const auto code = vault_.vault().codes().Encode(actor.organisation, id);
  CLOISON_CHECK(code.ok());
  return code->Text();
}

// Nobody is named twice.
void WorldDraw::NamePeople(Op& op, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    const std::optional<Number> known = Known();
    const Number person =
        known && !Chance(10) ? *known : kFirstNobody + static_cast<Number>(Draw(kNobodies));
    if (std::ranges::find(op.people, person) != op.people.end()) continue;
    op.people.push_back(person);
    op.named.push_back(CodeOf(model_.actors()[op.actor], person));
  }
}

void WorldDraw::Disclose() {
  Part part = Part::kAgent;
  if (Chance(6)) part = Part::kCitizen;
  if (Chance(14)) part = Part::kNobody;
  if (Chance(20)) part = Part::kApplication;
  Op& op = Add(What::kDisclose, OneOf(part));
  op.ask = Draw(model_.rules().asks().size() - (Chance(6) ? 0 : 1));  // the last gives nothing
  if (part == Part::kCitizen) {
    op.people = {*model_.actors()[op.actor].person};
  } else {
    NamePeople(op, Chance(3) ? 1 + Draw(4) : 1);
  }
}

void WorldDraw::LookUp() {
  Op& op = Add(What::kLookUp, OneOf(Chance(12) ? Part::kApplication : Part::kAgent));
  op.ask = Draw(model_.rules().asks().size());
  op.by_nir = Chance(2);
  const std::optional<Number> known = Known();
  op.nir = known && !Chance(8) ? model_.people()[*known].nir : next_nir_ + Draw(3);
  op.email = known && !Chance(8) ? model_.people()[*known].email : next_email_ + Draw(3);
}

void WorldDraw::Register() {
  Op& op = NextPerson();
  if (Chance(16)) op.actor = OneOf(Part::kAgent);
  const std::optional<Number> known = Known();
  if (known && Chance(5)) op.nir = model_.people()[*known].nir;
  if (known && Chance(4)) op.email = model_.people()[*known].email;
  if (next_nir_ > 1 && Chance(8)) op.nir = next_nir_ - 2;  // maybe on its way right now
}

void WorldDraw::Update() {
  Op& op = Add(What::kUpdate, OneOf(Chance(16) ? Part::kAgent : Part::kApplication));
  NamePeople(op, 1);
  const Number person = op.people.front();
  const bool there = person < kFirstNobody;
  op.version = there ? model_.people()[person].version : 1;
  if (Chance(8)) op.version += Draw(2) == 0 ? 1 : -1;
  op.by_nir = Chance(5);
  op.nir = next_nir_++;
  op.email = next_email_++;
  const std::optional<Number> other = Known();
  if (other && Chance(3)) op.nir = model_.people()[*other].nir;
  if (other && Chance(4)) op.email = model_.people()[*other].email;
}

void WorldDraw::Erase() {
  Op& op = Add(What::kErase, OneOf(Chance(16) ? Part::kAgent : Part::kOfficer));
  NamePeople(op, 1);
  const Number person = op.people.front();
  op.version = person < kFirstNobody ? model_.people()[person].version : 1;
  if (Chance(10)) ++op.version;
}

void WorldDraw::Assign(std::int64_t budget_ms) {
  Op& op = Add(What::kAssign, OneOf(Chance(16) ? Part::kAgent : Part::kApplication));
  NamePeople(op, 1 + Draw(3));
  const OrganisationId own = model_.actors()[op.actor].organisation;
  for (int tries = 0; tries < 8; ++tries) {
    op.other = OneOf(Chance(20) ? Part::kNobody : Part::kAgent);
    if (model_.actors()[op.other].organisation == own) break;
  }
  op.off = Chance(4);
  if (Chance(3)) op.until_ms = budget_ms + static_cast<std::int64_t>(Draw(base::kDayMs));
  op.once = "key-" + std::to_string(next_once_++);
}

void WorldDraw::Freeze() {
  Op& op = Add(What::kFreeze, OneOf(Chance(16) ? Part::kAgent : Part::kOfficer));
  op.other = OneOf(Chance(16) ? Part::kNobody : Part::kAgent);
  if (Chance(5)) op.other = OneOf(Part::kApplication);
  for (std::size_t actor = 0; actor < model_.actors().size(); ++actor) {
    if (model_.frozen(actor) && Chance(2)) op.other = actor;
  }
  op.off = model_.frozen(op.other) ? !Chance(4) : Chance(8);
  if (op.other == op.actor) op.off = true;  // nobody freezes an officer here
}

void WorldDraw::Housekeeping() {
  constexpr What kAll[] = {What::kAggregates, What::kPrune, What::kRetry, What::kPublish,
                           What::kFold};
  Add(kAll[Draw(std::size(kAll))], model_.actors().size() - 1);
}

}  // namespace cloison::sim
