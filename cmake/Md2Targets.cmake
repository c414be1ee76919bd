# The two functions with which every folder declares what it builds.

# md2_add_library(NAME md2_x HDRS ... SRCS ... DEPS ... PRIVATE_DEPS ...)
# DEPS are public: only what a header of ours names. Includes are written from the repository's root.
function(md2_add_library)
  cmake_parse_arguments(ARG "" "NAME" "HDRS;SRCS;DEPS;PRIVATE_DEPS" ${ARGN})
  string(REGEX REPLACE "^md2_" "md2::" alias ${ARG_NAME})
  add_library(${ARG_NAME} STATIC)
  add_library(${alias} ALIAS ${ARG_NAME})
  target_sources(${ARG_NAME} PRIVATE ${ARG_SRCS}
    PUBLIC FILE_SET HEADERS BASE_DIRS ${PROJECT_SOURCE_DIR} FILES ${ARG_HDRS})
  target_link_libraries(${ARG_NAME} PUBLIC ${ARG_DEPS} PRIVATE md2_warnings ${ARG_PRIVATE_DEPS})
  set_target_properties(${ARG_NAME} PROPERTIES LINKER_LANGUAGE CXX)
endfunction()

# md2_add_test(NAME x_test LABEL unit|parity|integration|cli|crash|slow|long SRCS ... DEPS ...)
# Tests run in the repository's root, which is also what MD2_SOURCE_DIR says: a path of this clone would be compiled
# into each of them. LABEL long is a long form: `deploy/test --long x_test` alone runs it.
function(md2_add_test)
  cmake_parse_arguments(ARG "" "NAME;LABEL" "SRCS;DEPS" ${ARGN})
  if(NOT MD2_BUILD_TESTS)
    return()
  endif()
  add_executable(${ARG_NAME} ${ARG_SRCS})
  target_include_directories(${ARG_NAME} PRIVATE ${PROJECT_SOURCE_DIR})
  target_link_libraries(${ARG_NAME} PRIVATE md2_warnings ${ARG_DEPS} GTest::gmock GTest::gtest_main)
  target_compile_definitions(${ARG_NAME} PRIVATE MD2_SOURCE_DIR=".")
  set_target_properties(${ARG_NAME} PROPERTIES
    RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/tests)
  if(TARGET md2_test_headers)
    target_precompile_headers(${ARG_NAME} REUSE_FROM md2_test_headers)
    # GCC 12 forgets there that <string> is the system's, and warns of mistakes that it only imagines in it.
    target_compile_options(${ARG_NAME} PRIVATE
      -Wno-array-bounds -Wno-restrict -Wno-stringop-overflow -Wno-stringop-overread)
  endif()
  add_test(NAME ${ARG_NAME} COMMAND ${ARG_NAME} --gtest_brief=1
    WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
  set(timeout 600)
  if(ARG_LABEL STREQUAL "long")
    set(timeout 7200)
  endif()
  set_tests_properties(${ARG_NAME} PROPERTIES LABELS ${ARG_LABEL} TIMEOUT ${timeout})
endfunction()
