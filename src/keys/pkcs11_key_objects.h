// Key objects in a PKCS#11 token: an HSM, a smart card, SoftHSM for tests. Keys are made in the
// token, cannot be read out of it, and are gone for certain when they are destroyed
// (C_DestroyObject), the token's own backups included where its maker says so.
//
// An object `name` is a secret AES-256 key of the token with the label "cloison/<name>", private,
// sensitive, never extractable; one that could leave the token is refused as a file of the wrong
// mode is.
//   Wrap = 01 | 02 | nonce[12] | AES-256-GCM(object, nonce, aad, secret) | tag[16]
//   nonce = SHA-256(16 bytes of ours ‖ 16 of the token's)[0..12): one good generator is enough
//
// A session that is lost (token taken out, service restarted, logged out by another program) is
// opened again, once per call, with the PIN kept in locked memory. A wrong PIN is shown to the
// token once and never again: tokens lock themselves after a few.
//
// Threads  any; one call is in the token at a time. Cost: a network HSM's milliseconds.
// Source   PKCS #11 v2.40 (OASIS), sections 5.6 to 5.13; 2.12.2 (AES-GCM); docs/operate/hsm.md.
#ifndef CLOISON_KEYS_PKCS11_KEY_OBJECTS_H_
#define CLOISON_KEYS_PKCS11_KEY_OBJECTS_H_

#include "keys/key_objects.h"

namespace cloison::keys {

inline constexpr std::size_t kPinBytesMax = 256;

class Pkcs11KeyObjects final : public KeyObjects {
 public:
  struct Options {
    std::string module;  // path of the library of the token's maker
    std::string token;   // its label
  };
  // Logs in with `pin`, or with the first line of a file.
  // Fails  kInvalid      no such library, or one that is no PKCS#11 module; a PIN of no length
  //        kNotFound     no token has this label
  //        kConflict     several have it
  //        kDenied       the PIN is wrong, or the token has locked it
  //        kUnavailable  the token does not answer, or cannot do AES-GCM
  static Result<std::unique_ptr<Pkcs11KeyObjects>> Open(Options options, crypto::SecretBytes pin,
                                                        base::Random& random);
  ~Pkcs11KeyObjects() override;

  Status Create(const std::string& name) override;
  Result<Bytes> Wrap(const std::string& name, ByteView aad,
                     const crypto::SecretBytes& secret) override;
  Result<crypto::SecretBytes> Unwrap(const std::string& name, ByteView aad,
                                     ByteView wrapped) override;
  Status Destroy(const std::string& name) override;
  Result<std::vector<std::string>> List() override;

 private:
  struct Token;
  explicit Pkcs11KeyObjects(std::unique_ptr<Token> token);
  std::unique_ptr<Token> token_;
};

// The PIN in a file of mode 0600: its first line. kDenied: another mode, or not a plain file;
// kInvalid: empty, or too long; and as Files::Read fails.
Result<crypto::SecretBytes> ReadPin(base::Files& files, const std::string& path);

}  // namespace cloison::keys

#endif  // CLOISON_KEYS_PKCS11_KEY_OBJECTS_H_
