#include "host.h"
#include "version.h"

#include <errno.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>

/* Without the Lua state, which would take longer than the line. */
static int print_version(void)
{
    if (puts("partdemo " PARTDEMO_VERSION) >= 0 && fflush(stdout) == 0)
        return 0;
    fprintf(stderr, "error: cannot write the output: %s\n", strerror(errno));
    return 1;
}

int main(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "--version") == 0)
        return print_version();
    setlocale(LC_CTYPE, ""); /* not LC_NUMERIC: numbers stay as SQL and JSON write them */
    return pd_host_main(argc, argv);
}
