// The text of a proof that is accepted prints as itself, within its limits.
#include "tlog/inclusion_text.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace cloison;
  const std::string_view text = AsText({data, size});
  const auto parsed = tlog::ParseInclusionText(text);
  if (!parsed.ok()) return 0;
  CLOISON_CHECK(tlog::Print(*parsed) == text);
  CLOISON_CHECK(parsed->index < tlog::kTreeSizeMax);
  CLOISON_CHECK(parsed->proof.size() <= tlog::kProofHashesMax);
  CLOISON_CHECK(tlog::ParseNote(parsed->checkpoint).ok());
  return 0;
}
