# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# Tools of the build, and test programs.

set(FOLIOT_GENERATED)

# tools/<name>.c becomes a program that runs during the build.
function(foliot_tool name)
    add_executable(${name} ${CMAKE_SOURCE_DIR}/tools/${name}.c)
    set_target_properties(${name} PROPERTIES
        RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tools)
endfunction()

# What `tool args...` prints becomes the file that sources include as `file`.
function(foliot_generate tool file)
    set(path ${CMAKE_BINARY_DIR}/generated/${file})
    get_filename_component(folder ${path} DIRECTORY)
    file(MAKE_DIRECTORY ${folder})
    add_custom_command(OUTPUT ${path}
        COMMAND ${tool} ${ARGN} > ${path}
        DEPENDS ${tool} VERBATIM)
    set(FOLIOT_GENERATED ${FOLIOT_GENERATED} ${path} PARENT_SCOPE)
endfunction()

# A test program of one source and the given objects; built by `unit_tests`.
function(foliot_test name source)
    add_executable(${name} EXCLUDE_FROM_ALL ${source} ${ARGN})
    add_dependencies(${name} generated)
    target_link_libraries(${name} PRIVATE Threads::Threads m)
    set_target_properties(${name} PROPERTIES
        RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/unit)
    set_property(GLOBAL APPEND PROPERTY FOLIOT_TESTS ${name})
endfunction()
