# The espalier command: build/<preset>/espalier.
find_package(CLI11 REQUIRED)
file(GLOB cli_sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/cli/*.cpp)
add_executable(espalier ${cli_sources})
target_compile_options(espalier PRIVATE ${ESPALIER_OUTSIDE_OPTIONS})
target_include_directories(espalier PRIVATE ${PROJECT_SOURCE_DIR}/src ${PROJECT_SOURCE_DIR}/cli)
target_link_libraries(espalier PRIVATE espalier_compiler fmt::fmt-header-only CLI11::CLI11 nlohmann_json::nlohmann_json)
install(TARGETS espalier)
