// The one person and the one account of a sample whose entries are real: commitments, tags and all,
// with the files that open them. Their keys are made from the sample's seed, like everything there.
#ifndef CLOISON_VERIFY_INTERNAL_SAMPLE_PEOPLE_H_
#define CLOISON_VERIFY_INTERNAL_SAMPLE_PEOPLE_H_

#include <optional>
#include <string>

#include "ledger/entry.h"
#include "tlog/note.h"
#include "tlog/proof.h"

namespace cloison::verify::internal {

inline constexpr std::uint64_t kSampleLooks = 50;  // of the person

class SamplePeople {
 public:
  // `sealed_generation`: of the log that the unseal names.
  SamplePeople(const tlog::VerifierKey& key, ByteArray<8> seed, std::uint32_t sealed_generation);

  // The leaf at `index` when it is one of theirs.
  std::optional<ledger::Leaf> LeafAt(std::uint64_t index) const;

  // What proves an entry of the finished log.
  struct Prover {
    tlog::HashReader& tree;
    std::uint64_t size;
    std::string checkpoint;
  };
  // docs/format/ledger.md, "A trail with proofs" and "An account's activity". Fails as the tree.
  Result<std::string> PersonFile(const Prover& prover) const;
  Result<std::string> OfficerFile(const Prover& prover) const;

 private:
  struct Look;
  Look LookAt(std::uint64_t index) const;
  std::optional<std::uint64_t> SealedIndexOf(std::uint64_t index) const;
  class Writer;

  LogId log_id_;
  std::string origin_, vkey_;
  ByteArray<8> seed_;
  std::uint32_t sealed_generation_;
  crypto::Secret<32> plk_, pk_;
  ledger::SubjectKey subject_;
  ledger::ActorKey actor_;
};

}  // namespace cloison::verify::internal

#endif  // CLOISON_VERIFY_INTERNAL_SAMPLE_PEOPLE_H_
