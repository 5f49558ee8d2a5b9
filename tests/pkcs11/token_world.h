// A SoftHSM of the test's own: its tokens in a directory, our module before it.
#ifndef CLOISON_TESTS_PKCS11_TOKEN_WORLD_H_
#define CLOISON_TESTS_PKCS11_TOKEN_WORLD_H_

#include <dlfcn.h>
#include <p11-kit/p11-kit.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "base/testing/seeded_random.h"
#include "keys/pkcs11_key_objects.h"
#include "store/testing/temp_directory.h"
#include "tests/pkcs11/faults.h"

namespace cloison::tests {

inline constexpr char kToken[] = "cloison test", kPin[] = "4711-0815", kOfficersPin[] = "99998888";

inline unsigned char* Text(const char* text) {
  return reinterpret_cast<unsigned char*>(const_cast<char*>(text));
}

inline Pkcs11Faults& Faults() {
  static Pkcs11Faults* const faults = [] {
    void* const library = dlopen(PKCS11_FAULTS, RTLD_NOW | RTLD_LOCAL);
    CLOISON_CHECK(library != nullptr);
    const auto of = reinterpret_cast<Pkcs11FaultsOf>(dlsym(library, kPkcs11FaultsOf));
    CLOISON_CHECK(of != nullptr);
    return of();
  }();
  return *faults;
}

// The module as any other program would use it.
class Direct {
 public:
  Direct() : module_(p11_kit_module_load(PKCS11_FAULTS, 0)) {
    CLOISON_CHECK(module_ != nullptr && p11_kit_module_initialize(module_) == CKR_OK);
  }
  ~Direct() {
    p11_kit_module_finalize(module_);
    p11_kit_module_release(module_);
  }
  CK_FUNCTION_LIST* operator->() const { return module_; }

  // Makes a token with this label in the slot that has none.
  void MakeToken(const char* label) const {
    const CK_SLOT_ID slot = Slots().back();
    std::string padded(label);
    padded.resize(32, ' ');
    CLOISON_CHECK(module_->C_InitToken(slot, Text(kOfficersPin), 8, Text(padded.c_str())) ==
                  CKR_OK);
    const CK_SESSION_HANDLE session = OpenSession(label, CKU_SO, kOfficersPin);
    CLOISON_CHECK(module_->C_InitPIN(session, Text(kPin), sizeof kPin - 1) == CKR_OK);
    CLOISON_CHECK(module_->C_CloseSession(session) == CKR_OK);
  }
  CK_SESSION_HANDLE OpenSession(std::string_view label, CK_USER_TYPE user, const char* pin) const {
    for (const CK_SLOT_ID slot : Slots()) {
      CK_TOKEN_INFO info{};
      CLOISON_CHECK(module_->C_GetTokenInfo(slot, &info) == CKR_OK);
      const std::string_view has(reinterpret_cast<const char*>(info.label), sizeof info.label);
      if (!has.starts_with(label)) continue;
      CK_SESSION_HANDLE session = 0;
      CLOISON_CHECK(module_->C_OpenSession(slot, CKF_SERIAL_SESSION | CKF_RW_SESSION, nullptr,
                                           nullptr, &session) == CKR_OK);
      const CK_RV rv = module_->C_Login(session, user, Text(pin), std::string_view(pin).size());
      CLOISON_CHECK(rv == CKR_OK || rv == CKR_USER_ALREADY_LOGGED_IN);
      return session;
    }
    CLOISON_CHECK(false);
    return 0;
  }

 private:
  std::vector<CK_SLOT_ID> Slots() const {
    CK_ULONG count = 0;
    CLOISON_CHECK(module_->C_GetSlotList(CK_FALSE, nullptr, &count) == CKR_OK);
    std::vector<CK_SLOT_ID> slots(count);
    CLOISON_CHECK(module_->C_GetSlotList(CK_FALSE, slots.data(), &count) == CKR_OK);
    return slots;
  }
  CK_FUNCTION_LIST* const module_;
};

// A directory of tokens, with one. While it is there, no other may be.
class SoftHsm {
 public:
  SoftHsm() {
    Faults() = {};
    const std::string path = temporary_.path() + "/softhsm2.conf";
    std::filesystem::create_directory(temporary_.path() + "/tokens");
    std::ofstream(path) << "directories.tokendir = " << temporary_.path() << "/tokens\n"
                        << "objectstore.backend = file\nlog.level = ERROR\n";
    setenv("SOFTHSM2_CONF", path.c_str(), 1);
    Direct().MakeToken(kToken);
  }
  ~SoftHsm() { unsetenv("SOFTHSM2_CONF"); }
  const std::string& path() const { return temporary_.path(); }

 private:
  store::testing::TempDirectory temporary_;
};

}  // namespace cloison::tests

#endif  // CLOISON_TESTS_PKCS11_TOKEN_WORLD_H_
