#include "ledger/internal/frame.h"

#include <algorithm>

namespace cloison::ledger::internal {

namespace {

constexpr std::uint8_t kVersion = 1;
constexpr std::size_t kHeaderBytes = 4;

Bytes Header(std::size_t count, std::size_t bytes) {
  CLOISON_CHECK(count >= 1 && count <= kBatchLeavesMax);
  Bytes out;
  out.reserve(kHeaderBytes + bytes);
  base::AppendU8(out, kVersion);
  base::AppendU8(out, 0);
  base::AppendU16(out, static_cast<std::uint16_t>(count));
  return out;
}

// How many; 0 when the header is wrong.
std::size_t ReadHeader(base::Reader& reader) {
  const std::uint8_t version = reader.U8();
  const std::uint8_t reserved = reader.U8();
  const std::uint16_t count = reader.U16();
  return version == kVersion && reserved == 0 && !reader.failed() ? count : 0;
}

}  // namespace

std::string BatchKey(std::uint64_t first_index) {
  return std::string(AsText(base::BigU64(first_index)));
}

Result<std::uint64_t> ParseBatchKey(std::string_view key) {
  if (key.size() != 8) return Error{Code::kCorrupt, "the key of a batch has the wrong length"};
  return base::LoadBig(AsBytes(key));
}

Bytes EncodeFrame(ByteView leaves) {
  CLOISON_CHECK(leaves.size() % kLeafBytes == 0);
  Bytes out = Header(leaves.size() / kLeafBytes, leaves.size());
  base::AppendBytes(out, leaves);
  return out;
}

Result<ByteView> ParseFrame(ByteView frame) {
  base::Reader reader(frame);
  const std::size_t count = ReadHeader(reader);
  if (count == 0 || reader.rest().size() != count * kLeafBytes) {
    return Error{Code::kCorrupt, "a frame cannot be read"};
  }
  for (std::size_t i = 0; i < count; ++i) {
    const ByteView leaf = reader.rest().subspan(i * kLeafBytes, kLeafBytes);
    if (leaf[0] != kVersion || leaf[1] != 0) {
      return Error{Code::kCorrupt, "a leaf has another format"};
    }
  }
  return reader.rest();
}

Leaf LeafAt(ByteView leaves, std::size_t position) {
  CLOISON_CHECK(position < leaves.size() / kLeafBytes);
  const ByteView from = leaves.subspan(position * kLeafBytes, kLeafBytes);
  Leaf leaf;
  std::copy(from.begin(), from.end(), leaf.begin());
  return leaf;
}

Bytes EncodeRecords(std::uint32_t month, std::size_t count, ByteView sized_records) {
  Bytes out = Header(count, 4 + sized_records.size());
  base::AppendU32(out, month);
  base::AppendBytes(out, sized_records);
  return out;
}

Result<RecordsView> ParseRecords(ByteView bytes) {
  base::Reader reader(bytes);
  const std::size_t count = ReadHeader(reader);
  RecordsView view{reader.U32(), {}};
  for (std::size_t i = 0; i < count && !reader.failed(); ++i) {
    const std::uint32_t size = reader.U32();
    if (size > kSealedRecordBytesMax) return Error{Code::kCorrupt, "a record is too large"};
    view.sealed.push_back(reader.Take(size));
  }
  if (count == 0 || reader.failed() || !reader.empty()) {
    return Error{Code::kCorrupt, "the records of a batch cannot be read"};
  }
  return view;
}

}  // namespace cloison::ledger::internal
