#include "cli/verify_store.h"

#include <vector>

#include "cli/connection.h"
#include "cli/process.h"
#include "codec/json_reader.h"
#include "crypto/base64.h"

namespace cloison::cli {

namespace {

std::string NumberText(const codec::JsonValue& object, std::string_view key) {
  const auto member = object.Find(key);
  if (!member.has_value()) return "?";
  const Result<std::int64_t> number = member->AsInt();
  return number.ok() && *number >= 0 ? Grouped(static_cast<std::uint64_t>(*number)) : "?";
}

std::string LineOf(const codec::JsonValue& fault) {
  std::string out = "FAULT  store " + TextMember(fault, "path").value_or("?");
  const std::string entry = NumberText(fault, "entry");
  if (entry != "?") out += ", entry " + entry;
  return out + ": " + TextMember(fault, "text").value_or("?");
}

std::string SummaryOf(const codec::JsonValue& report) {
  const auto fault = report.Find("fault");
  if (fault.has_value() && fault->is_object()) {
    std::string out = LineOf(*fault);
    const auto others = report.Find("others");
    std::int64_t told = 1;
    for (auto other = others.has_value() ? others->First() : others; other.has_value();
         other = other->Next()) {
      out += "\n" + LineOf(*other);
      ++told;
    }
    const auto all = report.Find("faults");
    const Result<std::int64_t> faults = all.has_value() ? all->AsInt() : Result<std::int64_t>(told);
    if (!faults.ok() || *faults <= told) return out;
    return out + "\n       and " + Grouped(static_cast<std::uint64_t>(*faults - told)) + " more";
  }
  return "      the store: " + NumberText(report, "people") + " rows are those written last, " +
         NumberText(report, "loaded") + " of a first load, " + NumberText(report, "expired") +
         " whose last change expired; " + NumberText(report, "pages") +
         " index pages; of damaged records that were erased " + NumberText(report, "hints") +
         " postings are left, and " + NumberText(report, "unnamed") + " changes without a row";
}

}  // namespace

StoreAnswer VerifyStore(const std::string& config, const tlog::Head& published,
                        const Terminal& terminal) {
  Result<std::string> daemon = DaemonPath();
  if (!daemon.ok()) return {Explain(daemon.error(), terminal), {}, {}};
  std::vector<std::string> lines;
  ChildOptions options;
  options.arguments = {
      std::move(*daemon), "verify-store",
      "--config",         config,
      "--published",      std::to_string(published.size) + ":" + crypto::ToBase64(published.root)};
  options.on_line = [&lines](std::string line) { lines.push_back(std::move(line)); };
  Result<std::unique_ptr<Child>> child = Child::Start(std::move(options));
  if (!child.ok()) return {Explain(child.error(), terminal), {}, {}};
  const auto exit = static_cast<ExitCode>((*child)->Wait());
  if (lines.size() != 1) return {exit == ExitCode::kDone ? ExitCode::kFailure : exit, {}, {}};
  const auto report = codec::JsonDocument::Parse(AsBytes(lines.front()));
  if (!report.ok()) return {ExitCode::kFailure, {}, {}};
  return {exit, lines.front(), SummaryOf(report->root())};
}

}  // namespace cloison::cli
