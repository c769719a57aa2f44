# SPDX-License-Identifier: GPL-3.0-or-later
# Debian packages of what cmake/install.cmake installs, by `cpack -G DEB` (scripts/package): sinterscope, libsinterscope-dev
# and, where the module was built, python3-sinterscope. dpkg-shlibdeps reads the dependencies of the binaries. The first
# line of each description is that of the project.
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME sinterscope)
set(CPACK_PACKAGE_CONTACT "The sinterscope authors")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_COMPONENTS_ALL runtime dev)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_ENABLE_COMPONENT_DEPENDS OFF)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_COMPRESSION_TYPE xz)

set(CPACK_DEBIAN_RUNTIME_PACKAGE_NAME sinterscope)
set(CPACK_DEBIAN_RUNTIME_PACKAGE_SECTION science)
set(CPACK_DEBIAN_RUNTIME_PACKAGE_SHLIBDEPS ON)
set(CPACK_COMPONENT_RUNTIME_DESCRIPTION "Finds and sizes particles in SE and HAADF frames over temperature cycles,
takes the inventory of atoms of every hold and fits the binding enthalpy and
the ad-atom concentration, with intervals and rival models. With sample data.")

# A static library needs what it was built with: the room inference (what find_package(sinterscope) gives without components)
# depends, the others are suggested.
set(CPACK_DEBIAN_DEV_PACKAGE_NAME libsinterscope-dev)
set(CPACK_DEBIAN_DEV_PACKAGE_SECTION libdevel)
set(CPACK_DEBIAN_DEV_PACKAGE_DEPENDS
    "libceres-dev, libeigen3-dev, libfmt-dev, libopencv-core-dev, libopencv-imgproc-dev, libopencv-photo-dev, libopencv-video-dev, libtbb-dev")
set(CPACK_DEBIAN_DEV_PACKAGE_SUGGESTS
    "libfftw3-dev, libhdf5-dev, libinsighttoolkit5-dev, libjpeg-dev, libpng-dev, libssl-dev, libtiff-dev, nlohmann-json3-dev, pkg-config, zlib1g-dev")
set(CPACK_COMPONENT_DEV_DESCRIPTION "Headers and static libraries: find_package(sinterscope) gives
sinterscope::inference; every other room of the program is a component.")

if(TARGET sinterscope_python)
  get_property(python TARGET sinterscope_python PROPERTY SINTERSCOPE_PYTHON_VERSION)
  list(APPEND CPACK_COMPONENTS_ALL python)
  set(CPACK_DEBIAN_PYTHON_PACKAGE_NAME python3-sinterscope)
  set(CPACK_DEBIAN_PYTHON_PACKAGE_SECTION python)
  set(CPACK_DEBIAN_PYTHON_PACKAGE_SHLIBDEPS ON)
  set(CPACK_DEBIAN_PYTHON_PACKAGE_DEPENDS "python3-numpy, python${python}")
  set(CPACK_COMPONENT_PYTHON_DESCRIPTION "The Python module: open_frames, find_particles, link, fit_entropy_model and
critical_concentration on NumPy arrays.")
endif()
foreach(component IN LISTS CPACK_COMPONENTS_ALL)
  string(TOUPPER ${component} upper)
  install(FILES packaging/copyright DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/${CPACK_DEBIAN_${upper}_PACKAGE_NAME}
          COMPONENT ${component})
endforeach()
include(CPack)
