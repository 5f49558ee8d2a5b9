// An answer is read the same however its bytes are cut (the first byte of the input is the size of
// the pieces; its lowest bit says that the answer is to HEAD), within the client's limits.
#include <algorithm>
#include <string>

#include "net/internal/parser.h"

namespace {

using namespace cloison;
using net::internal::Progress;

constexpr net::internal::ParserLimits kLimits{2'048, 512};

struct Seen {
  Progress progress = Progress::kMore;
  std::size_t used = 0;
  net::Response response;
};

Seen Read(std::string_view text, std::size_t step, bool to_head) {
  net::internal::ResponseParser parser(kLimits, to_head);
  Seen seen;
  for (std::size_t end = 0; end < text.size() && seen.progress == Progress::kMore;) {
    end = std::min(end + step, text.size());
    std::size_t used = 0;
    seen.progress = parser.Put(text.substr(seen.used, end - seen.used), used);
    CLOISON_CHECK(used <= end - seen.used);
    seen.used += used;
  }
  if (seen.progress == Progress::kMore) seen.progress = parser.PutEnd();
  if (seen.progress == Progress::kDone) seen.response = parser.Take();
  return seen;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const std::string_view text = AsText({data + 1, size - 1});
  const bool to_head = (data[0] & 1) != 0;
  const Seen whole = Read(text, text.size(), to_head);
  const Seen cut = Read(text, std::size_t{data[0]} + 1, to_head);
  CLOISON_CHECK(whole.progress == cut.progress);
  if (whole.progress != Progress::kDone) return 0;
  CLOISON_CHECK(whole.response.status == cut.response.status);
  CLOISON_CHECK(whole.response.body == cut.response.body);
  CLOISON_CHECK(whole.response.body.size() <= kLimits.body_bytes_max);
  CLOISON_CHECK(!to_head || whole.response.body.empty());
  CLOISON_CHECK(whole.response.headers.size() <= net::kHeaderFieldsMax);
  CLOISON_CHECK(CanTravel(whole.response.headers));
  return 0;
}
