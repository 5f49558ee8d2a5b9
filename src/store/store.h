// The store: bytes under keys. It knows nothing of people, and it is not trusted: what it holds is
// sealed and checked by those who read it.
//
// One writer (commit::Committer; keys::PersonKeys for the key database) calls Commit; anybody
// reads. Consistency  a read sees every Commit that ended before the read began, whole, or a later
// one. Durability   Commit returns only when its writes survive a power cut. Threads      any,
// except where said. Rows, keys and limits are bounded: kKeyBytesMax, kValueBytesMax. Source DESIGN
// "Where one machine ends"; docs/format/store.md (families, versions).
#ifndef CLOISON_STORE_STORE_H_
#define CLOISON_STORE_STORE_H_

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/task.h"

namespace cloison::store {

// A family is a key space of its own. The number is on disk: append only.
enum class Family : std::uint8_t {
  kMeta = 0,  // one row per name: format, clock, frontier, fold position
  kPeople = 1,
  kIndex = 2,
  kPrincipals = 3,
  kSeen = 4,
  kCaseload = 5,   // both ways: agent to person, person to agent
  kFrames = 6,     // first leaf index of a batch -> its leaves
  kRecords = 7,    // first leaf index of a batch -> its sealed records
  kSegments = 8,   // first leaf index of a batch -> tags and running numbers, until folded
  kTrail = 9,      // tag of a subject -> leaf index
  kActivity = 10,  // tag of an actor -> leaf index
  kHeads = 11,     // PRF of a person -> running number
  kPolicies = 12,
  kSchemas = 13,
  kIdempotency = 14,
  kOperations = 15,
  kOutbox = 16,
  kOrganisations = 17,
  kHolds = 18,         // hold ‖ leaf index -> a record sealed again, beyond its month
  kIncidents = 19,     // number of a hold -> what it holds
  kApprovals = 20,     // id -> what was asked, and what was decided
  kExplanations = 21,  // both ways, as caseload: why an agent may open a person
  kCredentials = 22,   // PRF of a principal -> the keys it was seen with
  kCeilings = 23,      // PRF of an office, organisation, client or the register -> its buckets
  kJobs = 24,          // id -> an approved job and how far it went
  kCases = 27,         // id -> what holds somebody back until a human has looked at it
  kPools = 28,         // PRF of an office, organisation or the register -> what its accounts did
  kDecoys = 30,        // PRF of a number -> a page of the list of decoys
  kLearnt = 31,        // day ‖ number -> what accounts did in blocks that ended: to calibrate by
  // the key database
  kPersonKeys = 32,   // person_id ‖ pkv -> WK
  kAud = 33,          // AUD -> sealed person_id
  kWrappedKeys = 34,  // name of a key -> wrapped key (KEK, month keys, IDX, PG, STATE, PPK, LOG)
};
inline constexpr Family kMainFamilies[] = {
    Family::kMeta,      Family::kPeople,        Family::kIndex,       Family::kPrincipals,
    Family::kSeen,      Family::kCaseload,      Family::kFrames,      Family::kRecords,
    Family::kSegments,  Family::kTrail,         Family::kActivity,    Family::kHeads,
    Family::kPolicies,  Family::kSchemas,       Family::kIdempotency, Family::kOperations,
    Family::kOutbox,    Family::kOrganisations, Family::kHolds,       Family::kIncidents,
    Family::kApprovals, Family::kExplanations,  Family::kCredentials, Family::kCeilings,
    Family::kJobs,      Family::kCases,         Family::kPools,       Family::kDecoys,
    Family::kLearnt};
inline constexpr Family kKeyFamilies[] = {Family::kMeta, Family::kPersonKeys, Family::kAud,
                                          Family::kWrappedKeys};
// The family's name: lower-case ASCII, part of key derivations ("principals", "seen", "person_keys"
// ...).
std::string_view FamilyName(Family family);

inline constexpr std::size_t kKeyBytesMax = 256;
inline constexpr std::size_t kValueBytesMax = 64u << 20;
inline constexpr std::size_t kScanRowsMax = 10'000;
inline constexpr std::size_t kMultiGetKeysMax = 10'000;
inline constexpr std::size_t kCommitBytesMax = 1u << 30;  // keys and values of one WriteSet
inline constexpr std::size_t kScanBytesMax = 64u
                                             << 20;  // a page ends after the row that reaches it

// The number of the commit that wrote a row: dense, from 1, never reused. How it is stored is
// the store's own matter.
using Version = std::uint64_t;
inline constexpr Version kAbsent = 0;

struct Key {
  Family family;
  std::string bytes;
  friend auto operator<=>(const Key&, const Key&) = default;
};
struct KeyHash {
  std::size_t operator()(const Key& key) const {
    return std::hash<std::string>{}(key.bytes) * 31 + static_cast<std::size_t>(key.family);
  }
};

// Absent rows have version kAbsent and no value.
struct Row {
  Version version = kAbsent;
  Bytes value;
  bool present() const { return version != kAbsent; }
};
struct KeyedRow {
  std::string key;
  Row row;
};

struct Put {
  Key key;
  Bytes value;
};
// [begin, end) in byte order; an empty end is the end of the family.
struct Range {
  Family family;
  std::string begin;
  std::string end;
};
struct Expect {
  Key key;
  Version version;  // kAbsent: the key must not exist
};

struct WriteSet {
  std::vector<Put> puts;  // a key at most once over puts and deletes
  std::vector<Key> deletes;
  std::vector<Range> range_deletes;  // before puts
  std::vector<Expect> expects;       // all must hold, or nothing is written
  std::uint64_t fence = 0;           // 0: none; else must not be below the highest fence ever given
  bool empty() const { return puts.empty() && deletes.empty() && range_deletes.empty(); }
};

enum class ReadMode {
  kAny,
  kCacheOnly
};  // kCacheOnly: never waits for a disk; kUnavailable when it would

struct ScanPage {
  std::vector<KeyedRow> rows;       // ascending
  std::optional<std::string> next;  // where to go on (as `begin`); nothing: the range is done
};

struct Health {
  bool writable;
  std::uint64_t bytes_on_disk;  // 0 where there is no disk
};

// How fast a run is written: with rests, so that commits find a core and the disk; or as it goes.
enum class Pace : std::uint8_t { kBesideCommits, kAlone };

// Loads an empty family with rows in strictly ascending order, without the log: sorted runs on
// disk. Not thread-safe. What was added is visible and durable only after Finish.
class BulkLoader {
 public:
  virtual ~BulkLoader() = default;
  virtual Status Add(ByteView key, ByteView value) = 0;  // kInvalid: not above the previous key
  virtual Status Finish(Version version) = 0;            // rows get `version`
};

class Store {
 public:
  virtual ~Store() = default;

