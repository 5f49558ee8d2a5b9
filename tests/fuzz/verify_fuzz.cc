// A published log and the files that open it, as a stranger may give them: whatever they hold ends
// in a verdict, nothing that differs from what was signed is called good, and what is said of it is
// a place in it.
//
//   input   0 ‖ which object ‖ changes of it (parts.h): of a log of 300 entries
//           1 ‖ text: a person's and an officer's file
//           2 ‖ changes of a person's file      3 ‖ changes of an officer's file
#include "tests/fuzz/parts.h"
#include "tlog/checkpoint.h"
#include "verify/officer.h"
#include "verify/person.h"
#include "verify/sample.h"

namespace {

using namespace cloison;

constexpr std::uint64_t kEntries = 300;

class MemorySource final : public verify::Source {
 public:
  std::map<std::string, Bytes> objects;
  Status Read(const std::string& path, std::size_t bytes_max, Bytes& out) override {
    const auto found = objects.find(path);
    if (found == objects.end()) return Error{Code::kNotFound, "no such object"};
    if (found->second.size() > bytes_max) return Error{Code::kExhausted, "too large"};
    out = found->second;
    return Ok();
  }
};

struct Sample {
  MemorySource source;
  Bytes person, officer;
  std::vector<std::string> paths;  // of what is published
  verify::LogOptions options;
};

const Sample& TheSample() {
  static const Sample sample = [] {
    fuzz::MemoryFiles files;
    CLOISON_CHECK(verify::WriteSample(files, {kEntries, 1, "d", {}}).ok());
    MemorySource source;
    std::vector<std::string> paths;
    for (const auto& [path, bytes] : files.contents) {
      source.objects[path.substr(2)] = bytes;
      if (path.starts_with("d/tile/") || path == "d/checkpoint") paths.push_back(path.substr(2));
    }
    std::string vkey(AsText(source.objects.at("key.pub")));
    vkey.pop_back();
    Bytes person = source.objects.at("person.json"), officer = source.objects.at("officer.json");
    return Sample{std::move(source),
                  std::move(person),
                  std::move(officer),
                  std::move(paths),
                  {.key = *tlog::VerifierKey::Parse(vkey)}};
  }();
  return sample;
}

void CheckReport(const verify::Report& report) {
  CLOISON_CHECK(report.ok() == !report.fault.has_value());
  if (report.ok()) return;
  CLOISON_CHECK(!report.fault->path.empty() && !report.fault->text.empty());
  CLOISON_CHECK(!verify::Describe(*report.fault).empty());
}

void CheckObject(base::Reader& input) {
  MemorySource source = TheSample().source;
  const std::string& path = TheSample().paths[input.U8() % TheSample().paths.size()];
  Bytes& object = source.objects.at(path);
  const Bytes whole = object;
  object = fuzz::Altered(whole, input);
  const verify::Report report = *verify::VerifyLog(source, TheSample().options);
  CheckReport(report);
  // Lines of witnesses that nobody asked for may be anything.
  if (path == "checkpoint" && object != whole) return;
  CLOISON_CHECK(report.ok() == (object == whole));
  if (!report.ok()) CLOISON_CHECK(report.fault->entry.has_value());
}

void CheckPerson(const Bytes& file) {
  MemorySource source = TheSample().source;
  verify::PersonFile pages;
  pages.pages.push_back(file);
  const verify::PersonReport report = *verify::VerifyPerson(source, TheSample().options, pages);
  CheckReport(report.log);
  if (file == TheSample().person) CLOISON_CHECK(report.log.ok());
}

void CheckOfficer(const Bytes& file) {
  MemorySource source = TheSample().source;
  const verify::OfficerReport report = *verify::VerifyOfficer(source, TheSample().options, file);
  CheckReport(report.log);
  if (file == TheSample().officer) CLOISON_CHECK(report.log.ok());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  base::Reader input({data, size});
  switch (input.U8() % 4) {
    case 0: CheckObject(input); break;
    case 1:
      CheckPerson(base::ToBytes(input.rest()));
      CheckOfficer(base::ToBytes(input.rest()));
      break;
    case 2: CheckPerson(fuzz::Altered(TheSample().person, input)); break;
    default: CheckOfficer(fuzz::Altered(TheSample().officer, input));
  }
  return 0;
}
