// What is read is what the lines say and nothing else: it says so of whoever is named, and written
// anew by the file itself it reads the same.
#include <algorithm>
#include <string>

#include "server/freeze_file.h"
#include "tests/fuzz/parts.h"

namespace {

using namespace cloison;

const std::string kPath = "freezes";
const PrincipalId kOther({0xfe, 0xfe});

std::string LinesOf(const std::vector<server::FreezeFile::Given>& given) {
  std::string lines;
  for (const auto& [by, who] : given) {
    lines += "freeze " + base::ToHex(by.bytes()) + " " + base::ToHex(who.bytes()) + "\n";
  }
  return lines;
}

// Each whole line is one that the file itself writes.
void CheckLines(std::string_view text, const server::FreezeFile& file) {
  std::string freezes;
  text.remove_prefix(text.find('\n') + 1);
  for (std::size_t end = text.find('\n'); end != text.npos; end = text.find('\n')) {
    const std::string line(text.substr(0, end + 1));
    text.remove_prefix(end + 1);
    if (line.starts_with("freeze ")) freezes += line;
    CLOISON_CHECK(line.starts_with("freeze ") || line.size() >= 8 + 32 + 1);
  }
  CLOISON_CHECK(freezes == LinesOf(file.waiting()));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::MemoryFiles files;
  files.contents[kPath] = Bytes(data, data + size);
  const auto file = server::FreezeFile::Open(files, kPath);
  if (!file.ok()) {
    CLOISON_CHECK(file.error().code() == Code::kCorrupt);
    return 0;
  }
  CheckLines(AsText({data, size}), **file);
  const auto waiting = (*file)->waiting();
  CLOISON_CHECK(waiting.size() <= server::kFreezesMax);
  for (const auto& given : waiting) CLOISON_CHECK((*file)->IsFrozen(given.who));
  if ((*file)->IsFrozen(kOther)) return 0;
  const identity::Assurance proven = identity::Assurance::Development();
  CLOISON_CHECK((*file)->Freeze(kOther, proven, kOther).ok() == false);  // not an officer yet
  std::vector<PrincipalId> officers = (*file)->officers();
  const std::vector<PrincipalId> asked{kOther};
  const std::vector<access::FreezeRight> may{
      {kOther, OrganisationId(7), {"eidas2"}, identity::Methods().Add(identity::Method::kOtp)}};
  (*file)->Learn((*file)->asked_at(), asked, may);
  const auto again = server::FreezeFile::Open(files, kPath);
  CLOISON_CHECK(again.ok() && LinesOf((*again)->waiting()) == LinesOf(waiting));
  if (officers.size() < server::kOfficersMax && std::ranges::count(officers, kOther) == 0) {
    officers.push_back(kOther);
  }
  std::ranges::sort(officers);
  CLOISON_CHECK((*again)->officers() == officers);
  return 0;
}
