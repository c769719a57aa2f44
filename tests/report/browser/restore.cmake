# SPDX-License-Identifier: GPL-3.0-or-later
# cmake -DSOURCE=dir -DTREE=dir -P restore.cmake: the pinned packages of the browser test, by `npm ci`, into the build tree.
file(SHA256 ${SOURCE}/package-lock.json lock)
if(EXISTS ${TREE}/restored-${lock})
  return()
endif()
file(COPY ${SOURCE}/package.json ${SOURCE}/package-lock.json DESTINATION ${TREE})
execute_process(COMMAND npm ci --ignore-scripts --no-audit --no-fund --loglevel=error WORKING_DIRECTORY ${TREE} RESULT_VARIABLE failed)
if(failed)
  message(STATUS "npm ci did not succeed: the browser tests will be skipped")
  return()
endif()
file(TOUCH ${TREE}/restored-${lock})
