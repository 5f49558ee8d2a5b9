// The live drill against a server that is a few lines of this file: one that keeps its promises,
// and those that break one each.
#include "drill/live.h"

#include <gtest/gtest.h>

#include <atomic>
#include <mutex>
#include <set>

#include "codec/json_reader.h"
#include "codec/json_writer.h"
#include "drill/live_report.h"
#include "text/base32.h"
#include "vault/embedded.h"

namespace cloison::drill {
namespace {

using access::Counter;
using access::Window;

std::shared_ptr<const records::Schema> JobSeekers() {
  std::vector<std::string> problems;
  auto schema = records::Schema::Parse(vault::JobSeekersSchemaToml(), &problems);
  CLOISON_CHECK(schema.ok());
  return std::move(*schema);
}

std::string CodeOf(std::uint8_t number) {
  text::CodeDigits digits{};
  digits[3] = 7;
  digits[14] = number;
  return text::FormatCode(digits);
}

// How a server breaks its word.
enum class Lie : std::uint8_t {
  kNone,
  kShowsMoreThanItSays,  // its caps are not kept
  kRecordsNothing,       // of what it shows
  kRecordsMore,          // than it shows
  kRecordsSomebodyElse,
  kRecordsFewerFields,
  kLosesANumber,
  kShowsWhatNobodyKnows,  // a field of another schema
  kAnswersNonsense,
  kAnswersNobody,
  kHoldsTheAccount,  // no lie: on rung 3
  kOwnerWorks,       // no lie: another session of the account beside the thief's
};

constexpr std::uint8_t kOwn = 5;
constexpr std::uint32_t kOpenedCap = 20, kOffCap = 4;

class Server {
 public:
  explicit Server(Lie lie) : lie_(lie) {}

  LiveConnection Account() {
    return [this](const LiveQuestion& question) { return Answer(question); };
  }
  int asked() const { return asked_; }

 private:
  struct Entry {
    std::string person, session, field;
    bool shown = false;
  };

  static net::Response Say(int status, std::string body) {
    net::Response response;
    response.status = status;
    response.body = std::move(body);
    return response;
  }
  static net::Response Refuse(int status, const std::string& code) {
    return Say(status, "{\"code\":\"" + code + "\"}");
  }

  Result<net::Response> Answer(const LiveQuestion& question) {
    const std::scoped_lock lock(mutex_);
    ++asked_;
    if (question.path == "/v1/me/capabilities") return Say(200, Capabilities());
    if (question.path == "/v1/me/caseload") return Say(200, Overview());
    if (question.path == "/v1/principals:activity") return Say(200, Activity(question.query));
    if (question.path == "/v1/alarms") return Refuse(403, "no_right");
    if (question.path != "/v1/disclosures") return Refuse(404, "no_such_path");
    return Disclose(question.body);
  }

  std::string Capabilities() const {
    const std::string rung = lie_ == Lie::kHoldsTheAccount ? "3" : "0";
    std::string body = R"({"principal":"agent.one","organisation":1,"rung":)" + rung +
                       R"(,"grants":[)"
                       R"({"purpose":"support","relation":"caseload","form":"plain",)"
                       R"("fields":["identity.birth_name"]},)"
                       R"({"purpose":"reception","relation":"any","form":"plain",)"
                       R"("fields":["identity.birth_name"]}],)"
                       R"("caps":{)";
    for (std::size_t c = 0; c < access::kCounters; ++c) {
      const auto counter = static_cast<Counter>(c);
      const bool off = counter == Counter::kOpenedOff;
      const std::string cap = std::to_string(off ? kOffCap : kOpenedCap);
      body += (c == 0 ? "\"" : ",\"") + std::string(access::Name(counter)) + "\":{\"hour\":" + cap +
              ",\"day\":" + cap + ",\"week\":" + cap + ",\"month\":" + cap + "}";
    }
    return body + "}}";
  }

  std::uint64_t Record(std::string person, bool shown, std::string session = "s1") {
    entries_.push_back({std::move(person), std::move(session), "identity.birth_name", shown});
    return entries_.size() - 1;
  }
  static std::string Receipt(std::uint64_t index) {
    return R"({"log":"log.example","index":)" + std::to_string(index) + "}";
  }

