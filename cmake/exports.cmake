# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# Writes what the library exports, from the declarations of its headers: a
# version script for the linker, and a list of names for objcopy.
#
#   cmake -DCOMPILER=cc -DINCLUDE=include -DNODE=FOLIOT_0 -DSCRIPT=a.map
#         -DNAMES=a.names -P exports.cmake
#
# The headers mark each function with a macro; the preprocessor shows the mark
# also where another macro makes the declaration.

file(GLOB_RECURSE headers RELATIVE ${INCLUDE} ${INCLUDE}/*.h)
set(lines)
foreach(header IN LISTS headers)
    string(APPEND lines "#include <${header}>\n")
endforeach()
set(mark exported_function)
file(WRITE ${SCRIPT}.c "${lines}")
execute_process(
    COMMAND ${COMPILER} -E -P -I${INCLUDE} -DWASM_API_EXTERN=${mark}
        -DWASI_API_EXTERN=${mark} -DFOLIOT_API_EXTERN=${mark} ${SCRIPT}.c
    OUTPUT_VARIABLE text COMMAND_ERROR_IS_FATAL ANY)

# What follows a mark, up to the opening parenthesis of the parameters, ends
# with the name; `*` may precede it and the result's type may be of ours too.
string(REGEX MATCHALL "${mark}[^(;]*\\(" found "${text}")
set(names)
foreach(one IN LISTS found)
    if(NOT one MATCHES "((wasm|wasi|wasmtime|foliot)_[a-z0-9_]+)[ \n]*\\($")
        message(FATAL_ERROR "no name of the API in: ${one}")
    endif()
    list(APPEND names ${CMAKE_MATCH_1})
endforeach()
list(SORT names)
list(REMOVE_DUPLICATES names)
if(NOT names)
    message(FATAL_ERROR "the headers of ${INCLUDE} declare nothing")
endif()

list(JOIN names "\n" lines)
file(WRITE ${NAMES} "${lines}\n")
list(JOIN names ";\n    " lines)
file(WRITE ${SCRIPT} "${NODE} {\nglobal:\n    ${lines};\nlocal:\n    *;\n};\n")
