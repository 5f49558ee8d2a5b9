#include "server/freeze_file.h"

#include <algorithm>

#include "access/freezes.h"

namespace cloison::server {

namespace {

constexpr std::string_view kHead = "cloison freezes 1\n";
constexpr std::string_view kOfficer = "officer ", kFreeze = "freeze ";
constexpr std::ptrdiff_t kOfficersLeftMin = 2;
constexpr std::size_t kHexBytes = 2 * PrincipalId::kSize;

Result<PrincipalId> ParseId(std::string_view hex) {
  const Result<Bytes> bytes = base::FromHex(hex);
  if (!bytes.ok()) return Error{Code::kCorrupt, "the file of freezes does not parse"};
  return PrincipalId::FromBytes(*bytes);
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
  if (!text.starts_with(kHead)) return Error{Code::kCorrupt, "not a file of freezes"};
  text.remove_prefix(kHead.size());
  for (std::size_t end = text.find('\n'); end != std::string_view::npos; end = text.find('\n')) {
    CLOISON_TRY(ParseLine(text.substr(0, end)));
    text.remove_prefix(end + 1);
  }
  return Ok();
}

Status FreezeFile::ParseLine(std::string_view line) {
  if (line.starts_with(kOfficer)) {
    CLOISON_TRY_ASSIGN(const PrincipalId id, ParseId(line.substr(kOfficer.size())));
    officers_.insert(id);
    return Ok();
  }
  const bool two_ids = line.size() == kFreeze.size() + 2 * kHexBytes + 1;
  if (!line.starts_with(kFreeze) || !two_ids || line[kFreeze.size() + kHexBytes] != ' ') {
    return Error{Code::kCorrupt, "the file of freezes does not parse"};
  }
  CLOISON_TRY_ASSIGN(const PrincipalId by, ParseId(line.substr(kFreeze.size(), kHexBytes)));
  CLOISON_TRY_ASSIGN(const PrincipalId who, ParseId(line.substr(kFreeze.size() + kHexBytes + 1)));
  given_.push_back({by, who});
  frozen_.insert(who);
  return Ok();
}

Status FreezeFile::WriteLocked() const {
  std::string text(kHead);
  for (const PrincipalId& officer : officers_) {
    text += std::string(kOfficer) + base::ToHex(officer.bytes()) + "\n";
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

Status FreezeFile::Freeze(const PrincipalId& by, const PrincipalId& who) {
  const std::lock_guard lock(mutex_);
  if (!officers_.contains(by)) return Error{Code::kDenied, "not known to have the right"};
  if (!frozen_.contains(who)) {
    CLOISON_TRY(MayAloneLocked(by, who));
    if (given_.size() >= kFreezesMax) return Error{Code::kUnavailable, "too many freezes wait"};
    given_.push_back({by, who});
    frozen_.insert(who);
  }
  // Also when it was given before: it may not have reached the disk. A full one is no reason to ask
  // somebody else.
  const Status written = WriteLocked();
  return written.ok() ? Ok() : Status(Error{Code::kUnavailable, "the freeze cannot be kept"});
}

// As one does with a ledger (access/freezes.h), of what is known without one.
Status FreezeFile::MayAloneLocked(const PrincipalId& by, const PrincipalId& who) const {
  const auto own = std::ranges::count(given_, by, &Given::by);
  if (own >= static_cast<std::ptrdiff_t>(access::kFreezesAloneMax)) {
    return Error{Code::kExhausted, "as many as one officer freezes alone"};
  }
  if (!officers_.contains(who)) return Ok();
  const auto left = std::ranges::count_if(officers_, [&](const PrincipalId& one) {
    return one != by && one != who && !frozen_.contains(one);
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

void FreezeFile::Remember(const PrincipalId& officer) {
  const std::lock_guard lock(mutex_);
  if (officers_.size() >= kOfficersMax || !officers_.insert(officer).second) return;
  // An officer that a full disk forgets is asked to freeze by another one; nothing else is lost.
  (void)WriteLocked();
}

std::vector<FreezeFile::Given> FreezeFile::waiting() const {
  const std::lock_guard lock(mutex_);
  return given_;
}

Status FreezeFile::Clear() {
  const std::lock_guard lock(mutex_);
  given_.clear();
  frozen_.clear();
  return WriteLocked();
}

}  // namespace cloison::server
