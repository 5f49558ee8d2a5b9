// What an account did over a period, held against the published log: docs/format/ledger.md, "An
// account's activity". The numbers of an account have no gap, so entries with a neighbour outside
// the period on either side are all there are.
#ifndef CLOISON_VERIFY_OFFICER_H_
#define CLOISON_VERIFY_OFFICER_H_

#include "verify/log.h"

namespace cloison::verify {

struct OfficerFacts {
  std::uint64_t inside = 0;  // entries in the period
  // Whether an entry before, and one after, closes the period. Without the first the account had
  // none before; without the second the log as it was read has none after.
  bool closed_before = false, closed_after = false;
};

struct OfficerReport {
  Report log;  // its fault is the file's when the log has none
  OfficerFacts facts;
};

// Reads the whole log, so `options.since` and `options.observer` must be empty.
//
// Gives    as VerifyLog; faults of the file name "officer" and a JSON pointer. A number that is
//          missing is kGap; a period that its neighbours do not close is kScope.
// Fails    as VerifyLog; kInvalid for options that do not go together
Result<OfficerReport> VerifyOfficer(Source& source, const LogOptions& options, ByteView file);

}  // namespace cloison::verify

#endif  // CLOISON_VERIFY_OFFICER_H_
