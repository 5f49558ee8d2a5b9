#include "assess/blocks.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <optional>

namespace cloison::assess {

namespace {

class FileBytes final : public ByteSource {
 public:
  FileBytes(int descriptor, bool owned) : descriptor_(descriptor), owned_(owned) {}
  ~FileBytes() override {
    if (owned_) close(descriptor_);
  }
  FileBytes(const FileBytes&) = delete;
  FileBytes& operator=(const FileBytes&) = delete;

  Result<std::size_t> Read(std::span<char> out) override {
    for (;;) {
      const ssize_t got = read(descriptor_, out.data(), out.size());
      if (got >= 0) return static_cast<std::size_t>(got);
      if (errno != EINTR) return Error{Code::kUnavailable, "the log cannot be read", errno};
    }
  }

 private:
  const int descriptor_;
  const bool owned_;
};

class MaybeGzip final : public ByteSource {
 public:
  explicit MaybeGzip(std::unique_ptr<ByteSource> packed) : packed_(std::move(packed)) {}

  Result<std::size_t> Read(std::span<char> out) override {
    if (!known_) {
      CLOISON_TRY(Look());
    }
    if (gunzip_ != nullptr) return Unpack(out);
    if (at_ == buffer_.size()) return packed_->Read(out);
    return TakeFromBuffer(out);
  }

 private:
  static constexpr std::size_t kPackedBytes = 256u << 10;

  // Two bytes tell; a pipe may give them one by one.
  Status Look() {
    while (buffer_.size() < 2) {
      const std::size_t before = buffer_.size();
      CLOISON_TRY(Refill());
      if (buffer_.size() == before) break;
    }
    known_ = true;
    if (codec::LooksLikeGzip(buffer_)) gunzip_ = std::make_unique<codec::Gunzip>();
    return Ok();
  }

  Status Refill() {
    std::string more(kPackedBytes, '\0');
    CLOISON_TRY_ASSIGN(const std::size_t got, packed_->Read(more));
    buffer_.erase(0, at_);
    at_ = 0;
    buffer_.append(more, 0, got);
    return Ok();
  }

  std::size_t TakeFromBuffer(std::span<char> out) {
    const std::size_t size = std::min(out.size(), buffer_.size() - at_);
    std::copy_n(buffer_.data() + at_, size, out.data());
    at_ += size;
    return size;
  }

  Result<std::size_t> Unpack(std::span<char> out) {
    for (;;) {
      if (at_ == buffer_.size()) {
        CLOISON_TRY(Refill());
      }
      const bool ended = buffer_.empty();
      if (ended && gunzip_->complete()) return std::size_t{0};
      CLOISON_TRY_ASSIGN(const codec::Gunzip::Step step,
                         gunzip_->Next(std::string_view(buffer_).substr(at_), out));
      at_ += step.taken;
      if (step.given > 0) return step.given;
      if (ended) return Error{Code::kCorrupt, "the gzip file is cut short"};
    }
  }

  std::unique_ptr<ByteSource> packed_;
  std::unique_ptr<codec::Gunzip> gunzip_;  // null: as it is
  std::string buffer_;
  std::size_t at_ = 0;
  bool known_ = false;
};

}  // namespace

Result<std::unique_ptr<ByteSource>> OpenBytes(const std::string& path) {
  if (path == "-") return std::unique_ptr<ByteSource>(new FileBytes(STDIN_FILENO, false));
  const int descriptor = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) {
    if (errno == ENOENT) return Error{Code::kNotFound, "no such file"};
    return Error{Code::kUnavailable, "the log cannot be opened", errno};
  }
  return std::unique_ptr<ByteSource>(new FileBytes(descriptor, true));
}

std::unique_ptr<ByteSource> MaybeUnpacked(std::unique_ptr<ByteSource> packed) {
  return std::make_unique<MaybeGzip>(std::move(packed));
}

Result<bool> Blocks::Next(Block& block) {
  const std::scoped_lock lock(mutex_);
  if (failed_.has_value()) return *failed_;
  Result<bool> filled = Fill(block);
  if (!filled.ok()) failed_ = filled.error();
  return filled;
}

Result<bool> Blocks::Fill(Block& block) {
  block.bytes = std::move(rest_);
  rest_.clear();
  block.begins_inside = std::exchange(inside_, false);
  block.ends_inside = false;
  std::size_t size = block.bytes.size();
  block.bytes.resize(std::max(block_bytes_, size));
  while (!ended_ && size < block.bytes.size()) {
    CLOISON_TRY_ASSIGN(const std::size_t got, source_->Read(std::span(block.bytes).subspan(size)));
    ended_ = got == 0;
    size += got;
  }
  block.bytes.resize(size);
  if (size == 0) return false;
  block.number = number_++;
  if (ended_) return true;
  const std::size_t last = block.bytes.rfind('\n');
  if (last == std::string::npos) {
    inside_ = block.ends_inside = true;
    return true;
  }
  rest_ = block.bytes.substr(last + 1);
  block.bytes.resize(last + 1);
  return true;
}

}  // namespace cloison::assess
