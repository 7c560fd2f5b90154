# The runtime's libraries where it is cross-compiled: fmt, FlatBuffers and xxHash are used as headers only, which are the
# same for every machine, so those of the build machine serve (Debian's cross compilers search /usr/include last).
include(CheckIncludeFileCXX)
foreach(header fmt/format.h flatbuffers/flatbuffers.h xxhash.h)
  string(MAKE_C_IDENTIFIER "ESPALIER_HAS_${header}" found)
  check_include_file_cxx(${header} ${found})
  if(NOT ${found})
    message(FATAL_ERROR "${CMAKE_CXX_COMPILER} does not find <${header}>, which the runtime needs. tools/setup --with arm "
                        "installs it for Debian's cross compiler; for another one add its folder to CXXFLAGS (-isystem).")
  endif()
endforeach()
add_library(fmt::fmt-header-only INTERFACE IMPORTED)
target_compile_definitions(fmt::fmt-header-only INTERFACE FMT_HEADER_ONLY=1)
add_library(flatbuffers::flatbuffers INTERFACE IMPORTED)
find_program(ESPALIER_FLATC flatc REQUIRED)
add_executable(flatbuffers::flatc IMPORTED)
set_target_properties(flatbuffers::flatc PROPERTIES IMPORTED_LOCATION ${ESPALIER_FLATC})
