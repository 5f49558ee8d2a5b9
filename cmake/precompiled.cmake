# Headers parsed once: the standard library for everything, with GoogleTest for tests, with CLI11 for the command
# line. A fifth of a build from nothing. Nothing of ours is among them, so a change of a header builds what
# includes it and no more. A file still includes all it uses: the preset asan builds all but bench/ without these.
include_guard()

set(CLOISON_STANDARD_HEADERS
  <algorithm> <array> <atomic> <bit> <charconv> <chrono> <cmath> <condition_variable> <coroutine> <cstddef> <cstdint>
  <cstdio> <cstdlib> <cstring> <deque> <filesystem> <fstream> <functional> <iterator> <limits> <map> <memory> <mutex>
  <optional> <set> <span> <sstream> <string> <string_view> <thread> <unordered_map> <utility> <variant> <vector>)

# What a test does itself need not be fast: a sixth of its compilation. The sources of a module are as they are served.
# A chain of coroutines grows the stack where its calls are not made in place of one another.
set(CLOISON_TEST_OPTIONS "$<$<CONFIG:Release>:-O1;-foptimize-sibling-calls>")

# One target that holds the compiled headers, which others then take; a library needs a source.
file(CONFIGURE OUTPUT precompiled.cc CONTENT "// Nothing.\n")
function(cloison_precompiled_headers name)
  cmake_parse_arguments(H "" "" "HEADERS;LINK" ${ARGN})
  add_library(${name} OBJECT ${PROJECT_BINARY_DIR}/precompiled.cc)
  target_link_libraries(${name} PRIVATE cloison_settings ${H_LINK})
  target_precompile_headers(${name} PRIVATE ${CLOISON_STANDARD_HEADERS} ${H_HEADERS})
endfunction()

# Every target under `directory`, by what it links itself. All take the settings of the house: where one did not, the
# compiler would refuse the headers (-Winvalid-pch).
function(cloison_take_precompiled directory)
  get_property(below DIRECTORY ${directory} PROPERTY SUBDIRECTORIES)
  foreach(folder IN LISTS below)
    cloison_take_precompiled(${folder})
  endforeach()
  get_property(targets DIRECTORY ${directory} PROPERTY BUILDSYSTEM_TARGETS)
  foreach(target IN LISTS targets)
    get_target_property(kind ${target} TYPE)
    get_target_property(links ${target} LINK_LIBRARIES)
    if(NOT kind MATCHES "^(STATIC_LIBRARY|EXECUTABLE)$" OR NOT links)
      continue()
    endif()
    if("GTest::gtest" IN_LIST links)
      set(from cloison_precompiled_tests)
      target_compile_options(${target} PRIVATE "${CLOISON_TEST_OPTIONS}")
    elseif("CLI11::CLI11" IN_LIST links)
      set(from cloison_precompiled_command_line)
    else()
      set(from cloison_precompiled)
    endif()
    set_target_properties(${target} PROPERTIES PRECOMPILE_HEADERS_REUSE_FROM ${from})
  endforeach()
endfunction()

cloison_precompiled_headers(cloison_precompiled)
cloison_precompiled_headers(cloison_precompiled_command_line HEADERS <CLI/CLI.hpp> LINK CLI11::CLI11)
if(CLOISON_TESTS)
  cloison_precompiled_headers(cloison_precompiled_tests HEADERS <gtest/gtest.h> LINK GTest::gtest)
  target_compile_options(cloison_precompiled_tests PRIVATE "${CLOISON_TEST_OPTIONS}")
endif()
cloison_take_precompiled(${PROJECT_SOURCE_DIR})
