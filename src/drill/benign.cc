#include "drill/benign.h"

#include <algorithm>
#include <cmath>
#include <istream>
#include <map>

#include "base/check.h"
#include "codec/csv_reader.h"
#include "drill/thief.h"
#include "text/date.h"

namespace cloison::drill {

namespace {

constexpr std::string_view kColumns[] = {"time", "agent", "office", "person", "reason"};
enum Column : std::size_t { kTime, kAgent, kOffice, kPerson, kReason };
constexpr std::size_t kChunkBytes = 1u << 20;

// P(at most `count`) of a Poisson mean, summed from its largest term down.
double PoissonAtMost(std::uint64_t count, double mean) {
  if (mean <= 0) return 1;
  double sum = 0;
  for (std::uint64_t k = count + 1; k-- > 0;) {
    const auto number = static_cast<double>(k);
    const double term = std::exp(number * std::log(mean) - mean - std::lgamma(number + 1));
    sum += term;
    if (number < mean && term < sum * 1e-12) break;
  }
  return std::min(1.0, sum);
}

// The mean at which that probability is `wanted`: it falls as the mean grows.
double MeanAt(std::uint64_t count, double wanted) {
  double low = 0, high = static_cast<double>(count) * 2 + 20;
  for (int i = 0; i < 100; ++i) {
    const double middle = (low + high) / 2;
    (PoissonAtMost(count, middle) > wanted ? low : high) = middle;
  }
  return (low + high) / 2;
}

// Reads rows by a header that may have its columns in any order.
class BenignReader {
 public:
  explicit BenignReader(std::vector<std::string>* problems) : problems_(problems) {
    at_.fill(SIZE_MAX);
  }

  Status Take(const codec::CsvRow& row) {
    if (!row.status.ok()) return Wrong(row.number, "is no CSV");
    if (row.number == 1) return TakeHeader(row);
    if (looks_.size() == kBenignLinesMax) return Error{Code::kExhausted, "the log is too long"};
    const auto field = [&](Column column) {
      return at_[column] == SIZE_MAX ? std::string() : std::string(row.fields[at_[column]]);
    };
    const Result<std::int64_t> at_ms = text::ParseUtcMs(field(kTime));
    if (!at_ms.ok()) return Wrong(row.number, "has no time like 2024-02-06T08:15:23Z");
    BenignLook look{*at_ms, field(kAgent), field(kOffice), field(kPerson), false};
    if (look.agent.empty() || look.person.empty()) return Wrong(row.number, "names nobody");
    const std::string reason = field(kReason);
    look.own = reason.empty() || reason == "caseload";
    looks_.push_back(std::move(look));
    return Ok();
  }

  std::vector<BenignLook> Looks() { return std::move(looks_); }

 private:
  Status TakeHeader(const codec::CsvRow& row) {
    for (std::size_t i = 0; i < std::size(kColumns); ++i) {
      const auto at = std::ranges::find(row.fields, kColumns[i]);
      if (at != row.fields.end()) {
        at_[i] = static_cast<std::size_t>(at - row.fields.begin());
      } else if (i != kReason) {
        problems_->push_back("no column '" + std::string(kColumns[i]) + "'");
      }
    }
    return problems_->empty() ? Ok() : Status(Error{Code::kInvalid, "the log does not fit"});
  }

  Status Wrong(std::uint64_t row, const char* what) {
    problems_->push_back("row " + std::to_string(row) + " " + what);
    return Error{Code::kInvalid, "the log does not fit"};
  }

