# SPDX-License-Identifier: GPL-3.0-or-later
# The committed page is what PROGRAM tells of itself.
execute_process(COMMAND ${PROGRAM} describe-commands OUTPUT_VARIABLE told COMMAND_ERROR_IS_FATAL ANY)
file(READ ${PAGE} committed)
if(NOT told STREQUAL committed)
  message(FATAL_ERROR "docs/cli.md is not what the program tells of itself: run scripts/make-cli-docs ${PROGRAM}")
endif()
