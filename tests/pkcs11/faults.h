// What the test says to the module that stands before SoftHSM.
#ifndef CLOISON_TESTS_PKCS11_FAULTS_H_
#define CLOISON_TESTS_PKCS11_FAULTS_H_

#include <cstdint>

namespace cloison::tests {

// Of the calls into the token from now on, the `fails`th (from 1; 0: none) and as many as `times`
// from it give `answer`: `done` says whether SoftHSM did them all the same.
struct Pkcs11Faults {
  std::uint64_t calls = 0;
  std::uint64_t fails = 0;
  std::uint64_t times = 1;
  bool done = false;
  unsigned long answer = 0;
  std::uint64_t logins = 0;
  bool taken_out = false;  // no slot has a token that says what it is
};

// Exported by the module under this name.
using Pkcs11FaultsOf = Pkcs11Faults* (*)();
inline constexpr char kPkcs11FaultsOf[] = "CloisonPkcs11Faults";

}  // namespace cloison::tests

#endif  // CLOISON_TESTS_PKCS11_FAULTS_H_
