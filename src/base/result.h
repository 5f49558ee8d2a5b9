// Errors are values. A Result<T> holds a T or an Error; it must be looked at.
//
// Error text is a string literal, and nothing else can become one (the constructor is consteval),
// so no name, number or query of a person can reach a log through an error. Detail is numbers.
//
// Threads  values; no shared state. Cost: an Error is 32 bytes and never allocates.
#ifndef CLOISON_BASE_RESULT_H_
#define CLOISON_BASE_RESULT_H_

#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>
#include <variant>

#include "base/check.h"

namespace cloison::base {

// A closed set: what a caller may do differs between any two of them.
enum class Code : std::uint8_t {
  kInvalid = 1,     // the input is wrong; the same call fails again
  kNotFound,        // absent, or not for this caller: the two are never told apart
  kDenied,          // a rule refused it
  kConflict,        // a precondition no longer holds; nothing was written; retry is safe
  kExhausted,       // a named limit or a budget is reached
  kCorrupt,         // stored or received bytes fail their check; nothing is guessed from them
  kUnavailable,     // cannot answer now (sealed, refusing, shutting down); retry later
  kUnknownOutcome,  // a write may or may not have happened: the process must restart and recover
};

std::string_view CodeName(Code code);

// Text that only a literal can make.
class Literal {
 public:
  template <std::size_t N>
  consteval Literal(const char (&text)[N]) : text_(text, N - 1) {}
  constexpr std::string_view view() const { return text_; }

 private:
  std::string_view text_;
};

class Error {
 public:
  constexpr Error(Code code, Literal text, std::int64_t detail = 0)
      : code_(code), text_(text), detail_(detail) {}

  constexpr Code code() const { return code_; }
  constexpr std::string_view text() const { return text_.view(); }
  // A number that helps to find the place (a line, an offset, a field number); 0 when there is
  // none.
  constexpr std::int64_t detail() const { return detail_; }

 private:
  Code code_;
  Literal text_;
  std::int64_t detail_;
};

template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  Result(Error error) : state_(std::in_place_index<1>, error) {}

  bool ok() const { return state_.index() == 0; }
  const Error& error() const {
    CLOISON_CHECK(!ok());
    return *std::get_if<1>(&state_);
  }
  T& value() & {
    CLOISON_CHECK(ok());
    return *std::get_if<0>(&state_);
  }
  const T& value() const& {
    CLOISON_CHECK(ok());
    return *std::get_if<0>(&state_);
  }
  T&& value() && {
    CLOISON_CHECK(ok());
    return std::move(*std::get_if<0>(&state_));
  }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

 private:
  std::variant<T, Error> state_;
};

template <>
class [[nodiscard]] Result<void> {
 public:
  Result() = default;
  Result(Error error) : error_(error) {}

  bool ok() const { return !error_.has_value(); }
  const Error& error() const {
    CLOISON_CHECK(error_.has_value());
    return *error_;
  }

 private:
  std::optional<Error> error_;
};

using Status = Result<void>;
inline Status Ok() {
  return Status{};
}

}  // namespace cloison::base

namespace cloison {
using base::Code;
using base::Error;
using base::Literal;
using base::Ok;
using base::Result;
using base::Status;
}  // namespace cloison

// Leaves the enclosing function with the error of `expr`, or goes on. CLOISON_TRY_ASSIGN declares
// `lhs` with the value. The CO_ forms are for coroutines.
#define CLOISON_CONCAT_(a, b) a##b
#define CLOISON_CONCAT(a, b) CLOISON_CONCAT_(a, b)
#define CLOISON_TRY_IMPL_(ret, tmp, expr) \
  auto tmp = (expr);                      \
  if (!tmp.ok()) ret tmp.error()
#define CLOISON_TRY(expr) CLOISON_TRY_IMPL_(return, CLOISON_CONCAT(try_, __LINE__), expr)
#define CLOISON_CO_TRY(expr) CLOISON_TRY_IMPL_(co_return, CLOISON_CONCAT(try_, __LINE__), expr)
#define CLOISON_TRY_ASSIGN(lhs, expr)                              \
  CLOISON_TRY_IMPL_(return, CLOISON_CONCAT(try_, __LINE__), expr); \
  lhs = std::move(*CLOISON_CONCAT(try_, __LINE__))
#define CLOISON_CO_TRY_ASSIGN(lhs, expr)                              \
  CLOISON_TRY_IMPL_(co_return, CLOISON_CONCAT(try_, __LINE__), expr); \
  lhs = std::move(*CLOISON_CONCAT(try_, __LINE__))

#endif  // CLOISON_BASE_RESULT_H_