  // Gives one Row per key, in the order of `keys`. Fails kUnavailable (cache only, or I/O),
  // kCorrupt.
  virtual Task<Result<std::vector<Row>>> MultiGet(std::vector<Key> keys, ReadMode mode) = 0;

  // At most min(limit, kScanRowsMax) rows of `range`, ascending.
  virtual Task<Result<ScanPage>> Scan(Range range, std::size_t limit) = 0;

  // Writes all of `writes` or nothing, durably, as one commit; gives its version (last_version() +
  // 1). Fails kConflict         an expectation or the fence does not hold; nothing written
  //       kInvalid          a key or value over its limit, a key twice; nothing written
  //       kUnknownOutcome   anything else, no space included: the caller must stop, reopen and
  //       recover
  // Threads: one call at a time. Cost: one sync.
  virtual Task<Result<Version>> Commit(WriteSet writes) = 0;

  // For families that no reader uses yet. One loader of a family at a time.
  virtual Result<std::unique_ptr<BulkLoader>> LoadBulk(Family family) = 0;

  // Merges one more run of rows into `family`, beside commits and readers: for families that are
  // written only so (trail, activity, heads), and for a first load or a restore. A row replaces the
  // older one of its key. Finish takes the same `version`, of a commit that has been made, and
  // makes no new one; a crash leaves all of the run or none. Fails kInvalid when `version` is not
  // one yet. Loaders of a family may run at once, each on a thread of its own, when their keys lie
  // apart.
  virtual Result<std::unique_ptr<BulkLoader>> LoadRun(Family family, Version version,
                                                      Pace pace) = 0;

  // Writes a consistent copy of the whole store into the new directory `path`, synced.
  virtual Status Checkpoint(const std::string& path) = 0;

  virtual Version last_version() const = 0;
  virtual Health health() const = 0;
};

}  // namespace cloison::store

#endif  // CLOISON_STORE_STORE_H_
