#include "net/outlet.h"

#include "net/internal/link.h"

namespace cloison::net {

class Outlet::Impl {
 public:
  Impl(ClientOptions options, base::Clock& clock)
      : options_(std::move(options)), link_(options_, clock, kGoneMs) {}

  bool Stands() {
    if (link_.open() && !link_.IsQuiet()) link_.Close();
    return link_.open();
  }
  std::uint64_t connections() const { return connections_; }

  Status Write(std::string_view bytes) {
    if (link_.Cancelled()) return internal::kCancelled;
    Status written = Ok();
    if (!Stands()) {
      written = link_.Connect();
      connections_ += written.ok() ? 1 : 0;
    }
    if (written.ok()) {
      link_.SetDeadline(options_.answer_ms_max);
      written = link_.WriteAll(bytes);
    }
    if (!written.ok()) link_.Close();
    return written;
  }

 private:
  const ClientOptions options_;
  internal::Link link_;
  std::uint64_t connections_ = 0;
};

Outlet::Outlet(ClientOptions options, base::Clock& clock)
    : impl_(std::make_unique<Impl>(std::move(options), clock)) {}
Outlet::~Outlet() = default;

Status Outlet::Write(std::string_view bytes) {
  return impl_->Write(bytes);
}
bool Outlet::Stands() {
  return impl_->Stands();
}
std::uint64_t Outlet::connections() const {
  return impl_->connections();
}

}  // namespace cloison::net
