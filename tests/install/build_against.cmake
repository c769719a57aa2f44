# SPDX-License-Identifier: GPL-3.0-or-later
# cmake -DBUILD=tree -DPROJECT=folder -DWORK=folder -DPATTERN=regex [-DARGUMENT=x] [-DFLAGS=...] -P build_against.cmake
# Installs the tree into a fresh prefix, configures, builds and runs a project against it, and matches what it prints.
file(REMOVE_RECURSE ${WORK})
function(run)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE failed OUTPUT_VARIABLE output ERROR_VARIABLE output)
  if(failed)
    list(JOIN ARGN " " command)
    message(FATAL_ERROR "${command}\nfailed (${failed}):\n${output}")
  endif()
  set(output "${output}" PARENT_SCOPE)
endfunction()

run(${CMAKE_COMMAND} --install ${BUILD} --prefix ${WORK}/first --component dev)
file(RENAME ${WORK}/first ${WORK}/prefix) # an installed tree may be moved
run(${CMAKE_COMMAND} -S ${PROJECT} -B ${WORK}/build -G Ninja -DCMAKE_PREFIX_PATH=${WORK}/prefix -DCMAKE_CXX_FLAGS=${FLAGS})
run(${CMAKE_COMMAND} --build ${WORK}/build)
get_filename_component(program ${PROJECT} NAME)
run(${WORK}/build/${program} ${ARGUMENT})
if(NOT output MATCHES "${PATTERN}")
  message(FATAL_ERROR "printed\n${output}\ninstead of ${PATTERN}")
endif()
file(REMOVE_RECURSE ${WORK})
