// What fields were before: the text of a record's field of type `history`
// (docs/format/record.md "History").
//
//   line = time ‖ " " ‖ field ‖ " " ‖ value      time: until when it was so,
//   2026-01-31T23:59:59.123Z text = line ("\n" line)*                     newest first
//
// Threads  any. Cost: a copy of the text.
#ifndef CLOISON_RECORDS_HISTORY_H_
#define CLOISON_RECORDS_HISTORY_H_

#include <string>
#include <string_view>
#include <vector>

#include "commit/durable.h"
#include "records/row.h"

namespace cloison::records {

// Of a line beside its value, with the longest name of a field.
inline constexpr std::size_t kHistoryLineBytesMax = 24 + 1 + 129 + 1 + 1;

// A value that another one replaced, or that was emptied.
struct Replaced {
  std::string_view field;  // "contact.phone"
  ByteView value;          // one line
};

struct HistoryBounds {
  std::int64_t since_ms;  // what was replaced before is forgotten
  std::size_t bytes_max;  // of the whole text: the field with most makes room, oldest first
};

// `history` (empty: nothing yet) with one line more for each of `replaced`, as of `now_ms` (Unix
// time). Empty: nothing is left. CHECKs that names have no space.
// Fails kCorrupt: `history` is not such a text; kInvalid: a value of several lines, or none.
Result<crypto::SecretBytes> AddToHistory(ByteView history, std::int64_t now_ms,
                                         const std::vector<Replaced>& replaced,
                                         const HistoryBounds& bounds);

// The lines from `since_ms` on. Empty: none. kCorrupt.
Result<crypto::SecretBytes> HistorySince(ByteView history, std::int64_t since_ms);

namespace internal {

// From when on a value that was is still kept (Schema::history).
std::int64_t KeptSince(const FieldSpec& history, std::int64_t calm_ms);
// What is no more goes into a record's history, and what is too old out of it. Fails as above.
Status KeepHistory(const Schema& schema, const commit::BatchTime& now, const Values& replaced,
                   Values& values);
// kInvalid: a new record that has one already.
Status CheckNoHistory(const Schema& schema, const Values& values);

}  // namespace internal

}  // namespace cloison::records

#endif  // CLOISON_RECORDS_HISTORY_H_
