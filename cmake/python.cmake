# The Python module espalier._espalier (nanobind). Python and nanobind come from the environment that runs the build.
find_package(Python 3.9 REQUIRED COMPONENTS Interpreter Development.Module)
execute_process(COMMAND ${Python_EXECUTABLE} -m nanobind --cmake_dir
  OUTPUT_VARIABLE nanobind_ROOT OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
find_package(nanobind CONFIG REQUIRED)
nanobind_add_module(_espalier NB_STATIC ${PROJECT_SOURCE_DIR}/python/module.cpp
  ${PROJECT_SOURCE_DIR}/python/reports.cpp ${PROJECT_SOURCE_DIR}/python/results.cpp)
target_include_directories(_espalier PRIVATE ${PROJECT_SOURCE_DIR}/src)
target_link_libraries(_espalier PRIVATE espalier_compiler fmt::fmt-header-only)
# nanobind's own sources and headers are not held to our warnings.
target_compile_options(nanobind-static PRIVATE -w)
target_compile_options(_espalier PRIVATE -Wno-shadow -Wno-conversion -Wno-pedantic)
# A package folder in the build tree too, so that tests need no installation: PYTHONPATH=build/<preset>/python.
set_target_properties(_espalier PROPERTIES LIBRARY_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/python/espalier)
file(MAKE_DIRECTORY ${PROJECT_BINARY_DIR}/python/espalier)
file(GLOB python_sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/python/espalier/*.py)
foreach(source ${python_sources})
  cmake_path(GET source FILENAME name)
  file(CREATE_LINK ${source} ${PROJECT_BINARY_DIR}/python/espalier/${name} SYMBOLIC)
endforeach()
# For the wheel, which asks for this component; `cmake --install` without a component leaves it out.
install(TARGETS _espalier LIBRARY DESTINATION espalier COMPONENT python EXCLUDE_FROM_ALL)
