// RocksDB's own threads: they go after the commits, and what fails there is known.
#ifndef CLOISON_STORE_ROCKS_INTERNAL_BACKGROUND_WATCH_H_
#define CLOISON_STORE_ROCKS_INTERNAL_BACKGROUND_WATCH_H_

#include <functional>
#include <memory>

namespace rocksdb {
class EventListener;
}

namespace cloison::store::internal {

// A flush or a merge lowers its thread when it begins. One that fails stops all of them for good,
// a full disk too, while commits would go on until memory is full and then wait for ever:
// `on_failure` is called then, on any thread, maybe more than once; it must be there as long as
// the database.
std::shared_ptr<rocksdb::EventListener> WatchBackground(std::function<void()> on_failure);

}  // namespace cloison::store::internal

#endif  // CLOISON_STORE_ROCKS_INTERNAL_BACKGROUND_WATCH_H_
