# How our own code is compiled: ccache when present, warnings, sanitizers.

# Whatever a person's ccache is set to, a clone in another folder finds what the first one compiled: paths are
# hashed relative to the clone, and written so into what is built. The sloppiness is what precompiled headers need.
find_program(MD2_CCACHE ccache)
if(MD2_CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env
    CCACHE_BASEDIR=${PROJECT_SOURCE_DIR} CCACHE_NOHASHDIR=1
    CCACHE_SLOPPINESS=pch_defines,time_macros ${MD2_CCACHE})
endif()
add_compile_options(-ffile-prefix-map=${PROJECT_SOURCE_DIR}=.)

# Linked privately by every target of ours; third parties and generated code never see it.
add_library(md2_warnings INTERFACE)
target_compile_options(md2_warnings INTERFACE
  -Wall -Wextra -Wconversion -Wno-sign-conversion -Wshadow -Wnon-virtual-dtor
  $<$<BOOL:${MD2_WERROR}>:-Werror>
  $<$<CXX_COMPILER_ID:Clang>:-Wthread-safety>)

# What a sanitizer finds ends the program, so that its test fails.
if(MD2_SANITIZE)
  add_compile_options(-fsanitize=${MD2_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${MD2_SANITIZE})
endif()
add_compile_definitions($<$<CONFIG:Debug>:_GLIBCXX_ASSERTIONS>)

# Fuzzers see which branches their input takes in our own code.
if(MD2_BUILD_FUZZERS)
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()
