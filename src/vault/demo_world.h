// The demo world: the one of the demo, tests, drill and benchmarks, at any size
// (docs/architecture.md "The demo world").
//
// Organisation 1 France Travail (20 offices, 200 advisers, caseloads of 150), organisation 2 Cap
// Emploi (5 offices, 40 advisers, caseloads of 90); ready-made principals adviser.ft, adviser.ce,
// manager.a, manager.b, officer.security, officer.privacy, citizen.one (bound to one person),
// app.case, app.payment (approved jobs), investigator (sealed accesses). Everything follows from
// the seed.
#ifndef CLOISON_VAULT_DEMO_WORLD_H_
#define CLOISON_VAULT_DEMO_WORLD_H_

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "vault/vault.h"

namespace cloison::vault {

struct DemoSize {
  std::size_t people = 100'000;
  std::uint64_t seed = 1;
  // Of each organisation; caseloads shrink when there are not enough people.
  std::size_t offices_1 = 20, advisers_1 = 200, caseload_1 = 150;
  std::size_t offices_2 = 5, advisers_2 = 40, caseload_2 = 90;
};

struct DemoPrincipal {
  std::string name;  // "adviser.ft", "adviser.ft.017", "citizen.one" ...
  PrincipalId id;    // first 16 bytes of SHA-256("cloison-dev/" ‖ name)
  OrganisationId organisation;
  std::optional<OfficeId> office;
  std::string role;
};

// A person that the demo's tour and the tests ask for by their values.
struct DemoPerson {
  PersonId person;
  std::string nir, email, birth_name, first_name;
};

struct DemoWorld {
  DemoSize size;
  std::vector<DemoPrincipal> principals;  // the ready-made ones first
  std::vector<PersonId> people;           // in the order generated
  // Who is on whose caseload, by index into `people`; principals without caseload are absent.
  std::vector<std::pair<PrincipalId, std::vector<std::uint32_t>>> caseloads;
  DemoPerson of_adviser_ft;  // on the caseload of adviser.ft
  DemoPerson of_adviser_ce;  // on the caseload of adviser.ce
  DemoPerson stranger;       // on neither
  DemoPerson citizen_one;    // the record of citizen.one, also on the caseload of adviser.ft
};

// The same people by their values alone: the demo's tour runs in another process and knows no more
// than the size and the seed. Cost: generates some hundred people.
enum class DemoWho : std::uint8_t { kOfAdviserFt, kOfAdviserCe, kStranger, kCitizenOne };
struct DemoValues {
  std::uint64_t index;  // of ingest::Generator(size.seed), and into DemoWorld::people
  std::string nir, email, phone, agency_id, birth_name, first_name;
};
// CHECKs that the world is large enough to have the person (some hundred people are).
DemoValues DemoValuesOf(const DemoSize& size, DemoWho who);

// schemas/job-seekers.toml with the capacity of a demo: index pages are as many as the capacity
// asks for, and a small world with pages for a country would write a kilobyte per number.
std::shared_ptr<const records::Schema> DemoSchema(const DemoSize& size);
std::shared_ptr<const access::Policy> DemoPolicy(const records::Schema& schema);
std::shared_ptr<const access::Policy> Policy2024(const records::Schema& schema);

PrincipalId DemoPrincipalId(std::string_view name);
// The ready-made principals and all advisers of a world of this size (needs no vault: sign-in uses
// it too).
std::vector<DemoPrincipal> DemoPrincipals(const DemoSize& size);

// Builds the world in an empty vault: people in bulk (records::BulkRegister), load entries,
// principals, caseloads since 60 days ago, codes of both organisations. Takes seconds per 100,000
// people. `progress`: people loaded so far.
Task<Result<DemoWorld>> BuildDemoWorld(Vault& vault, DemoSize size,
                                       std::function<void(std::size_t)> progress);

}  // namespace cloison::vault

#endif  // CLOISON_VAULT_DEMO_WORLD_H_
