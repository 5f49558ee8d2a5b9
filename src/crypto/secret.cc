#include "crypto/secret.h"

#include <openssl/crypto.h>
#include <sanitizer/asan_interface.h>  // its macros do nothing without the sanitizer
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <bit>
#include <cstring>
#include <mutex>

namespace cloison::crypto {
namespace {

constexpr std::size_t kClasses = 8;  // 32, 64 ... 4096 bytes
constexpr std::size_t kSmallestClass = 32;
constexpr std::size_t kLargestClass = kSmallestClass << (kClasses - 1);
constexpr std::size_t kChunkBytes = 64 * 1024;
constexpr std::size_t kBatchBytes = 16 * 1024;  // what moves between a thread and the shared list
constexpr std::size_t kBatchBlocksMax = 64;

std::atomic<std::size_t> locked_bytes{0};
std::atomic<std::size_t> unlocked_bytes{0};

std::size_t ClassOf(std::size_t size) {
  return size <= kSmallestClass ? 0 : static_cast<std::size_t>(std::bit_width((size - 1) / 32));
}
std::size_t ClassBytes(std::size_t cls) {
  return kSmallestClass << cls;
}
std::size_t BatchOf(std::size_t cls) {
  return std::min(kBatchBlocksMax, kBatchBytes / ClassBytes(cls));
}

std::size_t PageBytes() {
  static const std::size_t bytes = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
  return bytes;
}
std::size_t RoundToPages(std::size_t size) {
  const std::size_t page = PageBytes();
  return (size + page - 1) / page * page;
}

// Whether the pages could be locked; counted either way.
bool LockPages(std::uint8_t* pages, std::size_t size) {
  const std::size_t before = locked_bytes.fetch_add(size, std::memory_order_relaxed);
  if (before + size <= kArenaBytesMax && mlock(pages, size) == 0) return true;
  locked_bytes.fetch_sub(size, std::memory_order_relaxed);
  unlocked_bytes.fetch_add(size, std::memory_order_relaxed);
  return false;
}

struct Pages {
  std::uint8_t* bytes;
  bool locked;
};

// `size` zero bytes, a multiple of a page, between two pages that fault. They are left out of core
// dumps even where dumps are on.
Pages MapPages(std::size_t size) {
  const std::size_t page = PageBytes();
  void* const mapped =
      mmap(nullptr, size + 2 * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  CLOISON_CHECK(mapped != MAP_FAILED);
  std::uint8_t* const inner = static_cast<std::uint8_t*>(mapped) + page;
  CLOISON_CHECK(mprotect(inner, size, PROT_READ | PROT_WRITE) == 0);
  madvise(inner, size, MADV_DONTDUMP);
  return {inner, LockPages(inner, size)};
}

// A secret above the largest class has pages of its own; their last byte says whether they are
// locked, so that freeing them counts right.
std::size_t LargeBytes(std::size_t size) {
  return RoundToPages(size + 1);
}

std::uint8_t* MapLarge(std::size_t size) {
  const std::size_t total = LargeBytes(size);
  const Pages pages = MapPages(total);
  pages.bytes[total - 1] = pages.locked ? 1 : 0;
  return pages.bytes;
}

void UnmapLarge(std::uint8_t* bytes, std::size_t size) {
  const std::size_t total = LargeBytes(size);
  if (bytes[total - 1] != 0) locked_bytes.fetch_sub(total, std::memory_order_relaxed);
  CLOISON_CHECK(munmap(bytes - PageBytes(), total + 2 * PageBytes()) == 0);
}

// A free block holds the next one in its first bytes; all its other bytes are zero.
class FreeList {
 public:
  bool empty() const { return head_ == nullptr; }
  std::size_t size() const { return size_; }
  void Push(std::uint8_t* block, std::size_t bytes) {
    std::memcpy(block, &head_, sizeof(head_));
    ASAN_POISON_MEMORY_REGION(block, bytes);
    head_ = block;
    ++size_;
  }
  std::uint8_t* Pop() {
    std::uint8_t* const block = head_;
    ASAN_UNPOISON_MEMORY_REGION(block, sizeof(head_));
    std::memcpy(&head_, block, sizeof(head_));
    std::fill_n(block, sizeof(head_), std::uint8_t{0});
    --size_;
    return block;
  }

 private:
  std::uint8_t* head_ = nullptr;
  std::size_t size_ = 0;
};

void Move(FreeList& from, FreeList& to, std::size_t count, std::size_t bytes) {
  for (; count > 0 && !from.empty(); --count) to.Push(from.Pop(), bytes);
}

// The lists all threads share. Chunks are never given back: a process needs again what it needed
// once.
class SharedLists {
 public:
  void Take(FreeList& to, std::size_t cls, std::size_t count) {
    const std::lock_guard lock(mutex_);
    if (lists_[cls].empty()) AddChunk(cls);
    Move(lists_[cls], to, count, ClassBytes(cls));
  }
  void Return(FreeList& from, std::size_t cls, std::size_t count) {
    const std::lock_guard lock(mutex_);
    Move(from, lists_[cls], count, ClassBytes(cls));
  }

 private:
  void AddChunk(std::size_t cls) {
    std::uint8_t* const chunk = MapPages(kChunkBytes).bytes;
    const std::size_t bytes = ClassBytes(cls);
    for (std::size_t at = 0; at < kChunkBytes; at += bytes) lists_[cls].Push(chunk + at, bytes);
  }

  std::mutex mutex_;
  std::array<FreeList, kClasses> lists_;
};

SharedLists& Shared() {
  // Never destroyed: secrets of static and thread-local objects may outlive everything else.
  static SharedLists& shared = *new SharedLists;
  return shared;
}

// Whether this thread's lists can be used: a secret may be freed after they are gone, or made.
enum class ThreadState : std::uint8_t { kNew, kAlive, kGone };
thread_local ThreadState thread_state = ThreadState::kNew;

struct ThreadLists {
  ThreadLists() { thread_state = ThreadState::kAlive; }
  ~ThreadLists() {
    thread_state = ThreadState::kGone;
    for (std::size_t cls = 0; cls < kClasses; ++cls) {
      Shared().Return(lists[cls], cls, lists[cls].size());
    }
  }
  std::array<FreeList, kClasses> lists;
};

FreeList& ListOfThread(std::size_t cls) {
  thread_local ThreadLists thread_lists;
  return thread_lists.lists[cls];
}

std::uint8_t* TakeBlock(std::size_t cls) {
  if (thread_state == ThreadState::kGone) {
    FreeList one;
    Shared().Take(one, cls, 1);
    return one.Pop();
  }
  FreeList& list = ListOfThread(cls);
  if (list.empty()) Shared().Take(list, cls, BatchOf(cls));
  return list.Pop();
}

void GiveBlock(std::uint8_t* block, std::size_t cls) {
  if (thread_state == ThreadState::kGone) {
    FreeList one;
    one.Push(block, ClassBytes(cls));
    Shared().Return(one, cls, 1);
    return;
  }
  FreeList& list = ListOfThread(cls);
  list.Push(block, ClassBytes(cls));
  // Half stays: a thread that frees what others make must not keep all of it.
  if (list.size() >= 2 * BatchOf(cls)) Shared().Return(list, cls, BatchOf(cls));
}

}  // namespace

namespace internal {

std::uint8_t* AllocateSecret(std::size_t size) {
  if (size == 0) return nullptr;
  if (size > kLargestClass) return MapLarge(size);
  std::uint8_t* const block = TakeBlock(ClassOf(size));
  ASAN_UNPOISON_MEMORY_REGION(block, size);
  // Taking the block opened the whole link; a smaller secret must not reach its end.
  if (size < sizeof(void*)) ASAN_POISON_MEMORY_REGION(block + size, sizeof(void*) - size);
  return block;
}

void FreeSecret(std::uint8_t* bytes, std::size_t size) {
  if (bytes == nullptr) return;
  Wipe({bytes, size});
  if (size > kLargestClass) return UnmapLarge(bytes, size);
  ASAN_UNPOISON_MEMORY_REGION(bytes, sizeof(void*));
  GiveBlock(bytes, ClassOf(size));
}

}  // namespace internal

std::size_t UnlockedBytes() {
  return unlocked_bytes.load(std::memory_order_relaxed);
}

bool EqualConstantTime(ByteView a, ByteView b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

SecretBytes SecretBytes::CopyOf(ByteView bytes) {
  SecretBytes out(bytes.size());
  std::copy(bytes.begin(), bytes.end(), out.bytes_);
  return out;
}

void SecretBytes::Append(ByteView bytes) {
  if (bytes.size() <= capacity_ - size_) {
    std::copy(bytes.begin(), bytes.end(), bytes_ + size_);
    size_ += bytes.size();
    return;
  }
  const std::size_t needed = size_ + bytes.size();
  SecretBytes grown(std::max({needed, 2 * capacity_, kSmallestClass}));
  std::copy_n(bytes_, size_, grown.bytes_);
  std::copy(bytes.begin(), bytes.end(), grown.bytes_ + size_);
  grown.size_ = needed;
  *this = std::move(grown);
}

void SecretBytes::Shrink(std::size_t size) {
  CLOISON_CHECK(size <= size_);
  Wipe(Reveal().subspan(size));
  size_ = size;
}

}  // namespace cloison::crypto
