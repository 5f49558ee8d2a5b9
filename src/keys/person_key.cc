#include "keys/person_keys.h"

namespace cloison::keys {

PersonKey::PersonKey(RegisterId register_id, LogId log_id, PersonId person, std::uint32_t pkv,
                     const crypto::Secret<32>& pdk, const crypto::Secret<32>& plk)
    : register_id_(register_id),
      person_(person),
      pkv_(pkv),
      pdk_(pdk),
      subject_(register_id, log_id, person, plk) {}

crypto::BoxKey PersonKey::CompartmentKey(CompartmentId compartment) const {
  crypto::Context info("ck");
  info.U32(register_id_.value()).Raw(person_.bytes()).U32(pkv_).U16(compartment.value());
  return crypto::BoxKey::Derive(pdk_, info);
}

crypto::Secret<32> PersonKey::RowKey() const {
  crypto::Context info("row");
  info.U32(register_id_.value()).Raw(person_.bytes()).U32(pkv_);
  return pdk_.Expand<32>(info);
}

}  // namespace cloison::keys
