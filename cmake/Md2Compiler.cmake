# How our own code is compiled: ccache when present, warnings, sanitizers.

find_program(MD2_CCACHE ccache)
if(MD2_CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${MD2_CCACHE})
  set(CMAKE_C_COMPILER_LAUNCHER ${MD2_CCACHE})
endif()

# Linked privately by every target of ours; third parties and generated code never see it.
add_library(md2_warnings INTERFACE)
target_compile_options(md2_warnings INTERFACE
  -Wall -Wextra -Wconversion -Wno-sign-conversion -Wshadow -Wnon-virtual-dtor
  $<$<BOOL:${MD2_WERROR}>:-Werror>
  $<$<CXX_COMPILER_ID:Clang>:-Wthread-safety>)

if(MD2_SANITIZE)
  add_compile_options(-fsanitize=${MD2_SANITIZE} -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${MD2_SANITIZE})
endif()

# Fuzzers see which branches their input takes in our own code.
if(MD2_BUILD_FUZZERS)
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()
