// A session's file that is accepted prints as itself, and has a key that signs.
#include "cli/session_file.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace cloison;
  const auto file = cli::ParseSessionFile({data, size});
  if (!file.ok()) return 0;
  CLOISON_CHECK(base::Equal(cli::Serialise(*file).Reveal(), ByteView(data, size)));
  CLOISON_CHECK(cli::ProofKey::FromSeed(file->seed).ok());
  return 0;
}
