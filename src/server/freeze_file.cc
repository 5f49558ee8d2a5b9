#include "server/freeze_file.h"

#include <algorithm>

#include "access/freezes.h"

namespace cloison::server {

namespace {

constexpr std::string_view kHead = "cloison freezes 2\n", kHeadBefore = "cloison freezes 1\n";
constexpr std::string_view kOfficer = "officer ", kFreeze = "freeze ";
constexpr std::ptrdiff_t kOfficersLeftMin = 2;
constexpr std::size_t kHexBytes = 2 * PrincipalId::kSize;

Result<PrincipalId> ParseId(std::string_view hex) {
  const Result<Bytes> bytes = base::FromHex(hex);
  if (!bytes.ok()) return Error{Code::kCorrupt, "the file of freezes does not parse"};
  return PrincipalId::FromBytes(*bytes);
}

bool IsLevel(std::string_view text) {
  const auto visible = [](char c) { return c > ' ' && c < 0x7f; };
  return !text.empty() && text.size() <= kLevelBytesMax && std::ranges::all_of(text, visible);
}

// What is remembered of a sign-in that the gate took; empty: nothing can be.
std::string LevelOf(const identity::Assurance& proven) {
  switch (proven.actor) {
    case identity::Actor::kHuman:
    case identity::Actor::kCookie: return IsLevel(proven.level) ? proven.level : "";
    case identity::Actor::kDevelopment: return "development";
    case identity::Actor::kApplication:
    case identity::Actor::kInternal: return "";
  }
  return "";
}

// More than a password and a mailbox, whatever level is claimed.
bool IsMoreThanMail(const identity::Assurance& proven) {
  return proven.actor == identity::Actor::kHuman ? !proven.methods.IsMailTrap()
                                                 : !proven.methods.HasPasswordAndMail();
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
  const bool levels = text.starts_with(kHead);
  if (!levels && !text.starts_with(kHeadBefore)) {
    return Error{Code::kCorrupt, "not a file of freezes"};
  }
  text.remove_prefix(kHead.size());
  for (std::size_t end = text.find('\n'); end != std::string_view::npos; end = text.find('\n')) {
    CLOISON_TRY(ParseLine(text.substr(0, end), levels));
    text.remove_prefix(end + 1);
  }
  return Ok();
}

Status FreezeFile::ParseLine(std::string_view line, bool levels) {
  constexpr Error kBad{Code::kCorrupt, "the file of freezes does not parse"};
  if (line.starts_with(kOfficer)) {
    line.remove_prefix(kOfficer.size());
    CLOISON_TRY_ASSIGN(const PrincipalId id, ParseId(line.substr(0, kHexBytes)));
    if (!levels) return line.size() == kHexBytes ? Ok() : Status(kBad);
    if (line.size() < kHexBytes + 2 || line[kHexBytes] != ' ') return kBad;
    line.remove_prefix(kHexBytes + 1);
    if (!IsLevel(line) || !officers_.emplace(id, line).second) return kBad;
    return Ok();
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

Status FreezeFile::WriteLocked() const {
  std::string text(kHead);
  for (const auto& [officer, level] : officers_) {
    text += std::string(kOfficer) + base::ToHex(officer.bytes()) + " " + level + "\n";
  }
  for (const Given& given : given_) {
    text += std::string(kFreeze) + base::ToHex(given.by.bytes()) + " " +
            base::ToHex(given.who.bytes()) + "\n";
  }
  return base::WriteWhole(files_, path_, AsBytes(text));
}

bool FreezeFile::IsFrozen(const PrincipalId& who) const {
  const std::lock_guard lock(mutex_);
  return frozen_.contains(who);
}

Status FreezeFile::Freeze(const PrincipalId& by, const identity::Assurance& proven,
                          const PrincipalId& who) {
  const std::lock_guard lock(mutex_);
  const auto officer = officers_.find(by);
  if (officer == officers_.end()) return Error{Code::kDenied, "not known to have the right"};
  if (officer->second != LevelOf(proven) || !IsMoreThanMail(proven)) {
    return Error{Code::kDenied, "not signed in as when the right was shown"};
  }
  if (!frozen_.contains(who)) {
    CLOISON_TRY(MayAloneLocked(by, who));
    if (given_.size() >= kFreezesMax) return Error{Code::kUnavailable, "too many freezes wait"};
    given_.push_back({by, who});
    ++alone_[by];
    frozen_.insert(who);
  }
  // Also when it was given before: it may not have reached the disk. A full one is no reason to ask
  // somebody else.
  const Status written = WriteLocked();
  return written.ok() ? Ok() : Status(Error{Code::kUnavailable, "the freeze cannot be kept"});
}

// As one does with a ledger (access/freezes.h), of what is known without one.
Status FreezeFile::MayAloneLocked(const PrincipalId& by, const PrincipalId& who) const {
  const auto waiting = static_cast<std::size_t>(std::ranges::count(given_, by, &Given::by));
  const auto found = alone_.find(by);
  const std::size_t own = std::max(waiting, found == alone_.end() ? 0 : found->second);
  if (own >= access::kFreezesAloneMax) {
    return Error{Code::kExhausted, "as many as one officer freezes alone"};
  }
  if (!officers_.contains(who)) return Ok();
  const auto left = std::ranges::count_if(officers_, [&](const auto& one) {
    return one.first != by && one.first != who && !frozen_.contains(one.first);
  });
  if (left >= kOfficersLeftMin) return Ok();
  return Error{Code::kConflict, "too few officers would be left"};
}

void FreezeFile::Forget(const PrincipalId& who) {
  const std::lock_guard lock(mutex_);
  officers_.erase(who);
  if (frozen_.erase(who) == 0) return;
  std::erase_if(given_, [&who](const Given& given) { return given.who == who; });
  (void)WriteLocked();  // a disk that keeps it makes one more freeze entry at the next start
}

void FreezeFile::Remember(const PrincipalId& officer, const identity::Assurance& proven) {
  std::string level = LevelOf(proven);
  const std::lock_guard lock(mutex_);
  const auto known = officers_.find(officer);
  if (level.empty() || (known != officers_.end() && known->second == level)) return;
  if (known == officers_.end() && officers_.size() >= kOfficersMax) return;
  officers_.insert_or_assign(officer, std::move(level));
  // An officer that a full disk forgets is asked to freeze by another one; nothing else is lost.
  (void)WriteLocked();
}

void FreezeFile::Hold(const PrincipalId& who) {
  const std::lock_guard lock(mutex_);
  frozen_.insert(who);
}

std::vector<FreezeFile::Given> FreezeFile::waiting() const {
  const std::lock_guard lock(mutex_);
  return given_;
}

Status FreezeFile::Remove(const std::vector<Given>& done) {
  const std::lock_guard lock(mutex_);
  for (const Given& given : done) {
    std::erase(given_, given);
    frozen_.erase(given.who);
    // Frozen in the register now: nobody who is left, until they are seen with the right again.
    officers_.erase(given.who);
  }
  return WriteLocked();
}

}  // namespace cloison::server
