// cloison generate: invented people, as files for imports and load tests.
#include <fstream>
#include <iostream>

#include "cli/commands.h"
#include "ingest/generator.h"

namespace cloison::cli {

namespace {

constexpr std::size_t kFlushBytes = 1u << 20;

bool Write(const GenerateOptions& options, std::ostream& out) {
  const bool csv = options.format == "csv";
  const ingest::Generator generator(options.seed);
  std::string waiting;
  if (csv) ingest::AppendCsvHeader(waiting);
  for (std::uint64_t i = options.first; i < options.first + options.people; ++i) {
    const ingest::GeneratedPerson person = generator.At(i);
    if (csv) {
      ingest::AppendCsvPerson(waiting, person);
    } else {
      ingest::AppendJsonLine(waiting, person);
    }
    if (waiting.size() < kFlushBytes) continue;
    out << waiting;
    waiting.clear();
    if (!out.good()) return false;
  }
  out << waiting << std::flush;
  return out.good();
}

}  // namespace

ExitCode Generate(const GenerateOptions& options, const Terminal& terminal) {
  if (options.people > ingest::kGeneratedPeopleMax ||
      options.first > ingest::kGeneratedPeopleMax - options.people) {
    terminal.Complain("one seed has " + Grouped(ingest::kGeneratedPeopleMax) + " people at most");
    return ExitCode::kUsage;
  }
  if (options.out.empty() || options.out == "-") {
    return Write(options, std::cout) ? ExitCode::kDone : ExitCode::kFailure;
  }
  std::ofstream file(options.out, std::ios::binary | std::ios::trunc);
  if (!file.is_open() || !Write(options, file)) {
    terminal.Complain("cannot write " + options.out);
    return ExitCode::kFailure;
  }
  if (terminal.err_is_terminal()) {
    terminal.Note(Grouped(options.people) + " people written to " + options.out);
  }
  return ExitCode::kDone;
}

}  // namespace cloison::cli
