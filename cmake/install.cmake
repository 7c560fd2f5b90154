# cmake --install: headers, libraries and a package for find_package(espalier). The command and the Python module have
# their rules beside their targets; the wheel takes the component "python" only (pyproject.toml).
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)
set(ESPALIER_PACKAGE_FOLDER ${CMAKE_INSTALL_LIBDIR}/cmake/espalier)

install(DIRECTORY ${PROJECT_SOURCE_DIR}/include/espalier TYPE INCLUDE COMPONENT development)
# One export per library: who only runs packages needs nothing that the compiler uses.
foreach(library runtime compiler)
  if(NOT TARGET espalier_${library})
    continue()
  endif()
  set_target_properties(espalier_${library} PROPERTIES EXPORT_NAME ${library})
  install(TARGETS espalier_${library} EXPORT espalier_${library} ARCHIVE COMPONENT development)
  install(EXPORT espalier_${library} NAMESPACE espalier:: FILE ${library}.cmake
    DESTINATION ${ESPALIER_PACKAGE_FOLDER} COMPONENT development)
endforeach()

configure_package_config_file(${PROJECT_SOURCE_DIR}/cmake/espalier-config.cmake.in
  ${PROJECT_BINARY_DIR}/espalier-config.cmake INSTALL_DESTINATION ${ESPALIER_PACKAGE_FOLDER})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/espalier-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/espalier-config.cmake ${PROJECT_BINARY_DIR}/espalier-config-version.cmake
  DESTINATION ${ESPALIER_PACKAGE_FOLDER} COMPONENT development)