  std::string Overview() {
    std::string body = R"({"rows":[)";
    for (std::uint8_t i = 0; i < kOwn; ++i) {
      const std::string code = CodeOf(i);
      body += (i == 0 ? "" : ",") + std::string(R"({"person":")") + code +
              R"(","fields":{"identity.birth_name":"D."},"receipt":)" +
              Receipt(Record(code, true)) + "}";
    }
    return body + "]}";
  }

  net::Response Disclose(const std::string& asked) {
    const auto body = codec::JsonDocument::Parse(AsBytes(asked));
    CLOISON_CHECK(body.ok());
    const std::string code(body->root().Find("person")->string());
    const bool own = IsOwn(code);
    const bool any = body->root().Find("purpose")->string() == "reception";
    if (lie_ == Lie::kAnswersNobody) return Refuse(404, "not_available");
    if (!any && !own) return Miss();
    std::set<std::string>& of = own ? opened_ : off_;
    const bool full =
        opened_.size() + off_.size() >= kOpenedCap || (!own && off_.size() >= kOffCap);
    const bool again = of.contains(code);
    if (full && !again && lie_ != Lie::kShowsMoreThanItSays) {
      Record("", false);
      return Refuse(429, "budget_spent");
    }
    of.insert(code);
    return Shown(code);
  }
  net::Response Miss() {
    Record("", false);
    return Refuse(404, "not_available");
  }
  static bool IsOwn(const std::string& code) {
    for (std::uint8_t i = 0; i < kOwn; ++i) {
      if (CodeOf(i) == code) return true;
    }
    return false;
  }

  net::Response Shown(const std::string& code) {
    std::string field = "identity.birth_name";
    std::uint64_t index = entries_.size();
    if (lie_ == Lie::kOwnerWorks) index = Record(code, true, "s2") + 1;
    if (lie_ == Lie::kRecordsMore) index = Record(code, true) + 1;
    if (lie_ == Lie::kRecordsNothing) {
      Record("", false);
    } else if (lie_ == Lie::kRecordsSomebodyElse) {
      Record(CodeOf(30), true);
    } else {
      Record(code, true);
    }
    if (lie_ == Lie::kRecordsFewerFields) entries_.back().field.clear();
    if (lie_ == Lie::kShowsWhatNobodyKnows) field = "identity.shoe_size";
    if (lie_ == Lie::kAnswersNonsense) return Say(201, R"({"disclosures":[{"fields":{}}]})");
    return Say(201, R"({"disclosures":[{"id":"acc_1","person":")" + code +
                        R"(","version":1,"fields":{")" + field + R"(":"DURAND"},"receipt":)" +
                        Receipt(index) + "}]}");
  }

  // Newest first; the token is the number to go on below.
  std::string Activity(const std::string& query) {
    std::size_t below = entries_.size();
    if (const auto at = query.find("page_token="); at != std::string::npos) {
      below = std::stoul(query.substr(at + 11));
    }
    const std::size_t count = std::min<std::size_t>(
        below, query.starts_with("page_size=1&") || query == "page_size=1" ? 1 : 100);
    std::string body = R"({"items":[)";
    for (std::size_t i = below; i-- > below - count;) {
      if (lie_ == Lie::kLosesANumber && i == kOwn + 1) continue;
      body += body.back() == '[' ? "" : ",";
      body += WriteEntry(i);
    }
    body += R"(],"expired":0,"receipt":)" + Receipt(entries_.size());
    if (below > count) body += R"(,"next_page_token":")" + std::to_string(below - count) + "\"";
    return body + "}";
  }
  std::string WriteEntry(std::size_t i) const {
    const Entry& entry = entries_[i];
    const std::string number = std::to_string(i);
    std::string text = R"({"n":)" + number + R"(,"log":"log.example","index":)" + number +
                       R"(,"time":"2026-01-01T00:00:00.000Z","session":")" + entry.session + "\"";
    if (!entry.shown) return text + R"(,"kind":"refusal","decision":"refuse"})";
    text += R"(,"kind":"disclosure","decision":"allow","form":"plain","person":"p-)" +
            entry.person + R"(","fields":[)";
    return text + (entry.field.empty() ? "" : "\"" + entry.field + "\"") + "]}";
  }

  const Lie lie_;
  std::mutex mutex_;
  std::atomic<int> asked_ = 0;
  std::vector<Entry> entries_;
  std::set<std::string> opened_, off_;
};

