#include "drill/payments.h"

#include <algorithm>

#include "access/approvals.h"
#include "access/job_requests.h"

namespace cloison::drill {

namespace {

using access::Approvals;
using access::JobItem;
using access::Jobs;

constexpr char kProgram[] = "app.payment", kRole[] = "payment-application";
constexpr char kOfficer[] = "officer.privacy", kOther[] = "officer.privacy.b";
constexpr OrganisationId kFranceTravail(1);
constexpr ClientId kItsClient(8);
constexpr std::uint32_t kAgreedPeople = 500;
constexpr std::size_t kHonestBatch = 50;
constexpr std::uint32_t kRuns = 12, kPauseDays = 7, kStolenAfterDays = 6;

}  // namespace

PaymentThief::PaymentThief(World& world)
    : world_(world),
      bank_(world.stage().random()),
      own_(world.stage().random()),
      caller_(As(kProgram)),
      doors_(world.stage(), book_, caller_, kFranceTravail, kRole) {}

access::Caller PaymentThief::As(const char* name) const {
  const PrincipalId id = vault::DemoPrincipalId(name);
  identity::Assurance assurance = identity::Assurance::Internal();
  if (std::string_view(name) == kProgram)
    assurance = {identity::Actor::kApplication, {}, {}, 0, {}};
  return {id, SessionId(id.array()), kItsClient, world_.executor(), std::move(assurance)};
}

Result<std::unique_ptr<PaymentThief>> PaymentThief::Begin(World& world) {
  std::unique_ptr<PaymentThief> thief(new PaymentThief(world));
  const records::Schema& schema = world.vault().schema();
  access::JobRequest& request = thief->request_;
  request.label = "monthly-payment";
  request.application = thief->caller_.principal;
  request.purpose = "payment";
  for (const char* name : {"identity.birth_name", "identity.first_name", "bank.iban"}) {
    request.fields.push_back(schema.Find(name)->id);
  }
  std::ranges::sort(request.fields);
  request.recipient = thief->bank_.key().bytes();
  request.people_max = kAgreedPeople;
  request.runs = kRuns;
  request.pause_days = kPauseDays;
  request.expires_ms = world.vault().committer().Now().budget_ms + 300 * base::kDayMs;
  CLOISON_TRY_ASSIGN(thief->job_, thief->Agreed());
  CLOISON_TRY(thief->WorkHonestly());
  return thief;
}

Result<std::uint64_t> PaymentThief::Agreed() {
  Approvals& approvals = world_.vault().gate().approvals();
  const Bytes what = Encode(request_);
  auto asked = world_.executor().Wait(approvals.Ask(
      As(kOfficer), {std::string(access::kJobKind), what, "FIN-1"}, {"payment-job", what}));
  if (!asked.ok()) return asked.error();
  const auto* const shown = std::get_if<Approvals::Shown>(&*asked);
  if (shown == nullptr) return Error{Code::kInvalid, "an officer may not ask for a job"};
  const std::uint64_t number = shown->approval.number;
  auto agreed = world_.executor().Wait(approvals.Approve(As(kOther), number));
  if (!agreed.ok()) return agreed.error();
  if (!std::holds_alternative<Approvals::Shown>(*agreed)) {
    return Error{Code::kInvalid, "another officer may not agree to a job"};
  }
  return number;
}

// In a session that is not the thief's: nothing of it is in the thief's scope.
Status PaymentThief::WorkHonestly() {
  access::Caller program = As(kProgram);
  program.session = SessionId(ByteArray<16>{0x77});
  auto begun = world_.executor().Wait(jobs().Begin(program, job_, kAgreedPeople, {"honest", {}}));
  if (!begun.ok()) return begun.error();
  const auto* const shown = std::get_if<Jobs::Shown>(&*begun);
  if (shown == nullptr) return Error{Code::kInvalid, "an agreed job does not run"};
  header_ = shown->header;
  CLOISON_TRY_ASSIGN(std::vector<JobItem> items, Next(kHonestBatch));
  auto sealed = world_.executor().Wait(jobs().Seal(program, job_, run_, batch_, std::move(items)));
  if (!sealed.ok()) return sealed.error();
  if (!std::holds_alternative<Jobs::Sealed>(*sealed)) {
    return Error{Code::kInvalid, "an agreed job seals nobody"};
  }
  ++batch_;
  world_.clock().GoTo(world_.clock().now_ms() + kStolenAfterDays * base::kDayMs);
  return Ok();
}

// What cannot be right (a batch out of turn, too many requests that wait) is a refusal too.
template <class T>
Result<T*> PaymentThief::Count(access::Outcome<T>& outcome) {
  ++requests_;
  const bool wrong = !outcome.ok() && (outcome.error().code() == Code::kConflict ||
                                       outcome.error().code() == Code::kExhausted);
  if (!outcome.ok() && !wrong) return outcome.error();
  T* const given = wrong ? nullptr : std::get_if<T>(&*outcome);
  if (given == nullptr) ++refused_;
  return given;
}

Status PaymentThief::Day(const std::vector<Target>& targets) {
  for (const Target& target : targets) {
    CLOISON_TRY_ASSIGN(const std::vector<Told> told, doors_.TryAll(target));
    told_ += told.size();
  }
  CLOISON_TRY_ASSIGN(const std::vector<Told> overview, doors_.Overview());
  told_ += overview.size();
  CLOISON_TRY(AskForMore(requests_));
  if (running_) {
    CLOISON_TRY(SealUntilRefused());
  }
  CLOISON_TRY_ASSIGN(const bool too_many, Run(kAgreedPeople + 1));
  if (too_many) return Error{Code::kInvalid, "a run is for more people than agreed to"};
  CLOISON_TRY_ASSIGN(running_, Run(kAgreedPeople));
  return running_ ? SealUntilRefused() : Ok();
}

// A job of its own, and jobs of others.
Status PaymentThief::AskForMore(std::uint64_t number) {
  access::JobRequest mine = request_;
  mine.recipient = own_.key().bytes();
  mine.people_max = access::kJobPeopleMax;
  const Bytes what = Encode(mine);
  const std::string key = "mine-" + std::to_string(number);
  auto asked = world_.stage().Ask(nullptr, {}, 0, [&] {
    return world_.vault().gate().approvals().Ask(
        caller_, {std::string(access::kJobKind), what, "x"}, {key, what});
  });
  CLOISON_TRY_ASSIGN(const Approvals::Shown* const shown, Count(asked));
  if (shown != nullptr) return Error{Code::kInvalid, "a program asks for a job of its own"};
  for (const std::uint64_t other : {job_ - 1, job_ + 1}) {
    CLOISON_TRY_ASSIGN(std::vector<JobItem> items, Next(1));
    auto sealed = world_.stage().Ask(&book_, {}, items.size(),
                                     [&] { return jobs().Seal(caller_, other, 1, 1, items); });
    CLOISON_TRY_ASSIGN(const Jobs::Sealed* const given, Count(sealed));
    told_ += given == nullptr ? 0 : 1;
  }
  return Ok();
}

Result<bool> PaymentThief::Run(std::uint32_t people) {
  const std::string key = "run-" + std::to_string(requests_);
  auto begun = world_.stage().Ask(nullptr, {}, 0, [&] {
    return jobs().Begin(caller_, job_, people, {key, base::ToBytes(AsBytes(key))});
  });
  CLOISON_TRY_ASSIGN(const Jobs::Shown* const shown, Count(begun));
  if (shown == nullptr) return false;
  run_ = static_cast<std::uint32_t>(shown->job.runs.size());
  batch_ = 1;
  header_ = shown->header;
  return true;
}

// In full batches, in smaller ones, and the last one again with others in it: as far as it goes.
Status PaymentThief::SealUntilRefused() {
  std::size_t size = records::kJobBatchPeopleMax;
  const std::size_t whole = next_ + 2 * world_.people().size();
  while (size > 0 && next_ < whole) {
    CLOISON_TRY_ASSIGN(const std::vector<JobItem> items, Next(size));
    CLOISON_TRY_ASSIGN(const bool given, Seal(items));
    if (!given) {
      size /= 2;
      continue;
    }
    // Again: the same people, and the same with somebody else among them.
    CLOISON_TRY_ASSIGN(std::vector<JobItem> others, Next(1));
    --batch_;
    CLOISON_TRY(Seal(items));
    --batch_;
    others.insert(others.end(), items.begin() + 1, items.end());
    CLOISON_TRY_ASSIGN(const bool swapped, Seal(others));
    if (!swapped) ++batch_;
  }
  running_ = false;
  return Ok();
}

Result<bool> PaymentThief::Seal(const std::vector<JobItem>& items) {
  auto sealed = world_.stage().Ask(&book_, {}, items.size(),
                                   [&] { return jobs().Seal(caller_, job_, run_, batch_, items); });
  CLOISON_TRY_ASSIGN(const Jobs::Sealed* const given, Count(sealed));
  if (given == nullptr) return false;
  ++batch_;
  CLOISON_TRY(Read(given->frame));
  return true;
}

Status PaymentThief::Read(const Bytes& frame) {
  const ByteView whole(frame);
  CLOISON_TRY_ASSIGN(const records::FrameHead head,
                     records::ParseFrameHead(whole.first(records::kJobFrameHeadBytes)));
  const ByteView message = whole.subspan(records::kJobFrameHeadBytes);
  const crypto::Digest header = records::DigestOfHeader(header_);
  told_ += records::OpenRecords(own_, header, head, message).ok() ? 1 : 0;
  CLOISON_TRY_ASSIGN(const std::vector<records::JobRecord> records,
                     records::OpenRecords(bank_, header, head, message));
  for (const records::JobRecord& record : records) {
    CLOISON_TRY_ASSIGN(const PersonId person,
                       world_.vault().codes().Decode(kFranceTravail, record.person));
    sealed_.emplace(run_, person);
    BookLine line{world_.clock().now_ms(), person, {}, {ledger::NumberOf(record.entry)}, {}};
    line.fields = request_.fields;
    book_.Add(std::move(line));
  }
  return Ok();
}

// The whole register, one after the other.
Result<std::vector<JobItem>> PaymentThief::Next(std::size_t count) {
  std::vector<JobItem> items;
  for (std::size_t i = 0; i < count; ++i) {
    const PersonId& person = world_.people()[next_++ % world_.people().size()];
    CLOISON_TRY_ASSIGN(const records::PersonCode code,
                       world_.vault().codes().Encode(kFranceTravail, person));
    items.push_back({code.Text(), false, {}});
  }
  return items;
}

Status PaymentThief::Sum(int days, Report& report) const {
  report.requests += requests_ + doors_.requests();
  report.refused += refused_ + doors_.refused();
  CounterReport sealed{sealed_.size(), access::JobBound(request_, days * base::kDayMs), 0};
  sealed.ratio = RatioOf(sealed.shown, sealed.bound);
  report.ratio = std::max(report.ratio, sealed.ratio);
  report.sealed = sealed;
  CLOISON_TRY_ASSIGN(const ScopeDifference difference,
                     CompareScope(world_.stage(), caller_.session, book_));
  report.scope->Add(difference);
  return Ok();
}

}  // namespace cloison::drill
