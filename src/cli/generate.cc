// cloison generate: invented people, or queries of them with the right answers, as files for
// imports and load tests.
#include <fstream>
#include <iostream>

#include "cli/commands.h"
#include "ingest/generator.h"
#include "ingest/query_set.h"

namespace cloison::cli {

namespace {

constexpr std::size_t kFlushBytes = 1u << 20;

// Lines are gathered and written in pieces; `append` adds line i.
template <class Append>
bool WriteLines(std::uint64_t first, std::uint64_t count, std::string head, std::ostream& out,
                const Append& append) {
  std::string waiting = std::move(head);
  for (std::uint64_t i = first; i < first + count; ++i) {
    append(waiting, i);
    if (waiting.size() < kFlushBytes) continue;
    out << waiting;
    waiting.clear();
    if (!out.good()) return false;
  }
  out << waiting << std::flush;
  return out.good();
}

bool Write(const GenerateOptions& options, std::ostream& out) {
  if (options.queries > 0) {
    const ingest::QuerySet queries(options.seed, options.people);
    return WriteLines(0, options.queries, {}, out, [&queries](std::string& lines, std::uint64_t n) {
      ingest::AppendQueryLine(lines, queries.At(n));
    });
  }
  const auto kind = options.schema == "insured-persons" ? ingest::GeneratedRegister::kInsuredPersons
                                                        : ingest::GeneratedRegister::kJobSeekers;
  const ingest::Generator generator(options.seed, kind);
  const bool csv = options.format == "csv";
  std::string head;
  if (csv) ingest::AppendCsvHeader(head, kind);
  return WriteLines(options.first, options.people, std::move(head), out,
                    [&](std::string& lines, std::uint64_t i) {
                      if (csv) {
                        ingest::AppendCsvPerson(lines, generator.At(i), kind);
                      } else {
                        ingest::AppendJsonLine(lines, generator.At(i));
                      }
                    });
}

bool Check(const GenerateOptions& options, const Terminal& terminal) {
  if (options.people > ingest::kGeneratedPeopleMax ||
      options.first > ingest::kGeneratedPeopleMax - options.people) {
    terminal.Complain("one seed has " + Grouped(ingest::kGeneratedPeopleMax) + " people at most");
    return false;
  }
  if (options.queries == 0) return true;
  if (options.schema != "job-seekers" || options.first != 0) {
    terminal.Complain("queries are of all people of a register of job seekers");
    return false;
  }
  if (options.people >= ingest::kQueryPeopleMin &&
      options.people <= ingest::kGeneratedPeopleMax / 2) {
    return true;
  }
  terminal.Complain("queries need a register of " + Grouped(ingest::kQueryPeopleMin) + " to " +
                    Grouped(ingest::kGeneratedPeopleMax / 2) + " people");
  return false;
}

}  // namespace

ExitCode Generate(const GenerateOptions& options, const Terminal& terminal) {
  if (!Check(options, terminal)) return ExitCode::kUsage;
  if (options.out.empty() || options.out == "-") {
    return Write(options, std::cout) ? ExitCode::kDone : ExitCode::kFailure;
  }
  std::ofstream file(options.out, std::ios::binary | std::ios::trunc);
  if (!file.is_open() || !Write(options, file)) {
    terminal.Complain("cannot write " + options.out);
    return ExitCode::kFailure;
  }
  if (terminal.err_is_terminal()) {
    const bool queries = options.queries > 0;
    terminal.Note(Grouped(queries ? options.queries : options.people) +
                  (queries ? " queries" : " people") + " written to " + options.out);
  }
  return ExitCode::kDone;
}

}  // namespace cloison::cli
