/*
 * What the files of the splitter share: sqltext.c drives, sqlscan.c, sqlquote.c and sqlwatch.c
 * lex, sqlvars.c substitutes, sqlbuild.c collects statements and the map back to the file,
 * sqlnote.c reads comments, sqllocate.c answers positions. Nobody else includes this.
 *
 * Failure is sticky: the first one fills *err and sets failed, after which nothing is added.
 */
#ifndef PD_CORE_SQLSPLIT_H
#define PD_CORE_SQLSPLIT_H

#include "core/sqltext.h"

#define PD_SQL_NONE ((size_t)-1)

/* From `at` in the texts on, the text comes from this place in the file: character by character,
 * or (fixed) all from the one variable there. An entry ends where the next one begins. */
typedef struct pd_sqlmap {
    size_t at;
    int line;
    unsigned column : 31;
    unsigned fixed : 1;
} pd_sqlmap;

/* Offsets, because the texts move while they grow. */
typedef struct pd_sqlentry {
    size_t text, len, comment, map;
    int line;
    char verb[16];
} pd_sqlentry;

typedef struct pd_sqlname {
    size_t at, len;
    unsigned hash;
    int line;
    bool defined;
} pd_sqlname;

struct pd_sqltext {
    char *texts; /* statements and comments, each ended by a NUL */
    pd_sqlentry *stmts;
    size_t count;
    pd_sqlmap *map;
    size_t map_count;
    char *names; /* of variables, each ended by a NUL */
    pd_sqlvar *vars;
    size_t var_count;
};

/* The comments directly before the token to come: one range of the file that holds nothing but
 * comments and white space. */
typedef struct pd_sqlnote {
    const char *begin, *end; /* begin NULL = none */
    int first_line, last_line;
    bool trailing; /* begins on the line where the statement before it ended */
} pd_sqlnote;

typedef struct pd_sqlbuild {
    pd_sqltext *out;
    pd_err *err;
    bool failed;
    size_t texts_len, texts_cap, stmts_cap, map_cap;

    int line;           /* file line being read */
    const char *at;     /* column is that of this place in the line */
    unsigned column;    /* in characters, from 1 */
    const char *follow; /* text from here would extend the last map entry */

    size_t begin, map_begin; /* of the statement being built */
    bool has_token;
    pd_sqlentry stmt;
    pd_sqlnote note;
    int end_line; /* of the last terminator, 0 = none yet */

    pd_sqlname *names; /* variables used, and a hash table of index + 1 into them */
    size_t names_len, names_cap, names_count, names_room;
    unsigned *table;
    size_t table_size;
} pd_sqlbuild;

typedef struct pd_sqlsource { /* a line of the file, or the value of a variable being expanded */
    const char *p, *end;
    const char *name;
    size_t name_len;
} pd_sqlsource;

typedef enum pd_sqlstate {
    PD_SQL_PLAIN,
    PD_SQL_QUOTE,     /* '...', also B X U& */
    PD_SQL_EQUOTE,    /* E'...' */
    PD_SQL_QUOTE_END, /* after a closing ', which a newline and another ' continue */
    PD_SQL_IDENT,     /* "...", also U& */
    PD_SQL_DOLLAR,
    PD_SQL_COMMENT,
} pd_sqlstate;

typedef struct pd_sqlscan {
    pd_sqlbuild *build;
    const pd_sqltext_vars *vars;
    pd_sqlsource *stack; /* [0] is the line */
    size_t depth, cap;
    const char *anchor; /* the ":name" in the line that is being expanded */
    size_t budget;      /* bytes of values that may still be expanded */

    pd_sqlstate state, before_end; /* before_end: what a continued string goes on as */
    int open_line;                 /* where the quote or comment began */
    const char *tag;               /* of the dollar quote, with both dollars */
    size_t tag_len;
    size_t comments; /* nesting of block comments below the outermost */

    size_t parens, begins; /* open parentheses; BEGIN and CASE within a routine's body */
    size_t words;          /* identifiers since the statement began, as psql counts them */
    char heads[4];         /* first letters of those among them that may lead to a body */
    enum { PD_COPY_START, PD_COPY_NO, PD_COPY_YES, PD_COPY_FROM } copy;
} pd_sqlscan;

typedef enum pd_sqltoken { PD_SQL_WORD, PD_SQL_SEMICOLON, PD_SQL_OTHER } pd_sqltoken;

/* sqlscan.c */
void pd_sqlscan_run(pd_sqlscan *scan);                          /* the sources on the stack */
void pd_sqlscan_push(pd_sqlscan *scan, const pd_sqlsource *in); /* copies *in */
void pd_sqlscan_take(pd_sqlscan *scan, size_t len);             /* sends that much of the source */
bool pd_sqlscan_in_quote(const pd_sqlscan *scan);

/* sqlwatch.c */
void pd_sqlscan_token(pd_sqlscan *scan, pd_sqltoken kind, const char *p, size_t len);

/* sqlquote.c: p[rem] is the rest of the source, rem > 0 */
size_t pd_sqlscan_dollar_tag(const char *p, size_t rem); /* length of "$tag$" at p, 0 = none */
void pd_sqlscan_quoted(pd_sqlscan *scan, const char *p, size_t rem, char quote);
void pd_sqlscan_quote_end(pd_sqlscan *scan, const char *p, size_t rem);
void pd_sqlscan_dollar_quoted(pd_sqlscan *scan, const char *p, size_t rem);
void pd_sqlscan_commented(pd_sqlscan *scan, const char *p, size_t rem);

/* sqlvars.c */
void pd_sqlvars_colon(pd_sqlscan *scan);
bool pd_sqlvars_renamed(pd_sqlscan *scan, const char *p, size_t len); /* the identifier at p */
void pd_sqlvars_finish(pd_sqlbuild *build);

/* sqlbuild.c */
void pd_sqlbuild_fail(pd_sqlbuild *build, int line, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
void *pd_sqlbuild_grow(pd_sqlbuild *build, void *array, size_t *cap, size_t need, size_t size);
void pd_sqlbuild_line(pd_sqlbuild *build, const char *start);
bool pd_sqlbuild_started(const pd_sqlbuild *build);
void pd_sqlbuild_append(pd_sqlbuild *build, const char *text, size_t len);
void pd_sqlbuild_copy(pd_sqlbuild *build, const char *text, size_t len);
void pd_sqlbuild_substitute(pd_sqlbuild *build, const char *text, size_t len, const char *at);
void pd_sqlbuild_end(pd_sqlbuild *build);
void pd_sqlbuild_finish(pd_sqlbuild *build);

/* sqlnote.c */
void pd_sqlnote_open(pd_sqlbuild *build, const char *begin);
void pd_sqlnote_close(pd_sqlbuild *build, const char *end);
void pd_sqlnote_settle(pd_sqlbuild *build);  /* at the first token */
size_t pd_sqlnote_write(pd_sqlbuild *build); /* offset in texts, PD_SQL_NONE = none */

static inline pd_sqlsource *pd_sqlscan_top(pd_sqlscan *scan)
{
    return &scan->stack[scan->depth - 1];
}

static inline bool pd_sql_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}

static inline bool pd_sql_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Every byte of a multi-byte character counts as a letter. */
static inline bool pd_sql_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (unsigned char)c >= 0x80;
}

static inline bool pd_sql_starts_character(char c)
{
    return ((unsigned char)c & 0xC0) != 0x80;
}

#endif
