/*
 * The .env file: NAME=VALUE lines.
 *
 *   NAME=value        unquoted: ends before " #", trailing blanks dropped, every character literal
 *   NAME='value'      literal
 *   NAME="value"      escapes \n \t \r \" \\ \$; any other backslash is an error
 *   NAME=             the empty string
 *   export NAME=...   the same; blanks around '=' are allowed
 *   # comment
 *
 * A value ends on its line, nothing is expanded. CRLF and a UTF-8 byte order mark are accepted.
 * No text of an error or a warning holds a part of the file: a name too may be a piece of a
 * password that was broken over two lines.
 */
#ifndef PD_CORE_DOTENV_H
#define PD_CORE_DOTENV_H

#include "core/err.h"
#include "core/notes.h"

#define PD_DOTENV_MAX_LINE    ((size_t)64 * 1024)
#define PD_DOTENV_MAX_SIZE    ((size_t)2 * 1024 * 1024)
#define PD_DOTENV_MAX_ENTRIES 1000

typedef struct pd_dotenv_entry {
    const char *name;
    const char *value; /* never NULL */
    int line;          /* from 1 */
} pd_dotenv_entry;

/* Zero-initialise before the first use; it owns everything it points to. */
typedef struct pd_dotenv {
    pd_dotenv_entry *entries; /* in file order, duplicates included */
    size_t count;
    pd_notes errors;   /* one per wrong line, at most 20 */
    pd_notes warnings; /* line 0: about the whole file */
    char *text;        /* the entries point into it */
    size_t text_size;
} pd_dotenv;

/* Parses data[len] into the empty *env. On false err tells the first wrong line (err->line) and
 * env->errors all of them; with PD_ERR_SYSTEM memory ran out. Free *env in any case. */
bool pd_dotenv_parse(pd_dotenv *env, const char *data, size_t len, pd_err *err);

/* Reads and parses a file. A missing file is an empty one, and so is one in a directory that may
 * not be searched; a directory, a pipe or an unreadable file is an error with an empty env->errors.
 * Warns when the file holds a password and the group or others may read it. */
bool pd_dotenv_load(pd_dotenv *env, const char *path, pd_err *err);

/* The entry that counts for this name: the last one; NULL when there is none. */
const pd_dotenv_entry *pd_dotenv_find(const pd_dotenv *env, const char *name);

/* Wipes and frees; leaves an empty *env. */
void pd_dotenv_free(pd_dotenv *env);

#endif
