# What we build on (docs/design/0002-libraries.md says why). Each module names the ones it links; found here, once.
include_guard()

find_package(PkgConfig REQUIRED)
find_package(OpenSSL 3.0 REQUIRED)
pkg_check_modules(sodium REQUIRED IMPORTED_TARGET libsodium)
pkg_check_modules(p11kit REQUIRED IMPORTED_TARGET p11-kit-1)
find_package(RocksDB REQUIRED)       # target RocksDB::rocksdb-shared
find_package(simdjson REQUIRED)      # simdjson::simdjson
find_package(nlohmann_json REQUIRED) # nlohmann_json::nlohmann_json
find_package(tomlplusplus REQUIRED)  # tomlplusplus::tomlplusplus
find_package(CLI11 REQUIRED)         # CLI11::CLI11
find_package(spdlog REQUIRED)        # spdlog::spdlog
find_package(fmt REQUIRED)           # fmt::fmt
find_package(prometheus-cpp CONFIG REQUIRED) # prometheus-cpp::core
find_package(ZLIB REQUIRED)          # ZLIB::ZLIB
find_package(yaml-cpp REQUIRED)      # yaml-cpp
find_package(Boost 1.81 REQUIRED)    # Boost::headers
pkg_check_modules(icu REQUIRED IMPORTED_TARGET icu-uc)
pkg_check_modules(jemalloc REQUIRED IMPORTED_TARGET jemalloc)
pkg_check_modules(libpq IMPORTED_TARGET libpq)  # optional: cloison import --postgres
