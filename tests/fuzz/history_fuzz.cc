// A history that is read is written as it was, and one line more does not change what was there.
#include <string>

#include "records/history.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace cloison;
  const ByteView text(data, size);
  const std::int64_t ever = INT64_MIN / 2;
  const auto since = records::HistorySince(text, ever);
  const std::vector<records::Replaced> more{{"contact.phone", AsBytes("+33639980001")}};
  const auto added = records::AddToHistory(text, 1'700'000'000'000, more, {ever, 2 * size + 200});
  CLOISON_CHECK(since.ok() == added.ok());
  if (!since.ok()) {
    CLOISON_CHECK(since.error().code() == Code::kCorrupt);
    return 0;
  }
  CLOISON_CHECK(base::Equal(since->Reveal(), text));
  CLOISON_CHECK(AsText(added->Reveal()).ends_with(AsText(text)));
  const auto narrow = records::AddToHistory(text, 1'700'000'000'000, more, {ever, 120});
  CLOISON_CHECK(narrow.ok() && narrow->size() <= 120);
  return 0;
}
