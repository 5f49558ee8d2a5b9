#include "records/row.h"

#include <algorithm>

namespace cloison::records {
namespace {

constexpr std::uint8_t kVersion = 1, kSuite = 1;
constexpr std::size_t kHeadBytes = 16;  // up to the seal
constexpr std::size_t kSealBytes = 32;
constexpr std::size_t kBlobHeadBytes = 4;
constexpr std::size_t kNonceBytes = 12, kTagBytes = 16;
constexpr std::size_t kPadStep = 32;
constexpr std::uint8_t kPadMark = 0x80;
constexpr std::uint16_t kFieldIdEnd = 0x8000;

constexpr Error kBad{Code::kCorrupt, "a row does not open"};

void AppendHead(Bytes& row, std::size_t compartments, const RowHeader& header) {
  base::AppendU8(row, kVersion);
  base::AppendU8(row, kSuite);
  base::AppendU16(row, static_cast<std::uint16_t>(compartments));
  base::AppendU32(row, header.pkv);
  base::AppendU64(row, header.seq);
}

// Of a row whose compartments are as small as they get; most are.
std::size_t LeastSize(const Schema& schema) {
  std::size_t size = kHeadBytes + kSealBytes;
  for (const CompartmentSpec& compartment : schema.compartments()) {
    size += kBlobHeadBytes + compartment.least + crypto::kBoxOverhead;
  }
  return size;
}

// What a blob is bound to.
crypto::Context BlobAad(RegisterId register_id, const PersonId& person, const RowHeader& header,
                        ByteView blob_head) {
  return crypto::Context("field")
      .U32(register_id.value())
      .Raw(person.bytes())
      .U32(header.pkv)
      .U64(header.seq)
      .Raw(blob_head);
}

// One sealed compartment inside a row.
struct Blob {
  ByteView whole;
  ByteView head() const { return whole.first(kBlobHeadBytes); }
  ByteView box() const { return whole.subspan(kBlobHeadBytes); }
};

// Seal = H(RK, row[0..16) ‖ for each blob: blob[0..16) ‖ tag).
crypto::Digest SealOver(const keys::PersonKey& key, ByteView head, std::span<const Blob> blobs) {
  Bytes sealed;
  sealed.reserve(head.size() + blobs.size() * (kBlobHeadBytes + kNonceBytes + kTagBytes));
  base::AppendBytes(sealed, head);
  for (const Blob& blob : blobs) {
    base::AppendBytes(sealed, blob.whole.first(kBlobHeadBytes + kNonceBytes));
    base::AppendBytes(sealed, blob.whole.last(kTagBytes));
  }
  return crypto::Hmac(key.RowKey(), {sealed});
}

// Cuts the row into the schema's compartments, in its order and nothing else.
Result<std::vector<Blob>> CutBlobs(const Schema& schema, ByteView blobs) {
  std::vector<Blob> out;
  out.reserve(schema.compartments().size());
  for (const CompartmentSpec& compartment : schema.compartments()) {
    base::Reader reader(blobs);
    const std::uint16_t id = reader.U16();
    const std::size_t plain_size = reader.U16();
    const std::size_t whole = kBlobHeadBytes + plain_size + crypto::kBoxOverhead;
    if (reader.failed() || id != compartment.id.value() || blobs.size() < whole) return kBad;
    out.push_back(Blob{blobs.first(whole)});
    blobs = blobs.subspan(whole);
  }
  if (!blobs.empty()) return kBad;
  return out;
}

std::size_t PaddedSize(const CompartmentSpec& compartment, std::size_t content) {
  const std::size_t padded = (content + 1 + kPadStep - 1) / kPadStep * kPadStep;
  return std::max<std::size_t>(padded, compartment.least);
}

// Where the fields end: before the last 0x80, behind which all is zero.
Result<std::size_t> ContentSize(ByteView plain) {
  std::size_t end = plain.size();
  while (end > 0 && plain[end - 1] == 0) --end;
  if (end == 0 || plain[end - 1] != kPadMark) return kBad;
  return end - 1;
}

// A value and where it belongs, looked up once.
struct Placed {
  CompartmentId compartment;
  const Value* value;
};

// CHECKs that the values are in order and every field is in the schema.
std::vector<Placed> Place(const Schema& schema, const Values& values) {
  std::vector<Placed> placed;
  placed.reserve(values.size());
  for (const Value& value : values) {
    const FieldSpec* const field = schema.Find(value.field);
    CLOISON_CHECK(field != nullptr);
    CLOISON_CHECK(placed.empty() || placed.back().value->field < value.field);
    placed.push_back({field->compartment, &value});
  }
  return placed;
}

bool Wanted(std::span<const CompartmentId> wanted, CompartmentId id) {
  return std::find(wanted.begin(), wanted.end(), id) != wanted.end();
}

// Into `out`: the values of `compartment`, which may lie apart, since fields are ordered by their
// own ids.
void ValuesOf(CompartmentId compartment, std::span<const Placed> placed,
              std::vector<const Value*>& out) {
  out.clear();
  for (const Placed& one : placed) {
    if (one.compartment == compartment) out.push_back(one.value);
  }
}

Result<crypto::SecretBytes> EncodePointed(const CompartmentSpec& compartment,
                                          std::span<const Value* const> values) {
  std::size_t content = 0;
  for (const Value* value : values) {
    if (value->text.empty()) return Error{Code::kInvalid, "an empty value is no value"};
    content += 4 + value->text.size();
  }
  const std::size_t size = PaddedSize(compartment, content);
  if (size > kCompartmentBytesMax || (compartment.sensitive && size > compartment.least)) {
    return Error{Code::kExhausted, "a compartment is too large", compartment.id.value()};
  }
  crypto::SecretBytes plain(size);
  std::span<std::uint8_t> left = plain.Reveal();
  const auto put = [&left](ByteView bytes) {
    std::copy(bytes.begin(), bytes.end(), left.begin());
    left = left.subspan(bytes.size());
  };
  for (const Value* value : values) {
    put(base::BigU16(value->field.value()));
    put(base::BigU16(static_cast<std::uint16_t>(value->text.size())));
    put(value->text.Reveal());
  }
  left[0] = kPadMark;
  return plain;
}

}  // namespace

Result<Bytes> SealRow(const Schema& schema, const keys::PersonKey& key, std::uint64_t seq,
                      const Values& values, base::Random& random) {
  const std::vector<Placed> placed = Place(schema, values);
  if (seq > kSeqMax * key.pkv()) return Error{Code::kExhausted, "the record needs a new data key"};
  const RowHeader header{key.pkv(), seq};
  Bytes row;
  row.reserve(LeastSize(schema));
  AppendHead(row, schema.compartments().size(), header);
  row.resize(kHeadBytes + kSealBytes);
  std::vector<std::size_t> starts;
  starts.reserve(schema.compartments().size() + 1);
  std::vector<const Value*> mine;
  mine.reserve(placed.size());
  for (const CompartmentSpec& compartment : schema.compartments()) {
    ValuesOf(compartment.id, placed, mine);
    CLOISON_TRY_ASSIGN(const crypto::SecretBytes plain, EncodePointed(compartment, mine));
    starts.push_back(row.size());
    base::AppendU16(row, compartment.id.value());
    base::AppendU16(row, static_cast<std::uint16_t>(plain.size()));
    const ByteView blob_head = ByteView(row).last(kBlobHeadBytes);
    const crypto::Context aad = BlobAad(schema.register_id(), key.person(), header, blob_head);
    key.CompartmentKey(compartment.id).Seal(aad.view(), plain.Reveal(), random, row);
  }
  starts.push_back(row.size());
  std::vector<Blob> blobs;
  blobs.reserve(schema.compartments().size());
  for (std::size_t i = 0; i + 1 < starts.size(); ++i) {
    blobs.push_back(Blob{ByteView(row).subspan(starts[i], starts[i + 1] - starts[i])});
  }
  const crypto::Digest seal = SealOver(key, ByteView(row).first(kHeadBytes), blobs);
  std::copy(seal.begin(), seal.end(), row.begin() + kHeadBytes);
  return row;
}

Result<RowHeader> ParseRowHeader(ByteView row) {
  base::Reader reader(row);
  const std::uint8_t version = reader.U8();
  const std::uint8_t suite = reader.U8();
  reader.U16();
  const RowHeader header{reader.U32(), reader.U64()};
  if (reader.failed() || version != kVersion || suite != kSuite) return kBad;
  return header;
}

namespace internal {

Result<crypto::SecretBytes> EncodePlain(const CompartmentSpec& compartment,
                                        std::span<const Value> values) {
  std::vector<const Value*> pointed;
  for (const Value& value : values) pointed.push_back(&value);
  return EncodePointed(compartment, pointed);
}

Status ParsePlain(const Schema& schema, const CompartmentSpec& compartment, ByteView plain,
                  Values& out) {
  CLOISON_TRY_ASSIGN(const std::size_t content, ContentSize(plain));
  if (plain.size() != PaddedSize(compartment, content)) return kBad;
  if (compartment.sensitive && plain.size() != compartment.least) return kBad;
  base::Reader reader(plain.first(content));
  std::int32_t last = -1;
  while (!reader.empty() && !reader.failed()) {
    const std::uint16_t number = reader.U16();
    const ByteView text = reader.Take(reader.U16());
    const FieldSpec* field = number < kFieldIdEnd ? schema.Find(FieldId(number)) : nullptr;
    if (field == nullptr || field->compartment != compartment.id || number <= last ||
        text.empty()) {
      return kBad;
    }
    last = number;
    out.push_back(Value{field->id, crypto::SecretBytes::CopyOf(text)});
  }
  return reader.failed() ? Status(kBad) : Ok();
}

namespace {

using Compartments = std::vector<CompartmentId>;

// A compartment that was asked for, as it lies in the row.
struct Opened {
  CompartmentId id;
  crypto::SecretBytes plain;
};

// Checks the seal, then opens `wanted` as a row of this form's compartments.
Result<std::vector<Opened>> OpenBlobs(const Schema& form, const keys::PersonKey& key, ByteView row,
                                      const Compartments& wanted) {
  CLOISON_TRY_ASSIGN(const RowHeader header, ParseRowHeader(row));
  if (header.pkv != key.pkv() || row.size() < kHeadBytes + kSealBytes) return kBad;
  const ByteView head = row.first(kHeadBytes);
  Bytes expected;
  expected.reserve(kHeadBytes);
  AppendHead(expected, form.compartments().size(), header);
  if (!base::Equal(head, expected)) return kBad;
  CLOISON_TRY_ASSIGN(const std::vector<Blob> blobs,
                     CutBlobs(form, row.subspan(kHeadBytes + kSealBytes)));
  const crypto::Digest seal = SealOver(key, head, blobs);
  if (!crypto::EqualConstantTime(seal, row.subspan(kHeadBytes, kSealBytes))) return kBad;
  std::vector<Opened> opened;
  for (std::size_t i = 0; i < blobs.size(); ++i) {
    const CompartmentId id = form.compartments()[i].id;
    if (!Wanted(wanted, id)) continue;
    const crypto::Context aad = BlobAad(form.register_id(), key.person(), header, blobs[i].head());
    CLOISON_TRY_ASSIGN(crypto::SecretBytes plain,
                       key.CompartmentKey(id).Open(aad.view(), blobs[i].box()));
    opened.push_back(Opened{id, std::move(plain)});
  }
  return opened;
}

// The values of a row in this form alone, ascending.
Result<Values> ReadAs(const Schema& form, const keys::PersonKey& key, ByteView row,
                      const Compartments& wanted) {
  CLOISON_TRY_ASSIGN(const std::vector<Opened> opened, OpenBlobs(form, key, row, wanted));
  Values values;
  for (const Opened& one : opened) {
    CLOISON_TRY(ParsePlain(form, *form.Find(one.id), one.plain.Reveal(), values));
  }
  std::sort(values.begin(), values.end(),
            [](const Value& a, const Value& b) { return a.field < b.field; });
  return values;
}

// Where the fields of `wanted` are in a row of the form before, and where they are now: a row that
// holds them in the other place is told from one that has none by both.
Compartments BothHomes(const Schema& schema, const Schema& before,
                       std::span<const CompartmentId> wanted) {
  Compartments homes(wanted.begin(), wanted.end());
  for (const FieldSpec& field : before.fields()) {
    const FieldSpec* const now = schema.Find(field.id);
    const bool asked = now != nullptr && Wanted(wanted, now->compartment);
    if (asked && !Wanted(homes, field.compartment)) homes.push_back(field.compartment);
  }
  return homes;
}

}  // namespace

// A row is of one form as a whole: of the schema, or, while there is one, of that before.
Result<Values> OpenRow(const Schema& schema, const keys::PersonKey& key, ByteView row,
                       std::span<const CompartmentId> wanted) {
  const Schema* const before = schema.previous();
  if (before == nullptr) return ReadAs(schema, key, row, {wanted.begin(), wanted.end()});
  const Compartments homes = BothHomes(schema, *before, wanted);
  Result<Values> values = ReadAs(schema, key, row, homes);
  if (!values.ok()) values = ReadAs(*before, key, row, homes);
  if (!values.ok()) return values;
  for (const Value& value : *values) {
    if (schema.Find(value.field) == nullptr) return kBad;
  }
  // Of a compartment that was opened for one field, the others were not asked for.
  std::erase_if(*values, [&schema, wanted](const Value& value) {
    return !Wanted(wanted, schema.Find(value.field)->compartment);
  });
  return values;
}

Result<Values> OpenWholeRow(const Schema& schema, const keys::PersonKey& key, ByteView row) {
  Compartments all;
  for (const CompartmentSpec& compartment : schema.compartments()) all.push_back(compartment.id);
  return OpenRow(schema, key, row, all);
}

Status CheckForm(const Schema& schema, const keys::PersonKey& key, ByteView row) {
  Compartments all;
  for (const CompartmentSpec& compartment : schema.compartments()) all.push_back(compartment.id);
  const Result<Values> values = ReadAs(schema, key, row, all);
  return values.ok() ? Ok() : Status(values.error());
}

}  // namespace internal

}  // namespace cloison::records
