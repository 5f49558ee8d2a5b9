#include "records/rewriter.h"

namespace cloison::records {

Result<std::optional<Change>> Rewriter::Rewrite(Sighting sighting) const {
  const Schema& schema = people_.schema();
  const Status formed = internal::CheckForm(schema, sighting.key, sighting.row);
  if (formed.ok()) return std::optional<Change>();
  CLOISON_TRY_ASSIGN(const Values values,
                     internal::OpenWholeRow(schema, sighting.key, sighting.row));
  Change made(people_, std::move(sighting));
  made.new_seq_ = made.sighting_.header.seq;
  CLOISON_TRY_ASSIGN(made.row_,
                     SealRow(schema, made.sighting_.key, made.new_seq_, values, people_.random()));
  return std::optional<Change>(std::move(made));
}

}  // namespace cloison::records
