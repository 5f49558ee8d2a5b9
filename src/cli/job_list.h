// The list of people of a job: one line each, a code and what is to be attached to it.
//
//   7KQ2-9TZD-1H7V-CX2M,1043.20
//   3F8N-0WRB-6Y4S-PKA9
//   agency_id:1234567A,870.00        by the agency's own identifier
//
// Strict: visible ASCII without quotes, no empty line, no spaces, at most one comma; a line ends
// with LF or CR LF. Pure; threads: any.
#ifndef CLOISON_CLI_JOB_LIST_H_
#define CLOISON_CLI_JOB_LIST_H_

#include <functional>
#include <istream>
#include <string>

#include "crypto/mac.h"

namespace cloison::cli {

inline constexpr std::size_t kJobLineBytesMax =
    10 + 32 + 1 + 64 + 1;  // "agency_id:", code, comma, attached, CR

struct JobLine {
  std::string person, attached;
  bool by_agency_id = false;
};
// kInvalid: not a line of a list. `line` without its LF.
Result<JobLine> ParseJobLine(std::string_view line);

struct JobListSize {
  std::uint64_t people = 0;
  crypto::Digest digest{};  // of all of it: the same list again is the same
};
// Reads all lines and gives each to `take`, which may be empty, with its number from 1. `bad_line`
// (never null) is the first that is none; kInvalid then, and for an empty list. What `take` fails
// with ends it.
Result<JobListSize> ReadJobList(std::istream& in,
                                const std::function<Status(std::uint64_t, JobLine)>& take,
                                std::uint64_t* bad_line);

}  // namespace cloison::cli

#endif  // CLOISON_CLI_JOB_LIST_H_
