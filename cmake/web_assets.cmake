# SPDX-License-Identifier: GPL-3.0-or-later
# Third-party JavaScript and style of report.html, pinned by web/package-lock.json, restored by the ordinary npm client
# into the build tree when the build is configured.
#
# Nothing breaks without npm or without network: every chart of the page exists as SVG written by report/figure; the
# chart library only makes the ones over time interactive. A build without it says so once and shows the SVG.
option(SINTERSCOPE_INTERACTIVE_CHARTS "Embed the chart library (npm) in report.html" ON)

# Sets UPLOT_JS and UPLOT_CSS to the restored files, or to nothing.
function(sinterscope_restore_uplot)
  set(UPLOT_JS "" PARENT_SCOPE)
  set(UPLOT_CSS "" PARENT_SCOPE)
  if(NOT SINTERSCOPE_INTERACTIVE_CHARTS)
    return()
  endif()
  set(source ${PROJECT_SOURCE_DIR}/web)
  set(tree ${PROJECT_BINARY_DIR}/web)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${source}/package.json ${source}/package-lock.json)
  file(SHA256 ${source}/package-lock.json lock)
  set(stamp ${tree}/restored-${lock})
  if(NOT EXISTS ${stamp})
    find_program(NPM npm)
    if(NOT NPM)
      message(WARNING "npm is not installed: report.html will show its charts as SVG, without zoom and cursor. "
                      "scripts/install-dependencies installs it.")
      return()
    endif()
    file(MAKE_DIRECTORY ${tree})
    file(COPY ${source}/package.json ${source}/package-lock.json DESTINATION ${tree})
    execute_process(COMMAND ${NPM} ci --ignore-scripts --no-audit --no-fund --loglevel=error WORKING_DIRECTORY ${tree}
                    RESULT_VARIABLE failed OUTPUT_VARIABLE output ERROR_VARIABLE output TIMEOUT 120)
    if(failed)
      message(WARNING "npm ci failed in ${tree}: report.html will show its charts as SVG, without zoom and cursor. "
                      "Configure again to retry.\n${output}")
      return()
    endif()
    file(TOUCH ${stamp})
  endif()
  set(UPLOT_JS ${tree}/node_modules/uplot/dist/uPlot.iife.min.js PARENT_SCOPE)
  set(UPLOT_CSS ${tree}/node_modules/uplot/dist/uPlot.min.css PARENT_SCOPE)
endfunction()

# sinterscope_embed(out_variable SYMBOL file): appends the C++ source that holds the file to out_variable.
function(sinterscope_embed sources symbol file)
  set(out ${CMAKE_CURRENT_BINARY_DIR}/${symbol}.cpp)
  add_custom_command(OUTPUT ${out}
    COMMAND ${CMAKE_COMMAND} -DIN=${file} -DOUT=${out} -DSYMBOL=${symbol}
            -P ${PROJECT_SOURCE_DIR}/cmake/embed_file.cmake
    DEPENDS ${file} ${PROJECT_SOURCE_DIR}/cmake/embed_file.cmake VERBATIM)
  set(${sources} ${${sources}} ${out} PARENT_SCOPE)
endfunction()
