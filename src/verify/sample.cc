#include "verify/sample.h"

#include <algorithm>

#include "crypto/mac.h"
#include "ledger/entry.h"
#include "tlog/checkpoint.h"
#include "verify/log_writer.h"

namespace cloison::verify {
namespace {

constexpr std::string_view kOrigin = "sample.cloison.example/log";
constexpr std::string_view kWitness = "witness.cloison.example";
constexpr std::uint64_t kCosignedAtS = 1'700'000'000;
constexpr std::uint64_t kProgressEntries = 65'536;

// Leaves are whole blocks of a hash: no two samples share one, and nobody takes them for real.
class Sample {
 public:
  explicit Sample(std::uint64_t seed) : seed_(base::BigU64(seed)) {}

  ledger::Leaf LeafAt(std::uint64_t index) const {
    const auto subject = Drawn("C_subj", index);
    const auto actor = Drawn("C_actor", index);
    const auto tags = Drawn("tags", index);
    ledger::Tag subject_tag, actor_tag;
    std::copy_n(tags.begin(), subject_tag.size(), subject_tag.begin());
    std::copy_n(tags.begin() + subject_tag.size(), actor_tag.size(), actor_tag.begin());
    return ledger::MakeLeaf(subject, actor, subject_tag, actor_tag);
  }
  crypto::Ed25519Signer SignerOf(std::string_view name) const {
    crypto::Secret<32> key;
    std::ranges::copy(Drawn(name, 0), key.Reveal().begin());
    return crypto::Ed25519Signer(key);
  }

 private:
  crypto::Digest Drawn(std::string_view what, std::uint64_t index) const {
    return crypto::Sha256({AsBytes("cloison sample"), seed_, AsBytes(what), base::BigU64(index)});
  }

  ByteArray<8> seed_;
};

Status CheckDirectory(base::Files& files, const std::string& directory) {
  CLOISON_TRY(files.MakeDirectory(directory, 0755));
  CLOISON_TRY_ASSIGN(const auto names, files.List(directory));
  if (!names.empty()) return Error{Code::kConflict, "the directory is not empty"};
  return Ok();
}

Status WriteSigned(LogWriter& writer, const Sample& sample, const tlog::Head& head) {
  const crypto::Ed25519Signer log = sample.SignerOf("log key");
  const crypto::Ed25519Signer witness = sample.SignerOf("witness key");
  CLOISON_TRY_ASSIGN(const auto log_key,
                     tlog::VerifierKey::Make(kOrigin, tlog::KeyType::kSignature, log.public_key()));
  CLOISON_TRY_ASSIGN(
      const auto witness_key,
      tlog::VerifierKey::Make(kWitness, tlog::KeyType::kCosignature, witness.public_key()));
  CLOISON_TRY_ASSIGN(tlog::Note note,
                     tlog::SignCheckpoint({std::string(kOrigin), head}, log_key, log));
  CLOISON_TRY(tlog::Cosign(note, witness_key, witness, kCosignedAtS));
  CLOISON_TRY(writer.WriteFile("key.pub", AsBytes(log_key.Text() + "\n")));
  CLOISON_TRY(writer.WriteFile("witness.pub", AsBytes(witness_key.Text() + "\n")));
  return writer.WriteFile("checkpoint", AsBytes(tlog::PrintNote(note)));
}

}  // namespace

Status WriteSample(base::Files& files, const SampleOptions& options) {
  if (options.entries > kSampleEntriesMax) {
    return Error{Code::kInvalid, "a sample has fewer entries"};
  }
  CLOISON_TRY(CheckDirectory(files, options.directory));
  const Sample sample(options.seed);
  LogWriter writer(files, options.directory);
  for (std::uint64_t i = 0; i < options.entries; ++i) {
    CLOISON_TRY(writer.Append(sample.LeafAt(i)));
    if (options.progress && (i + 1) % kProgressEntries == 0) options.progress(i + 1);
  }
  CLOISON_TRY_ASSIGN(const tlog::Head head, writer.Finish());
  return WriteSigned(writer, sample, head);
}

}  // namespace cloison::verify
