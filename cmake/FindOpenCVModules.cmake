# SPDX-License-Identifier: GPL-3.0-or-later
# OpenCV by single modules. Debian puts OpenCVConfig.cmake into libopencv-dev, which depends on every module and with
# them on VTK, Qt and GDAL; the packages of single modules carry headers and libraries only. This makes the
# targets opencv_core, opencv_imgproc, ... from them, or takes them from a full OpenCV where one is installed.
find_package(OpenCV ${OpenCVModules_FIND_VERSION} QUIET CONFIG COMPONENTS ${OpenCVModules_FIND_COMPONENTS})
if(OpenCV_FOUND)
  set(OpenCVModules_FOUND TRUE)
  return()
endif()
find_path(OpenCVModules_INCLUDE_DIR opencv2/core.hpp PATH_SUFFIXES opencv4)
if(OpenCVModules_INCLUDE_DIR)
  file(STRINGS ${OpenCVModules_INCLUDE_DIR}/opencv2/core/version.hpp _parts
       REGEX "#define CV_VERSION_(MAJOR|MINOR|REVISION) ")
  string(REGEX REPLACE "[^0-9;]" "" _parts "${_parts}")
  string(REPLACE ";" "." OpenCVModules_VERSION "${_parts}")
endif()
foreach(module IN LISTS OpenCVModules_FIND_COMPONENTS)
  find_library(OpenCVModules_${module}_LIBRARY opencv_${module})
  if(OpenCVModules_${module}_LIBRARY AND EXISTS ${OpenCVModules_INCLUDE_DIR}/opencv2/${module}.hpp)
    set(OpenCVModules_${module}_FOUND TRUE)
    if(NOT TARGET opencv_${module})
      add_library(opencv_${module} UNKNOWN IMPORTED GLOBAL)
      set_target_properties(opencv_${module} PROPERTIES
        IMPORTED_LOCATION ${OpenCVModules_${module}_LIBRARY}
        INTERFACE_INCLUDE_DIRECTORIES ${OpenCVModules_INCLUDE_DIR})
    endif()
  endif()
endforeach()
include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(OpenCVModules REQUIRED_VARS OpenCVModules_INCLUDE_DIR
  VERSION_VAR OpenCVModules_VERSION HANDLE_COMPONENTS)
