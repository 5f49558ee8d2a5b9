#include "commit/staging.h"

#include <algorithm>
#include <thread>

namespace cloison::commit {

void RecentChanges::Note(const store::Key& key, store::Version version) {
  if (!Follows(key.family)) return;
  families_[static_cast<std::size_t>(key.family)].change = version;
  last_[SlotOf(key)] = version;
}

void RecentChanges::NoteRange(store::Family family, store::Version version) {
  OfFamily& of = families_[static_cast<std::size_t>(family)];
  of.change = version;
  of.range_delete = version;
}

bool RecentChanges::UnchangedSince(const store::Key& key, store::Version snapshot) const {
  CLOISON_CHECK(Follows(key.family));
  const OfFamily& of = families_[static_cast<std::size_t>(key.family)];
  if (of.change <= snapshot) return true;
  return of.range_delete <= snapshot && last_[SlotOf(key)] <= snapshot;
}

Staging::Staging(store::Store& store, RecentChanges& recent, store::Version version, BatchTime time,
                 base::Executor* executor)
    : store_(store), recent_(recent), version_(version), time_(time), executor_(executor) {}

Task<Status> Staging::Load(std::vector<store::Key> keys) {
  std::erase_if(keys, [this](const store::Key& key) { return loaded_.contains(key); });
  for (std::size_t done = 0; done < keys.size(); done += store::kMultiGetKeysMax) {
    const std::size_t size = std::min(store::kMultiGetKeysMax, keys.size() - done);
    const auto begin = keys.begin() + static_cast<std::ptrdiff_t>(done);
    std::vector<store::Key> wanted(begin, begin + static_cast<std::ptrdiff_t>(size));
    const std::thread::id here = std::this_thread::get_id();
    Result<std::vector<store::Row>> rows =
        co_await store_.MultiGet(std::move(wanted), store::ReadMode::kAny);
    if (executor_ != nullptr && std::this_thread::get_id() != here) {
      co_await executor_->Schedule();
    }
    if (!rows.ok()) co_return rows.error();
    for (std::size_t i = 0; i < size; ++i) {
      loaded_.insert_or_assign(std::move(keys[done + i]), std::move((*rows)[i]));
    }
  }
  co_return Ok();
}

void Staging::Offer(store::Key key, store::Row row, store::Version snapshot) {
  if (UnchangedSince(key, snapshot)) loaded_.try_emplace(std::move(key), std::move(row));
}

bool Staging::Has(const store::Key& key) const {
  return staged_.contains(key) || loaded_.contains(key);
}

const store::Row& Staging::Get(const store::Key& key) const {
  const auto staged = staged_.find(key);
  if (staged != staged_.end()) return staged->second;
  const auto loaded = loaded_.find(key);
  CLOISON_CHECK(loaded != loaded_.end());
  return loaded->second;
}

bool Staging::UnchangedSince(const store::Key& key, store::Version snapshot) const {
  const bool staged = !staged_.empty() && staged_.contains(key);
  return !staged && recent_.UnchangedSince(key, snapshot);
}

void Staging::Stage(store::Key key, store::Row row) {
  const auto [place, is_new] = staged_.try_emplace(std::move(key));
  std::optional<store::Row> before;
  if (!is_new) before = std::move(place->second);
  place->second = std::move(row);
  undo_.push_back(Change{&place->first, std::move(before), false});
}

void Staging::Put(store::Key key, Bytes value) {
  Stage(std::move(key), store::Row{version_, std::move(value)});
}

void Staging::Delete(store::Key key) {
  Stage(std::move(key), store::Row{});
}

void Staging::DeleteRange(store::Range range) {
  range_deletes_.push_back(std::move(range));
  undo_.push_back(Change{nullptr, std::nullopt, true});
}

void Staging::Rollback(std::size_t mark) {
  CLOISON_CHECK(mark <= undo_.size());
  while (undo_.size() > mark) {
    Change& change = undo_.back();
    if (change.is_range) {
      range_deletes_.pop_back();
    } else if (change.before.has_value()) {
      staged_.find(*change.key)->second = std::move(*change.before);
    } else {
      staged_.erase(staged_.find(*change.key));
    }
    undo_.pop_back();
  }
}

store::WriteSet Staging::TakeWrites() {
  store::WriteSet writes;
  writes.puts.reserve(staged_.size());
  undo_.clear();
  while (!staged_.empty()) {
    auto node = staged_.extract(staged_.begin());
    recent_.Note(node.key(), version_);
    if (node.mapped().present()) {
      writes.puts.push_back(store::Put{std::move(node.key()), std::move(node.mapped().value)});
    } else {
      writes.deletes.push_back(std::move(node.key()));
    }
  }
  // Neighbours one after the other are cheaper to write, and a seed decides the same order always.
  std::ranges::sort(writes.puts, {}, [](const store::Put& put) -> const auto& { return put.key; });
  std::ranges::sort(writes.deletes);
  for (const store::Range& range : range_deletes_) recent_.NoteRange(range.family, version_);
  writes.range_deletes = std::exchange(range_deletes_, {});
  return writes;
}

}  // namespace cloison::commit
