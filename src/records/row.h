// A record as it lies in the store: every compartment of the schema sealed under its own key, and
// one seal over all (docs/format/record.md; vectors "blobs", "row").
//
//   row  = 01 | 01 | u16 n | u32 pkv | u64 seq | seal[32] | blob x n
//   blob = u16 compartment | u16 len | Box(CK[c], ..., plain)
#ifndef CLOISON_RECORDS_ROW_H_
#define CLOISON_RECORDS_ROW_H_

#include <span>
#include <vector>

#include "keys/person_keys.h"
#include "records/schema.h"

namespace cloison::records {

// Rows under one data key. seq goes on under the next, so the limit of key n is n times this.
inline constexpr std::uint64_t kSeqMax = 1u << 24;

struct Value {
  FieldId field;
  crypto::SecretBytes text;  // canonical, never empty
};
// Ascending by field, a field at most once.
using Values = std::vector<Value>;

struct RowHeader {
  std::uint32_t pkv;
  std::uint64_t seq;
};

// Seals all compartments of `schema` (empty ones too). CHECKs that `values` are in order and every
// field is in the schema.
// Fails    kInvalid an empty value; kExhausted a compartment over its size (kCompartmentBytesMax,
// or
//          `least` of a sensitive one), or seq over kSeqMax times the key's pkv.
// Cost     about 3 us per compartment. Threads: any.
Result<Bytes> SealRow(const Schema& schema, const keys::PersonKey& key, std::uint64_t seq,
                      const Values& values, base::Random& random);

// Reads the header alone; proves nothing.
Result<RowHeader> ParseRowHeader(ByteView row);

namespace internal {
// Checks the seal over the whole row, then opens the named compartments. kCorrupt: refused whole,
// nothing guessed. Internal to records: values leave the vault through Opener alone.
// `wanted`: compartments of `schema`. While that has one before (Schema::previous), a row of its
// form opens too, as if it had been sealed by `schema`.
Result<Values> OpenRow(const Schema& schema, const keys::PersonKey& key, ByteView row,
                       std::span<const CompartmentId> wanted);
Result<Values> OpenWholeRow(const Schema& schema, const keys::PersonKey& key, ByteView row);
// Whether the row is in the form of this schema, whatever was before. kCorrupt: not.
Status CheckForm(const Schema& schema, const keys::PersonKey& key, ByteView row);
// The plain text of one compartment; `values` of it alone. Given apart for vectors and fuzzing.
Result<crypto::SecretBytes> EncodePlain(const CompartmentSpec& compartment,
                                        std::span<const Value> values);
Status ParsePlain(const Schema& schema, const CompartmentSpec& compartment, ByteView plain,
                  Values& out);
}  // namespace internal

}  // namespace cloison::records

#endif  // CLOISON_RECORDS_ROW_H_
