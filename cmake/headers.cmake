# The example at the head of each public header, as a function of its own file in the tests of tests/headers. They see
# the public headers only.
set(examples ${PROJECT_BINARY_DIR}/headers)
file(GLOB public_headers CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/include/espalier/*.h)
set(example_sources)
set(example_list)
foreach(header ${public_headers} ${PROJECT_SOURCE_DIR}/tests/headers/without_example.h)
  cmake_path(GET header STEM name)
  add_custom_command(OUTPUT ${examples}/${name}.cpp
    COMMAND ${PYTHON3} ${PROJECT_SOURCE_DIR}/tests/headers/write_example.py ${header} ${examples}/${name}.cpp
    DEPENDS ${header} ${PROJECT_SOURCE_DIR}/tests/headers/write_example.py)
  list(APPEND example_sources ${examples}/${name}.cpp)
  if(header IN_LIST public_headers)
    string(APPEND example_list "EXAMPLE(${name})\n")
  endif()
endforeach()
file(CONFIGURE OUTPUT ${examples}/examples.inc CONTENT "${example_list}" @ONLY)

add_library(header_examples OBJECT ${example_sources})
target_link_libraries(header_examples PRIVATE espalier_runtime)
target_link_libraries(headers_tests PRIVATE header_examples)
target_include_directories(headers_tests PRIVATE ${examples})
