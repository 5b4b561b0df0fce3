# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# A project of somebody else, which run.sh copies to a folder of its own.
cmake_minimum_required(VERSION 3.16)
project(outside LANGUAGES C)

find_package(foliot 0.1 REQUIRED)
find_package(wasmtime REQUIRED)

foreach(target foliot::foliot foliot::static wasmtime::wasmtime)
    string(REPLACE "::" "_" name ${target})
    add_executable(${name} hello.c)
    target_link_libraries(${name} PRIVATE ${target})
endforeach()
