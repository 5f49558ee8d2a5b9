#include "verify/officer.h"

#include <chrono>

#include "tlog/checkpoint.h"
#include "verify/internal/opened.h"
#include "verify/internal/tag_watch.h"
#include "verify/person.h"

namespace cloison::verify {
namespace {

using codec::JsonValue;
using internal::Claimed;
using internal::FileReader;
using internal::TagWatch;

constexpr std::string_view kTimeShape = "0000-00-00T00:00:00.000Z";
constexpr std::uint64_t kMissingMax = 1'024;

bool IsTime(std::string_view text) {
  if (text.size() != kTimeShape.size()) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool digit = text[i] >= '0' && text[i] <= '9';
    if (kTimeShape[i] == '0' ? !digit : text[i] != kTimeShape[i]) return false;
  }
  const auto number = [text](std::size_t at, std::size_t size) {
    unsigned value = 0;
    for (const char digit : text.substr(at, size)) value = value * 10 + unsigned(digit - '0');
    return value;
  };
  const std::chrono::year_month_day date{std::chrono::year(static_cast<int>(number(0, 4))),
                                         std::chrono::month(number(5, 2)),
                                         std::chrono::day(number(8, 2))};
  return number(0, 4) > 0 && date.ok() && number(11, 2) < 24 && number(14, 2) < 60 &&
         number(17, 2) < 60;
}

// The file, checked as far as it can be without the log.
class Activity {
 public:
  explicit Activity(const LogOptions& options)
      : context_{options.key, tlog::LogIdOf(options.key)} {}

  std::optional<Fault> Read(ByteView bytes) {
    std::optional<Fault> fault;
    const std::optional<codec::JsonDocument> document =
        internal::ParseFile(bytes, "officer", fault);
    if (!document) return fault;
    FileReader file("officer");
    ReadAll(file, document->root());
    return file.fault();
  }

  const internal::FileContext& context() const { return context_; }
  const crypto::HmacKey& key() const { return *key_; }
  const std::map<std::uint64_t, std::uint64_t>& numbers() const { return numbers_; }
  const std::map<std::uint64_t, Claimed>& claims() const { return claims_; }
  std::uint64_t first() const { return numbers_.empty() ? 0 : numbers_.begin()->first; }
  std::uint64_t end() const { return numbers_.empty() ? 0 : numbers_.rbegin()->first + 1; }
  const OfficerFacts& facts() const { return facts_; }

 private:
  bool ReadAll(FileReader& file, const JsonValue& root) {
    const auto key = file.Text(root, "key");
    const auto id = file.Text(root, "log_id");
    std::optional<crypto::Secret<32>> activity = file.Secret(root, "activity_key");
    const auto period = file.Object(root, "period");
    const auto entries = file.Array(root, "entries");
    if (!key || !id || !activity || !period || !entries) return false;
    if (*key != context_.key.Text() || *id != base::ToHex(context_.log_id.bytes())) {
      file.Refuse(root, FaultKind::kForm, "the file is not about the log of this key");
      return false;
    }
    key_.emplace(*activity);
    if (!ReadPeriod(file, *period)) return false;
    for (auto row = entries->First(); row.has_value(); row = row->Next()) {
      if (!ReadEntry(file, *row)) return false;
    }
    return CheckEnds(file, *entries);
  }

  bool ReadPeriod(FileReader& file, const JsonValue& period) {
    const auto from = file.Text(period, "from");
    const auto until = file.Text(period, "until");
    if (!from || !until) return false;
    if (!IsTime(*from) || !IsTime(*until) || *from > *until) {
      file.Refuse(period, FaultKind::kForm, "no period");
      return false;
    }
    from_ = *from;
    until_ = *until;
    return true;
  }