LiveTargets Strangers() {
  LiveTargets targets;
  for (std::uint8_t i = kOwn; i < 30; ++i) targets.codes.push_back(CodeOf(i));
  return targets;
}

struct Ran {
  Result<Report> report;
  std::string problem;
};
Ran RunAgainst(Server& server, LiveOptions options = {"127.0.0.1", 30, 400, 1}) {
  base::SystemClock clock;
  LiveParties parties{{{server.Account(), server.Account()}}, server.Account()};
  const auto schema = JobSeekers();
  std::string problem;
  Result<Report> report = RunLive(options, parties, Strangers(), *schema, clock, &problem);
  return {std::move(report), std::move(problem)};
}

TEST(Live, WhatIsLoopback) {
  const struct {
    const char* why;
    const char* host;
    bool want;
  } rows[] = {
      {"the usual one", "127.0.0.1", true},
      {"all of 127/8 is", "127.255.0.3", true},
      {"of IPv6", "::1", true},
      {"a name goes where its resolver says", "localhost", false},
      {"an address as a part of a name", "127.0.0.1.example.org", false},
      {"too few numbers, which some libraries fill up", "127.1", false},
      {"octal, which some libraries read", "127.0.0.01", false},
      {"hexadecimal", "0x7f.0.0.1", false},
      {"a number beyond a byte", "127.0.0.256", false},
      {"an empty number", "127..0.1", false},
      {"one too many", "127.0.0.1.1", false},
      {"a sign", "127.0.0.+1", false},
      {"a space", "127.0.0.1 ", false},
      {"every interface", "0.0.0.0", false},
      {"mapped into IPv6", "::ffff:127.0.0.1", false},
      {"every interface of IPv6", "::", false},
      {"a private network", "10.0.0.1", false},
      {"near it", "128.0.0.1", false},
      {"nothing", "", false},
  };
  for (const auto& row : rows) EXPECT_EQ(IsLoopback(row.host), row.want) << row.why;
}

TEST(Live, TargetsAreCodesAndNumbers) {
  const struct {
    const char* why;
    std::string text;
    std::size_t codes, nirs;
    std::int64_t bad_line;  // 0: good
  } rows[] = {
      {"nothing", "", 0, 0, 0},
      {"a code", CodeOf(1) + "\n", 1, 0, 0},
      {"a number, without a line's end", "284057511612333", 0, 1, 0},
      {"both, empty lines and a remark", "# mine\n\n" + CodeOf(1) + "\r\n284057511612333\n", 1, 1,
       0},
      {"neither", CodeOf(1) + "\nDurand\n", 0, 0, 2},
      {"a number whose key is wrong", "284057511612334\n", 0, 0, 1},
  };
  for (const auto& row : rows) {
    const Result<LiveTargets> targets = ParseTargets(row.text);
    ASSERT_EQ(targets.ok(), row.bad_line == 0) << row.why;
    if (targets.ok()) {
      EXPECT_EQ(targets->codes.size(), row.codes) << row.why;
      EXPECT_EQ(targets->nirs.size(), row.nirs) << row.why;
    } else {
      EXPECT_EQ(targets.error().detail(), row.bad_line) << row.why;
    }
  }
  std::string many;
  for (std::size_t i = 0; i <= kLiveTargetsMax; ++i) many += CodeOf(1) + "\n";
  EXPECT_EQ(ParseTargets(many).error().detail(), static_cast<std::int64_t>(kLiveTargetsMax) + 1);
  many.resize(many.size() - CodeOf(1).size() - 1);
  EXPECT_TRUE(ParseTargets(many).ok());
}

TEST(Live, WhatItDoesNotDoIsRefusedBeforeAnythingIsSent) {
  const struct {
    const char* why;
    LiveOptions options;
  } rows[] = {
      {"a server elsewhere", {"192.0.2.1", 1, 10, 1}},
      {"a name", {"localhost", 1, 10, 1}},
      {"no time", {"127.0.0.1", 0, 10, 1}},
      {"too long", {"127.0.0.1", kLiveSecondsMax + 1, 10, 1}},
      {"no request", {"127.0.0.1", 1, 0, 1}},
      {"too many requests", {"127.0.0.1", 1, kLiveReadsMax + 1, 1}},
  };
  for (const auto& row : rows) {
    Server server(Lie::kNone);
    const Ran ran = RunAgainst(server, row.options);
    ASSERT_FALSE(ran.report.ok()) << row.why;
    EXPECT_EQ(ran.report.error().code(), Code::kInvalid) << row.why;
    EXPECT_NE(ran.problem, "") << row.why;
    EXPECT_EQ(server.asked(), 0) << row.why;
  }
}

