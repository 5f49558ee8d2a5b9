// An approval: something that one asked for and that takes effect when another human agrees.
//
//   pending --approve--> approved --done--> used        approved and used are one step for whatever
//   pending --deny-----> denied                         takes effect in the approving commit; what
//   pending --time-----> expired                        must run after it is approved until it has
//   approved --stop----> denied                         one that waits (due_ms) can be stopped
//
// What is asked for is bytes of its kind (access/internal/approval_kinds.h). Pure: no clock, no
// store. Threads: any.
//
// Source   docs/format/state.md "Approvals".
#ifndef CLOISON_APPROVALS_DOCUMENT_H_
#define CLOISON_APPROVALS_DOCUMENT_H_

#include <cstdint>
#include <optional>
#include <string>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/ids.h"
#include "base/result.h"

namespace cloison::approvals {

inline constexpr std::size_t kKindBytesMax = 32;
inline constexpr std::size_t kReasonBytesMax = 128;
inline constexpr std::size_t kWhatBytesMax = 192u << 10;
inline constexpr std::int64_t kLastsDefaultMs = 7 * base::kDayMs;

enum class State : std::uint8_t { kPending = 1, kApproved, kDenied, kExpired, kUsed };
std::string_view Name(State state);  // "pending", "approved", "denied", "expired", "used"

struct Document {
  std::uint64_t number = 0;  // from 1, in a register's life
  std::string kind;          // "enrol"
  State state = State::kPending;
  OrganisationId organisation{0};  // of who asked
  PrincipalId asker{ByteArray<16>{}};
  std::int64_t asked_ms = 0, expires_ms = 0;  // budget time
  std::string reason;                         // in the asker's words: a file, a ticket
  Bytes what;
  // Who approved or denied, and when; nothing: nobody.
  std::optional<PrincipalId> decider = {};
  std::int64_t decided_ms = 0;
  // Of an approved one that waits before it runs: not before due_ms, in budget time; until it is
  // begun it can be stopped. 0: it waits for nothing, and the others are 0 too.
  std::int64_t due_ms = 0;
  std::int64_t told_ms = 0;      // when whom it is about was told; 0: not yet
  std::uint32_t generation = 0;  // of the ledger, in which it waits
  bool needs_yes = false;        // of somebody outside

  bool waits() const { return state == State::kApproved && due_ms != 0; }
  // How long it waits, from when it was agreed to or, once they are told, from then.
  std::int64_t delay_ms() const { return due_ms - (told_ms != 0 ? told_ms : decided_ms); }
  // It is begun, or stopped.
  void EndWait() {
    due_ms = told_ms = 0;
    generation = 0;
    needs_yes = false;
  }
  // As of now: a pending one that nobody decided in time has expired, whatever its row says.
  State StateAt(std::int64_t now_ms) const {
    return state == State::kPending && now_ms >= expires_ms ? State::kExpired : state;
  }
  friend bool operator==(const Document&, const Document&) = default;
};

// CHECKs the sizes.
Bytes Encode(const Document& document);
// kCorrupt: not what Encode writes.
Result<Document> Parse(ByteView bytes);

}  // namespace cloison::approvals

#endif  // CLOISON_APPROVALS_DOCUMENT_H_
