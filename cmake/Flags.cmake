# One interface target carries the flags of every target of the project.
add_library(partdemo_flags INTERFACE)
target_compile_definitions(partdemo_flags INTERFACE _GNU_SOURCE)
target_compile_options(partdemo_flags INTERFACE
  -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith
  -Wwrite-strings -Wformat=2 -Wvla -Wundef)
if(PARTDEMO_WERROR)
  target_compile_options(partdemo_flags INTERFACE -Werror)
endif()
if(PARTDEMO_SANITIZE)
  target_compile_options(partdemo_flags INTERFACE
    -fsanitize=${PARTDEMO_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(partdemo_flags INTERFACE -fsanitize=${PARTDEMO_SANITIZE})
endif()
