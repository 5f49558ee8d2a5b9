// A log, and the map of its columns before it (apart by a byte 0): every line is an access, ignored
// or broken; however the log is cut into blocks, the same comes out; no input ends the process.
#include <algorithm>

#include "assess/assess.h"
#include "assess/report.h"
#include "vault/embedded.h"

namespace cloison::assess {
namespace {

class TextSource final : public ByteSource {
 public:
  TextSource(std::string_view text, std::size_t piece) : text_(text), piece_(piece) {}
  Result<std::size_t> Read(std::span<char> out) override {
    const std::size_t size = std::min({out.size(), piece_, text_.size()});
    std::copy_n(text_.data(), size, out.data());
    text_.remove_prefix(size);
    return size;
  }

 private:
  std::string_view text_;
  const std::size_t piece_;
};

std::shared_ptr<const access::Policy> DemoPolicy() {
  static const std::shared_ptr<const access::Policy> policy = [] {
    std::vector<std::string> problems;
    const auto schema = records::Schema::Parse(vault::JobSeekersSchemaToml(), &problems);
    return *access::Policy::Parse(vault::DemoPolicyToml(), **schema, &problems);
  }();
  return policy;
}

// Nothing: the log does not begin as one.
std::optional<std::string> ReportOf(std::string_view log, const LogMap& map, std::size_t threads,
                                    std::size_t block_bytes) {
  Options options;
  options.map = map;
  options.map.classes.clear();
  options.policy = DemoPolicy();
  options.threads = threads;
  options.block_bytes = block_bytes;
  options.memory_bytes = std::size_t{1} << 20;
  std::vector<std::string> problems;
  const Result<Findings> findings =
      Run(MaybeUnpacked(std::make_unique<TextSource>(log, 1'000)), options, &problems);
  if (!findings.ok()) return std::nullopt;
  const LogCounts& counts = findings->counts;
  CLOISON_CHECK(counts.lines == counts.accesses + counts.ignored + counts.broken());
  CLOISON_CHECK(findings->all.accesses == counts.accesses);
  CLOISON_CHECK(ToHtml(*findings, {}).find("<script") == std::string::npos);
  return ToJson(*findings, {.names = true, .scope = {}});
}

}  // namespace
}  // namespace cloison::assess

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace cloison::assess;
  constexpr std::size_t kBytesMax = 20'000;
  const std::string_view text(reinterpret_cast<const char*>(data), std::min(size, kBytesMax));
  const std::size_t cut = std::min(text.find('\0'), text.size());
  std::vector<std::string> problems;
  const auto map = LogMap::Parse(text.substr(0, cut), &problems);
  CLOISON_CHECK(map.ok() == problems.empty());
  if (!map.ok()) return 0;
  const std::string_view log = text.substr(std::min(cut + 1, text.size()));
  // Blocks longer than the longest line that is read: a shorter one would refuse lines.
  const auto whole = ReportOf(log, *map, 1, kBlockBytes);
  const auto longest = log.size() + 1;
  CLOISON_CHECK(ReportOf(log, *map, 1, longest) == whole);
  (void)ReportOf(log, *map, 1, 64);
  return 0;
}
