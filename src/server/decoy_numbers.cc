#include "server/decoy_numbers.h"

#include <algorithm>
#include <charconv>

namespace cloison::server {

namespace {

constexpr std::uint32_t kOrderMax = 999;
constexpr std::size_t kPrefixCharsMin = 4, kPrefixCharsMax = 12;

std::vector<std::string> Split(const std::string& list) {
  std::vector<std::string> parts;
  for (std::size_t from = 0; from < list.size();) {
    const std::size_t comma = std::min(list.find(',', from), list.size());
    parts.push_back(list.substr(from, comma - from));
    from = comma + 1;
  }
  return parts;
}

std::optional<std::uint32_t> OrderOf(std::string_view text) {
  std::uint32_t order = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), order);
  const bool fit = error == std::errc() && end == text.data() + text.size() && order >= 1;
  return fit && order <= kOrderMax ? std::optional(order) : std::nullopt;
}

bool ReadOrders(const std::string& list, vault::DecoyNumbers& to) {
  for (const std::string& range : Split(list)) {
    const std::size_t dash = range.find('-');
    const auto first = OrderOf(range.substr(0, dash));
    const auto last = dash == std::string::npos ? first : OrderOf(range.substr(dash + 1));
    if (!first.has_value() || !last.has_value() || *first > *last) return false;
    to.nir_orders.emplace_back(*first, *last);
  }
  return true;
}

bool IsPrefix(const std::string& text) {
  return text.size() >= kPrefixCharsMin && text.size() <= kPrefixCharsMax && text.front() == '+' &&
         std::all_of(text.begin() + 1, text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

Result<std::shared_ptr<access::DecoyInventor>> MakeInventor(
    const Config& config, std::shared_ptr<const records::Schema> schema, base::Random& random,
    std::vector<std::string>& problems) {
  vault::DecoyNumbers numbers;
  if (!ReadOrders(config.decoy_nir_orders, numbers)) {
    problems.push_back("decoys.nir_orders: ranges of 1 to 999, as 311-314,655");
  }
  numbers.phone_prefixes = Split(config.decoy_phone_prefixes);
  if (!std::ranges::all_of(numbers.phone_prefixes, IsPrefix)) {
    problems.push_back("decoys.phone_prefixes: as +3363998,+3317012");
  }
  numbers.email_domains = Split(config.decoy_email_domains);
  const bool orders = !numbers.nir_orders.empty(), phones = !numbers.phone_prefixes.empty(),
             mails = !numbers.email_domains.empty();
  const bool all = orders && phones && mails, any = orders || phones || mails;
  if (!config.development() && any && !all) {
    problems.push_back(
        "decoys: nir_orders, phone_prefixes and email_domains go together: a decoy that has "
        "somebody's number, or nobody's mailbox, is worse than none");
  }
  if (!problems.empty()) return Error{Code::kInvalid, "the numbers of decoys do not fit"};
  if (!config.development() && !any) return std::shared_ptr<access::DecoyInventor>();
  return std::shared_ptr<access::DecoyInventor>(std::make_shared<vault::GeneratedDecoys>(
      std::move(schema), static_cast<std::uint64_t>(config.decoy_seed), std::move(numbers),
      random));
}

}  // namespace cloison::server
