# The two libraries of the design: the runtime cross-compiles and needs no protobuf or JSON; the compiler has the rest.
set(RUNTIME_FOLDERS base numerics graph ops kernels package run preprocess decode)
set(COMPILER_FOLDERS dataset read simplify quantize write evaluate compare)

function(espalier_sources result)
  set(found)
  foreach(folder ${ARGN})
    file(GLOB_RECURSE files CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/src/${folder}/*.cpp)
    list(APPEND found ${files})
  endforeach()
  set(${result} ${found} PARENT_SCOPE)
endfunction()

espalier_sources(RUNTIME_SOURCES ${RUNTIME_FOLDERS})
espalier_sources(COMPILER_SOURCES ${COMPILER_FOLDERS})
list(APPEND RUNTIME_SOURCES ${PROJECT_SOURCE_DIR}/src/session.cpp)
list(APPEND COMPILER_SOURCES ${PROJECT_SOURCE_DIR}/src/pipeline.cpp)
# One file knows the version, so that a new one compiles one file.
set_source_files_properties(${PROJECT_SOURCE_DIR}/src/base/version.cpp PROPERTIES
  COMPILE_DEFINITIONS ESPALIER_VERSION="${PROJECT_VERSION}")

# Loops of an instruction set exist on its machines only; src/kernels/kernels.inc leaves the same ones out.
if(NOT CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
  list(FILTER RUNTIME_SOURCES EXCLUDE REGEX "/kernels/.*_avx(2|512vnni)\\.cpp$")
endif()
if(NOT CMAKE_SYSTEM_PROCESSOR MATCHES "aarch64|arm64")
  list(FILTER RUNTIME_SOURCES EXCLUDE REGEX "/kernels/.*_neon(dot)?\\.cpp$")
endif()

# A kernel file is compiled for the instruction set that its name ends with; it is called only where the CPU has it.
# -fno-trapping-math: comparisons may be turned into selections, which vectors need; no result changes.
# -Wno-uninitialized: g++ 12 warns about the undefined registers of its own AVX-512 header.
# -fno-schedule-insns: g++ 12 would mix more products of conv2d_s8_neon than registers hold (8 spills in a step of 59).
# -O3: loops in plain C++ are written to be vectorised, which -O2 does not do for unknown counts.
foreach(source ${RUNTIME_SOURCES})
  if(source MATCHES "/kernels/.*_avx2\\.cpp$")
    set_source_files_properties(${source} PROPERTIES COMPILE_OPTIONS "-O3;-fno-trapping-math;-mavx2;-mfma")
  elseif(source MATCHES "/kernels/.*_avx512vnni\\.cpp$")
    set_source_files_properties(${source} PROPERTIES
      COMPILE_OPTIONS "-O3;-fno-trapping-math;-mavx512f;-mavx512bw;-mavx512vl;-mavx512dq;-mavx512vnni;-mfma;-mprefer-vector-width=512;-Wno-uninitialized;$<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>")
  elseif(source MATCHES "/kernels/.*_neondot\\.cpp$")
    set_source_files_properties(${source} PROPERTIES COMPILE_OPTIONS "-O3;-fno-trapping-math;-march=armv8.2-a+dotprod")
  elseif(source MATCHES "/kernels/conv2d_s8_neon\\.cpp$")
    set_source_files_properties(${source} PROPERTIES
      COMPILE_OPTIONS "-O3;-fno-trapping-math;$<$<CXX_COMPILER_ID:GNU>:-fno-schedule-insns>")
  elseif(source MATCHES "/kernels/.*_(portable|neon)\\.cpp$")
    set_source_files_properties(${source} PROPERTIES COMPILE_OPTIONS "-O3;-fno-trapping-math")
  endif()
endforeach()

# The package's schema becomes a header at build time: generated code is tied to the installed FlatBuffers.
set(PACKAGE_HEADER ${PROJECT_BINARY_DIR}/generated/package_generated.h)
add_custom_command(
  OUTPUT ${PACKAGE_HEADER}
  COMMAND flatbuffers::flatc --cpp -o ${PROJECT_BINARY_DIR}/generated ${PROJECT_SOURCE_DIR}/src/package/package.fbs
  DEPENDS ${PROJECT_SOURCE_DIR}/src/package/package.fbs)
add_custom_target(espalier_package_schema DEPENDS ${PACKAGE_HEADER})

add_library(espalier_runtime STATIC ${RUNTIME_SOURCES})
add_dependencies(espalier_runtime espalier_package_schema)
target_include_directories(espalier_runtime SYSTEM PRIVATE ${PROJECT_BINARY_DIR}/generated)
target_include_directories(espalier_runtime
  PUBLIC $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include> $<INSTALL_INTERFACE:include>
  PRIVATE ${PROJECT_SOURCE_DIR}/src)
target_compile_features(espalier_runtime INTERFACE cxx_std_20)
# xxHash from its header alone, so that the runtime needs no library where it is cross-compiled.
target_compile_definitions(espalier_runtime PRIVATE XXH_INLINE_ALL)
target_link_libraries(espalier_runtime PRIVATE Threads::Threads $<BUILD_INTERFACE:fmt::fmt-header-only>
  $<BUILD_INTERFACE:flatbuffers::flatbuffers>)

if(NOT ESPALIER_COMPILER)
  return()
endif()
include(cmake/onnx_proto.cmake)
add_library(espalier_compiler STATIC ${COMPILER_SOURCES} $<TARGET_OBJECTS:espalier_onnx_schema>)
add_dependencies(espalier_compiler espalier_onnx_schema)
target_include_directories(espalier_compiler SYSTEM PRIVATE ${PROJECT_BINARY_DIR}/generated)
target_include_directories(espalier_compiler PRIVATE ${PROJECT_SOURCE_DIR}/src)
target_link_libraries(espalier_compiler PUBLIC espalier_runtime
  PRIVATE $<BUILD_INTERFACE:fmt::fmt-header-only> $<BUILD_INTERFACE:nlohmann_json::nlohmann_json>
  JPEG::JPEG PNG::PNG ZLIB::ZLIB protobuf::libprotobuf)
