#include "drill/faults.h"

#include <algorithm>
#include <charconv>

namespace cloison::drill {

namespace {

constexpr std::array<std::string_view, kFaults> kNames = {"crash", "lost", "kept",
                                                          "read",  "jump", "reboot"};
constexpr Error kWrong{Code::kInvalid,
                       "faults are all=N, or crash=N,lost=N,kept=N,read=N,jump=N,reboot=N"};

}  // namespace

std::string_view Name(Fault fault) {
  return kNames[static_cast<std::size_t>(fault)];
}

Result<FaultSpec> ParseFaults(std::string_view text) {
  FaultSpec spec{};
  while (true) {
    const std::size_t comma = text.find(',');
    const std::string_view part = text.substr(0, comma);
    const std::size_t equals = part.find('=');
    if (equals == std::string_view::npos) return kWrong;
    const std::string_view name = part.substr(0, equals), number = part.substr(equals + 1);
    std::uint32_t count = 0;
    const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), count);
    const bool whole = error == std::errc() && end == number.data() + number.size();
    if (!whole || count == 0 || count > kFaultsMax) return kWrong;
    const auto kind = std::ranges::find(kNames, name);
    if (name == "all") {
      if (Any(spec) || comma != std::string_view::npos) return kWrong;
      spec.fill(count);
    } else if (kind != kNames.end()) {
      std::uint32_t& of = spec[static_cast<std::size_t>(kind - kNames.begin())];
      if (of != 0) return kWrong;
      of = count;
    } else {
      return kWrong;
    }
    if (comma == std::string_view::npos) return spec;
    text.remove_prefix(comma + 1);
  }
}

FaultPlan::FaultPlan(const FaultSpec& spec, std::int64_t begin_ms, std::int64_t end_ms,
                     Draw& draw) {
  for (std::size_t kind = 0; kind < spec.size(); ++kind) {
    for (std::uint32_t n = 0; n < spec[kind]; ++n) {
      const auto after = draw.Below(static_cast<std::uint64_t>(end_ms - begin_ms));
      planned_.push_back({begin_ms + static_cast<std::int64_t>(after), static_cast<Fault>(kind)});
    }
  }
  std::ranges::stable_sort(planned_, std::greater<>(), &Planned::at_ms);
}

std::optional<Fault> FaultPlan::Due(std::int64_t now_ms) {
  if (planned_.empty() || planned_.back().at_ms > now_ms) return std::nullopt;
  const Fault fault = planned_.back().fault;
  planned_.pop_back();
  return fault;
}

bool FaultyStore::FailsRead() {
  if (armed_ != Fault::kRead) return false;
  armed_.reset();
  return true;
}

Task<Result<std::vector<store::Row>>> FaultyStore::MultiGet(std::vector<store::Key> keys,
                                                            store::ReadMode mode) {
  if (FailsRead()) co_return Error{Code::kUnavailable, "a fault of the drill's"};
  co_return co_await under_->MultiGet(std::move(keys), mode);
}

Task<Result<store::ScanPage>> FaultyStore::Scan(store::Range range, std::size_t limit) {
  if (FailsRead()) co_return Error{Code::kUnavailable, "a fault of the drill's"};
  co_return co_await under_->Scan(std::move(range), limit);
}

Task<Result<store::Version>> FaultyStore::Commit(store::WriteSet writes) {
  const bool fails = armed_ == Fault::kLost || armed_ == Fault::kKept;
  if (!fails) co_return co_await under_->Commit(std::move(writes));
  const bool kept = armed_ == Fault::kKept;
  armed_.reset();
  if (kept) {
    const Result<store::Version> written = co_await under_->Commit(std::move(writes));
    if (!written.ok()) co_return written.error();
  }
  co_return Error{Code::kUnknownOutcome, "a fault of the drill's"};
}

}  // namespace cloison::drill
