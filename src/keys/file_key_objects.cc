#include <algorithm>

#include "crypto/box.h"
#include "keys/key_objects.h"

namespace cloison::keys {

namespace {

constexpr std::size_t kObjectBytes = 32;
constexpr unsigned kFileMode = 0600;
constexpr unsigned kDirectoryMode = 0700;

const Error kBadName{Code::kInvalid, "not a name of a key object"};

Status CheckDirectory(base::Files& files, const std::string& path) {
  CLOISON_TRY_ASSIGN(const base::FileInfo info, files.Stat(path));
  if (!info.is_directory || info.is_link) {
    return Error{Code::kDenied, "the key directory is not a directory"};
  }
  if (info.mode != kDirectoryMode) {
    return Error{Code::kDenied, "the key directory must have mode 0700", info.mode};
  }
  return Ok();
}

Status CheckFile(const base::FileInfo& info) {
  if (info.is_link || info.is_directory) {
    return Error{Code::kDenied, "a key object is not a plain file"};
  }
  if (info.mode != kFileMode) {
    return Error{Code::kDenied, "a key object must have mode 0600", info.mode};
  }
  if (info.size != kObjectBytes) {
    return Error{Code::kDenied, "a key object has the wrong size",
                 static_cast<std::int64_t>(info.size)};
  }
  return Ok();
}

bool AllZero(ByteView bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](std::uint8_t byte) { return byte == 0; });
}

crypto::BoxKey WrapKey(const crypto::Secret<32>& object) {
  return crypto::BoxKey::Derive(object, crypto::Context("wrap"));
}

Status Overwrite(base::Files& files, const std::string& path, std::size_t size) {
  CLOISON_TRY_ASSIGN(std::unique_ptr<base::WritableFile> file, files.OpenInPlace(path));
  CLOISON_TRY(file->Append(Bytes(size, 0)));
  return file->Sync();
}

}  // namespace

FileKeyObjects::FileKeyObjects(base::Files& files, base::Random& random, std::string directory)
    : files_(files), random_(random), directory_(std::move(directory)) {}

Result<std::unique_ptr<FileKeyObjects>> FileKeyObjects::Open(base::Files& files,
                                                             base::Random& random,
                                                             std::string directory, bool create) {
  if (create) {
    CLOISON_TRY(files.MakeDirectory(directory, kDirectoryMode));
    CLOISON_TRY(files.SyncDirectory(base::DirectoryOf(directory)));
  }
  CLOISON_TRY(CheckDirectory(files, directory));
  CLOISON_TRY_ASSIGN(const std::vector<std::string> names, files.List(directory));
  for (const std::string& name : names) {
    // What a crash inside Create left: a key that nothing was ever wrapped with.
    if (!name.ends_with(".new")) continue;
    CLOISON_TRY(base::RemoveDurably(files, directory + "/" + name));
  }
  return std::unique_ptr<FileKeyObjects>(new FileKeyObjects(files, random, std::move(directory)));
}

Status FileKeyObjects::Create(const std::string& name) {
  if (!ValidObjectName(name)) return kBadName;
  const std::lock_guard lock(mutex_);
  CLOISON_TRY(CheckDirectory(files_, directory_));
  CLOISON_TRY_ASSIGN(const std::vector<std::string> names, files_.List(directory_));
  if (std::binary_search(names.begin(), names.end(), name)) {
    // Whoever made it may have ended before its name was durable, and what is told here to be there
    // gets keys wrapped under it. Nothing is changed when it fails: no outcome is unknown.
    if (!files_.SyncDirectory(directory_).ok()) {
      return Error{Code::kUnavailable, "a key object may not be durable"};
    }
    return Error{Code::kConflict, "a key object of this name exists"};
  }
  if (names.size() >= kKeyObjectsMax) return Error{Code::kExhausted, "too many key objects"};
  const crypto::Secret<kObjectBytes> object(random_);
  return base::WriteWhole(files_, PathOf(name), object.Reveal(), kFileMode);
}

Result<crypto::Secret<32>> FileKeyObjects::Load(const std::string& name) {
  if (!ValidObjectName(name)) return kBadName;
  CLOISON_TRY(CheckDirectory(files_, directory_));
  CLOISON_TRY_ASSIGN(const base::FileInfo info, files_.Stat(PathOf(name)));
  CLOISON_TRY(CheckFile(info));
  CLOISON_TRY_ASSIGN(Bytes bytes, files_.Read(PathOf(name)));
  const bool destroyed = AllZero(bytes);
  Result<crypto::Secret<32>> object = crypto::Secret<32>::FromBytes(bytes);
  crypto::Wipe(bytes);
  if (destroyed) return Error{Code::kNotFound, "a key object was being destroyed"};
  return object;
}

Result<Bytes> FileKeyObjects::Wrap(const std::string& name, ByteView aad,
                                   const crypto::SecretBytes& secret) {
  CLOISON_TRY_ASSIGN(const crypto::Secret<32> object, Load(name));
  Bytes out;
  WrapKey(object).Seal(aad, secret.Reveal(), random_, out);
  return out;
}

Result<crypto::SecretBytes> FileKeyObjects::Unwrap(const std::string& name, ByteView aad,
                                                   ByteView wrapped) {
  CLOISON_TRY_ASSIGN(const crypto::Secret<32> object, Load(name));
  return WrapKey(object).Open(aad, wrapped);
}

Status FileKeyObjects::Destroy(const std::string& name) {
  if (!ValidObjectName(name)) return kBadName;
  const std::lock_guard lock(mutex_);
  CLOISON_TRY_ASSIGN(const base::FileInfo info, files_.Stat(PathOf(name)));
  // A wrong mode or size is no reason to keep a key; a link would destroy something else.
  if (info.is_link || info.is_directory) {
    return Error{Code::kDenied, "a key object is not a plain file"};
  }
  const std::uint64_t size = std::min<std::uint64_t>(info.size, base::kFileBytesMax);
  CLOISON_TRY(Overwrite(files_, PathOf(name), static_cast<std::size_t>(size)));
  return base::RemoveDurably(files_, PathOf(name));
}

Result<std::vector<std::string>> FileKeyObjects::List() {
  CLOISON_TRY(CheckDirectory(files_, directory_));
  CLOISON_TRY_ASSIGN(std::vector<std::string> names, files_.List(directory_));
  std::erase_if(names, [](const std::string& name) { return !ValidObjectName(name); });
  return names;
}

}  // namespace cloison::keys
