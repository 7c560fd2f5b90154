# Installs a build into a scratch folder, then configures, builds and runs the outside project beside this file.
#
#   cmake -DBUILD=FOLDER -DSCRATCH=FOLDER -DOPTIONS=... -P install_test.cmake    OPTIONS: of the outside project
cmake_path(GET CMAKE_CURRENT_LIST_DIR PARENT_PATH tests)
cmake_path(GET tests PARENT_PATH sources)
set(prefix ${SCRATCH}/prefix)
set(configure ${CMAKE_COMMAND} -S ${CMAKE_CURRENT_LIST_DIR} -DCMAKE_PREFIX_PATH=${prefix} ${OPTIONS})
file(REMOVE_RECURSE ${SCRATCH})

function(succeeds)
  execute_process(COMMAND ${ARGN} OUTPUT_VARIABLE output ERROR_VARIABLE output RESULT_VARIABLE code)
  if(NOT code EQUAL 0)
    message(FATAL_ERROR "${ARGN}: ${code}\n${output}")
  endif()
  set(output "${output}" PARENT_SCOPE)
endfunction()

succeeds(${CMAKE_COMMAND} --install ${BUILD} --prefix ${prefix})
succeeds(${prefix}/bin/espalier --version)

# What is installed goes to other machines, where the folders of this one are absent.
file(GLOB_RECURSE package ${prefix}/*.cmake)
foreach(file ${package})
  file(READ ${file} text)
  foreach(folder ${sources} ${BUILD} ${prefix})
    string(FIND "${text}" "${folder}" place)
    if(NOT place EQUAL -1)
      message(FATAL_ERROR "${file} names ${folder}")
    endif()
  endforeach()
endforeach()

succeeds(${configure} -B ${SCRATCH}/outside)
succeeds(${CMAKE_COMMAND} --build ${SCRATCH}/outside)
succeeds(${SCRATCH}/outside/compile_network ${sources}/examples/signs ${SCRATCH}/signs.esp)
succeeds(${SCRATCH}/outside/run_package ${SCRATCH}/signs.esp)
if(NOT output STREQUAL "p8 1x9x20x20\np16 1x9x10x10\n")
  message(FATAL_ERROR "run_package printed\n${output}")
endif()

# On a machine that lacks a library of the compiler, the runtime is there and the compiler says what it needs.
set(lacking -DCMAKE_DISABLE_FIND_PACKAGE_Protobuf=ON -DCMAKE_DISABLE_FIND_PACKAGE_PNG=ON)
succeeds(${configure} -B ${SCRATCH}/runtime ${lacking} -DCOMPONENTS=runtime)
execute_process(COMMAND ${configure} -B ${SCRATCH}/lacking ${lacking} ERROR_VARIABLE output OUTPUT_QUIET RESULT_VARIABLE code)
string(REGEX REPLACE "[ \n]+" " " output "${output}")
if(code EQUAL 0 OR NOT output MATCHES "not found: Protobuf [0-9.]+ \\(Debian: libprotobuf-dev\\), PNG \\(Debian: libpng-dev\\)")
  message(FATAL_ERROR "a missing library is not named: ${code}\n${output}")
endif()
