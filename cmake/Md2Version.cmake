# md2_commit.h: the commit that is being built, looked up at every build and rewritten only when it changed. As a
# script (cmake -P) it writes the header; included, it declares the target md2_commit that does so.

if(CMAKE_SCRIPT_MODE_FILE)
  execute_process(COMMAND git -C ${SOURCE_DIR} describe --always --dirty --abbrev=12 --exclude=*
    OUTPUT_VARIABLE commit OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET RESULT_VARIABLE failed)
  if(failed)
    set(commit unknown)
  endif()
  file(CONFIGURE OUTPUT ${HEADER} CONTENT "#define MD2_COMMIT \"@commit@\"\n" @ONLY)
  return()
endif()

set(MD2_COMMIT_DIR ${PROJECT_BINARY_DIR}/generated)
add_custom_target(md2_commit
  COMMAND ${CMAKE_COMMAND} -D SOURCE_DIR=${PROJECT_SOURCE_DIR} -D HEADER=${MD2_COMMIT_DIR}/md2_commit.h
    -P ${CMAKE_CURRENT_LIST_FILE}
  BYPRODUCTS ${MD2_COMMIT_DIR}/md2_commit.h
  COMMENT "Looking up the commit" VERBATIM)
