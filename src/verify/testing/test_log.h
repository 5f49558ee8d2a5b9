// A published log in memory, of any size, whose objects a test may change; with the key of its
// signer and of two witnesses.
#ifndef CLOISON_VERIFY_TESTING_TEST_LOG_H_
#define CLOISON_VERIFY_TESTING_TEST_LOG_H_

#include <map>
#include <string>

#include "base/testing/memory_files.h"
#include "tlog/checkpoint.h"
#include "verify/log.h"
#include "verify/log_writer.h"

namespace cloison::verify::testing {

// What is in `objects` is what the source gives.
class MemorySource final : public Source {
 public:
  std::map<std::string, Bytes> objects;
  std::uint64_t reads = 0;
  Status Read(const std::string& path, std::size_t bytes_max, Bytes& out) override {
    ++reads;
    const auto found = objects.find(path);
    if (found == objects.end()) return Error{Code::kNotFound, "no such object"};
    if (found->second.size() > bytes_max) return Error{Code::kExhausted, "too large"};
    out = found->second;
    return Ok();
  }
};

// Signs as the log or as a witness; the seed names which.
struct Signing {
  explicit Signing(std::string_view name, tlog::KeyType type, std::uint8_t seed)
      : signer(SecretOf(seed)), key(*tlog::VerifierKey::Make(name, type, signer.public_key())) {}
  static crypto::Secret<32> SecretOf(std::uint8_t seed) {
    crypto::Secret<32> secret;
    secret.Reveal()[0] = seed;
    return secret;
  }
  crypto::Ed25519Signer signer;
  tlog::VerifierKey key;
};

struct TestLog {
  Signing log{"log.example/1", tlog::KeyType::kSignature, 1};
  Signing north{"north.example", tlog::KeyType::kCosignature, 2};
  Signing south{"south.example", tlog::KeyType::kCosignature, 3};
  MemorySource source;
  tlog::Head head{};

  LogOptions Options() const { return {.key = log.key}; }
  std::string Checkpoint() const { return std::string(AsText(source.objects.at("checkpoint"))); }
  void Sign(const tlog::Head& signed_head) {
    tlog::Note note = *tlog::SignCheckpoint({log.key.name(), signed_head}, log.key, log.signer);
    CLOISON_CHECK(tlog::Cosign(note, north.key, north.signer, 1'700'000'000).ok());
    CLOISON_CHECK(tlog::Cosign(note, south.key, south.signer, 1'700'000'001).ok());
    source.objects["checkpoint"] = base::ToBytes(AsBytes(tlog::PrintNote(note)));
  }
};

// Of entries "<world>-0", "<world>-1" ...; `changed` is another in one place.
inline TestLog MakeLog(std::uint64_t size, std::string_view world = "a",
                       std::optional<std::uint64_t> changed = {}) {
  TestLog out;
  base::testing::MemoryFiles files;
  LogWriter writer(files, "log");
  for (std::uint64_t i = 0; i < size; ++i) {
    std::string entry = std::string(world) + "-" + std::to_string(i);
    if (changed == i) entry += "!";
    CLOISON_CHECK(writer.Append(AsBytes(entry)).ok());
  }
  out.head = *writer.Finish();
  for (auto& [path, bytes] : files.contents) out.source.objects[path.substr(4)] = std::move(bytes);
  out.Sign(out.head);
  return out;
}

}  // namespace cloison::verify::testing

#endif  // CLOISON_VERIFY_TESTING_TEST_LOG_H_
