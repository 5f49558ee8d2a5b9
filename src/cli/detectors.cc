// cloison detectors calibrate: bounds by what accounts did, as lines of a policy, and what would
// have happened with them.
#include <CLI/CLI.hpp>
#include <array>
#include <charconv>

#include "cli/detector_words.h"
#include "cli/terminal.h"
#include "codec/json_reader.h"
#include "codec/json_writer.h"

namespace cloison::cli {

namespace {

constexpr std::string_view kPath = "/v1/detectors:calibrate";

std::int64_t Number(const codec::JsonValue& object, std::string_view key) {
  const auto value = object.Find(key);
  const Result<std::int64_t> number =
      value.has_value() ? value->AsInt() : Result<std::int64_t>(std::int64_t{0});
  return number.ok() ? *number : 0;
}

template <class F>
void ForEach(const codec::JsonValue& object, std::string_view key, F each) {
  const auto list = object.Find(key);
  auto one = list.has_value() ? list->First() : std::nullopt;
  for (; one.has_value(); one = one->Next()) each(*one);
}

// At most on such a share of blocks: the shortest text that reads back as it.
std::string Share(const codec::JsonValue& bound) {
  const auto value = bound.Find("at_most");
  const Result<double> share =
      value.has_value() ? value->AsNumber() : Result<double>(Error{Code::kInvalid, "no share"});
  if (!share.ok()) return "?";
  std::array<char, 32> text;
  const auto end = std::to_chars(text.data(), text.data() + text.size(), *share).ptr;
  return std::string(text.data(), end);
}

// "[[6, 0.05], [12, 0.005]]", as a policy has them.
std::string BoundsIn(const codec::JsonValue& score, std::string_view key) {
  std::string text;
  ForEach(score, key, [&](const codec::JsonValue& bound) {
    text += (text.empty() ? "[" : ", [") + std::to_string(Number(bound, "at_least")) + ", " +
            Share(bound) + "]";
  });
  return "[" + text + "]";
}

// "2, 1, 0, 0": how many accounts on rung 1, 2, 3, 4 or above.
std::string RungsIn(const codec::JsonValue& object, std::string_view key) {
  std::string text;
  const auto rungs = object.Find("would_have");
  if (!rungs.has_value()) return text;
  ForEach(*rungs, key, [&](const codec::JsonValue& count) {
    const Result<std::int64_t> number = count.AsInt();
    text += (text.empty() ? "" : ", ") + (number.ok() ? std::to_string(*number) : "?");
  });
  return text;
}

void TellClass(const codec::JsonValue& one, const Terminal& terminal) {
  const std::string name = TextMember(one, "class").value_or("?");
  terminal.Line("");
  terminal.Line("# Class " + name + ": learnt from " + std::to_string(Number(one, "learnt_from")) +
                " accounts, tried on " + std::to_string(Number(one, "held_out")) + " others; " +
                std::to_string(Number(one, "few_days")) + " did too little, " +
                std::to_string(Number(one, "opened_decoys")) + " opened decoys.");
  terminal.Line("# Of the others, on rung 1, 2, 3, 4 or above: " + RungsIn(one, "now") +
                " by the bounds of now; " + RungsIn(one, "proposed") + " by those proposed.");
  ForEach(one, "scores", [&](const codec::JsonValue& score) {
    const std::string now = BoundsIn(score, "now"), proposed = BoundsIn(score, "proposed");
    if (now == proposed) return;
    terminal.Line("[[detectors.score]]");
    terminal.Line("score = \"" + TextMember(score, "score").value_or("?") + "\"   # of " +
                  std::to_string(Number(score, "blocks")) + " blocks the highest was " +
                  std::to_string(Number(score, "highest")) + "; now " + now);
    terminal.Line("class = \"" + name + "\"");
    terminal.Line("bounds = " + proposed);
  });
}

// Of one pool: the register where nothing is named.
void TellPool(const codec::JsonValue& pool, const Terminal& terminal) {
  const std::string now = BoundsIn(pool, "now"), proposed = BoundsIn(pool, "proposed");
  if (now == proposed) return;
  terminal.Line("");
  terminal.Line("[[detectors.pool]]");
  for (const std::string_view scope : {"organisation", "office"}) {
    const std::int64_t number = Number(pool, scope);
    if (number != 0) terminal.Line(std::string(scope) + " = " + std::to_string(number));
  }
  terminal.Line("score = \"" + TextMember(pool, "score").value_or("?") + "\"   # of " +
                std::to_string(Number(pool, "blocks")) + " blocks the highest was " +
                std::to_string(Number(pool, "highest")) + "; now " + now);
  terminal.Line("bounds = " + proposed);
}

}  // namespace

ExitCode Calibrate(const DetectorOptions& options, const Common& common, const Terminal& terminal) {
  std::string body;
  codec::JsonWriter json(body);
  json.BeginObject().Key("days").Uint(options.days).EndObject();
  if (options.dry_run) {
    terminal.Line("POST " + common.connection.server + std::string(kPath));
    terminal.Line(body);
    return ExitCode::kDone;
  }
  base::SystemClock clock;
  std::optional<Connection> connection = Connect(common.connection, clock, terminal);
  if (!connection.has_value()) return ExitCode::kUsage;
  const Result<net::Response> answer = connection->Post(std::string(kPath), body, {});
  if (!answer.ok()) return Explain(answer.error(), terminal);
  if (answer->status != 200) return Explain(*answer, terminal);
  if (common.json) {
    terminal.Line(answer->body);
    return ExitCode::kDone;
  }
  const Result<codec::JsonDocument> document = codec::JsonDocument::Parse(AsBytes(answer->body));
  if (!document.ok()) {
    terminal.Complain("the server's answer is not the one of a calibration");
    return ExitCode::kFailure;
  }
  const codec::JsonValue root = document->root();
  terminal.Line("# " + std::to_string(Number(root, "days")) + " days, " +
                std::to_string(Number(root, "agent_days")) +
                " days of accounts. What is not named here stays as it is.");
  ForEach(root, "classes", [&](const codec::JsonValue& one) { TellClass(one, terminal); });
  ForEach(root, "pools", [&](const codec::JsonValue& pool) { TellPool(pool, terminal); });
  return ExitCode::kDone;
}

void DetectorWords::AddTo(CLI::App& app, SharedWords shared) {
  shared_.emplace(shared);
  CLI::App* const detectors =
      app.add_subcommand("detectors", "what detectors learnt of this register's own accounts");
  detectors->require_subcommand(1);
  CLI::App* const calibrate = detectors->add_subcommand(
      "calibrate", "propose bounds for the policy, and tell what would have happened with them");
  calibrate->footer(
      "Examples:\n  cloison detectors calibrate --days 60 --as officer.security\n"
      "What it prints are lines of a policy: cloison policy propose.");
  calibrate->add_option("--days", options_.days, "back from today [90]")->check(CLI::Range(1, 90));
  calibrate->add_flag("--dry-run", options_.dry_run, "show what would be sent");
  shared_->add_output(calibrate);
  shared_->add_connection(calibrate);
  calibrate->callback([this] {
    shared_->run = [this] { return Calibrate(options_, shared_->common, shared_->terminal); };
  });
}

}  // namespace cloison::cli
