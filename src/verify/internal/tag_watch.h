// Looks for tags and leaves among the entries of a log as they pass.
#ifndef CLOISON_VERIFY_INTERNAL_TAG_WATCH_H_
#define CLOISON_VERIFY_INTERNAL_TAG_WATCH_H_

#include <map>
#include <unordered_map>

#include "verify/internal/person_pages.h"

namespace cloison::verify::internal {

class TagWatch final : public EntryObserver {
 public:
  enum class Side : std::uint8_t { kSubject, kActor };

  // All outlive it. Tags of the numbers [first, end) are looked for.
  TagWatch(Side side, const crypto::HmacKey& key, std::uint64_t first, std::uint64_t end,
           const std::map<std::uint64_t, Claimed>& claims);
  void OnEntry(std::uint64_t index, ByteView entry) override;

  // Where each number was found; the first place.
  const std::map<std::uint64_t, std::uint64_t>& found() const { return found_; }
  // A claimed leaf that is not there, or a number found twice.
  const std::optional<Fault>& fault() const { return fault_; }

 private:
  struct TagHash {
    std::size_t operator()(const ledger::Tag& tag) const {
      return base::LoadBig(ByteView(tag).first(8));
    }
  };

  Side side_;
  std::unordered_map<ledger::Tag, std::uint64_t, TagHash> tags_;
  const std::map<std::uint64_t, Claimed>& claims_;
  std::map<std::uint64_t, Claimed>::const_iterator next_;
  std::map<std::uint64_t, std::uint64_t> found_;
  std::optional<Fault> fault_;
};

}  // namespace cloison::verify::internal

#endif  // CLOISON_VERIFY_INTERNAL_TAG_WATCH_H_
