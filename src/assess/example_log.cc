#include "assess/example_log.h"

#include <algorithm>

#include "base/clock.h"
#include "text/date.h"

namespace cloison::assess {

namespace {

constexpr std::uint32_t kLinesPerAgent = 2'000, kAgentsMin = 20, kCaseload = 150;
constexpr std::uint32_t kAgentsPerOffice = 10;
constexpr std::uint64_t kLooksPerAgentDay = 25;
constexpr std::int64_t kFirstDay = 19'723;            // Monday 2024-01-01
constexpr std::int64_t kOpensMs = 7 * base::kHourMs;  // UTC; offices close ten hours later
constexpr std::int64_t kOpenMs = 10 * base::kHourMs;
constexpr std::uint64_t kOtherOrganisation = 6;  // of so many agents one is of the other
constexpr std::uint64_t kStolenOf = 50;          // the last 2 % of lines: every other one

// SplitMix64: a number of a number.
std::uint64_t Mixed(std::uint64_t value) {
  value += 0x9e3779b97f4a7c15;
  value = (value ^ value >> 30) * 0xbf58476d1ce4e5b9;
  value = (value ^ value >> 27) * 0x94d049bb133111eb;
  return value ^ value >> 31;
}

void AppendPadded(std::string& out, std::uint64_t number, std::size_t digits) {
  const std::string text = std::to_string(number);
  if (text.size() < digits) out.append(digits - text.size(), '0');
  out += text;
}

}  // namespace

ExampleLog::ExampleLog(const ExampleSize& size) : size_(size) {
  const auto wanted =
      static_cast<std::uint32_t>(std::min<std::uint64_t>(size.lines / kLinesPerAgent, 1'000'000));
  if (size_.agents == 0) size_.agents = std::max(kAgentsMin, wanted);
  if (size_.people == 0) size_.people = size_.agents * kCaseload;
  per_day_ = std::max<std::uint64_t>(1, size_.agents * kLooksPerAgentDay);
}

void ExampleLog::AppendHeader(std::string& out) const {
  out += "time,agent,office,organisation,role,person,action";
  out += size_.caseload ? ",caseload\n" : "\n";
}

// Spread over the opening hours of Monday to Friday.
std::int64_t ExampleLog::TimeOf(std::uint64_t line) const {
  const auto working_day = static_cast<std::int64_t>(line / per_day_);
  const std::uint64_t of_day = line % per_day_;
  const std::int64_t day = kFirstDay + working_day / 5 * 7 + working_day % 5;
  const auto within = static_cast<std::int64_t>(
      static_cast<double>(of_day) / static_cast<double>(per_day_) * static_cast<double>(kOpenMs));
  return day * base::kDayMs + kOpensMs + within;
}

void ExampleLog::AppendLine(std::string& out, std::uint64_t line) const {
  const std::uint64_t draw = Mixed(size_.seed * 0x100000001b3 + line);
  const bool thief = line >= size_.lines - size_.lines / kStolenOf && line % 2 == 0;
  const std::uint64_t agent = thief ? 7 % size_.agents : draw % size_.agents;
  const std::uint64_t more = Mixed(draw);
  const bool own = !thief && more % 100 < 88;
  const std::uint64_t person =
      own ? agent * kCaseload % size_.people + (more >> 8) % kCaseload : (more >> 8) % size_.people;
  const bool other = agent % kOtherOrganisation == 5;
  const std::uint64_t kind = more >> 40 & 15;
  out += text::FormatUtcMs(TimeOf(line));
  out += ",agent-";
  AppendPadded(out, agent, 6);
  out += ",office-";
  AppendPadded(out, agent / kAgentsPerOffice, 4);
  out += other ? ",Cap Emploi,counsellor,p" : ",France Travail,adviser,p";
  AppendPadded(out, person, 8);
  out += kind < 4 ? ",glimpse" : kind == 15 ? ",sensitive" : ",open";
  if (size_.caseload) out += own ? ",yes" : ",no";
  out += '\n';
}

}  // namespace cloison::assess
