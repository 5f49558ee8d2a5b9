#include "server/signed_freezes.h"

#include <algorithm>

#include "crypto/base64.h"
#include "identity/principal_name.h"

namespace cloison::server {

namespace {

constexpr std::string_view kHead = "cloison signed freezes 1\n";
constexpr Error kBad{Code::kCorrupt, "the file of signed freezes does not parse"};

}  // namespace

Result<std::unique_ptr<SignedFreezes>> SignedFreezes::Open(std::string path, Parts parts) {
  std::unique_ptr<SignedFreezes> file(new SignedFreezes(std::move(path), std::move(parts)));
  const Result<Bytes> text = file->parts_.files.Read(file->path_);
  if (!text.ok() && text.error().code() == Code::kNotFound) return file;
  if (!text.ok()) return text.error();
  CLOISON_TRY(file->Parse(AsText(*text)));
  return file;
}

Status SignedFreezes::Parse(std::string_view text) {
  if (!text.starts_with(kHead)) return kBad;
  text.remove_prefix(kHead.size());
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos || notes_.size() == kSignedFreezesMax) return kBad;
    const Result<Bytes> note = crypto::FromBase64(text.substr(0, end));
    if (!note.ok() || note->empty() || note->size() > ledger::kFreezeNoteBytesMax) return kBad;
    notes_.emplace_back(AsText(*note));
    text.remove_prefix(end + 1);
  }
  return Ok();
}

Status SignedFreezes::WriteLocked() const {
  std::string text(kHead);
  for (const std::string& note : notes_) text += crypto::ToBase64(AsBytes(note)) + "\n";
  return base::WriteWhole(parts_.files, path_, AsBytes(text));
}

Status SignedFreezes::Add(std::string note) {
  CLOISON_TRY_ASSIGN(const ledger::FreezeStatement statement,
                     ledger::CheckFreeze(note, parts_.origin, parts_.officers));
  CLOISON_TRY(ledger::CheckFresh(statement, parts_.clock.wall_ms() / base::kSecondMs));
  const std::lock_guard lock(mutex_);
  if (std::ranges::find(notes_, note) == notes_.end()) {
    if (notes_.size() >= kSignedFreezesMax) {
      return Error{Code::kExhausted, "too many signed freezes wait"};
    }
    notes_.push_back(std::move(note));
  }
  return WriteLocked();  // also when it was given before: it may not have reached the disk
}

std::vector<SignedFreezes::Given> SignedFreezes::waiting() const {
  const std::lock_guard lock(mutex_);
  std::vector<Given> given;
  for (const std::string& note : notes_) {
    const auto statement = ledger::CheckFreeze(note, parts_.origin, parts_.officers);
    if (!statement.ok()) continue;
    given.push_back({identity::PrincipalIdOf(statement->issuer, statement->subject), note});
  }
  return given;
}

std::size_t SignedFreezes::size() const {
  const std::lock_guard lock(mutex_);
  return notes_.size();
}

Status SignedFreezes::Remove(const std::vector<Given>& done) {
  const std::lock_guard lock(mutex_);
  for (const Given& given : done) std::erase(notes_, given.note);
  return WriteLocked();
}

}  // namespace cloison::server
