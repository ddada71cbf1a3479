# cmake -DPROGRAM=P -DARGS=a;b [-DTHROUGH=FILTER] [-DTHEN=c;d] -DOUTPUT=FILE -P Print.cmake
# Writes the standard output of `P a b [| FILTER] [| c d]` to FILE, whole or not at all.
set(command COMMAND ${PROGRAM} ${ARGS})
if(THROUGH)
  list(APPEND command COMMAND ${THROUGH})
endif()
if(THEN)
  list(APPEND command COMMAND ${THEN})
endif()
get_filename_component(folder ${OUTPUT} DIRECTORY)
file(MAKE_DIRECTORY ${folder})
# A leak in a sanitizer build is for the tests to find, not a reason to have no documentation.
set(ENV{ASAN_OPTIONS} "detect_leaks=0")
execute_process(${command}
  OUTPUT_FILE ${OUTPUT}.part ERROR_VARIABLE errors RESULTS_VARIABLE results)
file(SIZE ${OUTPUT}.part size)
if(NOT results MATCHES "^0(;0)*$" OR size EQUAL 0)
  file(REMOVE ${OUTPUT}.part)
  list(JOIN ARGS " " words)
  message(FATAL_ERROR "${PROGRAM} ${words}: ${results}\n${errors}")
endif()
file(RENAME ${OUTPUT}.part ${OUTPUT})
