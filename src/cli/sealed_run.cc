#include "cli/sealed_run.h"

#include <chrono>
#include <thread>

#include "crypto/base64.h"

namespace cloison::cli {

namespace {

constexpr std::int64_t kRetryMs = 500;
// A frame is one string of an answer.
constexpr codec::JsonLimits kFrameLimits{.bytes_max = 2 * records::kJobFrameBytesMax,
                                         .string_bytes_max = 2 * records::kJobFrameBytesMax};
constexpr Error kStrange{Code::kCorrupt, "the server's answer is not the one of a job"};

Result<Bytes> BytesOf(const codec::JsonValue& root, std::string_view key) {
  const std::optional<std::string> text = TextMember(root, key);
  if (!text.has_value()) return kStrange;
  return crypto::FromBase64Url(*text);
}

}  // namespace

Result<HeldFile> ReadHeldFile(base::Files& files, const std::string& path) {
  CLOISON_TRY_ASSIGN(const base::FileInfo info, files.Stat(path));
  CLOISON_TRY_ASSIGN(const Bytes prefix, files.ReadAt(path, 0, records::kJobPrefixBytes));
  CLOISON_TRY_ASSIGN(const std::size_t size, records::JobHeaderSize(prefix));
  CLOISON_TRY_ASSIGN(const Bytes whole, files.ReadAt(path, 0, size));
  HeldFile held;
  CLOISON_TRY_ASSIGN(held.header, records::ParseJobFileHeader(whole));
  held.bytes = size;
  while (!held.ended && held.bytes + records::kJobFrameHeadBytes <= info.size) {
    CLOISON_TRY_ASSIGN(const Bytes bytes,
                       files.ReadAt(path, held.bytes, records::kJobFrameHeadBytes));
    CLOISON_TRY_ASSIGN(const records::FrameHead head, records::ParseFrameHead(bytes));
    const std::uint64_t end = held.bytes + records::kJobFrameHeadBytes + head.size;
    if (end > info.size) break;
    if (head.number != held.frames + 1) return Error{Code::kInvalid, "a frame is missing"};
    held.bytes = end;
    held.ended = head.kind == records::FrameKind::kEnd;
    if (!held.ended) ++held.frames;
  }
  return held;
}

bool SealedRun::Connect() {
  std::string problem;
  Result<Connection> connection = Connection::Open(common_.connection, clock_, &problem);
  if (!connection.ok()) {
    terminal_.Complain(problem);
    return false;
  }
  connection_.emplace(std::move(*connection));
  return true;
}

Result<std::optional<HeldFile>> SealedRun::Held() {
  Result<HeldFile> held = ReadHeldFile(files_, out_);
  if (!held.ok() && held.error().code() == Code::kNotFound) return std::optional<HeldFile>{};
  if (!held.ok()) return held.error();
  if (held->ended) return Error{Code::kConflict, "the file is whole already"};
  return std::optional<HeldFile>(std::move(*held));
}

Result<net::Response> SealedRun::Ask(const std::string& path, const std::string& body,
                                     const HeaderList& headers) {
  const std::int64_t until_ms = clock_.wall_ms() + static_cast<std::int64_t>(retry_s_) * 1'000;
  while (true) {
    Result<net::Response> answer = connection_->Post(path, body, headers);
    const bool away = !answer.ok() || answer->status == 503;
    if (away && clock_.wall_ms() < until_ms) {
      std::this_thread::sleep_for(std::chrono::milliseconds(kRetryMs));
      connection_.emplace(connection_->Copy());
      continue;
    }
    if (!answer.ok()) return answer;
    if (answer->status == 200 || answer->status == 202) return answer;
    refused_ = *answer;
    return Error{Code::kDenied, "the server refused"};
  }
}

ExitCode SealedRun::Failed(const Status& why) {
  if (refused_.has_value()) return Explain(*refused_, terminal_);
  return Explain(why.error(), terminal_);
}

Result<codec::JsonDocument> SealedRun::ParseAnswer(const net::Response& answer) {
  return codec::JsonDocument::Parse(AsBytes(answer.body), kFrameLimits);
}

Status SealedRun::KeepHeader(const codec::JsonValue& root) {
  CLOISON_TRY_ASSIGN(const Bytes header, BytesOf(root, "header"));
  CLOISON_TRY(records::ParseJobFileHeader(header));
  return base::WriteWhole(files_, out_, header);
}

Status SealedRun::KeepFrame(const codec::JsonValue& root, std::uint32_t number) {
  CLOISON_TRY_ASSIGN(const Bytes frame, BytesOf(root, "frame"));
  if (frame.size() < records::kJobFrameHeadBytes) return kStrange;
  CLOISON_TRY_ASSIGN(const records::FrameHead head,
                     records::ParseFrameHead(ByteView(frame).first(records::kJobFrameHeadBytes)));
  const bool fits =
      head.number == number && head.size + records::kJobFrameHeadBytes == frame.size();
  if (!fits) return kStrange;
  CLOISON_TRY_ASSIGN(const auto file, files_.OpenAppend(out_));
  CLOISON_TRY(file->Append(frame));
  return file->Sync();
}

}  // namespace cloison::cli
