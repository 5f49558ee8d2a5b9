// The list of decoys: rows of one size (family decoys), which tell how long it is and nothing else.
// Nothing of a decoy's own row says that it is one.
//
//   PRF(u32 page)
//         02 | u32 page | u32 share | u16 used | 128 × (person_id[8] | AUD[16] | u64 origin) sealed
//
// `share` is of the first page, which is there once anybody has agreed to one; of others it is 0.
// Rows are put once per batch that touched them, their digests in the anchor's sum: a page that is
// older, or gone, is noticed at start.
//
// Threads  the committer's. Cost: Has 20 ns; 8 us per page and batch.
// Source   docs/format/state.md "Decoys"; docs/design/0023-decoys.md.
#ifndef CLOISON_SENTINEL_DECOY_PAGES_H_
#define CLOISON_SENTINEL_DECOY_PAGES_H_

#include <optional>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "access/observer.h"

namespace cloison::sentinel {

inline constexpr std::size_t kDecoysPerPage = 128;
inline constexpr std::size_t kDecoyPagesMax =
    65'536;  // eight million decoys, the most of 83 million people

struct DecoyPage {
  std::uint32_t number = 0, share = 0;
  std::vector<access::Decoy> decoys;
};
Bytes Serialise(const DecoyPage& page);
Result<DecoyPage> ParseDecoyPage(ByteView plain);  // kCorrupt

class DecoyPages final : public access::DecoyList {
 public:
  void Stand(const access::Observer::Ground& ground) { ground_ = &ground; }
  // Others that are decoys too, as far as detectors go: of simulations. Before the first work.
  void Also(const std::vector<Aud>& auds) { also_ = {auds.begin(), auds.end()}; }
  // Who invents people for decoys; outlives it. Before the first work.
  void InventBy(access::DecoyInventor* inventor) { inventor_ = inventor; }
  // kCorrupt: a page does not open, or is not the next of them.
  Task<Status> Recover(store::Store& store);
  void PutRows(commit::Staging& staging);

  bool Has(const Aud& aud) const override {
    return (!places_.empty() && places_.contains(aud)) || (!also_.empty() && also_.contains(aud));
  }
  std::vector<access::Decoy> All() const override;
  std::uint32_t share() const override { return kept_.empty() ? 0 : kept_[0].page.share; }
  void Add(std::span<const access::Decoy> decoys) override;
  void Remove(std::span<const access::Decoy> decoys) override;
  void SetShare(std::uint32_t per_100000) override;
  access::DecoyInventor* inventor() const override { return inventor_; }

 private:
  struct Kept {
    DecoyPage page;
    std::optional<Bytes> stored;  // its row as the anchor has it
    bool dirty = false;
  };
  Kept& Grow();
  store::Key KeyOf(std::uint32_t page) const;

  const access::Observer::Ground* ground_ = nullptr;
  std::vector<Kept> kept_;                                       // by number
  std::unordered_map<Aud, std::uint32_t, base::IdHash> places_;  // the page of each
  std::unordered_set<Aud, base::IdHash> also_;
  access::DecoyInventor* inventor_ = nullptr;
};

}  // namespace cloison::sentinel

#endif  // CLOISON_SENTINEL_DECOY_PAGES_H_
