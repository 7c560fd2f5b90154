# One test binary per folder of tests/: tests/<folder>/*_test.cpp. Text cases beside them are read by the folder's driver.
find_package(GTest REQUIRED)

file(GLOB test_folders CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/tests/*)
foreach(folder ${test_folders})
  file(GLOB sources CONFIGURE_DEPENDS ${folder}/*_test.cpp)
  if(NOT sources)
    continue()
  endif()
  cmake_path(GET folder FILENAME name)
  add_executable(${name}_tests ${sources})
  target_include_directories(${name}_tests PRIVATE ${PROJECT_SOURCE_DIR}/src ${PROJECT_SOURCE_DIR}/tests)
  target_compile_definitions(${name}_tests PRIVATE ESPALIER_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
  target_link_libraries(${name}_tests PRIVATE espalier_runtime fmt::fmt-header-only GTest::gtest_main)
  if(TARGET espalier_compiler)
    target_link_libraries(${name}_tests PRIVATE espalier_compiler)
  endif()
  add_test(NAME ${name} COMMAND ${name}_tests)
endforeach()

# The rules of the house, and the canary that each of them fires. Python's own library is enough.
find_program(PYTHON3 NAMES python3 REQUIRED)
add_test(NAME tidy COMMAND ${PYTHON3} ${PROJECT_SOURCE_DIR}/tools/tidy)
add_test(NAME tidy_canary COMMAND ${PYTHON3} ${PROJECT_SOURCE_DIR}/tests/tidy/tidy_test.py)
