#include "drill/live.h"

#include <algorithm>
#include <atomic>
#include <charconv>
#include <chrono>
#include <thread>

#include "access/explanations.h"
#include "codec/json_writer.h"
#include "drill/live_report.h"
#include "text/nir.h"

namespace cloison::drill {

namespace {

constexpr int kOk = 200, kServerFailed = 500;
constexpr int kHeldRung = 3;
constexpr std::int64_t kRungPauseMs = 500;  // between two questions on which rung one stands
constexpr std::chrono::milliseconds kBusyPause{20}, kLostPause{100};
constexpr std::size_t kActivityPagesMax = 2'000;  // of 100 entries
constexpr std::size_t kAlarmPagesMax = 100;
constexpr char kPagesWhole[] = "page_size=100";

// One account: its connections, and who sits there.
struct Seat {
  const std::vector<LiveConnection>* connections;
  std::unique_ptr<LiveThief> thief;
  LiveSelf self;
  std::vector<LiveRecord> caseload;
  std::uint64_t first_n = 0;  // the number of its first entry in the run
};

class LiveRun {
 public:
  LiveRun(const LiveOptions& options, const LiveParties& parties, const LiveTargets& targets,
          const records::Schema& schema, base::Clock& clock, std::string& problem)
      : options_(options),
        parties_(parties),
        targets_(targets),
        schema_(schema),
        clock_(clock),
        problem_(problem) {}

  Result<Report> Run();

