// A commit's log of rows that are folded: refused, or its rows are found again.
#include <cstdint>

#include "store/rocks/internal/row_tail.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace cloison;
  store::internal::RowTail tail;
  if (!tail.Apply(1, {data, size}).ok()) return 0;
  const auto look = tail.Open();
  for (const store::Family family : store::internal::kTailFamilies) {
    for (const auto& [key, row] : look.RowsOf({family, "", ""})) {
      const auto found = look.Find({family, key});
      CLOISON_CHECK(found.has_value() && found->version == row.version);
      CLOISON_CHECK(found->value == row.value && (row.present() || row.value.empty()));
    }
  }
  return 0;
}
