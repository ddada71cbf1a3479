# What `cmake --install` puts in place. The man page and the completions are printed by the program
# itself, from the table that also parses its options, so they cannot disagree with it.
find_program(SCDOC scdoc REQUIRED)
find_program(SED sed REQUIRED)

set(docs ${CMAKE_CURRENT_BINARY_DIR}/docs)

# partdemo_print(OUTPUT [THROUGH FILTER] [THEN COMMAND...] ARGS ARG...): OUTPUT is what `partdemo ARG...` prints.
function(partdemo_print output)
  cmake_parse_arguments(PARSE_ARGV 1 print "" "THROUGH" "THEN;ARGS")
  add_custom_command(
    OUTPUT ${docs}/${output}
    COMMAND ${CMAKE_COMMAND} "-DPROGRAM=$<TARGET_FILE:partdemo>" "-DARGS=${print_ARGS}"
            "-DTHROUGH=${print_THROUGH}" "-DTHEN=${print_THEN}" "-DOUTPUT=${docs}/${output}"
            -P ${CMAKE_CURRENT_SOURCE_DIR}/cmake/Print.cmake
    DEPENDS partdemo ${CMAKE_CURRENT_SOURCE_DIR}/cmake/Print.cmake
    COMMENT "Printing ${output}"
    VERBATIM)
endfunction()

# Names are not to be hyphenated; scdoc says so, but before the line that allows it again.
partdemo_print(partdemo.1 THROUGH ${SCDOC} THEN ${SED} "/^[.]TH /a .nh" ARGS help --man)
partdemo_print(partdemo.bash ARGS completion bash)
partdemo_print(_partdemo ARGS completion zsh)
partdemo_print(partdemo.fish ARGS completion fish)
add_custom_target(docs ALL
  DEPENDS ${docs}/partdemo.1 ${docs}/partdemo.bash ${docs}/_partdemo ${docs}/partdemo.fish)

install(TARGETS partdemo RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(DIRECTORY scenarios sql DESTINATION ${CMAKE_INSTALL_DATADIR}/partdemo)
install(FILES ${docs}/partdemo.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
install(FILES ${docs}/partdemo.bash RENAME partdemo
  DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions)
install(FILES ${docs}/_partdemo DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/site-functions)
install(FILES ${docs}/partdemo.fish DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d)

# What an editor completes scenarios from.
install(DIRECTORY src/lua/meta DESTINATION ${CMAKE_INSTALL_DATADIR}/partdemo)
install(FILES README.md DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(DIRECTORY docs DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(FILES LICENSE RENAME copyright DESTINATION ${CMAKE_INSTALL_DOCDIR})
if(EXISTS ${CMAKE_CURRENT_SOURCE_DIR}/CHANGELOG.md)
  install(FILES CHANGELOG.md RENAME changelog DESTINATION ${CMAKE_INSTALL_DOCDIR})
endif()
