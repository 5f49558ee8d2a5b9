#include "vault/signed_freeze.h"

#include "access/cases.h"
#include "access/freezes.h"

namespace cloison::vault {

namespace {

class WaitingFreezeWork final : public commit::Work {
 public:
  using Promise = Status;
  // `by`: what the entry says behind whom it is about.
  WaitingFreezeWork(Vault& vault, PrincipalId who, const char* rule, std::string by)
      : principals_(vault.gate().principals()),
        alarms_(vault.gate().cases().alarms()),
        ledger_(vault.ledger()),
        who_(who),
        rule_(rule),
        by_(std::move(by)) {}
  commit::Lane lane() const override { return commit::Lane::kUrgent; }

  Task<Status> Load(commit::Staging& staging) override {
    CLOISON_CO_TRY(co_await principals_.Load(staging, access::Gate::SystemPrincipal()));
    co_return co_await principals_.Load(staging, who_);
  }
  Result<commit::Staged> Stage(commit::Staging& staging) override {
    if (who_ == access::Gate::SystemPrincipal()) {
      return Error{Code::kDenied, "the server's own principal is never frozen"};
    }
    if (ledger_.Room() < access::kFrozenEntries) return commit::Staged::kAgain;
    const access::PrincipalInfo& info = principals_.Get(who_).info();
    if (!info.frozen) alarms_.Raise(access::FrozenAlarm(info));
    (void)access::StageFrozen(principals_, ledger_, staging, who_, true, {rule_, by_});
    return commit::Staged::kDone;
  }
  Promise Take(const commit::Durable&) { return Ok(); }

 private:
  access::Principals& principals_;
  access::Alarms alarms_;
  ledger::Ledger& ledger_;
  PrincipalId who_;
  const char* rule_;
  std::string by_;
};

Task<Status> Submit(Vault& vault, std::unique_ptr<WaitingFreezeWork> work) {
  const Result<Status> done =
      co_await vault.committer().Submit(std::move(work), vault.environment().home);
  co_return done.ok() ? *done : Status(done.error());
}

}  // namespace

Task<Status> FreezeBySignature(Vault& vault, PrincipalId who, std::string note) {
  co_return co_await Submit(
      vault, std::make_unique<WaitingFreezeWork>(vault, who, "freeze/officer-key",
                                                 base::ToHex(crypto::Sha256(AsBytes(note)))));
}

Task<Status> FreezeByOfficer(Vault& vault, PrincipalId who, PrincipalId officer) {
  co_return co_await Submit(vault, std::make_unique<WaitingFreezeWork>(
                                       vault, who, "freeze/waiting", base::ToHex(officer.bytes())));
}

}  // namespace cloison::vault
