#include "records/internal/row_runs.h"

#include <algorithm>
#include <bit>

namespace cloison::records::internal {
namespace {

struct Place {            // of a row, in what a part holds
  std::uint64_t leading;  // of the key, where it is random: compared first, and mostly alone
  ByteView key;
  ByteView value;
};

std::uint64_t LeadingOf(ByteView key, std::size_t random_at) {
  const ByteView rest = key.subspan(random_at, std::min<std::size_t>(key.size() - random_at, 8));
  return base::LoadBig(rest) << 8 * (8 - rest.size());
}

Result<std::vector<Place>> PlacesOf(ByteView part, std::size_t random_at) {
  std::vector<Place> places;
  base::Reader reader(part);
  while (!reader.empty()) {
    const std::size_t key = reader.U16();
    const std::size_t value = reader.U32();
    const ByteView of_key = reader.Take(key);
    const ByteView of_value = reader.Take(value);
    if (reader.failed() || key < random_at + 2) {
      return Error{Code::kCorrupt, "what a load put aside is not as it was written"};
    }
    places.push_back({LeadingOf(of_key, random_at), of_key, of_value});
  }
  return places;
}

}  // namespace

std::size_t PartsOfRun(std::size_t parts, std::uint64_t bytes, std::uint64_t run_bytes) {
  return std::clamp<std::uint64_t>(parts * run_bytes / std::max<std::uint64_t>(bytes, 1), 1, parts);
}

void FirstFailure::Take(const Status& status) {
  if (status.ok()) return;
  const std::lock_guard lock(mutex_);
  if (!error_.has_value()) error_ = status.error();
  any_ = true;
}

Status FirstFailure::status() const {
  const std::lock_guard lock(mutex_);
  return error_.has_value() ? Status(*error_) : Ok();
}

RowRuns::RowRuns(const SpillPlace& place, Form form, base::Random& random)
    : form_(std::move(form)),
      run_bytes_(place.run_bytes),
      spill_(place,
             {"load-" + std::string(store::FamilyName(form_.family)) + form_.name_end, form_.parts,
              form_.chunk_bytes},
             random) {
  CLOISON_CHECK(std::has_single_bit(form_.parts) && form_.parts <= 1u << 16);
}

Status RowRuns::Add(ByteView key, ByteView value) {
  if (key.size() < form_.random_at + 2 || key.size() > store::kKeyBytesMax) {
    return Error{Code::kInvalid, "a key of another length"};
  }
  const std::size_t leading = key[form_.random_at] * 256u + key[form_.random_at + 1];
  return spill_.Append(leading * form_.parts >> 16,
                       {base::BigU16(static_cast<std::uint16_t>(key.size())),
                        base::BigU32(static_cast<std::uint32_t>(value.size())), key, value});
}

Status RowRuns::WritePart(std::size_t part, store::BulkLoader& loader) {
  CLOISON_TRY_ASSIGN(const Bytes bytes, spill_.Take(part));
  CLOISON_TRY_ASSIGN(std::vector<Place> places, PlacesOf(bytes, form_.random_at));
  std::ranges::sort(places, [](const Place& a, const Place& b) {
    return a.leading != b.leading ? a.leading < b.leading : AsText(a.key) < AsText(b.key);
  });
  for (std::size_t i = 0; i < places.size(); ++i) {
    if (i > 0 && AsText(places[i].key) == AsText(places[i - 1].key)) {
      return Error{Code::kUnavailable, "one id was drawn for two people: load again"};
    }
    CLOISON_TRY(loader.Add(places[i].key, places[i].value));
  }
  return Ok();
}

Status RowRuns::WriteParts(store::Store& store, store::Version version, std::size_t begin,
                           std::size_t end) {
  CLOISON_TRY_ASSIGN(const std::unique_ptr<store::BulkLoader> loader,
                     store.LoadRun(form_.family, version, store::Pace::kAlone));
  for (std::size_t part = begin; part < end; ++part) {
    CLOISON_TRY(WritePart(part, *loader));
  }
  return loader->Finish(version);
}

Status RowRuns::Write(store::Store& store, store::Version version, const base::Parallel& parallel) {
  if (spill_.bytes() == 0) return Ok();
  FirstFailure failure;
  parallel.ForSlices(form_.parts, PartsOfRun(form_.parts, spill_.bytes(), run_bytes_),
                     [&](std::size_t begin, std::size_t end) {
                       if (!failure.any()) failure.Take(WriteParts(store, version, begin, end));
                     });
  return failure.status();
}

}  // namespace cloison::records::internal
