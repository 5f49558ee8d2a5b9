#include "cli/job_list.h"

#include <algorithm>

namespace cloison::cli {

namespace {

constexpr std::size_t kCodeBytesMax = 32, kAttachedMax = 64;
constexpr Error kBadLine{Code::kInvalid, "not a line of a list of people"};

bool IsPlain(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c > ' ' && c < 0x7f && c != '"'; });
}

// The next line without its LF, at most one byte longer than any may be. False: there is none.
bool NextLine(std::istream& in, std::string& line) {
  line.clear();
  for (int c = in.get(); c != std::istream::traits_type::eof(); c = in.get()) {
    if (c == '\n') return true;
    line.push_back(static_cast<char>(c));
    if (line.size() > kJobLineBytesMax) return true;
  }
  return !line.empty();
}

}  // namespace

Result<JobLine> ParseJobLine(std::string_view line) {
  if (line.ends_with('\r')) line.remove_suffix(1);
  const std::size_t comma = line.find(',');
  constexpr std::string_view kById = "agency_id:";
  std::string_view person = line.substr(0, comma);
  const bool by_id = person.starts_with(kById);
  if (by_id) person.remove_prefix(kById.size());
  const bool has = comma != std::string_view::npos;
  const std::string_view attached = has ? line.substr(comma + 1) : std::string_view();
  const bool good = !person.empty() && person.size() <= kCodeBytesMax && IsPlain(person) &&
                    attached.size() <= kAttachedMax && IsPlain(attached) &&
                    attached.find(',') == std::string_view::npos && (!has || !attached.empty());
  if (!good) return kBadLine;
  return JobLine{std::string(person), std::string(attached), by_id};
}

Result<JobListSize> ReadJobList(std::istream& in,
                                const std::function<Status(std::uint64_t, JobLine)>& take,
                                std::uint64_t* bad_line) {
  JobListSize size;
  std::string text;
  *bad_line = 0;
  while (NextLine(in, text)) {
    ++size.people;
    Result<JobLine> line = ParseJobLine(text);
    if (!line.ok()) {
      *bad_line = size.people;
      return line.error();
    }
    const Bytes by{static_cast<std::uint8_t>(line->by_agency_id ? 1 : 0)};
    size.digest = crypto::Sha256(
        {size.digest, by, AsBytes(line->person), Bytes{','}, AsBytes(line->attached), Bytes{'\n'}});
    if (!take) continue;
    CLOISON_TRY(take(size.people, std::move(*line)));
  }
  if (size.people == 0) return Error{Code::kInvalid, "a list of people is empty"};
  return size;
}

}  // namespace cloison::cli
