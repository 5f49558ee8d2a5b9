// A PKCS#11 module that is SoftHSM, but for the calls that it is told to fail.
#include "tests/pkcs11/faults.h"

#include <dlfcn.h>
#include <p11-kit/pkcs11.h>

#include <array>

namespace cloison::tests {
namespace {

Pkcs11Faults faults;
CK_FUNCTION_LIST* real = nullptr;
CK_FUNCTION_LIST ours;

template <class Call>
CK_RV Faulty(Call call) {
  const std::uint64_t nth = ++faults.calls;
  if (faults.fails == 0 || nth < faults.fails || nth >= faults.fails + faults.times) return call();
  if (faults.done) (void)call();
  return faults.answer;
}

template <auto Member>
struct Hook;
template <class... Words, CK_RV (*CK_FUNCTION_LIST::*Member)(Words...)>
struct Hook<Member> {
  static CK_RV Call(Words... words) {
    return Faulty([&] { return (real->*Member)(words...); });
  }
  static void Set() { ours.*Member = &Call; }
};

CK_RV Login(CK_SESSION_HANDLE session, CK_USER_TYPE user, unsigned char* pin, CK_ULONG size) {
  ++faults.logins;
  return Faulty([&] { return real->C_Login(session, user, pin, size); });
}

CK_RV GetTokenInfo(CK_SLOT_ID slot, CK_TOKEN_INFO* info) {
  if (faults.taken_out) return CKR_TOKEN_NOT_PRESENT;
  return Faulty([&] { return real->C_GetTokenInfo(slot, info); });
}

bool LoadSoftHsm() {
  if (real != nullptr) return true;
  void* library = nullptr;
  constexpr std::array<const char*, 2> kPaths = {"/usr/lib/softhsm/libsofthsm2.so",
                                                 "libsofthsm2.so"};
  for (const char* path : kPaths) {
    if (library == nullptr) library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  }
  if (library == nullptr) return false;
  const auto list = reinterpret_cast<CK_C_GetFunctionList>(dlsym(library, "C_GetFunctionList"));
  return list != nullptr && list(&real) == CKR_OK;
}

}  // namespace
}  // namespace cloison::tests

extern "C" {

__attribute__((visibility("default"))) cloison::tests::Pkcs11Faults* CloisonPkcs11Faults() {
  return &cloison::tests::faults;
}

__attribute__((visibility("default"))) CK_RV C_GetFunctionList(CK_FUNCTION_LIST** list) {
  using cloison::tests::Hook;
  using List = CK_FUNCTION_LIST;
  if (!cloison::tests::LoadSoftHsm()) return CKR_GENERAL_ERROR;
  cloison::tests::ours = *cloison::tests::real;
  Hook<&List::C_GetSlotList>::Set();
  Hook<&List::C_GetMechanismInfo>::Set();
  Hook<&List::C_OpenSession>::Set();
  Hook<&List::C_GetSessionInfo>::Set();
  Hook<&List::C_FindObjectsInit>::Set();
  Hook<&List::C_FindObjects>::Set();
  Hook<&List::C_GetAttributeValue>::Set();
  Hook<&List::C_GenerateKey>::Set();
  Hook<&List::C_GenerateRandom>::Set();
  Hook<&List::C_EncryptInit>::Set();
  Hook<&List::C_Encrypt>::Set();
  Hook<&List::C_DecryptInit>::Set();
  Hook<&List::C_Decrypt>::Set();
  Hook<&List::C_DestroyObject>::Set();
  cloison::tests::ours.C_GetTokenInfo = &cloison::tests::GetTokenInfo;
  cloison::tests::ours.C_Login = &cloison::tests::Login;
  *list = &cloison::tests::ours;
  return CKR_OK;
}
}
