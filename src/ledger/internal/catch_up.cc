// Bringing the level files forward: what an earlier process left in them is held against what was
// signed, what they lack is read from the frames, and from there on the committer's own hashes go
// in. All by whoever has the turn.
#include <algorithm>
#include <utility>

#include "ledger/internal/publishing.h"

namespace cloison::ledger {

namespace {

constexpr Error kNotTheLog{Code::kCorrupt, "the frames are not the log that was signed"};

std::vector<tlog::Hash> ToHashes(ByteView bytes) {
  std::vector<tlog::Hash> hashes;
  hashes.reserve(bytes.size() / internal::kHashBytes);
  base::Reader reader(bytes);
  while (!reader.empty()) hashes.push_back(reader.Array<internal::kHashBytes>());
  return hashes;
}

}  // namespace

bool Publisher::State::IsWhole() const {
  const std::lock_guard lock(mutex);
  return whole;
}

std::size_t Publisher::State::FreshEntries() const {
  const std::lock_guard lock(mutex);
  return growth.fresh(0).size();
}

bool Publisher::State::Absorb() {
  std::vector<Added> batches;
  {
    const std::lock_guard lock(added_mutex);
    if (growth.size() < added_begin) return false;
    batches.swap(added);
    added_begin = added_end;
  }
  for (const Added& batch : batches) {
    const std::uint64_t known = growth.size() - std::min(growth.size(), batch.first);
    if (known >= batch.hashes.size()) continue;
    CLOISON_CHECK(growth.Append(std::span(batch.hashes).subspan(known)).ok());
  }
  return true;
}

Task<Status> Publisher::State::CatchUp(std::size_t entries) {
  if (corrupt) co_return kNotTheLog;
  if (!opened) {
    CLOISON_CO_TRY(OpenFiles());
  }
  for (std::size_t done = 0; done < entries && !IsWhole();) {
    CLOISON_CO_TRY_ASSIGN(const std::size_t advanced, co_await Advance(entries - done));
    done += std::max<std::size_t>(advanced, 1);
  }
  co_return Ok();
}

Status Publisher::State::OpenFiles() {
  if (lost) {
    CLOISON_TRY(files.Clear());
  }
  lost = false;
  CLOISON_TRY(files.Open(marks.back().size));
  written = tlog::Frontier();
  const std::lock_guard lock(mutex);
  growth = internal::Growth();
  whole = false;
  inherited = false;
  for (unsigned level = 0; level < internal::kTileLevels; ++level) {
    inherited = inherited || files.count(level) != 0;
  }
  opened = true;
  return Ok();
}

// Gives how many entries it went forward: 0 when there is nothing left to do, or to begin anew.
Task<Result<std::size_t>> Publisher::State::Advance(std::size_t entries) {
  std::uint64_t end = 0;
  std::uint64_t at = 0;
  {
    const std::lock_guard lock(mutex);
    at = growth.size();
    whole = at >= files.count(0) && Absorb();
    if (whole) co_return std::size_t{0};
    const std::lock_guard added_lock(added_mutex);
    end = added_begin;
  }
  const bool in_file = at < files.count(0);
  if (in_file) end = files.count(0);
  end = std::min({end, NextMark(at), at + entries});
  auto hashes = co_await HashesOf(at, end - at, in_file);
  if (!hashes.ok()) co_return hashes.error();
  const Result<bool> matches = Extend(*hashes, in_file);
  if (matches.ok() && !*matches) {
    corrupt = !inherited;
    if (corrupt) co_return kNotTheLog;
    lost = true;
    opened = false;
    CLOISON_CO_TRY(OpenFiles());
    co_return std::size_t{0};
  }
  const Status done = matches.ok() ? WriteFresh() : Status(matches.error());
  if (done.ok()) co_return hashes->size();
  GoBack();
  co_return done.error();
}

Task<Result<std::vector<tlog::Hash>>> Publisher::State::HashesOf(std::uint64_t first,
                                                                 std::size_t count, bool in_file) {
  if (in_file) {
    CLOISON_CO_TRY_ASSIGN(const Bytes bytes, files.Read(0, first, count));
    co_return ToHashes(bytes);
  }
  const auto leaves = co_await parts.ledger.ReadLeaves(first, count);
  if (!leaves.ok()) co_return leaves.error();
  std::vector<tlog::Hash> hashes;
  hashes.reserve(leaves->size());
  for (const Leaf& leaf : *leaves) hashes.push_back(tlog::LeafHash(leaf));
  co_return hashes;
}

// False: the files hold something else.
Result<bool> Publisher::State::Extend(const std::vector<tlog::Hash>& hashes, bool in_file) {
  {
    const std::lock_guard lock(mutex);
    CLOISON_TRY(growth.Append(hashes));
    if (in_file) growth.Written(0, hashes.size());
  }
  for (unsigned level = 1; level < internal::kTileLevels; ++level) {
    CLOISON_TRY_ASSIGN(const bool matches, MatchesLevel(level));
    if (!matches) return false;
  }
  return MeetsMark();
}

// The fresh nodes of a level that its file has too are the same, and no longer fresh.
Result<bool> Publisher::State::MatchesLevel(unsigned level) {
  std::uint64_t first = 0;
  std::vector<tlog::Hash> fresh;
  {
    const std::lock_guard lock(mutex);
    first = growth.in_files(level);
    fresh = growth.fresh(level);
  }
  if (fresh.empty() || first >= files.count(level)) return true;
  fresh.resize(std::min<std::uint64_t>(fresh.size(), files.count(level) - first));
  CLOISON_TRY_ASSIGN(const Bytes bytes, files.Read(level, first, fresh.size()));
  const std::lock_guard lock(mutex);
  growth.Written(level, fresh.size());
  return ToHashes(bytes) == fresh;
}

// Where to stop, so that a signed tree is met exactly.
std::uint64_t Publisher::State::NextMark(std::uint64_t after) const {
  for (const tlog::Head& mark : marks) {
    if (mark.size > after) return mark.size;
  }
  return tlog::kTreeSizeMax;
}

bool Publisher::State::MeetsMark() const {
  const std::lock_guard lock(mutex);
  return std::ranges::all_of(marks, [this](const tlog::Head& mark) {
    return mark.size != growth.size() || mark.root == growth.frontier().Root();
  });
}

Status Publisher::State::WriteFresh() {
  internal::Growth moment;
  {
    const std::lock_guard lock(mutex);
    moment = growth;
  }
  for (unsigned level = 0; level < internal::kTileLevels; ++level) {
    CLOISON_TRY(files.Append(level, moment.fresh(level)));
    const std::lock_guard lock(mutex);
    growth.Written(level, moment.fresh(level).size());
  }
  written = moment.frontier();
  return Ok();
}

// What some of the files have beyond is held against the frames, as at a start.
void Publisher::State::GoBack() {
  const std::lock_guard lock(mutex);
  growth.BackTo(written);
  whole = false;
}

}  // namespace cloison::ledger
