# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# engine/build_id.inc: a hash of all sources that machine code, or the tables
# in a compiled module, depend on. Run by the build with OUT and ROOT set.
set(ID_FOLDERS base os wasm binary valid vmabi gc rt asm interp baseline code
    engine)
if(NOT DEFINED OUT)
    set(path ${CMAKE_BINARY_DIR}/generated/engine/build_id.inc)
    file(MAKE_DIRECTORY ${CMAKE_BINARY_DIR}/generated/engine)
    set(id_sources)
    foreach(folder IN LISTS ID_FOLDERS)
        file(GLOB_RECURSE files CONFIGURE_DEPENDS
            ${CMAKE_SOURCE_DIR}/src/${folder}/*.[ch]
            ${CMAKE_SOURCE_DIR}/src/${folder}/*.def)
        list(FILTER files EXCLUDE REGEX "_test\\.[ch]$")
        list(APPEND id_sources ${files})
    endforeach()
    add_custom_command(OUTPUT ${path}
        COMMAND ${CMAKE_COMMAND} -DOUT=${path} -DROOT=${CMAKE_SOURCE_DIR}/src
                -P ${CMAKE_CURRENT_LIST_FILE}
        DEPENDS ${id_sources} ${CMAKE_CURRENT_LIST_FILE} VERBATIM)
    list(APPEND FOLIOT_GENERATED ${path})
    return()
endif()

set(all "")
foreach(folder IN LISTS ID_FOLDERS)
    file(GLOB_RECURSE files RELATIVE ${ROOT} ${ROOT}/${folder}/*.[ch]
        ${ROOT}/${folder}/*.def)
    list(FILTER files EXCLUDE REGEX "_test\\.[ch]$")
    list(SORT files)
    foreach(file IN LISTS files)
        file(SHA256 ${ROOT}/${file} hash)
        string(APPEND all "${file} ${hash}\n")
    endforeach()
endforeach()
string(SHA256 id "${all}")
string(REGEX REPLACE "(..)" "0x\\1," id "${id}")
file(WRITE ${OUT} "${id}\n")
