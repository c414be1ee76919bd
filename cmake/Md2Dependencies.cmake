# Every third party, by the name our targets link. Debian's packages are found by CMake; LibTorch and
# SentencePiece lie where deploy/setup put them: in MD2_DEPS_DIR, outside the clone.

if(DEFINED ENV{XDG_CACHE_HOME})
  set(md2_default_deps "$ENV{XDG_CACHE_HOME}/md2")
else()
  set(md2_default_deps "$ENV{HOME}/.cache/md2")
endif()
set(MD2_DEPS_DIR "${md2_default_deps}" CACHE PATH "Where deploy/setup puts LibTorch and SentencePiece")

find_package(Threads REQUIRED)
find_package(absl REQUIRED)
find_package(spdlog REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(CLI11 REQUIRED)
find_package(tomlplusplus REQUIRED)
find_package(OpenSSL REQUIRED COMPONENTS Crypto)
find_package(PkgConfig REQUIRED)
find_package(Protobuf REQUIRED)
pkg_check_modules(stb REQUIRED IMPORTED_TARGET stb)
if(MD2_BUILD_TESTS)
  find_package(GTest REQUIRED)
endif()
if(MD2_BUILD_BENCHMARKS)
  find_package(benchmark REQUIRED)
endif()

function(md2_require_file path)
  if(NOT EXISTS ${path})
    message(FATAL_ERROR "Expected ${path}, found nothing there: run ./deploy/setup first.")
  endif()
endfunction()

set(MD2_SENTENCEPIECE_DIR ${MD2_DEPS_DIR}/sentencepiece-0.2.0)
md2_require_file(${MD2_SENTENCEPIECE_DIR}/lib/libsentencepiece.a)
add_library(md2_sentencepiece STATIC IMPORTED)
set_target_properties(md2_sentencepiece PROPERTIES
  IMPORTED_LOCATION ${MD2_SENTENCEPIECE_DIR}/lib/libsentencepiece.a
  INTERFACE_INCLUDE_DIRECTORIES ${MD2_SENTENCEPIECE_DIR}/include
  INTERFACE_LINK_LIBRARIES "protobuf::libprotobuf-lite;Threads::Threads")

# find_package(Torch) wants a CUDA toolkit; two imported libraries are all that we link.
# libtorch_cuda.so is loaded at run time where it and a driver are present (core/model/device.cc).
if(MD2_WITH_TORCH)
  set(MD2_LIBTORCH_DIR ${MD2_DEPS_DIR}/libtorch-2.14.1)
  set(MD2_LIBTORCH_LIB ${MD2_LIBTORCH_DIR}/torch/lib)
  md2_require_file(${MD2_LIBTORCH_LIB}/libtorch_cpu.so)
  add_library(md2_c10 SHARED IMPORTED)
  set_target_properties(md2_c10 PROPERTIES IMPORTED_LOCATION ${MD2_LIBTORCH_LIB}/libc10.so)
  # The OpenMP run time that LibTorch brings; a second one in the process would cost up to three times.
  add_library(md2_gomp SHARED IMPORTED)
  set_target_properties(md2_gomp PROPERTIES IMPORTED_LOCATION ${MD2_LIBTORCH_LIB}/libgomp.so.1)
  add_library(md2_torch SHARED IMPORTED)
  set_target_properties(md2_torch PROPERTIES
    IMPORTED_LOCATION ${MD2_LIBTORCH_LIB}/libtorch_cpu.so
    INTERFACE_INCLUDE_DIRECTORIES
      "${MD2_LIBTORCH_DIR}/torch/include;${MD2_LIBTORCH_DIR}/torch/include/torch/csrc/api/include"
    INTERFACE_LINK_LIBRARIES "md2_c10;md2_gomp")
endif()