 private:
  Result<std::string> Ask(const LiveConnection& connection, const LiveQuestion& question,
                          const std::string& who);
  Status SitDown();
  Status SetOn();
  void Steal();
  void Work(Seat& seat, std::size_t connection);
  bool LookAtRung(Seat& seat, const LiveConnection& connection);
  void WaitForServer(Seat& seat, const LiveConnection& connection);
  Result<LiveActivity> ReadActivity(const Seat& seat, const std::string& token, bool newest);
  Result<std::uint64_t> FirstOf(const Seat& seat);
  Result<std::vector<LiveEntry>> EntriesOf(const Seat& seat);
  std::optional<std::uint64_t> LastAlarm();
  void CountAlarms(std::optional<std::uint64_t> last, LiveFacts& facts);
  std::int64_t EndMs() const { return std::int64_t{options_.seconds} * base::kSecondMs; }
  std::int64_t NowMs() const { return (clock_.mono_us() - begin_us_) / 1'000; }
  Error Say(Error error, std::string text) {
    problem_ = std::move(text);
    return error;
  }

  const LiveOptions& options_;
  const LiveParties& parties_;
  const LiveTargets& targets_;
  const records::Schema& schema_;
  base::Clock& clock_;
  std::string& problem_;
  std::vector<Seat> seats_;
  std::int64_t begin_us_ = 0;
  std::atomic<std::uint64_t> used_ = 0;  // requests
  std::atomic<bool> stop_ = false;
  std::mutex failed_mutex_;
  std::optional<Error> failed_;  // an answer that cannot be counted
  std::uint64_t entries_ = 0;    // of the ledger, as the officer's last receipt says
};

// The body of an answer that says yes; else what the problem is.
Result<std::string> LiveRun::Ask(const LiveConnection& connection, const LiveQuestion& question,
                                 const std::string& who) {
  Result<net::Response> answer = connection(question);
  const std::string what = who + ": " + question.path + ": ";
  if (!answer.ok()) {
    return Say(Error{Code::kUnavailable, "a question had no answer"},
               what + std::string(answer.error().text()));
  }
  if (answer->status == kOk) return std::move(answer->body);
  const std::string code = ProblemCodeOf(answer->body);
  return Say(Error{Code::kDenied, "a question was refused"},
             what + std::to_string(answer->status) + " " + code);
}

// Before anybody steals: what each account is told of itself, and where its entries begin.
Status LiveRun::SitDown() {
  for (const std::vector<LiveConnection>& connections : parties_.accounts) {
    Seat seat{&connections, nullptr, {}, {}, 0};
    const std::string who = "account " + std::to_string(seats_.size() + 1);
    CLOISON_TRY_ASSIGN(
        const std::string self,
        Ask(connections.front(), {net::Method::kGet, "/v1/me/capabilities", "", ""}, who));
    CLOISON_TRY_ASSIGN(seat.self, ParseCapabilities(self));
    for (const Seat& other : seats_) {
      if (other.self.principal != seat.self.principal) continue;
      return Say(Error{Code::kInvalid, "an account was named twice"}, who + " was named before");
    }
    // Its caps are a part of what they were when it was shown people who are free now.
    if (seat.self.rung >= kHeldRung) {
      return Say(
          Error{Code::kDenied, "an account is held back"},
          who + " stands on rung " + std::to_string(seat.self.rung) + ": close its case first");
    }
    CLOISON_TRY_ASSIGN(seat.first_n, FirstOf(seat));
    CLOISON_TRY_ASSIGN(
        std::string caseload,
        Ask(connections.front(), {net::Method::kGet, "/v1/me/caseload", "", ""}, who));
    Result<std::vector<LiveRecord>> rows = ParseRecords(caseload, "rows");
    net::WipeText(caseload);
    if (!rows.ok()) return rows.error();
    seat.caseload = std::move(*rows);
    if (seat.caseload.size() >= access::kOverviewPeopleMax) {
      return Say(Error{Code::kDenied, "a caseload is larger than its overview"},
                 who +
                     ": its caseload is larger than what the overview shows of it, so strangers "
                     "could not be told apart");
    }
    seats_.push_back(std::move(seat));
  }
  return Ok();
}

// Each account on whom was named, and on the other accounts' people of its organisation.
Status LiveRun::SetOn() {
  for (std::size_t i = 0; i < seats_.size(); ++i) {
    LiveStart start{seats_[i].self, seats_[i].caseload, targets_.codes, targets_.nirs,
                    options_.seed + i};
    for (std::size_t j = 0; j < seats_.size(); ++j) {
      if (j == i || seats_[j].self.organisation != seats_[i].self.organisation) continue;
      for (const LiveRecord& row : seats_[j].caseload) start.strangers.push_back(row.person);
    }
    seats_[i].thief = std::make_unique<LiveThief>(schema_, std::move(start));
    CLOISON_TRY(seats_[i].thief->NoteOverview(0));
  }
  return Ok();
}

// Gives whether the server serves.
bool LiveRun::LookAtRung(Seat& seat, const LiveConnection& connection) {
  const Result<net::Response> answer =
      connection({net::Method::kGet, "/v1/me/capabilities", "", ""});
  if (!answer.ok() || answer->status >= kServerFailed) return false;
  const Result<LiveSelf> self =
      answer->status == kOk ? ParseCapabilities(answer->body) : Error{Code::kDenied, ""};
  if (self.ok()) seat.thief->NoteRung(self->rung, NowMs());
  return true;
}

// Whoever asks for people while nobody answers could not say what became of it.
void LiveRun::WaitForServer(Seat& seat, const LiveConnection& connection) {
  while (!stop_ && NowMs() < EndMs() && !LookAtRung(seat, connection)) {
    std::this_thread::sleep_for(kLostPause);
  }
}

void LiveRun::Work(Seat& seat, std::size_t connection) {
  const LiveConnection& ask = (*seat.connections)[connection];
  std::int64_t looked_ms = 0;
  while (!stop_ && NowMs() < EndMs()) {
    if (used_.fetch_add(1) >= options_.reads_max) {
      stop_ = true;
      return;
    }
    LiveWork work = seat.thief->Next();
    LiveQuestion question{net::Method::kPost, work.path, "", std::move(work.body)};
    Result<net::Response> answer = ask(question);
    net::WipeText(question.body);
    const Result<LiveNoted> noted = seat.thief->Note(work, answer, NowMs());
    if (answer.ok()) net::WipeText(answer->body);
    if (!noted.ok()) {
      const std::scoped_lock lock(failed_mutex_);
      failed_ = noted.error();
      stop_ = true;
      return;
    }
    if (*noted == LiveNoted::kBusy) std::this_thread::sleep_for(kBusyPause);
    if (*noted == LiveNoted::kLost) WaitForServer(seat, ask);
    // One connection of the account asks; a question about oneself shows nobody.
    if (connection != 0 || NowMs() - looked_ms < kRungPauseMs) continue;
    LookAtRung(seat, ask);
    looked_ms = NowMs();
  }
}

void LiveRun::Steal() {
  std::vector<std::jthread> threads;
  for (Seat& seat : seats_) {
    for (std::size_t i = 0; i < seat.connections->size(); ++i) {
      threads.emplace_back([this, &seat, i] { Work(seat, i); });
    }
  }
}

Result<LiveActivity> LiveRun::ReadActivity(const Seat& seat, const std::string& token,
                                           bool newest) {
  LiveQuestion question{net::Method::kPost, "/v1/principals:activity",
                        newest ? "page_size=1" : kPagesWhole, ""};
  if (!token.empty()) question.query += "&page_token=" + token;
  codec::JsonWriter json(question.body);
  // All times: where the run begins is a number, which no clock moves.
  json.BeginObject().Key("principal").String(seat.self.principal);
  json.Key("from").String("1970-01-01T00:00:00Z").Key("until").String("9999-01-01T00:00:00Z");
  json.EndObject();
  CLOISON_TRY_ASSIGN(const std::string body, Ask(parties_.officer, question, "the officer"));
  CLOISON_TRY_ASSIGN(LiveActivity activity, ParseActivity(body));
  entries_ = std::max(entries_, activity.receipt + 1);
  return activity;
}

// The number of the account's next entry.
Result<std::uint64_t> LiveRun::FirstOf(const Seat& seat) {
  CLOISON_TRY_ASSIGN(const LiveActivity newest, ReadActivity(seat, "", true));
  if (!newest.entries.empty()) return newest.entries.front().n + 1;
  if (newest.expired == 0 && newest.next.empty()) return 0;
  return Say(Error{Code::kDenied, "what an account did last has expired"},
             "what an account did last has expired: let it open one person, then drill again");
}

Result<std::vector<LiveEntry>> LiveRun::EntriesOf(const Seat& seat) {
  std::vector<LiveEntry> entries;
  std::string token;
  for (std::size_t page = 0; page < kActivityPagesMax; ++page) {
    CLOISON_TRY_ASSIGN(LiveActivity activity, ReadActivity(seat, token, false));
    for (LiveEntry& entry : activity.entries) {
      if (entry.n < seat.first_n) return entries;
      entries.push_back(std::move(entry));
    }
    if (activity.next.empty()) return entries;
    token = activity.next;
  }
  return Say(Error{Code::kExhausted, "an account has too many entries"},
             "an account has more entries than are read back");
}

std::optional<std::uint64_t> LiveRun::LastAlarm() {
  const Result<net::Response> answer =
      parties_.officer({net::Method::kGet, "/v1/alarms", "page_size=1", ""});
  if (!answer.ok() || answer->status != kOk) return std::nullopt;
  const Result<LiveAlarms> alarms = ParseAlarms(answer->body);
  return alarms.ok() ? std::optional(alarms->last) : std::nullopt;
}

void LiveRun::CountAlarms(std::optional<std::uint64_t> last, LiveFacts& facts) {
  if (!last.has_value()) return;
  std::uint64_t all = 0, rungs = 0;
  for (std::size_t page = 0; page < kAlarmPagesMax; ++page) {
    const Result<net::Response> answer =
        parties_.officer({net::Method::kGet, "/v1/alarms",
                          std::string(kPagesWhole) + "&after=" + std::to_string(*last), ""});
    if (!answer.ok() || answer->status != kOk) return;
    const Result<LiveAlarms> alarms = ParseAlarms(answer->body);
    if (!alarms.ok()) return;
    if (alarms->items.empty()) break;
    for (const LiveAlarms::One& one : alarms->items) {
      ++all;
      if (one.what == "rung") ++rungs;
      last = std::max(*last, one.number);
    }
  }
  facts.alarms = all;
  facts.rung_alarms = rungs;
}

Result<Report> LiveRun::Run() {
  begin_us_ = clock_.mono_us();
  CLOISON_TRY(SitDown());
  CLOISON_TRY(SetOn());
  const std::optional<std::uint64_t> last_alarm = LastAlarm();
  begin_us_ = clock_.mono_us();
  Steal();
  const std::int64_t whole_ms = NowMs() + 1;
  if (failed_.has_value()) return Say(*failed_, std::string(failed_->text()));
  LiveFacts facts;
  std::vector<LiveBook> books;
  for (Seat& seat : seats_) {
    LookAtRung(seat, seat.connections->front());
    const LiveThief& thief = *seat.thief;
    CLOISON_TRY_ASSIGN(std::vector<LiveEntry> entries, EntriesOf(seat));
    CLOISON_TRY_ASSIGN(LiveScope scope,
                       ScopeOfActivity(std::move(entries), seat.first_n, thief.book(),
                                       thief.unanswered(), thief.log(), schema_));
    facts.connections += seat.connections->size();
    facts.overview += thief.overview();
    books.push_back({&thief.book(), thief.unanswered().size(), seat.self.caps, thief.tally(),
                     thief.rungs(), thief.strangers_opened(), std::move(scope)});
  }
  CountAlarms(last_alarm, facts);
  Report report = SummariseLive(books, whole_ms, facts);
  report.options.seed = options_.seed;
  report.entries = entries_;
  if (report.of(access::Counter::kGlimpsed).shown == 0) {
    return Say(Error{Code::kUnavailable, "nobody was shown to any account"},
               "nobody was shown to any account, so nothing is proven: budgets may be spent, or "
               "the accounts held back");
  }
  return report;
}

bool IsOctet(std::string_view text) {
  unsigned value = 0;
  const char* const end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, value);
  const bool whole = !text.empty() && read.ec == std::errc() && read.ptr == end;
  return whole && value <= 255 && (text.size() == 1 || text.front() != '0');
}

}  // namespace

bool IsLoopback(std::string_view host) {
  if (host == "::1") return true;
  for (int part = 0; part < 4; ++part) {
    const std::size_t end = part == 3 ? host.size() : host.find('.');
    if (end == std::string_view::npos || !IsOctet(host.substr(0, end))) return false;
    if (part == 0 && host.substr(0, end) != "127") return false;
    host.remove_prefix(std::min(host.size(), end + 1));
  }
  return true;
}

Result<LiveTargets> ParseTargets(std::string_view text) {
  LiveTargets targets;
  for (std::int64_t line = 1; !text.empty(); ++line) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view one = text.substr(0, end);
    text.remove_prefix(std::min(text.size(), end + 1));
    while (!one.empty() && (one.back() == '\r' || one.back() == ' ')) one.remove_suffix(1);
    if (one.empty() || one.front() == '#') continue;
    if (targets.codes.size() + targets.nirs.size() == kLiveTargetsMax) {
      return Error{Code::kInvalid, "there are more targets than a drill takes", line};
    }
    if (const auto code = text::ParseCode(one); code.ok()) {
      targets.codes.push_back(text::FormatCode(*code));
    } else if (text::ParseNir(one, false).ok()) {
      targets.nirs.emplace_back(one);
    } else {
      return Error{Code::kInvalid, "a target is neither a code nor a national number", line};
    }
  }
  return targets;
}

