# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# libfoliot.so and libfoliot.a. Both show what the headers declare and nothing
# else: the shared library by a version script, the archive by being one
# relocatable object whose other symbols were made local, so that an embedder's
# own `arena_alloc` does not clash with ours.

# The SONAME and the version of every symbol, see docs/decisions/0008.
set(FOLIOT_ABI 0)

add_library(foliot_so SHARED ${LIBRARY_OBJECTS})
set_target_properties(foliot_so PROPERTIES
    OUTPUT_NAME foliot LINKER_LANGUAGE C
    VERSION ${PROJECT_VERSION} SOVERSION ${FOLIOT_ABI})
target_link_libraries(foliot_so PRIVATE Threads::Threads m)

# Without an API there is nothing to export: the plain archive.
if(NOT TARGET api OR NOT CMAKE_OBJCOPY)
    add_library(foliot_a STATIC ${LIBRARY_OBJECTS})
    set_target_properties(foliot_a PROPERTIES
        OUTPUT_NAME foliot LINKER_LANGUAGE C)
    set(FOLIOT_ARCHIVE $<TARGET_FILE:foliot_a>)
    return()
endif()

set(exports ${CMAKE_BINARY_DIR}/generated/exports)
file(GLOB_RECURSE headers CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/include/*.h)
add_custom_command(OUTPUT ${exports}.map ${exports}.names
    COMMAND ${CMAKE_COMMAND} -DCOMPILER=${CMAKE_C_COMPILER}
        -DINCLUDE=${CMAKE_SOURCE_DIR}/include -DNODE=FOLIOT_${FOLIOT_ABI}
        -DSCRIPT=${exports}.map -DNAMES=${exports}.names
        -P ${CMAKE_SOURCE_DIR}/cmake/exports.cmake
    DEPENDS ${headers} ${CMAKE_SOURCE_DIR}/cmake/exports.cmake VERBATIM)
add_custom_target(exports DEPENDS ${exports}.map ${exports}.names)

if(CMAKE_SYSTEM_NAME STREQUAL Linux)
    add_dependencies(foliot_so exports)
    target_link_options(foliot_so PRIVATE
        LINKER:--version-script=${exports}.map)
    set_target_properties(foliot_so PROPERTIES LINK_DEPENDS ${exports}.map)
endif()

set(object ${CMAKE_BINARY_DIR}/foliot.o)
set(FOLIOT_ARCHIVE ${CMAKE_BINARY_DIR}/libfoliot.a)
add_custom_command(OUTPUT ${FOLIOT_ARCHIVE}
    COMMAND ${CMAKE_LINKER} -r -o ${object} ${LIBRARY_OBJECTS}
    COMMAND ${CMAKE_OBJCOPY} --keep-global-symbols=${exports}.names ${object}
    COMMAND ${CMAKE_COMMAND} -E rm -f ${FOLIOT_ARCHIVE}
    COMMAND ${CMAKE_AR} rcs ${FOLIOT_ARCHIVE} ${object}
    DEPENDS ${LIBRARY_OBJECTS} ${exports}.names
    COMMAND_EXPAND_LISTS VERBATIM)
add_custom_target(foliot_a ALL DEPENDS ${FOLIOT_ARCHIVE})
