# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# libfoliot.so and libfoliot.a. The archive is one relocatable object whose
# hidden symbols are made local, so that an embedder's own `arena_alloc` does
# not clash with ours.

add_library(foliot_so SHARED ${LIBRARY_OBJECTS})
set_target_properties(foliot_so PROPERTIES
    OUTPUT_NAME foliot LINKER_LANGUAGE C)
target_link_libraries(foliot_so PRIVATE Threads::Threads m)

# Without an API there is nothing to export: the plain archive.
if(NOT TARGET api OR NOT CMAKE_OBJCOPY)
    add_library(foliot_a STATIC ${LIBRARY_OBJECTS})
    set_target_properties(foliot_a PROPERTIES
        OUTPUT_NAME foliot LINKER_LANGUAGE C)
    return()
endif()

set(object ${CMAKE_BINARY_DIR}/foliot.o)
set(archive ${CMAKE_BINARY_DIR}/libfoliot.a)
add_custom_command(OUTPUT ${archive}
    COMMAND ${CMAKE_LINKER} -r -o ${object} ${LIBRARY_OBJECTS}
    COMMAND ${CMAKE_OBJCOPY} --localize-hidden ${object}
    COMMAND ${CMAKE_COMMAND} -E rm -f ${archive}
    COMMAND ${CMAKE_AR} rcs ${archive} ${object}
    DEPENDS ${LIBRARY_OBJECTS}
    COMMAND_EXPAND_LISTS VERBATIM)
add_custom_target(foliot_a ALL DEPENDS ${archive})
