# The ONNX schema comes from the installed PyPI package `onnx` (nothing of it is copied here); Debian's libonnx-dev is
# the fall-back. docs/decisions/onnx_schema.md says why.
if(NOT ESPALIER_ONNX_PROTO)
  file(GLOB onnx_proto_candidates
    ${PROJECT_SOURCE_DIR}/.venv/lib/python3*/site-packages/onnx/onnx-ml.proto
    /usr/include/onnx/onnx-ml.proto)
  if(Python_EXECUTABLE)
    execute_process(
      COMMAND ${Python_EXECUTABLE} -c "import onnx, os; print(os.path.join(os.path.dirname(onnx.__file__), 'onnx-ml.proto'))"
      OUTPUT_VARIABLE from_python OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
    list(PREPEND onnx_proto_candidates ${from_python})
  endif()
  list(POP_FRONT onnx_proto_candidates ESPALIER_ONNX_PROTO)
endif()
if(NOT EXISTS "${ESPALIER_ONNX_PROTO}")
  message(FATAL_ERROR "onnx-ml.proto was not found. Run tools/setup, which makes .venv with the onnx package, "
                      "or pass -DESPALIER_ONNX_PROTO=<file>.")
endif()

set(generated ${PROJECT_BINARY_DIR}/generated)
file(MAKE_DIRECTORY ${generated}/onnx)
configure_file(${ESPALIER_ONNX_PROTO} ${generated}/onnx/onnx-ml.proto COPYONLY)
add_custom_command(
  OUTPUT ${generated}/onnx/onnx-ml.pb.cc ${generated}/onnx/onnx-ml.pb.h
  COMMAND protobuf::protoc --cpp_out=${generated}/onnx -I${generated}/onnx onnx-ml.proto
  DEPENDS ${generated}/onnx/onnx-ml.proto)
add_library(espalier_onnx_schema OBJECT ${generated}/onnx/onnx-ml.pb.cc)
target_include_directories(espalier_onnx_schema SYSTEM PUBLIC ${generated})
target_link_libraries(espalier_onnx_schema PUBLIC protobuf::libprotobuf)
# Generated code is not held to our warnings.
target_compile_options(espalier_onnx_schema PRIVATE -w)
