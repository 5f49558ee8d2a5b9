// How many: of one principal, the people on its caseload now, and what was written for it and by it
// within a day. One row, read and written by every work that adds to it, so ceilings are exact
// whatever comes at once.
//
// A day's count is kept by hours: an hour of budget time and the 24 before it are added up, so no
// interval of a day holds more than the ceiling. Pure.
// Source   docs/format/state.md "Pairs".
#ifndef CLOISON_ACCESS_TALLY_H_
#define CLOISON_ACCESS_TALLY_H_

#include <cstdint>
#include <map>

#include "base/bytes.h"
#include "base/result.h"

namespace cloison::access {

// What is counted: a kind of explanation by its number, or one of these. The numbers are on disk.
inline constexpr std::uint8_t kTallyAssignments = 0;
inline constexpr std::uint8_t kTallyAccessRequests = 10;
inline constexpr std::uint8_t kTallyLetters = 11;
inline constexpr std::uint8_t kTallyFreezes = 12;
inline constexpr std::uint8_t kTallyLast = 12;
// As the reader it was written for, or as the one who wrote it.
enum class TallySide : std::uint8_t { kFor = 0, kBy = 1 };

class Tally {
 public:
  std::uint32_t people = 0;  // pairs of the caseload, those that have ended included until they go

  // In the hour of `now_ms` and the 24 before.
  std::uint32_t InDay(std::uint8_t what, TallySide side, std::int64_t now_ms) const;
  // Forgets what is too old to count, of everything.
  void Add(std::uint8_t what, TallySide side, std::int64_t now_ms, std::uint32_t count);

  Bytes Serialise() const;
  static Result<Tally> Parse(ByteView plain);  // kCorrupt

 private:
  // what << 1 | side -> hour -> how many
  std::map<std::uint8_t, std::map<std::uint32_t, std::uint32_t>> counts_;
};

}  // namespace cloison::access

#endif  // CLOISON_ACCESS_TALLY_H_
