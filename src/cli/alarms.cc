// cloison alarms list, follow, outputs, test.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <thread>

#include "cli/alarm_words.h"
#include "cli/commands.h"
#include "cli/connection.h"

namespace cloison::cli {

namespace {

constexpr std::string_view kPath = "/v1/alarms";
constexpr std::size_t kPageSize = 100;
constexpr auto kLook =
    std::chrono::milliseconds(200);  // at the outputs, while a test is on its way
constexpr auto kAfterFailure = std::chrono::seconds(2);

std::uint64_t NumberOf(const codec::JsonValue& object, std::string_view key) {
  const auto member = object.Find(key);
  const Result<std::int64_t> read =
      member.has_value() ? member->AsInt() : Result<std::int64_t>(Error{Code::kInvalid, "none"});
  return read.ok() && *read > 0 ? static_cast<std::uint64_t>(*read) : 0;
}

std::string InWords(const codec::JsonValue& alarm, std::uint64_t number, bool plain) {
  std::string line = std::to_string(number);
  for (const char* key : {"time", "what", "why", "case"}) {
    const std::optional<std::string> text = TextMember(alarm, key);
    if (text.has_value()) line += (plain ? "\t" : "  ") + *text;
  }
  return line;
}

// A number that is missing is said: something was lost on the way here, or before it.
void NoteGap(std::uint64_t number, std::uint64_t& after, const Terminal& terminal) {
  if (after != 0 && number != after + 1) {
    terminal.Complain("alarms are missing before number " + std::to_string(number));
  }
  after = number;
}

void Show(const codec::JsonValue& items, std::uint64_t& after, const Common& common,
          const Terminal& terminal) {
  for (auto at = items.First(); at.has_value(); at = at->Next()) {
    const std::uint64_t number = NumberOf(*at, "number");
    NoteGap(number, after, terminal);
    if (!common.json) terminal.Line(InWords(*at, number, common.plain));
  }
}

ExitCode List(Connection& connection, std::uint64_t after, const Common& common,
              const Terminal& terminal) {
  for (std::size_t came = kPageSize; came == kPageSize;) {
    const Result<net::Response> answer =
        connection.Get(std::string(kPath), "after=" + std::to_string(after) +
                                               "&page_size=" + std::to_string(kPageSize));
    if (!answer.ok()) return Explain(answer.error(), terminal);
    if (answer->status != 200) return Explain(*answer, terminal);
    const Result<codec::JsonDocument> page = codec::JsonDocument::Parse(AsBytes(answer->body));
    const auto items = page.ok() ? page->root().Find("items") : std::nullopt;
    if (!items.has_value() || !items->is_array()) {
      terminal.Complain("the server's answer is no list of alarms");
      return ExitCode::kFailure;
    }
    if (common.json) terminal.Line(answer->body);
    came = items->size();
    Show(*items, after, common, terminal);
  }
  return ExitCode::kDone;
}

// The events of one piece of the stream, a line each. Gives how many there were.
std::uint64_t ShowEvents(std::string_view body, std::uint64_t& after, const Common& common,
                         const Terminal& terminal) {
  constexpr std::string_view kData = "data: ";
  std::uint64_t came = 0;
  while (!body.empty()) {
    const std::size_t end = body.find('\n');
    const std::string_view line = body.substr(0, end);
    body.remove_prefix(end == std::string_view::npos ? body.size() : end + 1);
    if (!line.starts_with(kData)) continue;
    const std::string_view data = line.substr(kData.size());
    const Result<codec::JsonDocument> alarm = codec::JsonDocument::Parse(AsBytes(data));
    if (!alarm.ok()) continue;  // its number is then missing
    const std::uint64_t number = NumberOf(alarm->root(), "number");
    NoteGap(number, after, terminal);
    terminal.Line(common.json ? std::string(data) : InWords(alarm->root(), number, common.plain));
    ++came;
  }
  return came;
}

// What is not the server's word is tried again: whoever follows is to hear of the next one.
ExitCode Follow(Connection& connection, const AlarmOptions& options, const Common& common,
                const Terminal& terminal) {
  std::uint64_t after = options.after;
  bool lost = false;
  for (std::uint64_t came = 0; options.count == 0 || came < options.count;) {
    const std::uint64_t left = options.count == 0 ? kPageSize : options.count - came;
    const Result<net::Response> answer = connection.Get(
        std::string(kPath) + "/stream",
        "after=" + std::to_string(after) +
            "&page_size=" + std::to_string(std::min<std::uint64_t>(left, kPageSize)));
    const bool away = !answer.ok() || answer->status >= 500;
    if (away) {
      if (!std::exchange(lost, true)) terminal.Complain("the server is away; trying again");
      std::this_thread::sleep_for(kAfterFailure);
      continue;
    }
    if (answer->status != 200) return Explain(*answer, terminal);
    lost = false;
    came += ShowEvents(answer->body, after, common, terminal);
  }
  return ExitCode::kDone;
}

struct Arrived {
  std::string name;
  bool has = false;
  bool failing = false;
  std::uint64_t delivered = 0, set_aside = 0;
};

std::optional<std::vector<Arrived>> ReadOutputs(const std::string& body, std::uint64_t number) {
  const Result<codec::JsonDocument> document = codec::JsonDocument::Parse(AsBytes(body));
  const auto items = document.ok() ? document->root().Find("items") : std::nullopt;
  if (!items.has_value() || !items->is_array()) return std::nullopt;
  std::vector<Arrived> outputs;
  for (auto at = items->First(); at.has_value(); at = at->Next()) {
    const auto member = at->Find("failing");
    const Result<bool> failing =
        member.has_value() ? member->AsBool() : Result<bool>(Error{Code::kInvalid, "none"});
    const std::uint64_t delivered = NumberOf(*at, "delivered");
    outputs.push_back({TextMember(*at, "name").value_or(""), delivered >= number,
                       failing.ok() && *failing, delivered, NumberOf(*at, "set_aside")});
  }
  return outputs;
}

std::string OutputLine(const Arrived& one) {
  std::string line = one.name + "  delivered " + std::to_string(one.delivered);
  if (one.set_aside != 0) line += "  set aside " + std::to_string(one.set_aside);
  return line + (one.failing ? "  failing" : "");
}

ExitCode Outputs(Connection& connection, const Common& common, const Terminal& terminal) {
  const Result<net::Response> answer = connection.Get(std::string(kPath) + "/outputs");
  if (!answer.ok()) return Explain(answer.error(), terminal);
  if (answer->status != 200) return Explain(*answer, terminal);
  const auto outputs = ReadOutputs(answer->body, 0);
  if (common.json || !outputs.has_value()) {
    terminal.Line(answer->body);
    return outputs.has_value() ? ExitCode::kDone : ExitCode::kFailure;
  }
  if (outputs->empty()) terminal.Line("No output is configured.");
  for (const Arrived& one : *outputs) terminal.Line(OutputLine(one));
  return ExitCode::kDone;
}

struct OnItsWay {
  std::uint64_t number;
  std::uint64_t set_aside;  // by all outputs, before it
  std::int64_t wait_s;
};

// Until each output has it, or the time is over. One that was set aside did not arrive.
ExitCode AwaitOutputs(Connection& connection, const OnItsWay& test, const Common& common,
                      const Terminal& terminal) {
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(test.wait_s);
  while (true) {
    const Result<net::Response> answer = connection.Get(std::string(kPath) + "/outputs");
    if (!answer.ok()) return Explain(answer.error(), terminal);
    if (answer->status != 200) return Explain(*answer, terminal);
    const auto outputs = ReadOutputs(answer->body, test.number);
    if (!outputs.has_value()) return ExitCode::kFailure;
    std::uint64_t aside = 0;
    for (const Arrived& one : *outputs) aside += one.set_aside;
    const bool all = std::ranges::all_of(*outputs, &Arrived::has);
    if (!all && std::chrono::steady_clock::now() < until) {
      std::this_thread::sleep_for(kLook);
      continue;
    }
    if (common.json) terminal.Line(answer->body);
    for (const Arrived& one : *outputs) {
      if (!common.json) terminal.Line(one.name + (one.has ? ": arrived" : ": did not arrive"));
    }
    if (outputs->empty() && !common.json) terminal.Line("No output is configured.");
    if (aside != test.set_aside) terminal.Complain("an output refused an alarm; it was set aside");
    return all && aside == test.set_aside ? ExitCode::kDone : ExitCode::kFailure;
  }
}

ExitCode Test(Connection& connection, const AlarmOptions& options, const Common& common,
              const Terminal& terminal) {
  const Result<net::Response> before = connection.Get(std::string(kPath) + "/outputs");
  if (!before.ok()) return Explain(before.error(), terminal);
  if (before->status != 200) return Explain(*before, terminal);
  std::uint64_t set_aside = 0;
  if (const auto outputs = ReadOutputs(before->body, 0)) {
    for (const Arrived& one : *outputs) set_aside += one.set_aside;
  }
  const Result<net::Response> answer = connection.Post(std::string(kPath) + ":test", "{}", {});
  if (!answer.ok()) return Explain(answer.error(), terminal);
  if (answer->status != 200) return Explain(*answer, terminal);
  const Result<codec::JsonDocument> raised = codec::JsonDocument::Parse(AsBytes(answer->body));
  const std::uint64_t number = raised.ok() ? NumberOf(raised->root(), "number") : 0;
  if (number == 0) return ExitCode::kFailure;
  terminal.Line(common.json ? answer->body : "Raised as number " + std::to_string(number) + ".");
  return AwaitOutputs(connection, {number, set_aside, options.wait_s}, common, terminal);
}

}  // namespace

ExitCode Alarms(const AlarmOptions& options, const Common& common, const Terminal& terminal) {
  if (options.dry_run) {
    terminal.Line("POST " + common.connection.server + std::string(kPath) + ":test");
    terminal.Line("{}");
    return ExitCode::kDone;
  }
  base::SystemClock clock;
  std::optional<Connection> connection = Connect(common.connection, clock, terminal);
  if (!connection.has_value()) return ExitCode::kUsage;
  switch (options.what) {
    case AlarmOptions::Do::kList: return List(*connection, options.after, common, terminal);
    case AlarmOptions::Do::kFollow: return Follow(*connection, options, common, terminal);
    case AlarmOptions::Do::kOutputs: return Outputs(*connection, common, terminal);
    case AlarmOptions::Do::kTest: return Test(*connection, options, common, terminal);
  }
  return ExitCode::kUsage;
}

void AlarmWords::AddTo(CLI::App& app, SharedWords shared) {
  shared_.emplace(shared);
  CLI::App* const alarms = app.add_subcommand("alarms", "what an operator must hear of");
  alarms->require_subcommand(1);
  CLI::App* const list = alarms->add_subcommand("list", "those that are kept, the oldest first");
  list->footer("Examples:\n  cloison alarms list --after 41 --as officer.security");
  CLI::App* const follow = alarms->add_subcommand("follow", "each as it comes");
  follow->footer("Examples:\n  cloison alarms follow --after 41 --json --as officer.security");
  follow->add_option("--count", options_.count, "end after as many; 0: never");
  for (CLI::App* const word : {list, follow}) {
    word->add_option("--after", options_.after, "number of the last one that was seen");
  }
  CLI::App* const outputs = alarms->add_subcommand("outputs", "where they are delivered to");
  outputs->footer("Examples:\n  cloison alarms outputs --as officer.security");
  CLI::App* const test =
      alarms->add_subcommand("test", "raise one that says it is a test, and see where it arrives");
  test->footer("Examples:\n  cloison alarms test --as officer.security");
  test->add_option("--wait", options_.wait_s, "seconds until it must have arrived")
      ->check(CLI::Range(0, 3600));
  test->add_flag("--dry-run", options_.dry_run, "show what would be sent");
  using Do = AlarmOptions::Do;
  for (const auto& [word, does] : {std::pair(list, Do::kList), std::pair(follow, Do::kFollow),
                                   std::pair(outputs, Do::kOutputs), std::pair(test, Do::kTest)}) {
    shared_->add_output(word);
    shared_->add_connection(word);
    word->callback([this, what = does] {
      options_.what = what;
      shared_->run = [this] { return Alarms(options_, shared_->common, shared_->terminal); };
    });
  }
}

}  // namespace cloison::cli
