#include "tests/sim/world.h"

#include <algorithm>

namespace cloison::sim {

namespace {

using store::testing::Call;
using store::testing::Fault;

constexpr std::size_t kLastKept = 40;
constexpr std::size_t kPeopleAtFirst = 4;
constexpr int kOpeningsMax = 8;
constexpr std::uint64_t kSeedsApart = 1'000'000'007;

constexpr std::string_view kAnswers[] = {"unheard", "shown", "refused", "failed"};

}  // namespace

void WorldCounts::Add(const WorldCounts& other) {
  requests += other.requests;
  shown += other.shown;
  spent += other.spent;
  entries += other.entries;
  people += other.people;
  erased += other.erased;
  failed += other.failed;
  unheard += other.unheard;
  kills += other.kills;
  power_cuts += other.power_cuts;
  restarts += other.restarts;
  faults += other.faults;
  refused_openings += other.refused_openings;
  tampered += other.tampered;
}

World::World(std::uint64_t seed)
    : random_(seed),
      vault_random_(seed + kSeedsApart),
      disk_(directory_.path(), random_),
      power_(random_),
      files_(disk_.files(), power_, random_),
      executor_(seed),
      main_(power_, executor_),
      keys_(power_, executor_),
      rules_(random_),
      model_(rules_, DrawActors(random_)),
      vault_({files_, vault_random_, time_.clock(), directory_.path() + "/vault", &executor_},
             {rules_.schema(), rules_.policy(), 4 + static_cast<std::size_t>(Draw(60))}),
      audit_({vault_, model_, main_, keys_, time_, disk_.files(), directory_.path() + "/vault",
              random_}),
      clients_({vault_, model_, power_, main_}),
      draw_(model_, vault_, random_),
      stormy_(!Chance(5)),
      restless_(Chance(2)),
      steps_(14 + Draw(20)) {}

World::~World() {
  power_.Off();
  vault_.Drop();
}

void World::Note(const std::string& what) {
  last_.push_back("step " + std::to_string(step_) + ": " + what);
  if (last_.size() > kLastKept) last_.pop_front();
  digest_ = crypto::Sha256({digest_, AsBytes(what)});
}

void World::Run() {
  Begin();
  for (step_ = 1; step_ <= steps_ && !broken(); ++step_) Step();
  if (!broken()) LastActs();
  counts_.requests = model_.ops().size();
  counts_.shown = model_.shown();
  counts_.spent = model_.spent();
  counts_.entries = main_.leaves().size();
  counts_.people = model_.people().size();
  for (const Person& person : model_.people()) counts_.erased += person.alive ? 0 : 1;
}

// ---- the first days

bool World::CreateOnce() {
  power_.On();
  Disarm();
  // The power may go while the register is being made; then it is made again.
  if (stormy_ && Chance(3)) power_.OffAfter(Draw(60));
  Status made = vault_.Create(main_, keys_);
  if (!made.ok() && made.error().code() == Code::kConflict) made = Ok();
  if (made.ok()) made = vault_.Open(main_, keys_);
  Note("the register is made: " + std::to_string(made.ok()));
  if (made.ok() && power_.on()) return true;
  if (power_.on()) {
    model_.Broken("the register cannot be made: " + std::string(made.error().text()));
    return true;
  }
  EndProcess(Chance(2) ? End::kKill : End::kPowerCut);
  return false;
}

Status World::EnrolOne(std::size_t actor) {
  const Actor& who = model_.actors()[actor];
  std::optional<Aud> aud;
  if (who.person) aud = model_.people()[*who.person].aud;
  std::vector<access::PrincipalInfo> infos;
  infos.push_back(
      {who.id, who.organisation, std::nullopt, RoleOf(who.part), "somebody", false, aud});
  const Status done = vault_.Wait(vault_.vault().gate().Enrol(std::move(infos), vault_.home()));
  if (!done.ok() && done.error().code() != Code::kConflict) return done;
  model_.actors()[actor].enrolled = true;
  return Ok();
}

bool World::EnrolAll() {
  for (const std::uint32_t organisation : {1u, 2u}) {
    if (!vault_.Wait(vault_.vault().EnrolOrganisation(OrganisationId(organisation))).ok()) {
      return false;
    }
  }
  for (std::size_t actor = 0; actor < model_.actors().size(); ++actor) {
    const Actor& who = model_.actors()[actor];
    const bool later = who.part == Part::kCitizen && *who.person >= model_.people().size();
    if (who.part == Part::kNobody || who.part == Part::kSystem || later) continue;
    if (!EnrolOne(actor).ok()) return false;
  }
  return true;
}

void World::Begin() {
  while (!CreateOnce()) {
  }
  power_.On();
  if (broken() || !EnrolAll()) return model_.Broken("the first principals are not enrolled");
  FirstPeople();
  Check();
  if (broken() || !EnrolAll()) return model_.Broken("the citizens are not enrolled");
  Check();
}

void World::FirstPeople() {
  for (std::size_t i = 0; i < kPeopleAtFirst; ++i) {
    clients_.Send(draw_.NextPerson());
    executor_.RunAll();
  }
}

// ---- one step

void World::Step() {
  PassTime();
  if (!vault_.open()) Reopen();
  if (!vault_.open()) return;
  if (reopened_) Check();  // what an opening sweeps is swept, before an erasure can fail anew
  DrawWeather();
  Pump();
  Settle();
  if (vault_.open()) Check();
  if (!copy_size_ && vault_.open() && Chance(12)) KeepCopy();
}

void World::PassTime() {
  static constexpr std::int64_t kMost[] = {1, base::kMinuteMs, base::kHourMs, base::kDayMs,
                                           8 * base::kDayMs};
  time_.Advance(static_cast<std::int64_t>(Draw(static_cast<std::uint64_t>(kMost[Draw(5)]) + 1)));
  if (Chance(8)) {
    time_.StepWall(static_cast<std::int64_t>(Draw(80 * base::kDayMs)) - 40 * base::kDayMs);
    Note("the wall clock is set");
  }
  if (full_for_ > 0 && --full_for_ == 0) {
    main_.SetFull(false);
    keys_.SetFull(false);
    Note("there is room again");
  }
}

// `files_only`: a change of ours. Most are of the erase journal, and it matters where they end.
void World::ArmFault(bool files_only) {
  const Call call = !files_only && Chance(2) ? Call::kRead : Call::kCommit;
  const Fault how = Chance(2) ? Fault::kNotApplied : Fault::kAppliedButReported;
  const int nth = 1 + static_cast<int>(Draw(call == Call::kRead ? 40 : 10));
  const std::uint64_t where = files_only ? 2 : Draw(3);
  if (where == 0) main_.Arm(call, nth, how);
  if (where == 1) keys_.Arm(call, 1 + nth / 4, how);
  if (where == 2) files_.Arm(call, 1 + nth / 4, how);
  Note("fault " + std::to_string(where) + " call " + std::to_string(static_cast<int>(call)) +
       " way " + std::to_string(static_cast<int>(how)) + " nth " + std::to_string(nth));
}

void World::Disarm() {
  main_.Disarm();
  keys_.Disarm();
  files_.Disarm();
}

bool World::Fired() const {
  return main_.fired() || keys_.fired() || files_.fired();
}

void World::DrawWeather() {
  kill_after_ = 0;
  power_goes_ = false;
  if (!stormy_) return;
  switch (Draw(9)) {
    case 0:
    case 1: ArmFault(false); break;
    case 2: kill_after_ = 1 + Draw(300); break;
    case 3:
      power_.OffAfter(Draw(16));
      power_goes_ = true;
      break;
    case 4:
      if (Chance(3)) {
        full_for_ = 1 + Draw(3);
        (Chance(3) ? keys_ : main_).SetFull(true);
        Note("a disk is full");
      }
      break;
    case 5: ArmFault(true); break;
    default: break;
  }
}

void World::SendOne() {
  Op& op = draw_.Next(vault_.vault().committer().Now().budget_ms);
  Note("request " + std::to_string(op.number) + " " + std::string(Name(op.what)) + " by " +
       std::to_string(op.actor) + " of " + std::to_string(op.people.size()));
  clients_.Send(op);
}

// Some requests at once, others while those are on their way, or when the ledger has just failed.
void World::Pump() {
  draw_.Focus();
  for (std::size_t i = 1 + Draw(Chance(4) ? 16 : 6); i > 0; --i) SendOne();
  std::size_t more = Draw(4);
  while (executor_.Step() || (more > 0 && power_.on())) {
    if (more > 0 && power_.on() && (executor_.waiting() == 0 || vault_.fatal() || Chance(30))) {
      --more;
      SendOne();
    }
    if (restless_ && Chance(40)) {
      time_.Advance(static_cast<std::int64_t>(Draw(Chance(20) ? base::kDayMs : base::kMinuteMs)));
    }
    if (restless_ && Chance(400)) time_.StepWall(base::kDayMs - 2 * base::kHourMs * Draw(20));
    if (kill_after_ > 0 && --kill_after_ == 0) power_.Off();
    if (vault_.fatal() && power_.on() && Chance(12)) power_.Off();  // it was about to end anyway
  }
}

void World::Settle() {
  const bool down = !power_.on() || vault_.fatal();
  const bool trouble = down || Fired() || main_.full() || keys_.full();
  if (Fired()) ++counts_.faults;
  for (std::size_t i = noted_ops_; i < model_.ops().size(); ++i) model_.ops()[i].trouble = trouble;
  Disarm();
  NoteAnswers();
  if (down) {
    EndProcess(power_goes_ || Chance(2) ? End::kPowerCut : End::kKill);
    Reopen();
    return;
  }
  power_.On();  // what was to come of it does not come any more
  if (!main_.full() && !keys_.full() && Chance(14)) {
    EndProcess(static_cast<End>(Draw(3)));
    Reopen();
  }
}

void World::NoteAnswers() {
  for (; noted_ops_ < model_.ops().size(); ++noted_ops_) {
    const Op& op = model_.ops()[noted_ops_];
    std::string what = "answer " + std::to_string(op.number) + " " +
                       std::string(kAnswers[static_cast<std::size_t>(op.answer)]);
    if (op.answer == Answer::kFailed) what += " " + std::to_string(static_cast<int>(op.error));
    if (op.answer == Answer::kRefused) what += " " + std::to_string(static_cast<int>(op.refusal));
    for (const ledger::Recorded& recorded : op.recorded) {
      what += " " + std::to_string(recorded.index);
    }
    Note(what);
    counts_.failed += op.answer == Answer::kFailed ? 1 : 0;
    counts_.unheard += op.answer == Answer::kNone ? 1 : 0;
  }
  for (; noted_leaves_ < main_.leaves().size(); ++noted_leaves_) {
    digest_ = crypto::Sha256({digest_, main_.leaves()[noted_leaves_]});
  }
}

// ---- the end of a process, and the next one

void World::EndProcess(End how) {
  if (how == End::kClean) {
    if (vault_.open() && !vault_.Stop().ok()) model_.Broken("a clean stop fails");
    executor_.RunAll();
  }
  power_.Off();
  vault_.Drop();
  const auto down_ms =
      static_cast<std::int64_t>(Draw(Chance(3) ? 3 * base::kDayMs : base::kMinuteMs));
  if (how == End::kPowerCut) {
    CLOISON_CHECK(disk_.Restore().ok());
    time_.Reboot(down_ms);
    if (Chance(2)) time_.StepWall(-2 * base::kDayMs);
    lost_ms_ = down_ms;
    ++counts_.power_cuts;
  } else {
    time_.Advance(down_ms);
    ++(how == End::kKill ? counts_.kills : counts_.restarts);
  }
  Note("the process ends, way " + std::to_string(static_cast<int>(how)));
}

// Once without any trouble it must open; with it, sooner or later.
void World::Reopen() {
  for (int attempt = 0; !vault_.open() && attempt < kOpeningsMax && !broken(); ++attempt) {
    if (OpenOnce(attempt)) break;
    ++counts_.refused_openings;
    EndProcess(Chance(2) ? End::kKill : End::kPowerCut);
    if ((main_.full() || keys_.full()) && Chance(2)) return;  // it stays away until there is room
  }
}

bool World::OpenOnce(int attempt) {
  power_.On();
  Disarm();
  const bool calm = !stormy_ || attempt >= 3 || !Chance(3);
  if (!calm && Chance(2)) ArmFault(false);
  if (!calm && Chance(2)) power_.OffAfter(Draw(40));
  const Status opened = vault_.Open(main_, keys_);
  executor_.RunAll();
  const bool trouble = !power_.on() || Fired() || main_.full() || keys_.full();
  if (Fired()) ++counts_.faults;
  Disarm();
  Note("opens: " + std::to_string(opened.ok()) + " entries " +
       std::to_string(main_.leaves().size()));
  if (opened.ok() && power_.on() && !vault_.fatal()) {
    power_.On();
    reopened_ = true;
    MaybeConfirm();
    return true;
  }
  const bool corrupt = !opened.ok() && opened.error().code() == Code::kCorrupt;
  if (!trouble || corrupt) {
    model_.Broken("the register does not open: " +
                  std::string(opened.ok() ? "it failed" : opened.error().text()));
  }
  return false;
}

void World::MaybeConfirm() {
  commit::TimeKeeper& time = vault_.vault().committer().time_keeper();
  if (time.confirmed() || Chance(2)) return;
  // Somebody trusted, who does not know the last seconds.
  const std::int64_t known_ms =
      static_cast<std::int64_t>(Draw(static_cast<std::uint64_t>(lost_ms_) + 1));
  time.Confirm(known_ms);
  Note("the time is confirmed");
}

// ---- an old copy of the main store

void World::KeepCopy() {
  CLOISON_CHECK(main_.Checkpoint(copies_.path() + "/main").ok());
  copy_size_ = main_.leaves().size();
  Note("a copy is kept");
}

// What was tampered with must not be opened; the newest copy must.
void World::LastActs() {
  if (!vault_.open()) {
    full_for_ = 0;
    main_.SetFull(false);
    keys_.SetFull(false);
    Reopen();
    if (vault_.open()) Check();
  }
  if (!vault_.open() || broken() || main_.full() || keys_.full()) return;
  EndProcess(End::kClean);
  (copy_size_ ? PutOldCopyBack() : TakeSignedSizeAway());
  Reopen();
  if (vault_.open()) Check();
}

void World::MustRefuse(const std::string& what) {
  power_.On();
  const Status opened = vault_.Open(main_, keys_);
  Note(what + " opens: " + std::to_string(opened.ok()));
  if (opened.ok() || opened.error().code() != Code::kCorrupt) {
    model_.Broken("G8: a register is served with " + what);
  }
  EndProcess(End::kKill);
  ++counts_.tampered;
}

// A log shorter than what it signed last.
void World::PutOldCopyBack() {
  if (audit_.SignedSize() <= *copy_size_) return;
  auto copy = store::MemoryStore::OpenCheckpoint(copies_.path() + "/main");
  CLOISON_CHECK(copy.ok());
  auto newest = main_.Exchange(std::move(*copy));
  MustRefuse("an old copy of the main store");
  (void)main_.Exchange(std::move(newest));
}

void World::TakeSignedSizeAway() {
  const std::string path = audit_.signed_path();
  const Result<Bytes> text = disk_.files().Read(path);
  CLOISON_CHECK(text.ok() && base::RemoveDurably(disk_.files(), path).ok());
  MustRefuse("no signed size");
  CLOISON_CHECK(base::WriteWhole(disk_.files(), path, *text).ok());
}

void World::Check() {
  Disarm();
  audit_.Run(std::exchange(reopened_, false));
  NoteAnswers();
}

}  // namespace cloison::sim
