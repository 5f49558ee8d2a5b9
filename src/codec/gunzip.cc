#include "codec/gunzip.h"

#include <zlib.h>

#include <algorithm>
#include <climits>

#include "base/check.h"

namespace cloison::codec {

namespace {
constexpr int kWindowBits = 15 + 16;  // 16: with gzip's header
}  // namespace

struct Gunzip::State {
  z_stream stream{};
  bool complete = false;  // at the end of a member
};

bool LooksLikeGzip(std::string_view bytes) {
  return bytes.starts_with("\x1f\x8b");
}

Gunzip::Gunzip() : state_(std::make_unique<State>()) {
  CLOISON_CHECK(inflateInit2(&state_->stream, kWindowBits) == Z_OK);
}

Gunzip::~Gunzip() {
  inflateEnd(&state_->stream);
}

bool Gunzip::complete() const {
  return state_->complete;
}

Result<Gunzip::Step> Gunzip::Next(std::string_view in, std::span<char> out) {
  z_stream& stream = state_->stream;
  if (in.empty() || out.empty()) return Step{0, 0};
  if (state_->complete) {
    CLOISON_CHECK(inflateReset(&stream) == Z_OK);
    state_->complete = false;
  }
  const std::size_t in_size = std::min<std::size_t>(in.size(), INT_MAX);
  const std::size_t out_size = std::min<std::size_t>(out.size(), INT_MAX);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(in.data()));
  stream.avail_in = static_cast<uInt>(in_size);
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out_size);
  const int done = inflate(&stream, Z_NO_FLUSH);
  if (done != Z_OK && done != Z_STREAM_END && done != Z_BUF_ERROR) {
    return Error{Code::kCorrupt, "not gzip, or damaged"};
  }
  state_->complete = done == Z_STREAM_END;
  return Step{in_size - stream.avail_in, out_size - stream.avail_out};
}

}  // namespace cloison::codec
