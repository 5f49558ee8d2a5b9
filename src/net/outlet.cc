#include "net/outlet.h"

#include "net/internal/link.h"

namespace cloison::net {

class Outlet::Impl {
 public:
  Impl(ClientOptions options, base::Clock& clock)
      : options_(std::move(options)), link_(options_, clock) {}

  Status Write(std::string_view bytes) {
    if (link_.Cancelled()) return internal::kCancelled;
    if (link_.open() && !link_.IsQuiet()) link_.Close();
    Status written = link_.open() ? Ok() : link_.Connect();
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
};

Outlet::Outlet(ClientOptions options, base::Clock& clock)
    : impl_(std::make_unique<Impl>(std::move(options), clock)) {}
Outlet::~Outlet() = default;

Status Outlet::Write(std::string_view bytes) {
  return impl_->Write(bytes);
}

}  // namespace cloison::net
