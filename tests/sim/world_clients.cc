#include "tests/sim/world_clients.h"

namespace cloison::sim {

namespace {

SessionId SessionOf(const Op& op) {
  ByteArray<16> bytes{};
  const ByteArray<8> number = base::BigU64(op.number);
  std::copy(number.begin(), number.end(), bytes.begin() + 8);
  return SessionId(bytes);
}

std::string CaseOf(const Op& op) {
  return "op-" + std::to_string(op.number);
}

}  // namespace

access::Caller Clients::CallerOf(const Op& op) {
  return {ActorOf(op).id, SessionOf(op), ClientId(1), parts_.vault.home(),
          identity::Assurance::Internal()};
}

void Clients::Send(Op& op) {
  op.entries_before = parts_.main.leaves().size();
  op.after_failure = parts_.vault.vault().committer().failed();
  base::Detach(Run(op));
}

bool Clients::Heard(Op& op) {
  op.settled = true;
  return parts_.power.on();
}

template <class T>
void Clients::Take(Op& op, access::Outcome<T> outcome) {
  if (!Heard(op)) return;
  if (!outcome.ok()) {
    op.answer = Answer::kFailed;
    op.error = outcome.error().code();
    return;
  }
  if (const auto* refusal = std::get_if<access::Refusal>(&*outcome); refusal != nullptr) {
    op.answer = Answer::kRefused;
    op.refusal = refusal->code;
    if (refusal->recorded) Keep(op, *refusal->recorded);
    return;
  }
  op.answer = Answer::kShown;
  Shown(op, std::get<T>(std::move(*outcome)));
}

void Clients::TakeStatus(Op& op, const Status& status) {
  if (!Heard(op)) return;
  op.answer = status.ok() ? Answer::kShown : Answer::kFailed;
  if (!status.ok()) op.error = status.error().code();
}

// An answer to a repeated request names an entry without proving it.
void Clients::Keep(Op& op, const ledger::Recorded& recorded) {
  op.recorded.push_back(recorded);
  const std::vector<ledger::Leaf>& durable = parts_.main.leaves();
  const bool proves = recorded.batch != nullptr;
  if (recorded.index >= durable.size() || (proves && durable[recorded.index] != recorded.leaf)) {
    parts_.model.Broken("G2: request " + std::to_string(op.number) +
                        " was answered before its entry was durable");
  }
}

void Clients::KeepRecord(Op& op, access::ShownRecord&& record) {
  for (const ledger::Recorded& recorded : record.recorded) Keep(op, recorded);
  const OrganisationId organisation = ActorOf(op).organisation;
  std::optional<PersonId> person;
  if (ActorOf(op).part != Part::kCitizen) {
    const auto id = parts_.vault.vault().codes().Decode(organisation, record.code.Text());
    if (id.ok()) person = *id;
  }
  for (const records::OpenedValue& value : record.values) {
    op.received.push_back({person, value.field, std::string(AsText(value.text.Reveal()))});
  }
}

void Clients::Shown(Op& op, access::Disclosed&& answer) {
  for (access::ShownRecord& record : answer.records) KeepRecord(op, std::move(record));
}
void Clients::Shown(Op& op, access::LookedUp&& answer) {
  for (access::ShownRecord& record : answer.rows) KeepRecord(op, std::move(record));
  if (answer.miss) Keep(op, *answer.miss);
}
void Clients::Shown(Op& op, access::Registered&& answer) {
  Keep(op, answer.recorded);
  const auto id = parts_.vault.vault().codes().Decode(ActorOf(op).organisation, answer.code.Text());
  if (id.ok()) op.registered = *id;
}
void Clients::Shown(Op& op, access::Gate::Erased&& answer) {
  Keep(op, answer.recorded);
}
void Clients::Shown(Op& op, access::Gate::Assigned&& answer) {
  Keep(op, answer.recorded);
}
void Clients::Shown(Op& op, access::Gate::Froze&& answer) {
  Keep(op, answer.recorded);
}
void Clients::Shown(Op& op, access::Trail&& answer) {
  Keep(op, answer.recorded);
  op.looks = std::move(answer.looks);
}
void Clients::Shown(Op&, access::Capabilities&&) {}

Task<void> Clients::Run(Op& op) {
  co_await parts_.vault.home().Schedule();
  const access::Caller caller = CallerOf(op);
  const Rules& rules = parts_.model.rules();
  const bool own = ActorOf(op).part == Part::kCitizen;
  switch (op.what) {
    case What::kDisclose: {
      const Ask& ask = own ? rules.own() : rules.asks()[op.ask];
      access::DisclosureRequest request;
      if (!own) request.persons = op.named;
      request.fields = ask.fields;
      request.reason = {ask.purpose, CaseOf(op)};
      Take(op, co_await gate().Disclose(caller, std::move(request)));
      break;
    }
    case What::kLookUp: {
      const std::uint16_t index = op.by_nir ? records::kNirIndex : records::kEmailIndex;
      const FieldId field = rules.Field(op.by_nir ? "civil_number.nir" : "contact.email");
      const std::string stored = rules.Stored(field, {op.nir, op.nir, op.email});
      records::Criterion criterion{
          index, rules.schema()->IndexForm(*rules.schema()->Find(field), AsBytes(stored))};
      access::LookupRequest request{std::move(criterion),
                                    {rules.asks()[op.ask].purpose, CaseOf(op)}};
      Take(op, co_await gate().LookUp(caller, std::move(request)));
      break;
    }
    case What::kOwnTrail: Take(op, co_await gate().OwnTrail(caller, std::nullopt, 1'000)); break;
    case What::kCapabilities: Take(op, co_await gate().OwnCapabilities(caller)); break;
    case What::kRegister:
    case What::kUpdate:
    case What::kErase:
    case What::kAssign:
    case What::kFreeze: co_await RunChange(op); break;
    default: co_await RunHousekeeping(op);
  }
}

Task<void> Clients::RunChange(Op& op) {
  const access::Caller caller = CallerOf(op);
  const Rules& rules = parts_.model.rules();
  access::Gate::Once once{op.once, Bytes{1}};
  if (op.what == What::kRegister) {
    records::Values values = rules.ValuesOf({op.nir, op.nir, op.email});
    access::Reason reason{"register", CaseOf(op)};
    Take(op,
         co_await gate().Register(caller, std::move(values), std::move(reason), std::move(once)));
  } else if (op.what == What::kUpdate) {
    const FieldId field = rules.Field(op.by_nir ? "civil_number.nir" : "contact.email");
    const std::string text = rules.Stored(field, {op.nir, op.nir, op.email});
    std::vector<records::FieldChange> changes;
    changes.push_back({field, crypto::SecretBytes::CopyOf(AsBytes(text))});
    access::Reason reason{"update", CaseOf(op)};
    Take(op, co_await gate().Update(caller, op.named.front(), op.version, std::move(changes),
                                    std::move(reason)));
  } else if (op.what == What::kErase) {
    access::Reason reason{"erase", CaseOf(op)};
    Take(op, co_await gate().Erase(caller, op.named.front(), op.version, std::move(reason)));
  } else if (op.what == What::kAssign) {
    std::vector<access::Assignment> assignments;
    for (const std::string& named : op.named) {
      assignments.push_back({parts_.model.actors()[op.other].id, named, op.until_ms, op.off});
    }
    Take(op, co_await gate().Assign(caller, std::move(assignments), std::move(once)));
  } else {
    const PrincipalId who = parts_.model.actors()[op.other].id;
    Take(op, co_await gate().Freeze(caller, who, !op.off));
  }
}

Task<void> Clients::RunHousekeeping(Op& op) {
  base::Executor& home = parts_.vault.home();
  switch (op.what) {
    case What::kAggregates: TakeStatus(op, co_await gate().FlushAggregates(home)); break;
    case What::kPrune: TakeStatus(op, co_await gate().PruneIdempotency(home)); break;
    case What::kRetry: TakeStatus(op, co_await gate().RetryErasures(home)); break;
    case What::kPublish: TakeStatus(op, co_await parts_.vault.vault().publisher().Publish()); break;
    default: TakeStatus(op, co_await parts_.vault.vault().ledger().Fold());
  }
}

}  // namespace cloison::sim
