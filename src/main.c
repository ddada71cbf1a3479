#include "version.h"

#include <stdio.h>

int main(void)
{
    puts("partdemo " PARTDEMO_VERSION);
    return 0;
}
