# `cpack -G DEB` in a build directory makes partdemo_VERSION_ARCH.deb of what `cmake --install` puts in place.
set(PARTDEMO_MAINTAINER "partdemo contributors <partdemo@example.org>" CACHE STRING
  "Maintainer of the Debian package, as NAME <ADDRESS>")

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME partdemo)
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS
  OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
set(CPACK_PRE_BUILD_SCRIPTS ${CMAKE_CURRENT_SOURCE_DIR}/cmake/DebianTree.cmake)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_MAINTAINER ${PARTDEMO_MAINTAINER})
set(CPACK_DEBIAN_PACKAGE_SECTION database)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
# The private server is for those who name none.
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS "postgresql | postgresql-15")
set(CPACK_DEBIAN_PACKAGE_SUGGESTS postgresql-client)
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "PostgreSQL partitioning lab")
set(CPACK_DEBIAN_PACKAGE_DESCRIPTION
"Partitions PostgreSQL tables, and splits, merges, detaches and migrates
partitions, by scenarios: Lua files that put plain SQL files in order and check
the state before and after.
.
A change can be rehearsed while a load runs, with a report of who waited, for
how long and why. The online scenarios change a table while it is written to.
.
When no server is named, partdemo starts a private PostgreSQL of its own.")
include(CPack)