TEST(Live, AServerThatKeepsItsWord) {
  Server server(Lie::kNone);
  const Ran ran = RunAgainst(server);
  ASSERT_TRUE(ran.report.ok()) << ran.problem;
  const Report& report = *ran.report;
  EXPECT_TRUE(report.passed()) << ToTable({report});
  EXPECT_EQ(report.options.name, "live");
  EXPECT_EQ(report.requests, 400u);
  EXPECT_EQ(report.of(Counter::kOpened).shown, kOwn + kOffCap);
  EXPECT_EQ(report.of(Counter::kOpened).bound, kOpenedCap);
  EXPECT_EQ(report.of(Counter::kOpenedOff).shown, kOffCap) << "it goes on after refusals";
  EXPECT_EQ(report.of(Counter::kOpenedOff).bound, kOffCap);
  EXPECT_EQ(report.of(Counter::kSensitive).shown, 0u);
  EXPECT_EQ(report.most_off, kOffCap);
  EXPECT_GT(report.refused, 300u);
  EXPECT_EQ(report.scope->compared, kOwn + report.requests - report.refused)
      << "the overview, and each answer";
  ASSERT_TRUE(report.live.has_value());
  EXPECT_EQ(report.live->overview, kOwn);
  EXPECT_EQ(report.live->connections, 2u);
  EXPECT_FALSE(report.live->alarms.has_value()) << "the officer may not hear";
  ASSERT_FALSE(report.curve.empty());
  EXPECT_EQ(report.curve.back().opened, kOwn + kOffCap);
  const std::string json = ToJson({report});
  EXPECT_NE(json.find("\"name\":\"live\",\"accounts\":1,\"people\":null,"), std::string::npos);
  EXPECT_NE(json.find("\"live\":{\"seconds\":"), std::string::npos);
  EXPECT_TRUE(ToTable({report}).ends_with("  held\n"));
  const std::string page = ToHtml({report});
  EXPECT_NE(page.find("live: held"), std::string::npos);
  EXPECT_EQ(page.find("simulated"), std::string::npos);
  for (const std::string& out : {json, ToTable({report}), page}) {
    EXPECT_EQ(out.find(CodeOf(kOwn)), std::string::npos) << "nobody is named";
  }
}

TEST(Live, AServerThatDoesNotIsFoundOut) {
  const struct {
    const char* why;
    Lie lie;
    std::optional<Code> fails;  // nothing: a report
    bool want, missing, extra;
  } rows[] = {
      {"it shows more than its caps", Lie::kShowsMoreThanItSays, {}, false, false, false},
      {"it does not record", Lie::kRecordsNothing, {}, false, true, false},
      {"it records more than it shows", Lie::kRecordsMore, {}, false, false, true},
      {"it records somebody else", Lie::kRecordsSomebodyElse, {}, false, true, false},
      {"it records fewer fields", Lie::kRecordsFewerFields, {}, false, true, false},
      {"its numbers have a gap", Lie::kLosesANumber, Code::kCorrupt, false, false, false},
      {"a field that the schema does not have", Lie::kShowsWhatNobodyKnows, Code::kCorrupt, false,
       false, false},
      {"an answer without a receipt", Lie::kAnswersNonsense, Code::kCorrupt, false, false, false},
      {"it shows nobody, which proves nothing", Lie::kAnswersNobody, Code::kUnavailable, false,
       false, false},
      {"the account is held back, so its caps are not what they were", Lie::kHoldsTheAccount,
       Code::kDenied, false, false, false},
      {"the owner works beside it, by another session", Lie::kOwnerWorks, {}, true, false, false},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.why);
    Server server(row.lie);
    const Ran ran = RunAgainst(server);
    ASSERT_EQ(ran.report.ok(), !row.fails.has_value()) << ran.problem;
    if (row.fails.has_value()) {
      EXPECT_EQ(ran.report.error().code(), *row.fails);
      EXPECT_NE(ran.problem, "");
      continue;
    }
    EXPECT_EQ(ran.report->passed(), row.want) << ToTable({*ran.report});
    EXPECT_EQ(ran.report->scope->missing > 0, row.missing);
    EXPECT_EQ(ran.report->scope->extra > 0, row.extra);
    EXPECT_EQ(ran.report->live->elsewhere > 0, row.lie == Lie::kOwnerWorks);
    EXPECT_EQ(ran.report->ratio > 1, row.lie == Lie::kShowsMoreThanItSays);
    EXPECT_EQ(ToTable({*ran.report}).ends_with("BROKEN\n"), !row.want);
  }
}

