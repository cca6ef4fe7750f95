# SPDX-License-Identifier: MIT
# find_package(cio) gives the targets cio::cio and cio::cio-http.
include(CMakeFindDependencyMacro)
find_dependency(Threads)
include(${CMAKE_CURRENT_LIST_DIR}/cio-targets.cmake)
