#include "host.h"
#include "version.h"

#include <locale.h>
#include <stdio.h>
#include <string.h>

int main(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "--version") == 0)
        return puts("partdemo " PARTDEMO_VERSION) < 0;
    setlocale(LC_CTYPE, ""); /* not LC_NUMERIC: numbers stay as SQL and JSON write them */
    return pd_host_main(argc, argv);
}
