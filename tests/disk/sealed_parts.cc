#include "tests/disk/sealed_parts.h"

#include <algorithm>
#include <set>

#include "base/bytes.h"

namespace cloison::disk {

namespace {

using store::Family;

// A key's random parts: each from an offset, so many bytes (0: the rest).
struct KeyPart {
  Family family;
  const char* name;
  std::size_t at, size;
};
constexpr KeyPart kKeyParts[] = {
    {Family::kPeople, "people key", 0, 8},
    {Family::kPrincipals, "principals key", 0, 16},
    {Family::kSeen, "seen key, principal", 0, 16},
    {Family::kSeen, "seen key, pair", 16, 16},
    {Family::kCaseload, "caseload key, one", 1, 16},
    {Family::kCaseload, "caseload key, pair", 17, 16},
    {Family::kTrail, "trail key", 0, 16},
    {Family::kActivity, "activity key", 0, 16},
    {Family::kHeads, "heads key", 0, 16},
    {Family::kIdempotency, "idempotency key", 0, 16},
    {Family::kIndex, "index key, overflow", 6, 16},  // of those that are so long
    {Family::kPersonKeys, "person_keys key", 0, 8},
    {Family::kAud, "aud key", 0, 16},
};

// Values that are one header and one box.
struct Header {
  Family family;
  const char* name;
  std::size_t bytes;
};
constexpr Header kHeaders[] = {
    {Family::kIndex, "index page", 12},
    {Family::kPrincipals, "principal", 6},
    {Family::kSeen, "seen row", 6},
    {Family::kCaseload, "caseload pair", 6},
    {Family::kSegments, "segment", 6},
    {Family::kHeads, "head", 6},
    {Family::kIdempotency, "idempotency row", 6},
    {Family::kPersonKeys, "person key", 12},
    {Family::kAud, "aud row", 8},
};

constexpr std::size_t kRowHeaderBytes = 16, kSealBytes = 32;
constexpr std::size_t kBoxBytes = 28;  // nonce and tag
constexpr std::size_t kLeafBytes = 98, kLeafHeaderBytes = 2, kFrameHeaderBytes = 4;
constexpr std::size_t kRecordsHeaderBytes = 8, kRecordHeaderBytes = 4;

using Parts = std::map<std::string, std::vector<ByteView>>;

// row = header ‖ seal ‖ (compartment ‖ length ‖ box)*; a box by its compartment and its size.
void AddPerson(ByteView row, Parts& out) {
  out["people seal"].push_back(row.subspan(kRowHeaderBytes, kSealBytes));
  base::Reader reader(row.subspan(kRowHeaderBytes + kSealBytes));
  while (!reader.empty() && !reader.failed()) {
    const std::uint16_t compartment = reader.U16();
    const ByteView box = reader.Take(reader.U16() + kBoxBytes);
    if (reader.failed()) return;
    out["people compartment " + std::to_string(compartment)].push_back(box);
  }
  CLOISON_CHECK(!reader.failed());
}

void AddFrame(ByteView frame, Parts& out) {
  for (std::size_t at = kFrameHeaderBytes; at + kLeafBytes <= frame.size(); at += kLeafBytes) {
    out["leaf"].push_back(frame.subspan(at + kLeafHeaderBytes, kLeafBytes - kLeafHeaderBytes));
  }
}

void AddRecords(ByteView records, Parts& out) {
  base::Reader reader(records.subspan(kRecordsHeaderBytes));
  while (!reader.empty() && !reader.failed()) {
    const ByteView record = reader.Take(reader.U32());
    if (record.size() > kRecordHeaderBytes)
      out["record"].push_back(record.subspan(kRecordHeaderBytes));
  }
  CLOISON_CHECK(!reader.failed());
}

}  // namespace

std::map<std::string, std::vector<std::string>> RandomKeyParts(const FamilyRows& rows) {
  std::map<std::string, std::vector<std::string>> out;
  for (const KeyPart& part : kKeyParts) {
    const auto family = rows.find(part.family);
    if (family == rows.end()) continue;
    std::set<std::string> distinct;
    for (const store::KeyedRow& row : family->second) {
      if (row.key.size() >= part.at + part.size)
        distinct.insert(row.key.substr(part.at, part.size));
    }
    out[part.name].assign(distinct.begin(), distinct.end());
  }
  return out;
}

Parts SealedParts(const FamilyRows& rows) {
  Parts out;
  for (const auto& [family, all] : rows) {
    const auto* header = std::find_if(std::begin(kHeaders), std::end(kHeaders),
                                      [=](const Header& one) { return one.family == family; });
    for (const store::KeyedRow& row : all) {
      const ByteView value(row.row.value);
      if (family == Family::kPeople) AddPerson(value, out);
      if (family == Family::kFrames) AddFrame(value, out);
      if (family == Family::kRecords) AddRecords(value, out);
      if (header != std::end(kHeaders) && value.size() > header->bytes) {
        out[header->name].push_back(value.subspan(header->bytes));
      }
    }
  }
  return out;
}

std::vector<std::pair<std::size_t, Bytes>> Columns(const std::vector<ByteView>& parts) {
  std::vector<std::pair<std::size_t, Bytes>> columns;
  for (std::size_t position = 0;; ++position) {
    Bytes column;
    for (const ByteView part : parts) {
      if (position < part.size()) column.push_back(part[position]);
    }
    if (column.size() < kColumnRowsMin) return columns;
    columns.emplace_back(position, std::move(column));
  }
}

}  // namespace cloison::disk
