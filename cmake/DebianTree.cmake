# Run by cpack between the installation and the packing: what Debian wants compressed, without the time of today in it.
find_program(GZIP gzip REQUIRED)
file(GLOB pages ${CPACK_TEMPORARY_INSTALL_DIRECTORY}/usr/share/man/man*/*.[1-9]
  ${CPACK_TEMPORARY_INSTALL_DIRECTORY}/usr/share/doc/*/changelog)
foreach(page IN LISTS pages)
  execute_process(COMMAND ${GZIP} -9n ${page} COMMAND_ERROR_IS_FATAL ANY)
endforeach()
