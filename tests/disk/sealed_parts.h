// Where the formats (docs/format) promise noise: the random parts of store keys, and of values what
// lies behind the clear headers.
#ifndef CLOISON_TESTS_DISK_SEALED_PARTS_H_
#define CLOISON_TESTS_DISK_SEALED_PARTS_H_

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "tests/disk/image.h"

namespace cloison::disk {

// Distinct random parts of keys, by what they are: ids, PRFs and tags. Left out are the numbers
// that tell nothing of people: the first leaf of a batch (frames, records, segments), index,
// generation and page of an index page, names of rows in meta and wrapped_keys.
std::map<std::string, std::vector<std::string>> RandomKeyParts(const FamilyRows& rows);

// Sealed parts of values, by what they are, each from the same place of its format on; views into
// `rows`. Left out is what the formats have in clear: headers, sizes, leaf indices of trail and
// activity.
std::map<std::string, std::vector<ByteView>> SealedParts(const FamilyRows& rows);

// The bytes at each position of many parts, where there are enough of them to be tested.
inline constexpr std::size_t kColumnRowsMin = 128;
std::vector<std::pair<std::size_t, Bytes>> Columns(const std::vector<ByteView>& parts);

}  // namespace cloison::disk

#endif  // CLOISON_TESTS_DISK_SEALED_PARTS_H_
