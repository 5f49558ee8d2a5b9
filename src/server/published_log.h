// What a vault publishes, as its witnesses see it.
#ifndef CLOISON_SERVER_PUBLISHED_LOG_H_
#define CLOISON_SERVER_PUBLISHED_LOG_H_

#include <atomic>
#include <string>

#include "ledger/witnesses.h"
#include "vault/vault.h"

namespace cloison::server {

// Threads: any.
class PublishedLog final : public ledger::CheckpointSource {
 public:
  explicit PublishedLog(vault::Vault& vault) : vault_(vault) {}  // outlives it

  std::string Published() override { return vault_.publisher().checkpoint(); }
  tlog::Head Newest() override {
    const Result<tlog::Note> note = tlog::ParseNote(vault_.ledger().checkpoint());
    CLOISON_CHECK(note.ok());
    const Result<tlog::Checkpoint> newest = tlog::ParseCheckpoint(note->text);
    CLOISON_CHECK(newest.ok());
    return newest->head;
  }
  Result<tlog::Proof> ProveConsistency(std::uint64_t older, std::uint64_t newer) override {
    return base::SyncWait(vault_.publisher().ProveConsistency(older, newer));
  }
  void AddCosignature(const std::string& checkpoint_text,
                      const tlog::NoteSignature& signature) override {
    vault_.publisher().AddCosignatures(checkpoint_text, {signature});
    // Verified: it begins with the time at which the witness signed.
    const std::uint64_t time_s = base::LoadBig(ByteView(signature.blob).first(8));
    const Status confirmed = vault_.ConfirmTime(static_cast<std::int64_t>(time_s) * 1000);
    if (confirmed.ok() || told_.exchange(true)) return;
    vault_.environment().events.Emit(base::Severity::kWarning, "clock_differs_from_witness",
                                     {{"ms", confirmed.error().detail()}});
  }

 private:
  vault::Vault& vault_;
  std::atomic<bool> told_{false};
};

}  // namespace cloison::server

#endif  // CLOISON_SERVER_PUBLISHED_LOG_H_
