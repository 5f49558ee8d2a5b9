#include "verify/sample.h"

#include <algorithm>

#include "crypto/mac.h"
#include "ledger/entry.h"
#include "ledger/logs.h"
#include "tlog/checkpoint.h"
#include "verify/internal/published_tree.h"
#include "verify/internal/sample_people.h"
#include "verify/log_writer.h"

namespace cloison::verify {
namespace {

constexpr std::string_view kOrigin = "sample.cloison.example/log";
constexpr std::string_view kWitness = "witness.cloison.example";
constexpr std::uint64_t kCosignedAtS = 1'700'000'000;
constexpr std::uint64_t kProgressEntries = 65'536;

// Everything is drawn from the seed: leaves that are nobody's, and the keys of those that are.
class Sample {
 public:
  explicit Sample(const SampleOptions& options)
      : seed_(base::BigU64(options.seed)),
        log_(SignerOf("log key")),
        witness_(SignerOf("witness key")),
        log_key_(
            *tlog::VerifierKey::Make(ledger::OriginOf(std::string(kOrigin), options.generation),
                                     tlog::KeyType::kSignature, log_.public_key())),
        witness_key_(
            *tlog::VerifierKey::Make(kWitness, tlog::KeyType::kCosignature, witness_.public_key())),
        people_(log_key_, seed_, options.sealed_generation) {}

  ledger::Leaf LeafAt(std::uint64_t index) const {
    if (const auto leaf = people_.LeafAt(index)) return *leaf;
    const auto tags = Drawn("tags", index);
    ledger::Tag subject_tag, actor_tag;
    std::copy_n(tags.begin(), subject_tag.size(), subject_tag.begin());
    std::copy_n(tags.begin() + subject_tag.size(), actor_tag.size(), actor_tag.begin());
    return ledger::MakeLeaf(Drawn("C_subj", index), Drawn("C_actor", index), subject_tag,
                            actor_tag);
  }
  Result<std::string> Checkpoint(const tlog::Head& head) const {
    CLOISON_TRY_ASSIGN(tlog::Note note,
                       tlog::SignCheckpoint({log_key_.name(), head}, log_key_, log_));
    CLOISON_TRY(tlog::Cosign(note, witness_key_, witness_, kCosignedAtS));
    return tlog::PrintNote(note);
  }
  const tlog::VerifierKey& log_key() const { return log_key_; }
  const tlog::VerifierKey& witness_key() const { return witness_key_; }
  const internal::SamplePeople& people() const { return people_; }

 private:
  crypto::Digest Drawn(std::string_view what, std::uint64_t index) const {
    return crypto::Sha256({AsBytes("cloison sample"), seed_, AsBytes(what), base::BigU64(index)});
  }
  crypto::Ed25519Signer SignerOf(std::string_view name) const {
    crypto::Secret<32> key;
    std::ranges::copy(Drawn(name, 0), key.Reveal().begin());
    return crypto::Ed25519Signer(key);
  }

  ByteArray<8> seed_;
  crypto::Ed25519Signer log_, witness_;
  tlog::VerifierKey log_key_, witness_key_;
  internal::SamplePeople people_;
};

// What was just written, to prove entries from.
class WrittenSource final : public Source {
 public:
  WrittenSource(base::Files& files, const std::string& directory)
      : files_(files), directory_(directory) {}
  Status Read(const std::string& path, std::size_t, Bytes& out) override {
    CLOISON_TRY_ASSIGN(out, files_.Read(directory_ + "/" + path));
    return Ok();
  }

 private:
  base::Files& files_;
  const std::string& directory_;
};

Status CheckDirectory(base::Files& files, const std::string& directory) {
  CLOISON_TRY(files.MakeDirectory(directory, 0755));
  CLOISON_TRY_ASSIGN(const auto names, files.List(directory));
  if (!names.empty()) return Error{Code::kConflict, "the directory is not empty"};
  return Ok();
}

Status WriteFiles(LogWriter& writer, const Sample& sample, const tlog::Head& head,
                  Source& written) {
  CLOISON_TRY_ASSIGN(const std::string checkpoint, sample.Checkpoint(head));
  internal::PublishedTree tree(written, head.size);
  const internal::SamplePeople::Prover prover{tree, head.size, checkpoint};
  CLOISON_TRY_ASSIGN(const std::string person, sample.people().PersonFile(prover));
  CLOISON_TRY_ASSIGN(const std::string officer, sample.people().OfficerFile(prover));
  CLOISON_TRY(writer.WriteFile("person.json", AsBytes(person + "\n")));
  CLOISON_TRY(writer.WriteFile("officer.json", AsBytes(officer + "\n")));
  CLOISON_TRY(writer.WriteFile("key.pub", AsBytes(sample.log_key().Text() + "\n")));
  CLOISON_TRY(writer.WriteFile("witness.pub", AsBytes(sample.witness_key().Text() + "\n")));
  return writer.WriteFile("checkpoint", AsBytes(checkpoint));
}

}  // namespace

Status WriteSample(base::Files& files, const SampleOptions& options) {
  if (options.entries > kSampleEntriesMax) {
    return Error{Code::kInvalid, "a sample has fewer entries"};
  }
  CLOISON_TRY(CheckDirectory(files, options.directory));
  const Sample sample(options);
  LogWriter writer(files, options.directory);
  for (std::uint64_t i = 0; i < options.entries; ++i) {
    CLOISON_TRY(writer.Append(sample.LeafAt(i)));
    if (options.progress && (i + 1) % kProgressEntries == 0) options.progress(i + 1);
  }
  CLOISON_TRY_ASSIGN(const tlog::Head head, writer.Finish());
  WrittenSource written(files, options.directory);
  return WriteFiles(writer, sample, head, written);
}

}  // namespace cloison::verify
