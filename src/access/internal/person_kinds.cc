// The kinds of approval about people and records (access/person_requests.h): erase, re-key,
// unseal, release of a hold.

#include "access/internal/alerts.h"
#include "access/internal/erasure_count.h"
#include "access/internal/erasure_works.h"
#include "access/internal/gate_calls.h"
#include "access/internal/hold_works.h"
#include "access/internal/unseal_work.h"
#include "access/person_requests.h"

namespace cloison::access::internal {

namespace {

Refusal Because(RefusalCode code, std::string rule) {
  return Refusal{code, std::move(rule), {}, {}, 0, {}, {}, {}, {}};
}

class PersonKind : public ApprovalKind {
 public:
  explicit PersonKind(Core& core) : core_(core) {}
  approvals::Gaining Gains(const Approval&) const override { return {}; }
  bool runs() const override { return true; }

 protected:
  // Whoever decided, going on with what they decided.
  Caller DeciderOf(const Approval& approval, base::Executor& home) const {
    return {approval.decider.value_or(Gate::SystemPrincipal()), SessionId(ByteArray<16>{}),
            ClientId(0), home, identity::Assurance::Internal()};
  }

  Core& core_;
};

class EraseKind final : public PersonKind {
 public:
  using PersonKind::PersonKind;
  std::string_view name() const override { return "erase"; }
  std::optional<Right> asks() const override { return Right::kErase; }
  Right approves() const override { return Right::kErase; }
  // An incident's file may need who is about to be forgotten.
  std::optional<Right> stops() const override { return Right::kHold; }
  // One over the day's ceiling waits as well, for room.
  std::optional<Wait> WaitOf(const commit::Staging& staging,
                             const Approval& approval) const override {
    const ErasureRules& rules = core_.erasures;
    const bool room =
        ErasureCount::Of(core_, staging, approval.organisation).HasRoom(rules.per_day);
    if (room && !rules.waits()) return std::nullopt;
    return Wait{rules.delay_ms, rules.asks_consent};
  }

  Task<Status> Load(commit::Staging& staging, const Approval& approval) override {
    CLOISON_CO_TRY_ASSIGN(const EraseRequest request, ParseErase(approval.what));
    std::vector<store::Key> keys{records::RowKeyOf(request.person),
                                 WaitingKey(core_, request.person),
                                 ErasureCountKey(core_, approval.organisation)};
    co_return co_await staging.Load(std::move(keys));
  }

  void EndWait(commit::Staging& staging, const Approval& approval) override {
    const Result<EraseRequest> request = ParseErase(approval.what);
    CLOISON_CHECK(request.ok());  // Load read it
    const store::Key key = WaitingKey(core_, request->person);
    const store::Row& row = staging.Get(key);
    if (!row.present()) return;
    // Another one may wait for the same person: then the row is of that one.
    const auto plain = core_.parts.state.Open(key, row.value);
    const Result<std::uint64_t> number =
        plain.ok() ? ParseWaiting(plain->Reveal()) : Result<std::uint64_t>(plain.error());
    if (!number.ok() || *number == approval.number) staging.Delete(key);
  }

  Result<std::optional<Refusal>> Check(commit::Staging& staging,
                                       const Approval& approval) override {
    CLOISON_TRY_ASSIGN(const EraseRequest request, ParseErase(approval.what));
    const store::Row& row = staging.Get(records::RowKeyOf(request.person));
    if (!row.present()) return std::optional(NotAvailable());
    CLOISON_TRY_ASSIGN(const records::RowHeader header, records::ParseRowHeader(row.value));
    if (header.seq != request.version) {
      return std::optional(Because(RefusalCode::kChanged, "version"));
    }
    return std::optional<Refusal>{};
  }

  // The decision is the commit; from then on it is finished, whatever comes between, unless it
  // waits: then somebody else is told.
  Status Enact(commit::Staging& staging, const Approval& approval, EntryMaker&) override {
    ErasureCount count = ErasureCount::Of(core_, staging, approval.organisation);
    const bool full = !count.HasRoom(core_.erasures.per_day);
    const bool alarmed = full && count.TakeAlarm();
    if (alarmed) RaiseFull(approval.organisation);
    NoteDamaged(core_, count);
    if (!approval.waits()) count.Add();
    if (!approval.waits() || alarmed || count.was_damaged()) {
      count.Stage(core_, staging, approval.organisation);
    }
    if (approval.waits()) {
      PutAlert(core_, staging,
               {Alert::What::kErasureWaits, Alert::Whom::kSecondContact, approval.asker,
                approval.organisation, std::nullopt, approval.number});
    }
    return Ok();
  }

