/*
 * A growing list of remarks (problems or warnings) for the caller to show. Adding never fails
 * loudly: when memory runs out the list remembers it, and its owner asks once at the end.
 */
#ifndef PD_CORE_NOTES_H
#define PD_CORE_NOTES_H

#include <stdbool.h>
#include <stddef.h>

typedef struct pd_note {
    int line;         /* in the file it is about, from 1; 0 = none */
    const char *text; /* one line, no final newline */
    const char *hint; /* "" when there is none */
} pd_note;

/* Zero-initialise before the first use. The list owns its texts. */
typedef struct pd_notes {
    pd_note *items;
    size_t count;
    bool out_of_memory; /* a note was lost */
} pd_notes;

/* Appends a note. hint may be NULL and is copied as it is; the text is formatted. */
void pd_notes_add(pd_notes *notes, int line, const char *hint, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

/* Frees everything and leaves an empty list; calling it twice is harmless. */
void pd_notes_free(pd_notes *notes);

#endif
