#include "verify/internal/checkpoint.h"

#include <algorithm>

#include "tlog/checkpoint.h"

namespace cloison::verify::internal {
namespace {

constexpr const char* kCheckpointPath = "checkpoint";

// Where the first signature line of this key begins; the end of the text when there is none.
std::uint64_t OffsetOf(const tlog::Note& note, const tlog::VerifierKey& key) {
  tlog::Note before{note.text, {}};
  for (const tlog::NoteSignature& line : note.signatures) {
    if (line.name == key.name() && line.key_id == key.id()) break;
    before.signatures.push_back(line);
  }
  if (before.signatures.empty()) return note.text.size() + 1;
  return tlog::PrintNote(before).size();
}

}  // namespace

OpenedNote OpenNote(std::string_view text, const std::string& path, const tlog::VerifierKey& key) {
  const Result<tlog::Note> note = tlog::ParseNote(text);
  if (!note.ok()) {
    return {{}, Fault{FaultKind::kNote, path, {}, 0, "not a signed note"}};
  }
  const auto verified = tlog::Verify(*note, std::span(&key, 1));
  if (!verified.ok()) {
    const bool absent = verified.error().code() == Code::kDenied;
    return {{},
            Fault{FaultKind::kSignature,
                  path,
                  {},
                  OffsetOf(*note, key),
                  absent ? std::string_view("the log's key did not sign it")
                         : std::string_view("the log's signature is wrong")}};
  }
  const Result<tlog::Checkpoint> checkpoint = tlog::ParseCheckpoint(note->text);
  if (!checkpoint.ok()) {
    return {{}, Fault{FaultKind::kNote, path, {}, 0, "signed, but not a checkpoint"}};
  }
  if (checkpoint->origin != key.name()) {
    return {{}, Fault{FaultKind::kNote, path, {}, 0, "a checkpoint of another log"}};
  }
  return {checkpoint->head, {}};
}

std::optional<Fault> CheckWitnesses(std::string_view text, const LogOptions& options,
                                    std::vector<Cosigned>& cosigned) {
  const Result<tlog::Note> note = tlog::ParseNote(text);
  CLOISON_CHECK(note.ok());  // it was opened before
  for (const tlog::VerifierKey& witness : options.witnesses) {
    const auto verified = tlog::Verify(*note, std::span(&witness, 1));
    if (verified.ok()) {
      // One of the time 0 counts for nothing.
      const auto timed =
          std::ranges::find_if(*verified, [](const auto& one) { return one.time_s != 0; });
      if (timed != verified->end()) cosigned.push_back({witness.name(), timed->time_s});
    } else if (verified.error().code() == Code::kCorrupt) {
      return Fault{FaultKind::kCosignature,
                   kCheckpointPath,
                   {},
                   OffsetOf(*note, witness),
                   "a witness's signature is wrong"};
    }
  }
  if (cosigned.size() < options.quorum.value_or(options.witnesses.size())) {
    return Fault{FaultKind::kQuorum,
                 kCheckpointPath,
                 {},
                 note->text.size() + 1,
                 "too few of the witnesses signed it"};
  }
  return {};
}

Status CheckOptions(const LogOptions& options) {
  if (options.key.type() != tlog::KeyType::kSignature) {
    return Error{Code::kInvalid, "the log's key is that of a witness"};
  }
  if (options.witnesses.size() > kWitnessesMax) {
    return Error{Code::kInvalid, "too many witnesses"};
  }
  for (auto it = options.witnesses.begin(); it != options.witnesses.end(); ++it) {
    if (it->type() != tlog::KeyType::kCosignature) {
      return Error{Code::kInvalid, "a witness's key is none for cosignatures"};
    }
    // One key under two names would count twice towards the quorum.
    const bool again = std::any_of(options.witnesses.begin(), it, [&](const auto& other) {
      return other.public_key() == it->public_key() ||
             (other.name() == it->name() && other.id() == it->id());
    });
    if (again) return Error{Code::kInvalid, "a witness is given twice"};
  }
  if (options.quorum.value_or(0) > options.witnesses.size()) {
    return Error{Code::kInvalid, "the quorum is more than the witnesses given"};
  }
  return Ok();
}

}  // namespace cloison::verify::internal
