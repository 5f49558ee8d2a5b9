// Lists of people of a job: every line is one that prints back, or the first that is none is named.
#include <sstream>

#include "base/check.h"
#include "cli/job_list.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace cloison;
  const std::string text(reinterpret_cast<const char*>(data), size);
  std::istringstream in(text);
  std::uint64_t lines = 0, bad = 0;
  std::string back;
  const auto take = [&](std::uint64_t number, cli::JobLine line) -> Status {
    CLOISON_CHECK(number == ++lines);
    CLOISON_CHECK(!line.person.empty() && line.person.size() <= 32 && line.attached.size() <= 64);
    back += (line.by_agency_id ? "agency_id:" : "") + line.person +
            (line.attached.empty() ? "" : "," + line.attached) + "\n";
    return Ok();
  };
  const auto read = cli::ReadJobList(in, take, &bad);
  if (!read.ok()) {
    CLOISON_CHECK(bad == 0 ? lines == 0 : bad == lines + 1);
    return 0;
  }
  CLOISON_CHECK(read->people == lines && lines > 0);
  std::istringstream again(back);
  const auto twice = cli::ReadJobList(again, nullptr, &bad);
  CLOISON_CHECK(twice.ok() && twice->digest == read->digest);
  return 0;
}
