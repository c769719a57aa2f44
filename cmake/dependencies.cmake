# SPDX-License-Identifier: GPL-3.0-or-later
# How every third-party package of sinterscope is found, for the build and for the installed sinterscopeConfig.cmake. All
# come from Debian 12 packages (scripts/install-dependencies names them).
include(CMakeFindDependencyMacro)
list(APPEND CMAKE_MODULE_PATH ${CMAKE_CURRENT_LIST_DIR})
set(SINTERSCOPE_CLANG_SHIM ${CMAKE_CURRENT_LIST_DIR}/itk_clang_shim.h)

set(SINTERSCOPE_OpenCVModules_ARGUMENTS 4.6 COMPONENTS core imgproc photo video)
set(SINTERSCOPE_ITK_ARGUMENTS 5.2 COMPONENTS ITKCommon ITKSmoothing ITKAnisotropicSmoothing ITKImageGrid ITKImageFeature
    ITKDistanceMap ITKRegistrationMethodsv4 ITKMetricsv4 ITKOptimizersv4)
set(SINTERSCOPE_Ceres_ARGUMENTS 2.1)
set(SINTERSCOPE_HDF5_ARGUMENTS COMPONENTS C)
set(SINTERSCOPE_OpenSSL_ARGUMENTS COMPONENTS Crypto)
set(SINTERSCOPE_nlohmann_json_ARGUMENTS 3.11)
set(SINTERSCOPE_fmt_ARGUMENTS 9)
set(SINTERSCOPE_Eigen3_ARGUMENTS 3.4)

# One of the names in the lists ROOM_PACKAGES (cmake/rooms.cmake). A macro, because find_dependency leaves the file that
# asked where a package is missing.
macro(sinterscope_find package)
  if("${package}" STREQUAL "FFTW")
    find_dependency(PkgConfig)
    if(NOT TARGET PkgConfig::FFTW)
      pkg_check_modules(FFTW REQUIRED IMPORTED_TARGET GLOBAL fftw3f fftw3) # Debian ships no CMake config for FFTW
    endif()
  else()
    # Debian's ITK prints notes about GDCM tools it does not need, Ceres prints its options: silence both.
    set(_sinterscope_log_level "${CMAKE_MESSAGE_LOG_LEVEL}")
    if("${package}" MATCHES "^(ITK|Ceres)$")
      set(CMAKE_MESSAGE_LOG_LEVEL NOTICE)
    endif()
    find_dependency(${package} ${SINTERSCOPE_${package}_ARGUMENTS})
    set(CMAKE_MESSAGE_LOG_LEVEL "${_sinterscope_log_level}")
  endif()
  if("${package}" STREQUAL "ITK" AND NOT TARGET sinterscope_itk)
    # ITK 5.2 targets carry no include directories; SYSTEM keeps their warnings out of ours.
    add_library(sinterscope_itk INTERFACE IMPORTED GLOBAL)
    target_include_directories(sinterscope_itk SYSTEM INTERFACE ${ITK_INCLUDE_DIRS})
    target_link_libraries(sinterscope_itk INTERFACE ${ITK_LIBRARIES})
    target_compile_options(sinterscope_itk INTERFACE
      $<$<CXX_COMPILER_ID:GNU>:-Wno-array-bounds>
      $<$<CXX_COMPILER_ID:Clang>:-include${SINTERSCOPE_CLANG_SHIM}>)
  endif()
  if("${package}" STREQUAL "HDF5" AND NOT TARGET sinterscope_hdf5)
    add_library(sinterscope_hdf5 INTERFACE IMPORTED GLOBAL)
    target_include_directories(sinterscope_hdf5 SYSTEM INTERFACE ${HDF5_INCLUDE_DIRS})
    target_link_libraries(sinterscope_hdf5 INTERFACE ${HDF5_C_LIBRARIES})
  endif()
endmacro()

# Everything the build needs. find_dependency then stops with the name of what is missing, as REQUIRED would.
macro(sinterscope_find_all)
  set(CMAKE_FIND_PACKAGE_NAME sinterscope)
  set(sinterscope_FIND_REQUIRED TRUE)
  set(_sinterscope_packages Threads)
  foreach(_room IN LISTS SINTERSCOPE_ROOMS)
    list(APPEND _sinterscope_packages ${${_room}_PACKAGES})
  endforeach()
  list(REMOVE_DUPLICATES _sinterscope_packages)
  foreach(_package IN LISTS _sinterscope_packages)
    sinterscope_find(${_package})
  endforeach()
  if(BUILD_TESTING)
    find_dependency(GTest 1.12)
  endif()
  if(SINTERSCOPE_BENCH)
    find_dependency(benchmark 1.7)
  endif()
  unset(CMAKE_FIND_PACKAGE_NAME)
endmacro()
