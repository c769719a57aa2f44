# SPDX-License-Identifier: GPL-3.0-or-later
# Every third-party package of sinterscope, found once. All come from Debian 12 packages
# (scripts/install-dependencies names them).
include(CMakeFindDependencyMacro)
list(APPEND CMAKE_MODULE_PATH ${CMAKE_CURRENT_LIST_DIR})

find_dependency(Threads)
find_dependency(OpenCVModules 4.6 COMPONENTS core imgproc photo video)

# Debian's ITK prints notes about GDCM tools it does not need, Ceres prints its options: silence both.
set(_sinterscope_log_level "${CMAKE_MESSAGE_LOG_LEVEL}")
set(CMAKE_MESSAGE_LOG_LEVEL NOTICE)
find_dependency(ITK 5.2 COMPONENTS ITKCommon ITKSmoothing ITKAnisotropicSmoothing ITKImageGrid ITKImageFeature
                ITKDistanceMap ITKRegistrationMethodsv4 ITKMetricsv4 ITKOptimizersv4)
find_dependency(Ceres 2.1)
set(CMAKE_MESSAGE_LOG_LEVEL "${_sinterscope_log_level}")

find_dependency(TIFF)
find_dependency(PNG)
find_dependency(ZLIB)
find_dependency(JPEG)
find_dependency(HDF5 COMPONENTS C)
find_dependency(OpenSSL COMPONENTS Crypto)
find_dependency(TBB)
find_dependency(nlohmann_json 3.11)
find_dependency(fmt 9)
find_dependency(CLI11)
find_dependency(Eigen3 3.4)
find_package(PkgConfig REQUIRED)
if(NOT TARGET PkgConfig::FFTW)
  pkg_check_modules(FFTW REQUIRED IMPORTED_TARGET GLOBAL fftw3f fftw3) # Debian ships no CMake config for FFTW
endif()

if(NOT TARGET sinterscope_itk)
  # ITK 5.2 targets carry no include directories; SYSTEM keeps their warnings out of ours.
  add_library(sinterscope_itk INTERFACE IMPORTED GLOBAL)
  target_include_directories(sinterscope_itk SYSTEM INTERFACE ${ITK_INCLUDE_DIRS})
  target_link_libraries(sinterscope_itk INTERFACE ${ITK_LIBRARIES})
  target_compile_options(sinterscope_itk INTERFACE
    $<$<CXX_COMPILER_ID:GNU>:-Wno-array-bounds>
    $<$<CXX_COMPILER_ID:Clang>:-include${CMAKE_CURRENT_LIST_DIR}/itk_clang_shim.h>)
  add_library(sinterscope_hdf5 INTERFACE IMPORTED GLOBAL)
  target_include_directories(sinterscope_hdf5 SYSTEM INTERFACE ${HDF5_INCLUDE_DIRS})
  target_link_libraries(sinterscope_hdf5 INTERFACE ${HDF5_C_LIBRARIES})
endif()

if(BUILD_TESTING)
  find_package(GTest 1.12 REQUIRED)
endif()
if(SINTERSCOPE_BENCH)
  find_package(benchmark 1.7 REQUIRED)
endif()
