# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# How every file is compiled: the language, the warnings, the sanitizers.

set(CMAKE_C_STANDARD 17)
set(CMAKE_C_STANDARD_REQUIRED ON)
set(CMAKE_C_EXTENSIONS OFF)
set(CMAKE_C_VISIBILITY_PRESET hidden)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(THREADS_PREFER_PTHREAD_FLAG ON)
find_package(Threads REQUIRED)

if(NOT CMAKE_BUILD_TYPE)
    set(CMAKE_BUILD_TYPE Release)
endif()
set(CMAKE_INTERPROCEDURAL_OPTIMIZATION ${FOLIOT_LTO})

# Some distributions predefine _FORTIFY_SOURCE, hence the -U.
set(CMAKE_C_FLAGS_RELEASE "-O2 -DNDEBUG -U_FORTIFY_SOURCE")
string(APPEND CMAKE_C_FLAGS_RELEASE
    " -D_FORTIFY_SOURCE=2 -fstack-protector-strong")
set(CMAKE_C_FLAGS_DEBUG "-Og -g")

add_compile_options(-fno-common -ffp-contract=off -fno-strict-aliasing
    -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion
    -Wdouble-promotion -Wstrict-prototypes -Wmissing-prototypes
    -Wold-style-definition -Wredundant-decls -Wnested-externs -Wpointer-arith
    -Wcast-qual -Wwrite-strings -Wundef -Wvla -Wformat=2 -Wswitch
    -Wimplicit-fallthrough -Wunused -Wdate-time)
if(CMAKE_C_COMPILER_ID STREQUAL GNU)
    add_compile_options(-Wlogical-op -Wduplicated-cond -Wduplicated-branches
        -Wtrampolines -Walloc-zero -Warith-conversion -Wcast-align=strict
        -Wclobbered)
else()
    add_compile_options(-Wcomma -Wstring-conversion -Wunreachable-code
        -Wconditional-uninitialized)
endif()
if(FOLIOT_WERROR)
    add_compile_options(-Werror)
endif()

# The address of a thread's variable without a look-up in the C library: each
# call into a store asks for its stack's bounds. (Sanitizers watch the look-up.)
include(CheckCCompilerFlag)
check_c_compiler_flag(-mtls-dialect=gnu2 FOLIOT_HAS_TLS_DESCRIPTORS)
if(FOLIOT_HAS_TLS_DESCRIPTORS AND NOT FOLIOT_SANITIZE)
    add_compile_options(-mtls-dialect=gnu2)
endif()

if(FOLIOT_SANITIZE)
    set(CMAKE_C_FLAGS_DEBUG "-O1 -g")
    add_compile_options(-fsanitize=${FOLIOT_SANITIZE}
        -fno-sanitize-recover=all -fno-omit-frame-pointer)
    add_link_options(-fsanitize=${FOLIOT_SANITIZE})
    # clang's check of a call's type reads what lies before the function, which
    # need not be there for machine code that we made.
    check_c_compiler_flag(-fno-sanitize=function FOLIOT_HAS_FUNCTION_SANITIZER)
    if(FOLIOT_HAS_FUNCTION_SANITIZER)
        add_compile_options(-fno-sanitize=function)
    endif()
endif()
if(FOLIOT_STRESS)
    add_compile_definitions(FOLIOT_STRESS)
endif()
if(CMAKE_SYSTEM_NAME STREQUAL Linux)
    add_link_options(-Wl,-z,relro -Wl,-z,now)
endif()

# The tables of instructions are full of pointers, whose relocations take 24
# bytes each; packed, a bit. The loader must know how (glibc from 2.36 on), so a
# program is linked and run to find out. What is built so needs such a loader.
include(CheckCSourceRuns)
set(CMAKE_REQUIRED_LINK_OPTIONS -pie -Wl,-z,pack-relative-relocs
    -Wl,--fatal-warnings)
check_c_source_runs("
    int a, *const volatile at[] = {&a, &a, &a, &a};
    int main(void) { return at[0] != at[3]; }" FOLIOT_CAN_PACK_RELOCATIONS)
unset(CMAKE_REQUIRED_LINK_OPTIONS)
option(FOLIOT_PACK_RELOCATIONS "Smaller files, for loaders that know how"
    ${FOLIOT_CAN_PACK_RELOCATIONS})
if(FOLIOT_PACK_RELOCATIONS)
    add_link_options(-Wl,-z,pack-relative-relocs)
endif()

include_directories(src tests ${CMAKE_BINARY_DIR}/generated)

# Only interp/dispatch.h knows the ways to dispatch. All but the switch use an
# extension that -Wpedantic reports.
function(foliot_dispatch target)
    string(TOUPPER FOLIOT_DISPATCH_${FOLIOT_DISPATCH} define)
    target_compile_definitions(${target} PRIVATE ${define})
    if(FOLIOT_DISPATCH STREQUAL switch)
        return()
    endif()
    if(CMAKE_C_COMPILER_ID STREQUAL GNU)
        target_compile_options(${target} PRIVATE -Wno-pedantic)
    else()
        target_compile_options(${target} PRIVATE -Wno-gnu-label-as-value)
    endif()
endfunction()
