// Whoever runs a job cannot read what it shows: the receipt of a batch seals, and opens for nobody.
#include <utility>

#include "records/job_sealer.h"

using namespace cloison;

Status Seal(const records::Opener& opener, records::JobSealer& sealer,
            const records::Sighting& sighting, records::SealOnlyReceipt receipt,
            const records::PersonCode& code) {
  (void)opener;
#ifdef MUST_NOT_COMPILE
  return opener.Open(sighting, std::move(receipt)).ok() ? Ok() : Ok();  // BAD
#endif
  return sealer.Add(sighting, std::move(receipt), code, "1043.20");
}
