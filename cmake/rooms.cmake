# SPDX-License-Identifier: GPL-3.0-or-later
# The house: every room, and the rooms it may include. This list is the only place where an arrow is
# declared: the build links by it and the test Architecture.arrows reads every include against it.

set(SINTERSCOPE_ROOMS core experiment kmc theory io imaging particles tracking synth inference report
                      pipeline app)

set(core_DEPENDS)
set(experiment_DEPENDS core)
set(kmc_DEPENDS core)
set(theory_DEPENDS core)
set(io_DEPENDS core experiment)
set(imaging_DEPENDS core experiment)
set(particles_DEPENDS core experiment)
set(tracking_DEPENDS core experiment)
set(synth_DEPENDS core experiment kmc)
set(inference_DEPENDS core experiment theory)
set(report_DEPENDS core experiment theory inference)
set(pipeline_DEPENDS core experiment kmc theory io imaging particles tracking synth inference report)
set(app_DEPENDS core pipeline)

# Third parties stand behind one door each: a header prefix, and the rooms (or units) allowed to include it.
set(SINTERSCOPE_DOORS
    "tbb/=src/core/parallel"
    "oneapi/=src/core/parallel"
    "tiffio=src/io/"
    "openssl/=src/io/"
    "hdf5=src/io/"
    "zlib.h=src/io/"
    "png.h=src/io/,src/report/"
    "jpeglib=src/io/,src/report/"
    "itk=src/imaging/"
    "fftw3=src/imaging/,src/synth/"
    "ceres/=src/inference/,src/particles/,include/sinterscope/inference/,include/sinterscope/theory/"
    "nlohmann/=src/pipeline/,include/sinterscope/pipeline/,src/report/,src/io/"
    "CLI/=src/app/"
    "iostream>=src/app/")

if(CMAKE_SCRIPT_MODE_FILE)
  return() # cmake/check_arrows.cmake reads the lists above
endif()

# sinterscope_room(NAME SOURCES a.cpp ... [PUBLIC targets...] [PRIVATE targets...])
# One static library a room; the rooms it depends on come from NAME_DEPENDS above.
function(sinterscope_room name)
  cmake_parse_arguments(ROOM "" "" "SOURCES;PUBLIC;PRIVATE" ${ARGN})
  set(target sinterscope_${name})
  if(ROOM_SOURCES)
    add_library(${target} STATIC ${ROOM_SOURCES})
    set(scope PUBLIC)
    target_compile_features(${target} PUBLIC cxx_std_20)
    target_link_libraries(${target} PRIVATE sinterscope_warnings ${ROOM_PRIVATE})
  else()
    add_library(${target} INTERFACE)
    set(scope INTERFACE)
  endif()
  add_library(sinterscope::${name} ALIAS ${target})
  target_include_directories(${target} ${scope} ${PROJECT_SOURCE_DIR}/include)
  foreach(other IN LISTS ${name}_DEPENDS)
    target_link_libraries(${target} ${scope} sinterscope_${other})
  endforeach()
  target_link_libraries(${target} ${scope} ${ROOM_PUBLIC})
endfunction()

add_library(sinterscope_warnings INTERFACE)
target_compile_options(sinterscope_warnings INTERFACE -Wall -Wextra -Wshadow -Wnon-virtual-dtor
                       -Wcast-align -Woverloaded-virtual -Wpedantic -Wnull-dereference)
if(SINTERSCOPE_WARNINGS_AS_ERRORS)
  target_compile_options(sinterscope_warnings INTERFACE -Werror)
endif()
if(SINTERSCOPE_COVERAGE)
  target_compile_options(sinterscope_warnings INTERFACE --coverage)
  add_link_options(--coverage)
endif()