  bool ReadEntry(FileReader& file, const JsonValue& row) {
    const auto n = file.Number(row, "n");
    const auto index = file.Number(row, "index");
    const auto proof = file.Object(row, "proof");
    if (!n || !index || !proof) return false;
    const auto log_id = file.Text(*proof, "log_id");
    if (!log_id) return false;
    if (*log_id != base::ToHex(context_.log_id.bytes())) {
      file.Refuse(*proof, FaultKind::kForm, "an entry of another log than the file is about");
      return false;
    }
    std::optional<internal::Opened> entry = ReadLeaf(file, *proof, *index, context_);
    if (!entry || !OpenActor(file, *proof, context_, *entry)) return false;
    if (internal::ActorTagOf(entry->leaf) != internal::TagOf(*key_, *n)) {
      file.Refuse(row, FaultKind::kTag, "the leaf does not carry the tag of this number");
      return false;
    }
    const std::string time = internal::Rfc3339(entry->actor->time_ms);
    const bool follows = numbers_.empty() || (numbers_.rbegin()->first < *n &&
                                              numbers_.rbegin()->second < *index && last_ <= time);
    if (!follows) {
      file.Refuse(row, FaultKind::kForm, "numbers, indexes and times ascend");
      return false;
    }
    if (numbers_.empty()) facts_.closed_before = time < from_;
    facts_.closed_after = time >= until_;
    facts_.inside += time >= from_ && time < until_ ? 1 : 0;
    last_ = time;
    numbers_.emplace(*n, *index);
    claims_.emplace(*index, Claimed{entry->leaf, entry->path});
    return true;
  }

  bool CheckEnds(FileReader& file, const JsonValue& entries) {
    if (!facts_.closed_before && first() > 0) {
      file.Refuse(entries, FaultKind::kScope, "no entry before the period closes it");
      return false;
    }
    if (end() - first() > numbers_.size() + kMissingMax) {
      file.Refuse(entries, FaultKind::kGap, "many numbers are missing");
      return false;
    }
    return true;
  }

  internal::FileContext context_;
  std::optional<crypto::HmacKey> key_;
  std::string from_, until_, last_;
  std::map<std::uint64_t, std::uint64_t> numbers_;  // n to index
  std::map<std::uint64_t, Claimed> claims_;         // by index
  OfficerFacts facts_;
};

std::optional<Fault> CheckNumbers(const Activity& activity, const TagWatch& watch) {
  const auto fault = [](FaultKind kind, std::uint64_t n, std::optional<std::uint64_t> index,
                        Literal text) {
    return Fault{kind, "officer n=" + std::to_string(n), index, 0, text.view()};
  };
  for (std::uint64_t n = activity.first(); n < activity.end(); ++n) {
    const auto found = watch.found().find(n);
    const auto known = activity.numbers().find(n);
    const bool in_log = found != watch.found().end();
    if (known == activity.numbers().end()) {
      if (in_log) {
        return fault(FaultKind::kGap, n, found->second,
                     "the log holds this entry, and the file leaves it out");
      }
      return fault(FaultKind::kGap, n, {}, "neither the file nor the log has this number");
    }
    if (in_log && known->second != found->second) {
      return fault(FaultKind::kTag, n, found->second, "the log has this number at another index");
    }
  }
  const auto after = watch.found().lower_bound(activity.end());
  if (activity.facts().closed_after || after == watch.found().end()) return {};
  return fault(FaultKind::kScope, after->first, after->second,
               "the log holds a later entry, and nothing says that it lies after the period");
}

}  // namespace

Result<OfficerReport> VerifyOfficer(Source& source, const LogOptions& options, ByteView file) {
  if (options.since || options.observer != nullptr) {
    return Error{Code::kInvalid, "an officer's file needs the whole log: not with --since"};
  }
  Activity activity(options);
  OfficerReport out;
  out.log.origin = options.key.name();
  out.log.fault = activity.Read(file);
  out.facts = activity.facts();
  if (!out.log.ok()) return out;
  TagWatch watch(TagWatch::Side::kActor, activity.key(), activity.first(),
                 activity.end() + kTagsAhead, activity.claims());
  LogOptions whole = options;
  whole.observer = &watch;
  whole.heads.insert(whole.heads.end(), activity.context().heads.begin(),
                     activity.context().heads.end());
  CLOISON_TRY_ASSIGN(out.log, VerifyLog(source, whole));
  if (!out.log.ok()) return out;
  out.log.fault = watch.fault() ? watch.fault() : CheckNumbers(activity, watch);
  return out;
}

}  // namespace cloison::verify
