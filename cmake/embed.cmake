# cloison_embed(target variable file)
#
# Compiles the text of `file` into `target` as `const std::string_view cloison::embedded::<variable>`,
# so that a binary needs no source tree. The text may not hold )embedded" .
include_guard()

function(cloison_embed target variable file)
  cmake_path(ABSOLUTE_PATH file BASE_DIRECTORY ${PROJECT_SOURCE_DIR})
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${file})
  file(READ ${file} text)
  set(made "#include <string_view>\n\nnamespace cloison::embedded {\nextern const std::string_view ${variable};\n")
  string(APPEND made "const std::string_view ${variable} = R\"embedded(${text})embedded\";\n}\n")
  set(source ${CMAKE_CURRENT_BINARY_DIR}/embedded_${variable}.cc)
  set(before)
  if(EXISTS ${source})
    file(READ ${source} before)
  endif()
  if(NOT made STREQUAL before)
    file(WRITE ${source} "${made}")
  endif()
  # Every compiler takes longer literals than the 65,536 bytes that the language asks of it.
  set_source_files_properties(${source} PROPERTIES COMPILE_OPTIONS -Wno-overlength-strings)
  target_sources(${target} PRIVATE ${source})
endfunction()