  std::vector<std::string>* const problems_;
  std::array<std::size_t, std::size(kColumns)> at_{};
  std::vector<BenignLook> looks_;
};

// Whom an agent of the log looked at, as numbers of the drill's world.
struct Replayed {
  std::size_t thief;
  std::map<std::string, std::size_t> own, strangers;
};

std::size_t NumberOf(std::map<std::string, std::size_t>& numbers, const std::string& name) {
  return numbers.emplace(name, numbers.size()).first->second;
}

}  // namespace

Interval PoissonInterval(std::uint64_t count) {
  constexpr double kTail = 0.025;
  Interval interval{0, MeanAt(count, kTail)};
  if (count > 0) interval.low = MeanAt(count - 1, 1 - kTail);
  return interval;
}

Result<std::vector<BenignLook>> ReadBenign(std::istream& in, std::vector<std::string>* problems) {
  CLOISON_CHECK(problems != nullptr);
  codec::CsvReader rows;
  BenignReader reader(problems);
  std::string chunk(kChunkBytes, '\0');
  const auto drain = [&]() -> Status {
    while (const std::optional<codec::CsvRow> row = rows.Next()) {
      CLOISON_TRY(reader.Take(*row));
    }
    return Ok();
  };
  while (in.read(chunk.data(), static_cast<std::streamsize>(chunk.size())) || in.gcount() > 0) {
    rows.Feed(
        base::AsBytes(std::string_view(chunk).substr(0, static_cast<std::size_t>(in.gcount()))));
    CLOISON_TRY(drain());
  }
  rows.Finish();
  CLOISON_TRY(drain());
  std::vector<BenignLook> looks = reader.Looks();
  if (looks.empty()) {
    if (problems->empty()) problems->push_back("the log is empty");
    return Error{Code::kInvalid, "the log is empty"};
  }
  std::ranges::stable_sort(looks, {}, &BenignLook::at_ms);
  return looks;
}

Result<Benign> ReplayBenign(std::vector<BenignLook> looks, std::uint64_t seed,
                            const Ground& ground) {
  std::map<std::string, Replayed> agents;
  std::size_t own_most = kCaseloadMin, strangers_most = 0;
  for (const BenignLook& look : looks) {
    Replayed& of = agents.emplace(look.agent, Replayed{agents.size(), {}, {}}).first->second;
    NumberOf(look.own ? of.own : of.strangers, look.person);
    own_most = std::max(own_most, of.own.size());
    strangers_most = std::max(strangers_most, of.strangers.size());
  }
  // Caseloads are a part of the register (vault/demo_world.h); strangers are the rest.
  constexpr std::size_t kPeopleForEach = 3, kPeopleMore = 2'000;
  Options options;
  options.seed = seed;
  options.accounts = agents.size();
  options.caseload = own_most;
  options.people =
      std::max({kPeopleMore, kPeopleForEach * own_most * std::max<std::size_t>(agents.size(), 20),
                own_most + strangers_most + kPeopleMore});
  if (options.accounts > kAccountsMax || options.people > kPeopleMax) {
    return Error{Code::kExhausted, "more agents or people than a drill has"};
  }
  CLOISON_TRY_ASSIGN(const std::unique_ptr<World> world, World::Open(options, ground));
  Draw draw(seed);
  std::vector<std::unique_ptr<Thief>> advisers;
  for (std::size_t i = 0; i < agents.size(); ++i) {
    advisers.push_back(std::make_unique<Thief>(*world, i, options));
    advisers.back()->Begin(draw);
    if (advisers.back()->own_count() < own_most) {
      return Error{Code::kExhausted, "fewer people than the agents' caseloads need"};
    }
  }
  const std::int64_t begin_ms = world->clock().now_ms();
  for (const BenignLook& look : looks) {
    Replayed& of = agents.at(look.agent);
    world->clock().GoTo(
        std::max(world->clock().now_ms(), begin_ms + look.at_ms - looks.front().at_ms));
    const std::size_t number = NumberOf(look.own ? of.own : of.strangers, look.person);
    CLOISON_TRY(advisers[of.thief]->OpenNumber(!look.own, number));
  }
  Benign benign;
  for (const auto& adviser : advisers) {
    benign.accesses += adviser->honest().requests;
    benign.refused += adviser->honest().refused;
  }
  const double days = static_cast<double>(looks.back().at_ms - looks.front().at_ms) /
                      static_cast<double>(base::kDayMs);
  benign.agent_years = static_cast<double>(agents.size()) * std::max(1.0, days) / 365;
  return benign;
}

}  // namespace cloison::drill
