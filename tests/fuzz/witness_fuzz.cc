// A request to a witness that is accepted prints as itself; an answer that is accepted does too,
// and never says what its status does not allow.
//
//   input   0 ‖ a request        1 ‖ u16 status ‖ u8 and as many bytes of type ‖ body
#include <string>

#include "tests/fuzz/parts.h"
#include "tlog/witness.h"

namespace {

using namespace cloison;
using tlog::WitnessVerdict;

void CheckRequest(std::string_view body) {
  const auto request = tlog::ParseAddCheckpoint(body);
  if (!request.ok()) return;
  CLOISON_CHECK(request->proof.size() <= tlog::kWitnessProofHashesMax);
  CLOISON_CHECK(!request->checkpoint.empty());
  CLOISON_CHECK(tlog::PrintAddCheckpoint(*request) == body);
}

void CheckAnswer(int status, std::string_view type, std::string_view body) {
  const auto answer = tlog::ParseWitnessAnswer(status, type, body);
  if (!answer.ok()) {
    CLOISON_CHECK(answer.error().code() == Code::kCorrupt && (status == 200 || status == 409));
    return;
  }
  CLOISON_CHECK((answer->verdict == WitnessVerdict::kCosigned) == (status == 200));
  CLOISON_CHECK((answer->verdict == WitnessVerdict::kOtherSize) == (status == 409));
  CLOISON_CHECK(answer->signatures.empty() == (status != 200));
  if (status == 200) CLOISON_CHECK(tlog::PrintSignatures(answer->signatures) == body);
  if (status == 409) CLOISON_CHECK(tlog::PrintSize(answer->size) == body);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  base::Reader input({data, size});
  if (input.U8() % 2 == 0) {
    CheckRequest(AsText(input.rest()));
  } else {
    const int status = input.U16();
    const ByteView type = fuzz::TakePart(input);
    CheckAnswer(status, AsText(type), AsText(input.rest()));
  }
  return 0;
}