Result<Report> RunLive(const LiveOptions& options, const LiveParties& parties,
                       const LiveTargets& targets, const records::Schema& schema,
                       base::Clock& clock, std::string* problem) {
  CLOISON_CHECK(problem != nullptr);
  const auto wrong = [problem](const char* text) {
    *problem = text;
    return Error{Code::kInvalid, "a live drill was asked for what it does not do"};
  };
  if (!IsLoopback(options.host)) return wrong("a live drill goes to 127.0.0.1 or [::1] alone");
  if (options.seconds < 1 || options.seconds > kLiveSecondsMax) {
    return wrong("a live drill lasts 1 to 600 seconds");
  }
  if (options.reads_max < 1 || options.reads_max > kLiveReadsMax) {
    return wrong("a live drill makes 1 to 50,000 requests");
  }
  if (parties.accounts.empty() || parties.accounts.size() > kLiveAccountsMax) {
    return wrong("a live drill has 1 to 50 accounts");
  }
  for (const std::vector<LiveConnection>& one : parties.accounts) {
    if (one.empty() || one.size() > kLiveConnectionsMax) {
      return wrong("an account has 1 to 8 connections");
    }
  }
  if (!parties.officer) return wrong("a live drill has an officer");
  Result<Report> report = LiveRun(options, parties, targets, schema, clock, *problem).Run();
  if (!report.ok() && problem->empty()) *problem = std::string(report.error().text());
  return report;
}

}  // namespace cloison::drill
