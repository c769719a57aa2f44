# SPDX-License-Identifier: GPL-3.0-or-later
# What `cmake --install` puts where, in three components: runtime (the program, its documents, pipelines that run on sample
# data), dev (headers and a static library a room, for find_package(sinterscope)), python (the module, src/python).
include(CMakePackageConfigHelpers)
set(SINTERSCOPE_CMAKE_DIR ${CMAKE_INSTALL_LIBDIR}/cmake/sinterscope)

# Called by sinterscope_room(): an export set of its own, so that a program that uses one room needs not the others.
function(sinterscope_install_room name)
  set_target_properties(sinterscope_${name} PROPERTIES EXPORT_NAME ${name})
  install(TARGETS sinterscope_${name} EXPORT sinterscope-${name}-targets
          ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT dev)
  install(EXPORT sinterscope-${name}-targets NAMESPACE sinterscope:: DESTINATION ${SINTERSCOPE_CMAKE_DIR} COMPONENT dev)
endfunction()

install(DIRECTORY include/sinterscope DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT dev)
configure_package_config_file(cmake/sinterscopeConfig.cmake.in ${PROJECT_BINARY_DIR}/sinterscopeConfig.cmake
                              INSTALL_DESTINATION ${SINTERSCOPE_CMAKE_DIR})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/sinterscopeConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/sinterscopeConfig.cmake ${PROJECT_BINARY_DIR}/sinterscopeConfigVersion.cmake
              cmake/rooms.cmake cmake/dependencies.cmake cmake/FindOpenCVModules.cmake cmake/itk_clang_shim.h
        DESTINATION ${SINTERSCOPE_CMAKE_DIR} COMPONENT dev)

# The pipelines name their images relative to themselves: both stay side by side.
install(DIRECTORY pipelines sample_data DESTINATION ${CMAKE_INSTALL_DATADIR}/sinterscope COMPONENT runtime)
install(FILES README.md CHANGELOG.md COPYING DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT runtime)
install(DIRECTORY docs DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT runtime)
