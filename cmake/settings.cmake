# Warnings as errors, sanitizers, linker, compiler cache: one place.
include_guard()

find_program(CLOISON_CCACHE ccache)
if(CLOISON_CCACHE)
  # Precompiled headers are looked up by what is in them (ccache's manual, "Precompiled headers").
  set(CMAKE_CXX_COMPILER_LAUNCHER
    ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros ${CLOISON_CCACHE})
endif()

add_library(cloison_settings INTERFACE)
target_compile_features(cloison_settings INTERFACE cxx_std_20)
target_compile_options(cloison_settings INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wno-sign-conversion -Wnon-virtual-dtor -Wold-style-cast
  -Werror -fno-omit-frame-pointer -fstack-protector-strong)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # What clang warns of by -Wall and GCC does not: the preset asan is built by clang, and `make test`
  # by GCC alone.
  target_compile_options(cloison_settings INTERFACE -Woverloaded-virtual -Wunused-const-variable=1)
  # g++ 12 warns wrongly inside the standard library with -O2 (gcc bugs 105329, 105562, 105651).
  target_compile_options(cloison_settings INTERFACE -fcoroutines -fpch-preprocess -Wno-restrict -Wno-maybe-uninitialized
                         -Wno-array-bounds -Wno-stringop-overflow -Wno-stringop-overread)
else()
  # libstdc++ 12 uses what it calls deprecated in its own stable_sort, and clang says so of the caller.
  target_compile_options(cloison_settings INTERFACE -Wno-deprecated-declarations)
endif()
find_program(CLOISON_MOLD mold)
if(CLOISON_MOLD)
  target_link_options(cloison_settings INTERFACE -fuse-ld=mold)
endif()
# After as many a test has hung; a sanitizer makes some of them ten times slower.
set(CLOISON_TEST_SECONDS 600)
if(CLOISON_SANITIZE)
  set(CLOISON_TEST_SECONDS 3600)
  target_compile_options(cloison_settings INTERFACE -fsanitize=${CLOISON_SANITIZE} -fno-sanitize-recover=all)
  target_link_options(cloison_settings INTERFACE -fsanitize=${CLOISON_SANITIZE})
endif()
find_package(Threads REQUIRED)
target_link_libraries(cloison_settings INTERFACE Threads::Threads)
