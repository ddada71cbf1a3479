/* The Lua modules and SQL queries that are built into the program (cmake/EmbedFiles.cmake). */
#ifndef PARTDEMO_EMBEDDED_H
#define PARTDEMO_EMBEDDED_H

#include <stddef.h>

struct pd_embedded {
    const char *name; /* base name: "cli.lua", "partition_tree.sql" */
    const char *data; /* NUL-terminated; len does not count the NUL */
    size_t len;
};

extern const struct pd_embedded pd_embedded_files[]; /* ends with a NULL name */

#endif
