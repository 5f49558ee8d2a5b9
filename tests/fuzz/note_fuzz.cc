// A note, a key and a checkpoint that are accepted print as themselves; and of a signed checkpoint
// that somebody altered nothing opens but what was signed.
//
//   input   0 ‖ text        1 ‖ changes of a signed and cosigned checkpoint (parts.h)
#include <string>

#include "crypto/base64.h"
#include "tests/fuzz/parts.h"
#include "tlog/checkpoint.h"

namespace {

using namespace cloison;
using tlog::KeyType;
using tlog::VerifierKey;

const crypto::Ed25519Signer& Signer() {
  static const crypto::Ed25519Signer signer{crypto::Secret<32>()};
  return signer;
}
VerifierKey KeyOf(KeyType type) {
  return *VerifierKey::Make("log.example/1", type, Signer().public_key());
}
const tlog::Checkpoint kCheckpoint{"log.example/1", {5, tlog::Hash{1, 2, 3}}};

void CheckText(std::string_view text) {
  const auto note = tlog::ParseNote(text);
  if (note.ok()) {
    CLOISON_CHECK(tlog::PrintNote(*note) == text);
    CLOISON_CHECK(note->signatures.size() <= tlog::kNoteSignaturesMax);
    const VerifierKey keys[] = {KeyOf(KeyType::kSignature), KeyOf(KeyType::kCosignature)};
    CLOISON_CHECK(!tlog::Verify(*note, keys).ok());  // nobody signed it
  }
  const auto key = VerifierKey::Parse(text);
  if (key.ok()) CLOISON_CHECK(key->Text() == text);
  const auto checkpoint = tlog::ParseCheckpoint(text);
  if (!checkpoint.ok()) return;
  CLOISON_CHECK(tlog::PrintCheckpoint(*checkpoint) == text);
  CLOISON_CHECK(checkpoint->head.size <= tlog::kTreeSizeMax);
}

void CheckAltered(base::Reader& input) {
  static const std::string good = [] {
    auto note = tlog::SignCheckpoint(kCheckpoint, KeyOf(KeyType::kSignature), Signer());
    CLOISON_CHECK(note.ok());
    CLOISON_CHECK(tlog::Cosign(*note, KeyOf(KeyType::kCosignature), Signer(), 7).ok());
    return tlog::PrintNote(*note);
  }();
  const Bytes altered = fuzz::Altered(base::ToBytes(AsBytes(good)), input);
  const auto opened = tlog::OpenCheckpoint(AsText(altered), KeyOf(KeyType::kSignature));
  if (opened.ok()) CLOISON_CHECK(*opened == kCheckpoint);
  if (AsText(altered) == good) CLOISON_CHECK(opened.ok());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  base::Reader input({data, size});
  if (input.U8() % 2 == 0) {
    CheckText(AsText(input.rest()));
  } else {
    CheckAltered(input);
  }
  return 0;
}
