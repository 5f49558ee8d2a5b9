// A page that is accepted is the only one of its postings.
#include "records/index.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace cloison;
  static const crypto::Secret<32> key;
  static const records::IndexKeys keys(RegisterId(7), key, key);
  const ByteView bytes(data, size);
  const auto sealed = keys.OpenPage(records::Slot{1, 1, 0, 0}, 0, bytes);
  CLOISON_CHECK(sealed.ok() || sealed.error().code() == Code::kCorrupt);
  const auto page = records::internal::ParsePage(bytes);
  if (!page.ok()) {
    CLOISON_CHECK(page.error().code() == Code::kCorrupt);
    return 0;
  }
  CLOISON_CHECK(page->postings.size() <= records::kPostingsPerPage);
  CLOISON_CHECK(base::Equal(records::internal::EncodePage(*page).Reveal(), bytes));
  return 0;
}
