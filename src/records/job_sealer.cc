#include "records/job_sealer.h"

#include <algorithm>

#include "ledger/logs.h"

namespace cloison::records {

JobSealer::JobSealer(const Schema& schema, const crypto::RecipientKey& recipient, ByteView header,
                     std::vector<FieldId> fields, std::uint32_t generation)
    : schema_(schema),
      recipient_(recipient),
      header_(DigestOfHeader(header)),
      fields_(std::move(fields)),
      generation_(generation) {
  plain_.Append(base::BigU16(0));  // how many there are
}

void JobSealer::AppendHead(const PersonCode& code, std::uint64_t version, std::uint64_t entry,
                           bool readable, std::string_view attached) {
  CLOISON_CHECK(attached.size() <= kJobAttachedBytesMax && count_ < kJobBatchPeopleMax);
  const std::string text = code.Text();
  plain_.push_back(static_cast<std::uint8_t>(text.size()));
  plain_.Append(AsBytes(text));
  plain_.Append(base::BigU64(version));
  plain_.Append(base::BigU64(entry));
  plain_.push_back(readable ? 0 : 1);
  plain_.push_back(static_cast<std::uint8_t>(attached.size()));
  plain_.Append(AsBytes(attached));
  ++count_;
}

std::uint64_t JobSealer::EntryOf(const ledger::Recorded& recorded) const {
  const std::uint32_t generation = recorded.generation == 0 ? generation_ : recorded.generation;
  return ledger::PlaceOf(generation, recorded.index);
}

void JobSealer::AddUnreadable(const PersonCode& code, const ledger::Recorded& recorded) {
  AppendHead(code, 0, EntryOf(recorded), false, "");
  plain_.push_back(0);
}

Status JobSealer::Add(const Sighting& sighting, SealOnlyReceipt receipt, const PersonCode& code,
                      std::string_view attached) {
  const std::uint64_t entry = EntryOf(receipt.receipt_.recorded());
  const std::uint64_t version = receipt.receipt_.seq();
  const Opener opener(schema_);
  const Result<std::vector<OpenedValue>> values =
      opener.Open(sighting, std::move(receipt.receipt_));
  AppendHead(code, version, entry, values.ok(), attached);
  plain_.push_back(values.ok() ? static_cast<std::uint8_t>(values->size()) : 0);
  if (!values.ok()) return values.error();
  for (const OpenedValue& value : *values) {
    const auto place = std::ranges::find(fields_, value.field);
    CLOISON_CHECK(place != fields_.end());
    plain_.push_back(static_cast<std::uint8_t>(place - fields_.begin()));
    plain_.Append(base::BigU16(static_cast<std::uint16_t>(value.text.size())));
    plain_.Append(value.text.Reveal());
  }
  return Ok();
}

Bytes JobSealer::Finish(std::uint32_t number, std::size_t asked, base::Random& random) {
  CLOISON_CHECK(asked > 0 && asked >= count_);
  const ByteArray<2> count = base::BigU16(count_);
  std::ranges::copy(count, plain_.Reveal().begin());
  const std::size_t unit = asked * kJobSlotBytes;
  const std::size_t padded = (plain_.size() + unit - 1) / unit * unit;
  plain_.Append(Bytes(padded - plain_.size()));
  return internal::SealFrame(recipient_, header_, FrameKind::kRecords, number, plain_.Reveal(),
                             random);
}

Bytes JobSealer::End(const crypto::RecipientKey& recipient, ByteView header, const JobEnd& end,
                     base::Random& random) {
  return internal::SealFrame(recipient, DigestOfHeader(header), FrameKind::kEnd, end.frames + 1,
                             internal::EncodeEnd(end), random);
}

}  // namespace cloison::records
