#include "net/http.h"

#include <string.h>  // explicit_bzero

#include <array>
#include <cstring>
#include <utility>

namespace cloison::net {
namespace {

constexpr std::array<std::pair<Method, std::string_view>, 7> kMethods{
    {{Method::kGet, "GET"},
     {Method::kHead, "HEAD"},
     {Method::kPost, "POST"},
     {Method::kPut, "PUT"},
     {Method::kPatch, "PATCH"},
     {Method::kDelete, "DELETE"},
     {Method::kOptions, "OPTIONS"}}};

constexpr std::array<std::pair<int, std::string_view>, 34> kReasons{{
    {200, "OK"},
    {201, "Created"},
    {202, "Accepted"},
    {204, "No Content"},
    {206, "Partial Content"},
    {301, "Moved Permanently"},
    {302, "Found"},
    {303, "See Other"},
    {304, "Not Modified"},
    {307, "Temporary Redirect"},
    {308, "Permanent Redirect"},
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {406, "Not Acceptable"},
    {408, "Request Timeout"},
    {409, "Conflict"},
    {410, "Gone"},
    {412, "Precondition Failed"},
    {413, "Content Too Large"},
    {414, "URI Too Long"},
    {415, "Unsupported Media Type"},
    {422, "Unprocessable Content"},
    {428, "Precondition Required"},
    {429, "Too Many Requests"},
    {431, "Request Header Fields Too Large"},
    {451, "Unavailable For Legal Reasons"},
    {500, "Internal Server Error"},
    {501, "Not Implemented"},
    {502, "Bad Gateway"},
    {503, "Service Unavailable"},
    {504, "Gateway Timeout"},
}};

char LowerCase(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

constexpr std::size_t kFieldsExpected = 16;
constexpr std::size_t kTextBytesExpected = 512;

constexpr std::array<bool, 256> kTokenCharacters = [] {
  std::array<bool, 256> table{};
  for (unsigned char c = '0'; c <= '9'; ++c) table[c] = true;
  for (unsigned char c = 'A'; c <= 'Z'; ++c) table[c] = table[c + 32u] = true;
  for (const char c : std::string_view("!#$%&'*+-.^_`|~")) {
    table[static_cast<unsigned char>(c)] = true;
  }
  return table;
}();

bool IsToken(std::string_view text) {
  unsigned all = 1;
  for (const char c : text) all &= kTokenCharacters[static_cast<unsigned char>(c)] ? 1u : 0u;
  return all != 0 && !text.empty();
}

bool IsValueByte(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return (byte >= 0x20 && byte != 0x7f) || byte == '\t';
}

// Eight bytes at a time, as most values have neither tab nor anything else below a space
// ("Determine if a word has a byte less than n" of Bit Twiddling Hacks); where one has, byte by
// byte.
bool IsValue(std::string_view text) {
  constexpr std::uint64_t kOnes = 0x0101010101010101;
  constexpr std::uint64_t kHighs = 0x80 * kOnes;
  std::size_t at = 0;
  for (std::uint64_t word = 0; text.size() - at >= sizeof(word); at += sizeof(word)) {
    std::memcpy(&word, text.data() + at, sizeof(word));
    const std::uint64_t del = word ^ (kOnes * 0x7f);
    const std::uint64_t odd = ((word - kOnes * 0x20) & ~word) | ((del - kOnes) & ~del);
    if ((odd & kHighs) != 0) break;
  }
  for (; at < text.size(); ++at) {
    if (!IsValueByte(text[at])) return false;
  }
  return true;
}

}  // namespace

std::string_view MethodName(Method method) {
  for (const auto& [value, name] : kMethods) {
    if (value == method) return name;
  }
  return "OTHER";
}

Method MethodFromName(std::string_view name) {
  for (const auto& [value, known] : kMethods) {
    if (known == name) return value;
  }
  return Method::kOther;
}

void Headers::Add(std::string_view name, std::string_view value) {
  if (places_.empty()) {
    places_.reserve(kFieldsExpected);
    text_.reserve(kTextBytesExpected);
  }
  places_.push_back({static_cast<std::uint32_t>(text_.size()),
                     static_cast<std::uint32_t>(name.size()),
                     static_cast<std::uint32_t>(value.size())});
  for (const char c : name) text_.push_back(LowerCase(c));
  text_.append(value);
}

void Headers::Clear() {
  text_.clear();
  places_.clear();
}

std::string_view Headers::name(std::size_t i) const {
  return std::string_view(text_).substr(places_[i].begin, places_[i].name_size);
}

std::string_view Headers::value(std::size_t i) const {
  return std::string_view(text_).substr(places_[i].begin + places_[i].name_size,
                                        places_[i].value_size);
}

std::optional<std::string_view> Headers::find(std::string_view wanted) const {
  for (std::size_t i = 0; i < places_.size(); ++i) {
    if (name(i) == wanted) return value(i);
  }
  return std::nullopt;
}

std::size_t Headers::count(std::string_view wanted) const {
  std::size_t found = 0;
  for (std::size_t i = 0; i < places_.size(); ++i) found += name(i) == wanted ? 1 : 0;
  return found;
}

bool CanTravel(const Headers& headers) {
  for (std::size_t i = 0; i < headers.size(); ++i) {
    if (!IsToken(headers.name(i)) || !IsValue(headers.value(i))) return false;
  }
  return true;
}

std::string_view ReasonPhrase(int status) {
  for (const auto& [value, phrase] : kReasons) {
    if (value == status) return phrase;
  }
  return "";
}

Response ProblemResponse(int status, std::string_view code) {
  Response response;
  response.status = status;
  response.headers.Add("content-type", "application/problem+json");
  response.headers.Add("cache-control", "no-store");
  response.body = R"({"type":"about:blank","title":")";
  response.body += ReasonPhrase(status);
  response.body += R"(","status":)" + std::to_string(status) + R"(,"code":")";
  response.body += code;
  response.body += "\"}";
  return response;
}

void WipeText(std::string& text) {
  explicit_bzero(text.data(), text.size());
  text.clear();
}

}  // namespace cloison::net
