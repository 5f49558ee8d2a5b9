// A constant value kept apart from who holds it: as large as two pointers however large the value
// is, and moved as cheaply. For what passes through many results on its way to an answer.
// Threads: as of a shared_ptr to const; the value itself is never written again.
#ifndef CLOISON_BASE_INDIRECT_H_
#define CLOISON_BASE_INDIRECT_H_

#include <memory>
#include <utility>

namespace cloison::base {

template <class T>
class Indirect {
 public:
  // Of T{}, which nothing is allocated for.
  Indirect() : value_(std::shared_ptr<void>(), &None()) {}
  Indirect(T value) : value_(std::make_shared<const T>(std::move(value))) {}

  // Moved from, it is T{} again: there is no state in which this must not be asked.
  Indirect(Indirect&& other) noexcept : Indirect() { std::swap(value_, other.value_); }
  Indirect& operator=(Indirect&& other) noexcept {
    Indirect taken(std::move(other));
    std::swap(value_, taken.value_);
    return *this;
  }
  Indirect(const Indirect&) = default;
  Indirect& operator=(const Indirect&) = default;
  ~Indirect() = default;

  const T& operator*() const { return *value_; }
  const T* operator->() const { return value_.get(); }

 private:
  static const T& None() {
    static const T none{};
    return none;
  }
  std::shared_ptr<const T> value_;
};

}  // namespace cloison::base

#endif  // CLOISON_BASE_INDIRECT_H_
