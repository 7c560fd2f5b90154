# Programs on the runtime alone: they cross-compile with it.
add_executable(espalier-run ${PROJECT_SOURCE_DIR}/apps/espalier_run.cpp ${PROJECT_SOURCE_DIR}/src/dataset/npy.cpp)
target_compile_options(espalier-run PRIVATE ${ESPALIER_OUTSIDE_OPTIONS})
target_include_directories(espalier-run PRIVATE ${PROJECT_SOURCE_DIR}/src)
target_link_libraries(espalier-run PRIVATE espalier_runtime fmt::fmt-header-only)
install(TARGETS espalier-run)
