# docs/adding.md's worked examples as a test: the three lists with one more line each, and the files that include them,
# built again. The linker takes these objects before those of the libraries.
set(overlay ${PROJECT_BINARY_DIR}/adding)
function(list_with_line list line)
  file(READ ${PROJECT_SOURCE_DIR}/src/${list} text)
  file(CONFIGURE OUTPUT ${overlay}/${list} CONTENT "${text}${line}\n" @ONLY)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/src/${list})
endfunction()
list_with_line(ops/ops.inc "OP(square)")
list_with_line(simplify/passes.inc "PASS(drop_relu_of_square, \"last: nothing waits for it\")")
list_with_line(kernels/kernels.inc "KERNEL(square_f32_portable)")

add_executable(adding_tests ${PROJECT_SOURCE_DIR}/tests/adding/adding_test.cpp
  ${PROJECT_SOURCE_DIR}/docs/adding/square.cpp
  ${PROJECT_SOURCE_DIR}/docs/adding/drop_relu_of_square.cpp
  ${PROJECT_SOURCE_DIR}/docs/adding/square_f32_portable.cpp
  ${PROJECT_SOURCE_DIR}/src/ops/op.cpp
  ${PROJECT_SOURCE_DIR}/src/simplify/simplify.cpp
  ${PROJECT_SOURCE_DIR}/src/kernels/kernel.cpp)
target_include_directories(adding_tests PRIVATE ${overlay} ${PROJECT_SOURCE_DIR}/src)
target_link_libraries(adding_tests PRIVATE espalier_compiler espalier_runtime fmt::fmt-header-only GTest::gtest_main)
add_test(NAME adding COMMAND adding_tests)