  void RaiseFull(OrganisationId organisation) {
    Alarm alarm;
    alarm.what = Alarm::What::kErasuresFull;
    alarm.organisation = organisation;
    (void)core_.alarms.Raise(std::move(alarm));
  }

  Task<Status> Run(Approval approval, base::Executor& home) override {
    CLOISON_CO_TRY_ASSIGN(const EraseRequest request, ParseErase(approval.what));
    const keys::EraseJournal::Item item{request.person, request.aud,
                                        core_.parts.committer.Now().wall_ms};
    CLOISON_CO_TRY(JournalOnce(core_, item));
    const Reason reason{request.purpose, request.case_ref};
    const auto finished = co_await FinishErasure(core_, DeciderOf(approval, home), reason, item);
    co_return finished.ok() ? Ok() : Status(finished.error());
  }
};

// The key is what it is about, not the version: who changes the record meanwhile is no reason not
// to.
class RekeyKind final : public PersonKind {
 public:
  using PersonKind::PersonKind;
  std::string_view name() const override { return "rekey"; }
  std::optional<Right> asks() const override { return Right::kRekey; }
  Right approves() const override { return Right::kRekey; }

  Task<Status> Load(commit::Staging& staging, const Approval& approval) override {
    CLOISON_CO_TRY_ASSIGN(const RekeyRequest request, ParseRekey(approval.what));
    std::vector<store::Key> keys{records::RowKeyOf(request.person)};
    co_return co_await staging.Load(std::move(keys));
  }

  Result<std::optional<Refusal>> Check(commit::Staging& staging,
                                       const Approval& approval) override {
    CLOISON_TRY_ASSIGN(const RekeyRequest request, ParseRekey(approval.what));
    const store::Row& row = staging.Get(records::RowKeyOf(request.person));
    if (!row.present()) return std::optional(NotAvailable());
    CLOISON_TRY_ASSIGN(const records::RowHeader header, records::ParseRowHeader(row.value));
    if (header.pkv != request.pkv) {
      return std::optional(Because(RefusalCode::kChanged, "rekey/again"));
    }
    return std::optional<Refusal>{};
  }

  Status Enact(commit::Staging&, const Approval&, EntryMaker&) override { return Ok(); }

  Task<Status> Run(Approval approval, base::Executor& home) override {
    CLOISON_CO_TRY_ASSIGN(const RekeyRequest request, ParseRekey(approval.what));
    const keys::EraseJournal::Item item{request.person, request.aud,
                                        core_.parts.committer.Now().wall_ms, request.pkv};
    CLOISON_CO_TRY(JournalOnce(core_, item));
    const Reason reason{request.purpose, request.case_ref};
    co_return co_await FinishRekey(core_, DeciderOf(approval, home), reason, item);
  }
};

class UnsealKind final : public PersonKind {
 public:
  using PersonKind::PersonKind;
  std::string_view name() const override { return "unseal"; }
  std::optional<Right> asks() const override { return Right::kUnseal; }
  Right approves() const override { return Right::kUnseal; }

  Task<Status> Load(commit::Staging& staging, const Approval& approval) override {
    CLOISON_CO_TRY_ASSIGN(const UnsealRequest request, ParseUnseal(approval.what));
    const std::uint32_t generation = ledger::GenerationOf(request.place);
    if (generation == 0 || generation > core_.parts.ledger.generation()) {
      co_return Error{Code::kInvalid, "no log of this register"};
    }
    std::vector<store::Key> keys{UnsealedKey(core_, request.place)};
    co_return co_await staging.Load(std::move(keys));
  }
  // The entry itself was looked at before it was asked for (Approvals::AskUnseal); what came
  // between is seen when it runs.
  Result<std::optional<Refusal>> Check(commit::Staging& staging,
                                       const Approval& approval) override {
    CLOISON_TRY_ASSIGN(const UnsealRequest request, ParseUnseal(approval.what));
    if (staging.Get(UnsealedKey(core_, request.place)).present()) {
      return std::optional(Because(RefusalCode::kUnsealed, "unseal/again"));
    }
    return std::optional<Refusal>{};
  }
  Status Enact(commit::Staging&, const Approval&, EntryMaker&) override { return Ok(); }

