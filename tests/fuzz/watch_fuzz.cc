// Watches, pools and decoys of the sentinel, cases and alarms: what is read prints back as itself.
#include "access/internal/case_rows.h"
#include "sentinel/decoy_pages.h"
#include "sentinel/learnt.h"
#include "sentinel/pools.h"
#include "sentinel/watch.h"

namespace {

using namespace cloison;

void Watches(ByteView bytes) {
  const auto watch = sentinel::PrincipalWatch::Parse(bytes);
  if (!watch.ok()) return;
  ByteArray<access::kWatchBytesMax> row;
  const std::size_t size = (*watch)->Write(row);
  CLOISON_CHECK(base::Equal(ByteView(row).first(size), bytes));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const ByteView bytes(data + 1, size - 1);
  if (data[0] == 'w') Watches(bytes);
  if (data[0] == 'p') {
    const auto pool = sentinel::ParsePool(bytes);
    if (pool.ok()) CLOISON_CHECK(base::Equal(sentinel::Serialise(*pool), bytes));
  }
  if (data[0] == 'd') {
    const auto page = sentinel::ParseDecoyPage(bytes);
    if (page.ok()) CLOISON_CHECK(base::Equal(sentinel::Serialise(*page), bytes));
  }
  if (data[0] == 'l') {
    const auto learnt = sentinel::ParseLearnt(bytes);
    if (learnt.ok()) CLOISON_CHECK(base::Equal(sentinel::Serialise(*learnt), bytes));
  }
  if (data[0] == 'a') {
    const auto alarm = access::ParseAlarm(bytes, 1);
    if (alarm.ok()) CLOISON_CHECK(base::Equal(access::EncodeAlarm(*alarm), bytes));
  }
  if (data[0] == 'c') {
    const auto one = access::internal::ParseCase(bytes, access::CaseId{});
    if (one.ok()) CLOISON_CHECK(base::Equal(access::internal::EncodeCase(*one), bytes));
  }
  return 0;
}
