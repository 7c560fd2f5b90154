# One test binary per folder of tests/: tests/<folder>/*_test.cpp. Text cases beside them are read by the folder's driver.
if(CMAKE_CROSSCOMPILING)
  # Debian's libgtest-dev brings the sources, which are built for the machine that the tests run on.
  add_subdirectory(/usr/src/googletest/googletest ${PROJECT_BINARY_DIR}/googletest EXCLUDE_FROM_ALL)
  target_compile_options(gtest PRIVATE -w)
  target_compile_options(gtest_main PRIVATE -w)
else()
  find_package(GTest REQUIRED)
endif()

file(GLOB test_folders CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/tests/*)
foreach(folder ${test_folders})
  file(GLOB sources CONFIGURE_DEPENDS ${folder}/*_test.cpp)
  if(NOT sources OR folder MATCHES "/adding$")  # adding.cmake builds that one
    continue()
  endif()
  cmake_path(GET folder FILENAME name)
  # Without the compiler: the tests of the runtime, and text cases, whose passes need no library.
  if(NOT ESPALIER_COMPILER AND NOT name IN_LIST RUNTIME_FOLDERS AND NOT name MATCHES "^(session|text_cases)$")
    continue()
  endif()
  add_executable(${name}_tests ${sources})
  target_include_directories(${name}_tests PRIVATE ${PROJECT_SOURCE_DIR}/src ${PROJECT_SOURCE_DIR}/tests)
  target_compile_definitions(${name}_tests PRIVATE ESPALIER_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
  target_compile_options(${name}_tests PRIVATE ${ESPALIER_OUTSIDE_OPTIONS})
  target_link_libraries(${name}_tests PRIVATE espalier_runtime fmt::fmt-header-only GTest::gtest_main)
  if(TARGET espalier_compiler)
    target_link_libraries(${name}_tests PRIVATE espalier_compiler)
  endif()
  add_test(NAME ${name} COMMAND ${name}_tests)
endforeach()
if(NOT ESPALIER_COMPILER)
  espalier_sources(stage_sources simplify quantize)
  target_sources(text_cases_tests PRIVATE ${stage_sources})
endif()

# Loops compiled for an instruction set must not define shared inline functions: the linker could keep that copy for all.
if(CMAKE_NM AND CMAKE_BUILD_TYPE STREQUAL "Release")
  add_test(NAME kernels_linkage COMMAND ${CMAKE_COMMAND} -DNM=${CMAKE_NM}
    -DOBJECTS=${PROJECT_BINARY_DIR}/CMakeFiles/espalier_runtime.dir/src/kernels
    -P ${PROJECT_SOURCE_DIR}/tests/kernels/linkage.cmake)
endif()
if(NOT ESPALIER_COMPILER)
  return()
endif()

include(cmake/adding.cmake)

# The rules of the house, and the canary that each of them fires. Python's own library is enough.
find_program(PYTHON3 NAMES python3 REQUIRED)
add_test(NAME tidy COMMAND ${PYTHON3} ${PROJECT_SOURCE_DIR}/tools/tidy)
add_test(NAME tidy_canary COMMAND ${PYTHON3} ${PROJECT_SOURCE_DIR}/tests/tidy/tidy_test.py)

include(cmake/headers.cmake)

# Kernels of every x86 instruction set on a machine that may lack it: the same files built through SIMDe (PyPI simde-py)
# with no more than -mavx2 -mfma, under a processor that reports everything. The tests are those of tests/kernels.
file(GLOB ESPALIER_SIMDE ${PROJECT_SOURCE_DIR}/.venv/lib/python3*/site-packages/simde_py/simde)
if(ESPALIER_SIMDE AND CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
  espalier_sources(emulated_sources kernels)
  list(FILTER emulated_sources EXCLUDE REGEX "_neon(dot)?\\.cpp$")
  list(APPEND emulated_sources ${PROJECT_SOURCE_DIR}/src/base/cpu_features.cpp)
  espalier_sources(shared_sources base numerics graph ops)
  list(FILTER shared_sources EXCLUDE REGEX "/src/base/(cpu_features|version).cpp$")
  # In a subdirectory of its own, so that the flags which libraries.cmake gave these files do not apply.
  add_subdirectory(${PROJECT_SOURCE_DIR}/tests/kernels/emulated ${PROJECT_BINARY_DIR}/emulated)
endif()

# An installed Espalier serves an outside project.
if(TARGET espalier)
  set(outside -DCMAKE_CXX_COMPILER=${CMAKE_CXX_COMPILER} -DCMAKE_BUILD_TYPE=${CMAKE_BUILD_TYPE} -G ${CMAKE_GENERATOR})
  if(ESPALIER_SANITIZE)
    list(APPEND outside -DCMAKE_CXX_FLAGS=-fsanitize=${ESPALIER_SANITIZE_LINK})
  endif()
  add_test(NAME install COMMAND ${CMAKE_COMMAND} -DBUILD=${PROJECT_BINARY_DIR} -DSCRATCH=${PROJECT_BINARY_DIR}/install_test
    "-DOPTIONS=${outside}" -P ${PROJECT_SOURCE_DIR}/tests/install/install_test.cmake)
endif()
