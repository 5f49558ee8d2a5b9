// Puts people into a job's file. It opens what receipts name, as Opener does, and has no path from
// there to bytes but through the recipient's key: whoever runs a job cannot read what it shows
// (tests/must_not_compile/job_*).
#ifndef CLOISON_RECORDS_JOB_SEALER_H_
#define CLOISON_RECORDS_JOB_SEALER_H_

#include "records/codes.h"
#include "records/job_file.h"
#include "records/people.h"

namespace cloison::records {

// A receipt that is good for sealing alone: Opener takes none, and there is no way back.
class SealOnlyReceipt {
 public:
  explicit SealOnlyReceipt(ledger::Receipt receipt) : receipt_(std::move(receipt)) {}

 private:
  friend class JobSealer;
  ledger::Receipt receipt_;
};

// One frame of one batch. Threads: one. Cost: as Opener of each person, and one HPKE message.
class JobSealer {
 public:
  // `header` whole; `fields` in the order of its names, ascending; `generation` of the newest log.
  JobSealer(const Schema& schema, const crypto::RecipientKey& recipient, ByteView header,
            std::vector<FieldId> fields, std::uint32_t generation);
  // Adds one person, at most kJobBatchPeopleMax. What Opener fails with is given back, and the
  // person is in the frame without values: what was recorded is there.
  Status Add(const Sighting& sighting, SealOnlyReceipt receipt, const PersonCode& code,
             std::string_view attached);
  // Adds one whose record cannot even be sighted: a line without values, and where that is
  // recorded.
  void AddUnreadable(const PersonCode& code, const ledger::Recorded& recorded);
  // The frame of this batch, as large for each who was asked for (kJobSlotBytes). Once.
  Bytes Finish(std::uint32_t number, std::size_t asked, base::Random& random);
  // The frame that ends a file.
  static Bytes End(const crypto::RecipientKey& recipient, ByteView header, const JobEnd& end,
                   base::Random& random);

 private:
  std::uint64_t EntryOf(const ledger::Recorded& recorded) const;
  void AppendHead(const PersonCode& code, std::uint64_t version, std::uint64_t entry, bool readable,
                  std::string_view attached);

  const Schema& schema_;
  crypto::RecipientKey recipient_;
  crypto::Digest header_;
  std::vector<FieldId> fields_;
  std::uint32_t generation_;
  std::uint16_t count_ = 0;
  crypto::SecretBytes plain_;
};

}  // namespace cloison::records

#endif  // CLOISON_RECORDS_JOB_SEALER_H_
