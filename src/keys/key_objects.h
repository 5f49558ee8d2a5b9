// Key objects: what an HSM holds and never gives out: ROOT, one EPOCH per epoch, one MONTH per
// month of records. They wrap and unwrap; their bytes have no way out. Destroying one forgets
// everything wrapped under it alone.
//
// Two implementations, one conformance suite (keys/testing/key_objects_suite.h): files of one
// directory (development, small installations) and PKCS#11.
// Threads  any. Cost: files, one small read per call; an HSM, milliseconds. Not for hot paths.
// Source   docs/format/keys.md.
#ifndef CLOISON_KEYS_KEY_OBJECTS_H_
#define CLOISON_KEYS_KEY_OBJECTS_H_

#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/files.h"
#include "base/random.h"
#include "crypto/secret.h"

namespace cloison::keys {

inline constexpr std::size_t kObjectNameBytesMax = 64;
inline constexpr std::size_t kKeyObjectsMax = 10'000;

// Lower-case letters, digits, '-'; 1 to kObjectNameBytesMax of them.
bool ValidObjectName(std::string_view name);

// Names: "root-1", "epoch-1-3" (register, epoch), "month-1-24312". Every call fails kInvalid on a
// name that is not valid, and kUnavailable when the objects are out of reach.
class KeyObjects {
 public:
  virtual ~KeyObjects() = default;
  // Durable when it returns. kConflict: it exists; kExhausted: kKeyObjectsMax.
  virtual Status Create(const std::string& name) = 0;
  // Binds to `aad`. kNotFound: no such object.
  virtual Result<Bytes> Wrap(const std::string& name, ByteView aad,
                             const crypto::SecretBytes& secret) = 0;
  // kNotFound: no such object; kCorrupt: not wrapped by this object for this aad.
  virtual Result<crypto::SecretBytes> Unwrap(const std::string& name, ByteView aad,
                                             ByteView wrapped) = 0;
  // For ever. kNotFound: no such object.
  virtual Status Destroy(const std::string& name) = 0;
  virtual Result<std::vector<std::string>> List() = 0;  // ascending
};

// One file of 32 random bytes per object, mode 0600, in a directory of mode 0700. Any other mode,
// size or kind of file is refused (kDenied): a key that others could read is not a secret.
//   Wrap = Box(HX(object, L("wrap"), 64), aad, secret)
// Destroy overwrites with zeros in place, then unlinks: best effort, since a disk or a file system
// may keep old blocks. After a crash in between, the file of zeros counts as no object (kNotFound)
// and Destroy may be called again.
class FileKeyObjects final : public KeyObjects {
 public:
  // Makes the directory when `create`. Fails kDenied (modes, a link), kNotFound. One instance per
  // directory; `files` and `random` outlive it.
  static Result<std::unique_ptr<FileKeyObjects>> Open(base::Files& files, base::Random& random,
                                                      std::string directory, bool create);
  Status Create(const std::string& name) override;
  Result<Bytes> Wrap(const std::string& name, ByteView aad,
                     const crypto::SecretBytes& secret) override;
  Result<crypto::SecretBytes> Unwrap(const std::string& name, ByteView aad,
                                     ByteView wrapped) override;
  Status Destroy(const std::string& name) override;
  Result<std::vector<std::string>> List() override;

 private:
  FileKeyObjects(base::Files& files, base::Random& random, std::string directory);
  Result<crypto::Secret<32>> Load(const std::string& name);
  std::string PathOf(const std::string& name) const { return directory_ + "/" + name; }

  base::Files& files_;
  base::Random& random_;
  std::string directory_;
  std::mutex mutex_;  // one change of the directory at a time
};

}  // namespace cloison::keys

#endif  // CLOISON_KEYS_KEY_OBJECTS_H_
