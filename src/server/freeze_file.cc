#include "server/freeze_file.h"

#include <algorithm>
#include <charconv>

#include "access/freezes.h"

namespace cloison::server {

namespace {

constexpr std::string_view kHead = "cloison freezes 4\n";
constexpr std::string_view kHeadsBefore[] = {"cloison freezes 1\n", "cloison freezes 2\n",
                                             "cloison freezes 3\n"};
constexpr std::string_view kOfficer = "officer ", kFreeze = "freeze ";
constexpr std::string_view kNone = ".";
constexpr Error kBad{Code::kCorrupt, "the file of freezes does not parse"};
constexpr std::ptrdiff_t kOfficersLeftMin = 2;
constexpr std::size_t kHexBytes = 2 * PrincipalId::kSize;

Result<PrincipalId> ParseId(std::string_view hex) {
  const Result<Bytes> bytes = base::FromHex(hex);
  if (!bytes.ok() || bytes->size() != PrincipalId::kSize) return kBad;
  return PrincipalId::FromBytes(*bytes);
}

// As an issuer's levels are called: no other is ever met.
bool IsLevel(std::string_view text) {
  const auto fits = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  };
  return !text.empty() && std::ranges::all_of(text, fits);
}

std::string Join(const std::vector<std::string_view>& words) {
  std::string text;
  for (const std::string_view word : words) text.append(text.empty() ? "" : ",").append(word);
  return text.empty() ? std::string(kNone) : text;
}

std::vector<std::string_view> Split(std::string_view text) {
  std::vector<std::string_view> words;
  if (text == kNone) return words;
  for (std::size_t comma = text.find(','); comma != std::string_view::npos;
       comma = text.find(',')) {
    words.push_back(text.substr(0, comma));
    text.remove_prefix(comma + 1);
  }
  words.push_back(text);
  return words;
}

std::string LineOf(const access::FreezeRight& right) {
  std::vector<std::string_view> levels, methods;
  for (const std::string& level : right.levels) {
    if (IsLevel(level)) levels.push_back(level);
  }
  for (const identity::Method method : identity::kAllMethods) {
    if (right.methods.Has(method)) methods.push_back(identity::Name(method));
  }
  return std::string(kOfficer) + base::ToHex(right.id.bytes()) + " " +
         std::to_string(right.organisation.value()) + " " + Join(levels) + " " + Join(methods) +
         "\n";
}

// The number at the front, and the space behind it, are taken off.
Result<OrganisationId> TakeOrganisation(std::string_view& text) {
  std::uint32_t number = 0;
  const auto [at, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const auto length = static_cast<std::size_t>(at - text.data());
  if (error != std::errc() || length == text.size() || text[length] != ' ') return kBad;
  text.remove_prefix(length + 1);
  return OrganisationId(number);
}

// "<32 hex> <organisation> <levels> <methods>"
Result<access::FreezeRight> ParseRight(std::string_view line) {
  CLOISON_TRY_ASSIGN(const PrincipalId id, ParseId(line.substr(0, kHexBytes)));
  if (line.size() < kHexBytes + 2 || line[kHexBytes] != ' ') return kBad;
  line.remove_prefix(kHexBytes + 1);
  CLOISON_TRY_ASSIGN(const OrganisationId organisation, TakeOrganisation(line));
  const std::size_t space = line.find(' ');
  if (space == std::string_view::npos) return kBad;
  access::FreezeRight right{id, organisation, {}, {}};
  for (const std::string_view level : Split(line.substr(0, space))) {
    if (!IsLevel(level)) return kBad;
    right.levels.emplace_back(level);
  }
  for (const std::string_view name : Split(line.substr(space + 1))) {
    const std::optional<identity::Method> method = identity::MethodNamed(name);
    if (!method.has_value()) return kBad;
    right.methods.Add(*method);
  }
  return right;
}

}  // namespace

Result<std::unique_ptr<FreezeFile>> FreezeFile::Open(base::Files& files, std::string path) {
  std::unique_ptr<FreezeFile> file(new FreezeFile(files, std::move(path)));
  const Result<Bytes> text = files.Read(file->path_);
  if (!text.ok() && text.error().code() == Code::kNotFound) return file;
  if (!text.ok()) return text.error();
  CLOISON_TRY(file->Parse(AsText(*text)));
  return file;
}

Status FreezeFile::Parse(std::string_view text) {
  const bool rights = text.starts_with(kHead);
  const auto begins = [&](std::string_view head) { return text.starts_with(head); };
  if (!rights && !std::ranges::any_of(kHeadsBefore, begins)) {
    return Error{Code::kCorrupt, "not a file of freezes"};
  }
  text.remove_prefix(kHead.size());
  for (std::size_t end = text.find('\n'); end != std::string_view::npos; end = text.find('\n')) {
    CLOISON_TRY(ParseLine(text.substr(0, end), rights));
    text.remove_prefix(end + 1);
  }
  return Ok();
}

Status FreezeFile::ParseLine(std::string_view line, bool rights) {
  if (line.starts_with(kOfficer)) {
    line.remove_prefix(kOfficer.size());
    if (!rights) {
      CLOISON_TRY(ParseId(line.substr(0, kHexBytes)));
      return Ok();
    }
    CLOISON_TRY_ASSIGN(access::FreezeRight right, ParseRight(line));
    const PrincipalId id = right.id;
    return officers_.emplace(id, std::move(right)).second ? Ok() : Status(kBad);
  }
  const bool two_ids = line.size() == kFreeze.size() + 2 * kHexBytes + 1;
  if (!line.starts_with(kFreeze) || !two_ids || line[kFreeze.size() + kHexBytes] != ' ') {
    return kBad;
  }
  CLOISON_TRY_ASSIGN(const PrincipalId by, ParseId(line.substr(kFreeze.size(), kHexBytes)));
  CLOISON_TRY_ASSIGN(const PrincipalId who, ParseId(line.substr(kFreeze.size() + kHexBytes + 1)));
  given_.push_back({by, who});
  frozen_.insert(who);
  return Ok();
}

std::string FreezeFile::Text() const {
  const std::lock_guard lock(mutex_);
  std::string text(kHead);
  for (const auto& [officer, right] : officers_) text += LineOf(right);
  for (const Given& given : given_) {
    text += std::string(kFreeze) + base::ToHex(given.by.bytes()) + " " +
            base::ToHex(given.who.bytes()) + "\n";
  }
  return text;
}

// One writer at a time, of what is there when it is its turn: whoever asks who is frozen, as each
// request does, never waits for the disk.
Status FreezeFile::Write() {
  const std::lock_guard lock(writing_);
  const Status written = base::WriteWhole(files_, path_, AsBytes(Text()));
  unkept_ = !written.ok();
  return written;
}

Status FreezeFile::Keep() {
  return unkept_ ? Write() : Ok();
}

bool FreezeFile::IsFrozen(const PrincipalId& who) const {
  const std::lock_guard lock(mutex_);
  return frozen_.contains(who);
}

Status FreezeFile::Freeze(const PrincipalId& by, const identity::Assurance& proven,
                          const PrincipalId& who) {
  CLOISON_TRY(Give(by, proven, who));
  // Also when it was given before: it may not have reached the disk. A full one is no reason to ask
  // somebody else.
  const Status written = Write();
  return written.ok() ? Ok() : Status(Error{Code::kUnavailable, "the freeze cannot be kept"});
}

Status FreezeFile::Give(const PrincipalId& by, const identity::Assurance& proven,
                        const PrincipalId& who) {
  const std::lock_guard lock(mutex_);
  const auto officer = officers_.find(by);
  if (officer == officers_.end()) return Error{Code::kDenied, "not known to have the right"};
  if (!access::IsEnough(officer->second, proven)) {
    return Error{Code::kDenied, "not signed in as the right takes it"};
  }
  if (!frozen_.contains(who)) {
    CLOISON_TRY(MayAloneLocked(by, who));
    if (given_.size() >= kFreezesMax) return Error{Code::kUnavailable, "too many freezes wait"};
    given_.push_back({by, who});
    ++alone_[by];
    frozen_.insert(who);
  }
  return Ok();
}

// As one does with a ledger (access/freezes.h), of what is known without one.
Status FreezeFile::MayAloneLocked(const PrincipalId& by, const PrincipalId& who) const {
  const auto waiting = static_cast<std::size_t>(std::ranges::count(given_, by, &Given::by));
  const auto found = alone_.find(by);
  const std::size_t own = std::max(waiting, found == alone_.end() ? 0 : found->second);
  if (own >= access::kFreezesAloneMax) {
    return Error{Code::kExhausted, "as many as one officer freezes alone"};
  }
  const auto officer = officers_.find(who);
  if (officer == officers_.end()) return Ok();
  // In their organisation: those of another one unfreeze nobody there.
  const auto left = std::ranges::count_if(officers_, [&](const auto& one) {
    return one.second.organisation == officer->second.organisation && one.first != by &&
           one.first != who && !frozen_.contains(one.first);
  });
  if (left >= kOfficersLeftMin) return Ok();
  return Error{Code::kConflict, "too few officers would be left"};
}

void FreezeFile::Forget(const PrincipalId& who) {
  {
    const std::lock_guard lock(mutex_);
    ++changes_;
    const bool knew = officers_.erase(who) > 0, held = frozen_.erase(who) > 0;
    if (!knew && !held) return;
    std::erase_if(given_, [&who](const Given& given) { return given.who == who; });
  }
  (void)Write();  // until Keep succeeds a start would freeze once more
}

std::uint64_t FreezeFile::asked_at() const {
  const std::lock_guard lock(mutex_);
  return changes_;
}

void FreezeFile::Learn(std::uint64_t asked_at, std::span<const PrincipalId> asked,
                       std::span<const access::FreezeRight> may) {
  {
    const std::lock_guard lock(mutex_);
    if (asked_at != changes_) return;
    const std::map<PrincipalId, access::FreezeRight> before = officers_;
    for (const PrincipalId& one : asked) {
      const auto right = std::ranges::find(may, one, &access::FreezeRight::id);
      if (right == may.end()) {
        officers_.erase(one);
      } else if (officers_.contains(one) || officers_.size() < kOfficersMax) {
        officers_.insert_or_assign(one, *right);
      }
    }
    if (officers_ == before) return;
  }
  (void)Write();  // an officer whom the disk does not take asks another one to freeze until Keep
}

void FreezeFile::Hold(const PrincipalId& who) {
  const std::lock_guard lock(mutex_);
  frozen_.insert(who);
}

std::vector<PrincipalId> FreezeFile::officers() const {
  const std::lock_guard lock(mutex_);
  std::vector<PrincipalId> ids;
  for (const auto& [id, right] : officers_) ids.push_back(id);
  return ids;
}

std::vector<FreezeFile::Given> FreezeFile::waiting() const {
  const std::lock_guard lock(mutex_);
  return given_;
}

Status FreezeFile::Remove(const std::vector<Given>& done) {
  {
    const std::lock_guard lock(mutex_);
    ++changes_;
    for (const Given& given : done) {
      std::erase(given_, given);
      frozen_.erase(given.who);
      // Frozen in the register now: nobody who is left, until they are seen with the right again.
      officers_.erase(given.who);
    }
  }
  return Write();
}

}  // namespace cloison::server
