#include "assess/partitions.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <type_traits>

namespace cloison::assess {

namespace {

static_assert(sizeof(Record) == 24 && std::is_trivially_copyable_v<Record>);

Status WriteAll(int file, const char* bytes, std::size_t size, std::uint64_t at) {
  while (size > 0) {
    const ssize_t done = pwrite(file, bytes, size, static_cast<off_t>(at));
    if (done < 0 && errno == EINTR) continue;
    if (done < 0) {
      const bool full = errno == ENOSPC || errno == EDQUOT;
      return Error{full ? Code::kExhausted : Code::kUnavailable,
                   "the temporary file cannot be written", errno};
    }
    bytes += done;
    size -= static_cast<std::size_t>(done);
    at += static_cast<std::uint64_t>(done);
  }
  return Ok();
}

Status ReadAll(int file, char* bytes, std::size_t size, std::uint64_t at) {
  while (size > 0) {
    const ssize_t done = pread(file, bytes, size, static_cast<off_t>(at));
    if (done < 0 && errno == EINTR) continue;
    if (done <= 0) return Error{Code::kUnavailable, "the temporary file cannot be read", errno};
    bytes += done;
    size -= static_cast<std::size_t>(done);
    at += static_cast<std::uint64_t>(done);
  }
  return Ok();
}

}  // namespace

Partitions::Partitions(std::string directory, std::size_t memory_bytes)
    : directory_(std::move(directory)), memory_bytes_(memory_bytes) {}

Partitions::~Partitions() {
  if (file_ >= 0) close(file_);
}

Status Partitions::OpenFile() {
  if (file_ >= 0) return Ok();
  file_ = open(directory_.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  if (file_ >= 0) return Ok();
  // File systems that know no files without a name.
  std::string path = directory_ + "/cloison-assess-XXXXXX";
  file_ = mkostemp(path.data(), O_CLOEXEC);
  if (file_ < 0) return Error{Code::kUnavailable, "no temporary file can be made", errno};
  unlink(path.c_str());
  return Ok();
}

Status Partitions::Take(std::size_t part, std::vector<Record> records) {
  if (records.empty()) return Ok();
  const std::size_t count = records.size();
  const std::size_t bytes = count * sizeof(Record);
  std::uint64_t offset = 0;
  {
    const std::scoped_lock lock(mutex_);
    if (kept_bytes_ + bytes <= memory_bytes_) {
      kept_bytes_ += bytes;
      extents_[part].push_back({std::move(records), 0, count});
      return Ok();
    }
    CLOISON_TRY(OpenFile());
    offset = file_bytes_;
    file_bytes_ += bytes;
    extents_[part].push_back({{}, offset, count});
  }
  return WriteAll(file_, reinterpret_cast<const char*>(records.data()), bytes, offset);
}

Status Partitions::Writer::Add(std::uint32_t account, const Record& record) {
  std::vector<Record>& tail = tails_[account % kParts];
  if (tail.capacity() == 0) tail.reserve(kTailRecords);
  tail.push_back(record);
  if (tail.size() < kTailRecords) return Ok();
  return partitions_.Take(account % kParts, std::exchange(tail, {}));
}

Status Partitions::Writer::Finish() {
  for (std::size_t part = 0; part < kParts; ++part) {
    tails_[part].shrink_to_fit();
    CLOISON_TRY(partitions_.Take(part, std::exchange(tails_[part], {})));
  }
  return Ok();
}

Result<std::vector<Record>> Partitions::Load(std::size_t part) {
  std::size_t count = 0;
  for (const Extent& extent : extents_[part]) count += extent.count;
  if (count > kPartRecordsMax) {
    return Error{Code::kExhausted, "one account has more lines than are held in memory"};
  }
  std::vector<Record> all(count);
  std::size_t at = 0;
  for (Extent& extent : extents_[part]) {
    if (extent.records.empty()) {
      CLOISON_TRY(ReadAll(file_, reinterpret_cast<char*>(all.data() + at),
                          extent.count * sizeof(Record), extent.offset));
    } else {
      std::copy(extent.records.begin(), extent.records.end(),
                all.begin() + static_cast<std::ptrdiff_t>(at));
      extent.records = std::vector<Record>();
    }
    at += extent.count;
  }
  extents_[part].clear();
  return all;
}

}  // namespace cloison::assess
