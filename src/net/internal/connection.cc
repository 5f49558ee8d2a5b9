#include "net/internal/connection.h"

#include <string.h>  // explicit_bzero

#include <algorithm>
#include <span>

#include "net/internal/message.h"

namespace cloison::net::internal {
namespace {

constexpr std::size_t kReadBytesFirst = 4u << 10;     // of a connection's read buffer
constexpr std::size_t kReadBytesBody = 16u << 10;     // one TLS record
constexpr std::size_t kOneWriteBytesMax = 16u << 10;  // a body up to here goes with its head
constexpr std::size_t kKeptBytesMax = 64u << 10;      // buffers above are given back
constexpr int kRequestsPerTurn = 16;                  // then other connections get theirs
constexpr std::int64_t kLingerMsMax = 2'000;
constexpr std::size_t kLingerBytesMax = 8u << 20;

}  // namespace

Stream Host::MakeStream(int socket) {
  if (!options.tls) return Stream::Plain(socket);
  const std::lock_guard lock(tls_mutex_);
  return Stream::TlsServer(*tls_, socket);
}

Response Host::ErrorResponse(int status, std::string_view code) const {
  return options.error_body ? options.error_body(status, code) : ProblemResponse(status, code);
}

bool Host::Admit() {
  if (in_flight_.fetch_add(1, std::memory_order_relaxed) < options.requests_in_flight_max) {
    return true;
  }
  Leave();
  return false;
}

Status Host::LoadTls(TlsServerOptions tls) {
  CLOISON_TRY_ASSIGN(std::unique_ptr<TlsContext> made, TlsContext::ForServer(tls));
  WipeText(tls.private_key_pem);
  const std::lock_guard lock(tls_mutex_);
  tls_ = std::move(made);
  return Ok();
}

Connection::~Connection() {
  explicit_bzero(in_.data(), in_.size());
  // Of a request or an answer that came too late to be sent.
  WipeText(request_.body);
  WipeText(response_.body);
}

void Connection::Start() {
  shard_.connections.push_front(this);
  place_ = shard_.connections.begin();
  base::Detach(Serve());
}

void Connection::Enter(Phase phase, std::int64_t ms_max) {
  phase_ = phase;
  expired_ = false;
  deadline_us_ = host_.clock.mono_us() + ms_max * 1000;
}

void Connection::WakeWaiter() {
  if (waiter_) std::exchange(waiter_, nullptr).resume();
}

void Connection::Sweep(std::int64_t now_us) {
  if (stopped() || now_us < deadline_us_) return;
  expired_ = true;
  if (phase_ != Phase::kHandler) watch_->Cancel();
  alarm_.Cancel();
  WakeWaiter();
}

void Connection::Drain() {
  const bool waiting = phase_ == Phase::kHandshake || phase_ == Phase::kFirst ||
                       phase_ == Phase::kIdle || phase_ == Phase::kLinger;
  if (waiting) Kill();
}

void Connection::Kill() {
  killed_ = true;
  watch_->Cancel();
  alarm_.Cancel();
  WakeWaiter();
}

Task<void> Connection::Serve() {
  bool more = co_await Handshake();
  while (more) {
    more = co_await ServeOne();
    if (more && ++turn_ == kRequestsPerTurn) {
      turn_ = 0;
      co_await shard_.loop.Schedule();
    }
  }
  if (stream_ && !killed_) stream_->Close();
  stream_.reset();
  watch_->Close();
  // A late handler still owns a request of this connection; nothing hurries it.
  deadline_us_ = INT64_MAX;
  while (!handler_done_) {
    killed_ = expired_ = false;
    HandlerAwaiter end{*this};
    co_await end;
  }
  shard_.connections.erase(place_);
  Host& host = host_;
  delete this;
  host.Ended();
}

Task<bool> Connection::Handshake() {
  if (host_.draining() || !watch_->Prepare(peer_)) co_return false;
  stream_.emplace(host_.MakeStream(watch_->socket()));
  Enter(Phase::kHandshake, options().handshake_ms_max);
  if (!options().tls) co_return true;

  Io io = stream_->Handshake();
  while (io == Io::kWantRead || io == Io::kWantWrite) {
    const bool ready = co_await Ready(io);
    io = ready ? stream_->Handshake() : Io::kFailed;
  }
  if (io != Io::kDone) {
    host_.stats.handshakes_failed.Add();
    if (!stopped() && io == Io::kFailed) co_await Linger();  // the alert says why: let it arrive
    co_return false;
  }
  host_.stats.handshakes.Add();
  if (stream_->resumed()) host_.stats.handshakes_resumed.Add();
  peer_.certificate_sha256 = stream_->peer_certificate_sha256();
  co_return true;
}

Task<bool> Connection::ServeOne() {
  const Read read = co_await ReadRequest();
  if (read == Read::kEnded) co_return false;
  if (read == Read::kRefused) {
    const Refusal refusal = expired_ ? Refusal{408, "request_timeout"} : parser_.refusal();
    host_.stats.requests_refused.Add();
    co_await RefuseAndClose(refusal);
    co_return false;
  }
  const bool keep = parser_.keep_alive();
  request_ = parser_.Take();
  const bool to_head = request_.method == Method::kHead;
  if (!host_.Admit()) {
    host_.stats.requests_refused.Add();
    Response busy = host_.ErrorResponse(503, "overloaded");
    busy.headers.Add("retry-after", "1");
    const bool sent = co_await Send(std::move(busy), !keep || host_.draining());
    co_return sent&& keep && !host_.draining();
  }
  host_.stats.requests.Add();
  Enter(Phase::kHandler, options().handler_ms_max);
  handler_done_ = false;
  base::Detach(RunHandler());
  HandlerAwaiter end{*this};
  co_await end;
  bool in_time = handler_done_ && !killed_;
  if (in_time) in_time = co_await HoldAnswer();
  if (killed_) co_return false;
  if (!in_time) {
    host_.stats.requests_late.Add();
    const Refusal late{503, "deadline_exceeded"};
    co_await RefuseAndClose(late);
    co_return false;
  }
  const bool close = !keep || host_.draining();
  if (to_head) WipeText(response_.body);
  const bool sent = co_await Send(std::move(response_), close);
  co_return sent && !close;
}

// False when the deadline comes before the time that the answer is for.
Task<bool> Connection::HoldAnswer() {
  if (response_.not_before_mono_us == 0) co_return true;
  phase_ = Phase::kHeld;
  // The clock is asked again after the alarm: it may be finer than the timer.
  while (!stopped()) {
    const std::int64_t left_us = response_.not_before_mono_us - host_.clock.mono_us();
    if (left_us <= 0) co_return true;
    AlarmAwaiter rung{*this, left_us};
    co_await rung;
  }
  co_return false;
}

Task<void> Connection::RunHandler() {
  request_.peer = peer_;
  request_.home = &shard_.loop;
  request_.deadline_mono_us = deadline_us_;
  Task<Response> task = host_.handler.Handle(std::move(request_));
  Response response = co_await std::move(task);
  co_await shard_.loop.Hop();
  host_.Leave();
  response_ = std::move(response);
  handler_done_ = true;
  WakeWaiter();
}

Task<Connection::Read> Connection::ReadRequest() {
  parser_.Reset();
  continued_ = false;
  Enter(first_ ? Phase::kFirst : Phase::kIdle,
        first_ ? options().header_ms_max : options().idle_ms_max);
  first_ = false;
  while (true) {
    if (in_begin_ != in_end_) {
      if (phase_ == Phase::kFirst || phase_ == Phase::kIdle) {
        Enter(Phase::kHeader, options().header_ms_max);
      }
      const Progress progress = Feed();
      if (progress == Progress::kDone) co_return Read::kRequest;
      if (progress == Progress::kFailed || !MakeRoom()) co_return Read::kRefused;
    }
    if (phase_ == Phase::kHeader && parser_.header_done()) {
      Enter(Phase::kBody, options().body_ms_max);
      if (parser_.wants_continue() && !std::exchange(continued_, true)) {
        const bool sent = co_await WriteAll("HTTP/1.1 100 Continue\r\n\r\n");
        if (!sent) co_return Read::kEnded;
      }
    }
    const bool idle = phase_ == Phase::kFirst || phase_ == Phase::kIdle;
    if (idle && host_.draining()) co_return Read::kEnded;
    const bool more = co_await ReadOnce();
    if (!more) co_return expired_ && !killed_ && !idle ? Read::kRefused : Read::kEnded;
  }
}

Progress Connection::Feed() {
  std::size_t used = 0;
  const std::string_view bytes(in_.data() + in_begin_, in_end_ - in_begin_);
  const Progress progress = parser_.Put(bytes, used);
  // What a request said does not stay behind in the buffer of an idle connection.
  explicit_bzero(in_.data() + in_begin_, used);
  in_begin_ += used;
  if (in_begin_ == in_end_) in_begin_ = in_end_ = 0;
  return progress;
}

// False when the parser wants more and the buffer is as large as a whole header may be.
bool Connection::MakeRoom() {
  if (in_begin_ > 0) {
    std::copy(in_.begin() + static_cast<std::ptrdiff_t>(in_begin_),
              in_.begin() + static_cast<std::ptrdiff_t>(in_end_), in_.begin());
    in_end_ -= in_begin_;
    in_begin_ = 0;
  }
  const std::size_t wanted = parser_.header_done() ? kReadBytesBody : kReadBytesFirst;
  if (in_.size() < wanted) in_.resize(wanted);
  if (in_end_ < in_.size()) return true;
  if (in_.size() > options().header_bytes_max) return false;
  in_.resize(in_.size() * 2);
  return true;
}

Task<bool> Connection::ReadOnce() {
  if (in_.empty()) in_.resize(kReadBytesFirst);
  std::size_t read = 0;
  // A client that has just had its answer has not asked again yet: to wait at once saves a read
  // that finds nothing.
  bool wait_first = phase_ == Phase::kIdle && !stream_->HasPending();
  while (!stopped()) {
    const std::span<char> room(in_.data() + in_end_, in_.size() - in_end_);
    const Io io = std::exchange(wait_first, false) ? Io::kWantRead : stream_->Read(room, read);
    if (io == Io::kDone) {
      in_end_ += read;
      host_.stats.bytes_in.Add(read);
      co_return true;
    }
    if (io != Io::kWantRead && io != Io::kWantWrite) break;
    const bool ready = co_await Ready(io);
    if (!ready) break;
  }
  co_return false;
}

Task<bool> Connection::WriteAll(std::string_view bytes) {
  std::size_t written = 0;
  while (!bytes.empty()) {
    const Io io = stream_->Write(bytes, written);
    if (io == Io::kDone) {
      bytes.remove_prefix(written);
      host_.stats.bytes_out.Add(written);
      continue;
    }
    if (io != Io::kWantRead && io != Io::kWantWrite) co_return false;
    const bool ready = co_await Ready(io);
    if (!ready) co_return false;
  }
  co_return true;
}

Task<bool> Connection::Send(Response response, bool close) {
  if (!CanTravel(response.headers)) {
    if (response.wipe_body) WipeText(response.body);
    response = host_.ErrorResponse(500, "internal_error");
  }
  Enter(Phase::kWrite, options().write_ms_max);
  out_.clear();
  AppendResponseHead(out_, response, close);
  const bool together = response.body.size() <= kOneWriteBytesMax;
  if (together) out_ += response.body;
  bool sent = co_await WriteAll(out_);
  if (sent && !together) sent = co_await WriteAll(response.body);
  if (response.wipe_body) {
    WipeText(out_);
    WipeText(response.body);
  }
  if (out_.capacity() > kKeptBytesMax) std::string().swap(out_);
  co_return sent;
}

Task<void> Connection::RefuseAndClose(Refusal refusal) {
  Response response = host_.ErrorResponse(refusal.status, refusal.code);
  if (refusal.status == 503) response.headers.Add("retry-after", "1");
  const bool sent = co_await Send(std::move(response), true);
  if (sent) co_await Linger();
}

// A close with bytes unread becomes a reset, which can overtake the refusal: so they are read.
Task<void> Connection::Linger() {
  stream_->Close();
  watch_->ShutdownSend();
  Enter(Phase::kLinger, kLingerMsMax);
  std::size_t dropped = 0;
  Stream raw = Stream::Plain(watch_->socket());
  if (in_.empty()) in_.resize(kReadBytesFirst);
  while (dropped < kLingerBytesMax) {
    std::size_t read = 0;
    const Io io = raw.Read(std::span<char>(in_), read);
    if (io == Io::kWantRead) {
      const bool ready = co_await Ready(io);
      if (!ready) co_return;
    } else if (io != Io::kDone) {
      co_return;
    }
    dropped += read;
  }
}

}  // namespace cloison::net::internal
