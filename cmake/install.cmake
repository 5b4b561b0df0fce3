# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# What `cmake --install` puts where. Nothing that is installed knows the prefix
# but by its own place, so `--prefix` may say another one, and the tree may be
# moved.

include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

option(FOLIOT_COMPAT
    "Also install the names under which programs look for the other library"
    OFF)

set(package ${CMAKE_SOURCE_DIR}/cmake/package)
set(made ${CMAKE_BINARY_DIR}/package)
set(cmake_dir ${CMAKE_INSTALL_LIBDIR}/cmake)
set(pc_dir ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
file(RELATIVE_PATH PC_TO_PREFIX /${pc_dir} /)
string(REGEX REPLACE "/$" "" PC_TO_PREFIX "${PC_TO_PREFIX}")

install(DIRECTORY include/ DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
    FILES_MATCHING PATTERN *.h)
install(TARGETS foliot RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(TARGETS foliot_so LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(FILES ${FOLIOT_ARCHIVE} DESTINATION ${CMAKE_INSTALL_LIBDIR})

# The command prints its manual page and completions from its table of options.
# Where it cannot run, they are left out.
# foliot_printed(FILE DESTINATION ARGUMENTS...)
function(foliot_printed file destination)
    set(path ${CMAKE_BINARY_DIR}/share/${file})
    get_filename_component(folder ${path} DIRECTORY)
    file(MAKE_DIRECTORY ${folder})
    add_custom_command(OUTPUT ${path}
        COMMAND foliot ${ARGN} > ${path} DEPENDS foliot VERBATIM)
    set_property(GLOBAL APPEND PROPERTY FOLIOT_PRINTED ${path})
    install(FILES ${path} DESTINATION ${destination})
endfunction()

if(NOT CMAKE_CROSSCOMPILING)
    set(share ${CMAKE_INSTALL_DATADIR})
    foliot_printed(man/foliot.1 ${CMAKE_INSTALL_MANDIR}/man1 help --man)
    foliot_printed(bash/foliot ${share}/bash-completion/completions
        completion bash)
    foliot_printed(zsh/_foliot ${share}/zsh/site-functions completion zsh)
    foliot_printed(fish/foliot.fish ${share}/fish/vendor_completions.d
        completion fish)
    get_property(printed GLOBAL PROPERTY FOLIOT_PRINTED)
    add_custom_target(share ALL DEPENDS ${printed})
endif()

# foliot_package(NAME VERSION [WORDS...]): a CMake package and a .pc file; the
# words go to `install`.
function(foliot_package name FOLIOT_PACKAGE_VERSION)
    set(dir ${cmake_dir}/${name})
    configure_package_config_file(
        ${package}/${name}Config.cmake.in ${made}/${name}Config.cmake
        INSTALL_DESTINATION ${dir}
        PATH_VARS CMAKE_INSTALL_INCLUDEDIR CMAKE_INSTALL_LIBDIR)
    write_basic_package_version_file(${made}/${name}ConfigVersion.cmake
        VERSION ${FOLIOT_PACKAGE_VERSION} COMPATIBILITY SameMajorVersion)
    install(FILES ${made}/${name}Config.cmake
        ${made}/${name}ConfigVersion.cmake DESTINATION ${dir} ${ARGN})
    configure_file(${package}/${name}.pc.in ${made}/${name}.pc @ONLY)
    install(FILES ${made}/${name}.pc DESTINATION ${pc_dir} ${ARGN})
endfunction()

foliot_package(foliot ${PROJECT_VERSION})

# The other library's names are a component, `cmake --install B --component
# compat`, that the option makes part of every installation. Their version is
# that of the release which the headers follow.
set(compat COMPONENT compat)
if(NOT FOLIOT_COMPAT)
    list(APPEND compat EXCLUDE_FROM_ALL)
endif()
if(EXISTS ${CMAKE_SOURCE_DIR}/include/wasmtime.h)
    file(STRINGS include/wasmtime.h line REGEX "define WASMTIME_VERSION ")
    string(REGEX MATCH "[0-9]+\\.[0-9]+\\.[0-9]+" version "${line}")
    foliot_package(wasmtime ${version} ${compat})
endif()
foreach(suffix so a)
    set(target libfoliot.${suffix})
    if(suffix STREQUAL so)
        string(APPEND target .${FOLIOT_ABI})
    endif()
    file(MAKE_DIRECTORY ${made})
    file(CREATE_LINK ${target} ${made}/libwasmtime.${suffix} SYMBOLIC)
    install(FILES ${made}/libwasmtime.${suffix}
        DESTINATION ${CMAKE_INSTALL_LIBDIR} ${compat})
endforeach()
