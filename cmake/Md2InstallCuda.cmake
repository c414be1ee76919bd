# Run by `cmake --install` and, as a script (cmake -P), by its test: installs into MD2_LIBRARIES_TO what LibTorch loads
# on a GPU, and the licences of NVIDIA's libraries into MD2_LICENCES_TO. Of MD2_LIBTORCH_DIR it takes what is there at
# that moment: the GPU's libraries once `deploy/setup --cuda` brought them, none before. All libraries lie in one
# folder, which is where LibTorch's own look last.

set(libraries)
if(EXISTS ${MD2_LIBTORCH_DIR}/md2-pins-cuda.txt)
  file(GLOB libraries
    ${MD2_LIBTORCH_DIR}/torch/lib/*cuda*.so* ${MD2_LIBTORCH_DIR}/torch/lib/*nvrtc*.so*
    ${MD2_LIBTORCH_DIR}/torch/lib/*nvshmem*.so* ${MD2_LIBTORCH_DIR}/nvidia/*/lib/*.so*)
endif()
file(INSTALL ${libraries} DESTINATION ${MD2_LIBRARIES_TO} TYPE SHARED_LIBRARY FOLLOW_SYMLINK_CHAIN)

file(GLOB wheels ${MD2_LIBTORCH_DIR}/nvidia_*.dist-info)
foreach(wheel IN LISTS wheels)
  get_filename_component(name ${wheel} NAME)
  string(REGEX REPLACE "-[^-]*-info$" "" name ${name})
  file(GLOB licences ${wheel}/licenses/* ${wheel}/[Ll][Ii][Cc][Ee][Nn][Ss][Ee]*.txt)
  file(INSTALL ${licences} DESTINATION ${MD2_LICENCES_TO}/${name} TYPE FILE)
endforeach()
