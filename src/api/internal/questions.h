// What the operations on questions share with those that read.
#ifndef CLOISON_API_INTERNAL_QUESTIONS_H_
#define CLOISON_API_INTERNAL_QUESTIONS_H_

#include "access/questions.h"
#include "api/internal/body.h"

namespace cloison::api::internal {

// A list of 1 to 50 texts, none twice.
std::vector<std::string> PersonsOf(Body& body, const codec::JsonValue& list, std::size_t bytes_max);

// POST /v1/disclosures of form "exists". `asked`: the fields in the order of the body.
Task<net::Response> AnswerExistence(Call& call, access::DisclosureRequest request,
                                    std::vector<FieldId> asked);

// The refusal names which of the fields was too many.
template <class T>
net::Response RefuseFields(Call& call, const access::Outcome<T>& outcome,
                           const std::vector<FieldId>& asked, std::string_view pointer) {
  if (!outcome.ok()) return call.Refuse(outcome);
  const auto& refusal = std::get<access::Refusal>(*outcome);
  Problem problem = FromRefusal(refusal);
  if (refusal.field.has_value()) {
    const auto at = std::ranges::find(asked, *refusal.field);
    std::string place(pointer);
    if (asked.size() > 1 || pointer == "/fields") place += "/" + std::to_string(at - asked.begin());
    problem.errors.push_back(
        {std::move(place), "not_granted", "the purpose does not give this field to this role"});
  }
  return call.RefuseAtTick(problem);
}

}  // namespace cloison::api::internal

#endif  // CLOISON_API_INTERNAL_QUESTIONS_H_