  Task<Status> Run(Approval approval, base::Executor& home) override {
    CLOISON_CO_TRY_ASSIGN(const UnsealRequest request, ParseUnseal(approval.what));
    const Gate::Once once{"approval/" + std::to_string(approval.number), approval.what};
    Caller caller = DeciderOf(approval, home);
    while (true) {
      const Reason reason{request.purpose, request.case_ref};
      const Outcome<Gate::Unsealing> outcome =
          co_await UnsealDecided(core_, caller, request.place, reason, once);
      if (!outcome.ok()) co_return outcome.error();
      const Refusal* const refusal = std::get_if<Refusal>(&*outcome);
      // Unsealed, or nothing is there to unseal any more: it has run.
      const bool stopped = refusal != nullptr && (refusal->code == RefusalCode::kFrozen ||
                                                  refusal->code == RefusalCode::kExpired);
      if (!stopped || caller.principal == Gate::SystemPrincipal()) co_return Ok();
      // Who decided was stopped since: what was decided is finished by the system.
      caller.principal = Gate::SystemPrincipal();
    }
  }
};

class ReleaseKind final : public PersonKind {
 public:
  using PersonKind::PersonKind;
  std::string_view name() const override { return "release"; }
  std::optional<Right> asks() const override { return Right::kHold; }
  Right approves() const override { return Right::kHold; }

  Task<Status> Load(commit::Staging& staging, const Approval& approval) override {
    CLOISON_CO_TRY_ASSIGN(const ReleaseRequest request, ParseRelease(approval.what));
    std::vector<store::Key> keys{HoldRowKey(request.hold)};
    co_return co_await staging.Load(std::move(keys));
  }

  Result<std::optional<Refusal>> Check(commit::Staging& staging,
                                       const Approval& approval) override {
    CLOISON_TRY_ASSIGN(const ReleaseRequest request, ParseRelease(approval.what));
    const store::Row& row = staging.Get(HoldRowKey(request.hold));
    if (!row.present()) return std::optional(NotAvailable());
    CLOISON_TRY_ASSIGN(const HoldDocument hold, OpenHold(core_.parts.state, request.hold, row));
    if (hold.state == HoldState::kReleased) {
      return std::optional(Because(RefusalCode::kDecided, "hold/released"));
    }
    return std::optional<Refusal>{};
  }

  Status Enact(commit::Staging& staging, const Approval& approval, EntryMaker& entries) override {
    CLOISON_TRY_ASSIGN(const ReleaseRequest request, ParseRelease(approval.what));
    const store::Key key = HoldRowKey(request.hold);
    CLOISON_TRY_ASSIGN(HoldDocument hold,
                       OpenHold(core_.parts.state, request.hold, staging.Get(key)));
    hold.state = HoldState::kReleased;
    staging.Put(key, core_.parts.state.Seal(key, EncodeHold(hold)));
    (void)entries.StageEntry(entries.Draft(ledger::Kind::kIncident, ledger::Decision::kAllow,
                                           "hold/release/" + std::to_string(request.hold)));
    return Ok();
  }

  Task<Status> Run(Approval approval, base::Executor& home) override {
    CLOISON_CO_TRY_ASSIGN(const ReleaseRequest request, ParseRelease(approval.what));
    co_return co_await ForgetHold(core_, request.hold, home);
  }
};

}  // namespace

void AddPersonKinds(Core& core) {
  core.approval_kinds.push_back(std::make_unique<EraseKind>(core));
  core.approval_kinds.push_back(std::make_unique<RekeyKind>(core));
  core.approval_kinds.push_back(std::make_unique<UnsealKind>(core));
  core.approval_kinds.push_back(std::make_unique<ReleaseKind>(core));
}

}  // namespace cloison::access::internal
