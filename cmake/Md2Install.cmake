# What `cmake --install` adds to the programs, so that the installed tree needs nothing of this one: the libraries
# that they load, all in lib/md2, where both the programs and LibTorch's own libraries look; and the licences.

install(FILES LICENSE THIRD_PARTY.md DESTINATION share/md2)

if(MD2_WITH_TORCH)
  install(FILES
      ${MD2_LIBTORCH_LIB}/libc10.so ${MD2_LIBTORCH_LIB}/libgomp.so.1 ${MD2_LIBTORCH_LIB}/libtorch_cpu.so
      ${MD2_LIBTORCH_DIR}/nvidia/cu13/lib/libcudart.so.13 ${MD2_LIBTORCH_DIR}/nvidia/cu13/lib/libcupti.so.13
    DESTINATION lib/md2)
  install(DIRECTORY ${MD2_LIBTORCH_DIR}/torch-2.14.1.dist-info/licenses/ DESTINATION share/md2/libtorch)
  # Looked at when it is installed, not when it is configured.
  install(CODE "
    set(MD2_LIBTORCH_DIR \"${MD2_LIBTORCH_DIR}\")
    set(MD2_LIBRARIES_TO \"\${CMAKE_INSTALL_PREFIX}/lib/md2\")
    set(MD2_LICENCES_TO \"\${CMAKE_INSTALL_PREFIX}/share/md2\")
    include(\"${CMAKE_CURRENT_LIST_DIR}/Md2InstallCuda.cmake\")")
endif()
