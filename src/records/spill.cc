#include "records/internal/spill.h"

#include <algorithm>
#include <array>
#include <cstdio>

namespace cloison::records::internal {
namespace {

constexpr std::string_view kSuffix = ".spill";
constexpr unsigned kMode = 0600;

}  // namespace

Spill::Spill(SpillPlace place, Form form, base::Random& random)
    : place_(std::move(place)),
      form_(std::move(form)),
      random_(random),
      key_(crypto::Secret<64>(random)),
      parts_(form_.parts) {
  CLOISON_CHECK(form_.parts > 0 && form_.chunk_bytes > 0);
}

Spill::~Spill() {
  for (std::size_t part = 0; part < parts_.size(); ++part) {
    if (!parts_[part].chunks.empty()) (void)place_.files.Remove(PathOf(part));
  }
}

std::string Spill::PathOf(std::size_t part) const {
  std::array<char, 8> number{};
  std::snprintf(number.data(), number.size(), "-%04u", static_cast<unsigned>(part));
  return place_.directory + "/" + form_.name + number.data() + std::string(kSuffix);
}

crypto::Context Spill::Binding(std::size_t part, std::size_t chunk) const {
  return crypto::Context("spill").U32(static_cast<std::uint32_t>(part)).U64(chunk);
}

Status Spill::Append(std::size_t part, std::initializer_list<ByteView> pieces) {
  CLOISON_CHECK(part < parts_.size());
  Bytes& open = parts_[part].open;
  std::size_t size = 0;
  for (const ByteView piece : pieces) size += piece.size();
  if (!open.empty() && open.size() + size > form_.chunk_bytes) {
    CLOISON_TRY(Write(part));
  }
  const std::size_t need = open.size() + size;
  if (need > open.capacity()) {
    open.reserve(std::max(need, std::min(form_.chunk_bytes, 2 * open.capacity())));
  }
  for (const ByteView piece : pieces) base::AppendBytes(open, piece);
  bytes_ += size;
  return Ok();
}

Status Spill::Write(std::size_t part) {
  Part& of = parts_[part];
  Bytes sealed;
  sealed.reserve(of.open.size() + crypto::kBoxOverhead);
  key_.Seal(Binding(part, of.chunks.size()).view(), of.open, random_, sealed);
  const std::string path = PathOf(part);
  CLOISON_TRY_ASSIGN(
      const std::unique_ptr<base::WritableFile> file,
      of.chunks.empty() ? place_.files.Create(path, kMode) : place_.files.OpenAppend(path));
  of.chunks.push_back(sealed.size());
  CLOISON_TRY(file->Append(sealed));
  of.open.clear();
  return Ok();
}

Result<Bytes> Spill::Take(std::size_t part) {
  CLOISON_CHECK(part < parts_.size());
  Part& of = parts_[part];
  if (of.chunks.empty()) return std::exchange(of.open, Bytes());
  const std::string path = PathOf(part);
  const Error altered{Code::kCorrupt, "what a load put aside is not as it was written"};
  Bytes all;
  std::size_t size = of.open.size();
  for (const std::size_t chunk : of.chunks) size += chunk;
  all.reserve(size);
  std::uint64_t at = 0;
  for (std::size_t i = 0; i < of.chunks.size(); ++i) {
    CLOISON_TRY_ASSIGN(const Bytes chunk, place_.files.ReadAt(path, at, of.chunks[i]));
    if (chunk.size() != of.chunks[i]) return altered;
    at += chunk.size();
    if (!key_.OpenInto(Binding(part, i).view(), chunk, all).ok()) return altered;
  }
  base::AppendBytes(all, of.open);
  of.open = Bytes();
  of.chunks.clear();
  CLOISON_TRY(place_.files.Remove(path));
  return all;
}

}  // namespace cloison::records::internal
