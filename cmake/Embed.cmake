# partdemo_embed(OUTPUT FILE...): makes OUTPUT, a C file that holds the bytes of every FILE
# under its base name, so that the program runs without its source tree.
function(partdemo_embed output)
  add_custom_command(
    OUTPUT ${output}
    COMMAND ${CMAKE_COMMAND} "-DOUTPUT=${output}" "-DFILES=${ARGN}"
            -P ${CMAKE_CURRENT_SOURCE_DIR}/cmake/EmbedFiles.cmake
    DEPENDS ${ARGN} ${CMAKE_CURRENT_SOURCE_DIR}/cmake/EmbedFiles.cmake
    COMMENT "Embedding Lua and SQL"
    VERBATIM)
endfunction()