// Nothing but the book and the arithmetic.
TEST(Live, ABookAboveItsBoundIsBroken) {
  constexpr std::uint8_t kCap = 3;
  for (const std::uint8_t people : {kCap, std::uint8_t{kCap + 1}}) {
    Book book;
    LiveBook one;
    for (std::uint8_t i = 0; i < people; ++i) {
      BookLine line{i, PersonId(ByteArray<8>{i}), {}, {i}, {}};
      line.counters.Add(Counter::kGlimpsed).Add(Counter::kOpened);
      book.Add(line);
      one.scope.entries.push_back({i, 0, line.person, ledger::Form::kPlain, {}});
    }
    one.book = &book;
    for (auto& windows : one.caps.of) windows.fill(kCap);
    const Report report = SummariseLive({&one, 1}, 10'000, {});
    EXPECT_EQ(report.of(Counter::kOpened).shown, people);
    EXPECT_EQ(report.of(Counter::kOpened).bound, kCap);
    EXPECT_EQ(report.passed(), people == kCap);
    EXPECT_EQ(report.scope->missing + report.scope->extra, 0u);
  }
}

TEST(Live, RungsAreToldAsTheAccountsAreToldThem) {
  Book book;
  LiveBook first, second;
  first.book = second.book = &book;
  first.rungs = {{2, 1'000, 20}, {4, 3'000, 60}};
  second.rungs = {{3, 2'000, 30}};
  const LiveBook books[] = {first, second};
  const Report report = SummariseLive(books, 10'000, {});
  ASSERT_EQ(report.rungs.size(), 4u);
  EXPECT_EQ(report.rung(1)->accounts, 2u);
  EXPECT_EQ(report.rung(3)->accounts, 2u);
  EXPECT_EQ(report.rung(3)->reads, 30u) << "of the first to be held";
  EXPECT_EQ(report.rung(4)->accounts, 1u);
  EXPECT_EQ(report.rung(5), nullptr);
  EXPECT_DOUBLE_EQ(*report.days_to_contained, 3'000.0 / base::kDayMs) << "both are held";
}

// A crash may log a reading that never was: an entry is explained by who was asked for.
TEST(Live, ARequestWithoutAnAnswerExplainsItsOwnEntry) {
  const auto schema = JobSeekers();
  const Book book;
  const std::vector<std::optional<PersonId>> unanswered{PersonId(ByteArray<8>{1})};
  const auto entry = [](std::uint64_t n) {
    LiveEntry one;
    one.n = one.index = n;
    one.log = "log";
    one.kind = "disclosure";
    one.decision = "allow";
    one.session = "s";
    one.person = "p" + std::to_string(n);
    one.form = ledger::Form::kPlain;
    return one;
  };
  for (const std::uint64_t entries : {1u, 2u}) {
    std::vector<LiveEntry> all;
    for (std::uint64_t n = 4; n < 4 + entries; ++n) all.push_back(entry(n));
    const Result<LiveScope> scope = ScopeOfActivity(all, 4, book, unanswered, "", *schema);
    ASSERT_TRUE(scope.ok());
    EXPECT_EQ(scope->unanswered, 1u);
    EXPECT_EQ(book.Compare(scope->entries).extra, entries - 1) << "one request has one person";
  }
  EXPECT_EQ(ScopeOfActivity({entry(5)}, 4, book, {}, "", *schema).error().code(), Code::kCorrupt)
      << "the first number is missing";
}

}  // namespace
}  // namespace cloison::drill
