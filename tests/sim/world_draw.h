// Draws what the clients of a world ask for next: mostly what is right, sometimes what is not (a
// code of nobody, an old version, a number that is taken, a right that one has not), and again what
// was sent before and never answered.
#ifndef CLOISON_TESTS_SIM_WORLD_DRAW_H_
#define CLOISON_TESTS_SIM_WORLD_DRAW_H_

#include "tests/sim/sim_vault.h"
#include "tests/sim/world_model.h"

namespace cloison::sim {

// Agents, applications and officers of two agencies, citizens, one who is nobody, the system last.
std::vector<Actor> DrawActors(base::Random& random);

class WorldDraw {
 public:
  WorldDraw(Model& model, SimVault& vault, base::Random& random)
      : model_(model), vault_(vault), random_(random) {}

  // Draws whom the next requests are about: in one step of two mostly one person and one agent, so
  // that works of one batch meet.
  void Focus();
  // One more request, added to the model's. The vault is open.
  Op& Next(std::int64_t budget_ms);
  // The registration of somebody new.
  Op& NextPerson();

 private:
  std::size_t Draw(std::uint64_t bound) { return static_cast<std::size_t>(random_.Below(bound)); }
  bool Chance(std::uint64_t of) { return Draw(of) == 0; }
  Op& Add(What what, std::size_t actor);
  std::size_t OneOf(Part part);
  Op* Again();
  std::optional<Number> Known();  // somebody whose code can be written
  void NamePeople(Op& op, std::size_t count);
  std::string CodeOf(const Actor& actor, Number person);
  void Disclose();
  void LookUp();
  void Register();
  void Update();
  void Erase();
  void Assign(std::int64_t budget_ms);
  void Freeze();
  void Housekeeping();

  Model& model_;
  SimVault& vault_;
  base::Random& random_;
  std::uint64_t next_nir_ = 0, next_email_ = 0, next_once_ = 0;
  std::optional<Number> person_;  // whom all is about
  std::optional<std::size_t> agent_;
};

}  // namespace cloison::sim

#endif  // CLOISON_TESTS_SIM_WORLD_DRAW_H_
