/*
 * What the gen_*.c files share. A value is made first (gen_make.c), as a pd_val, and encoded
 * afterwards (gen_text.c, gen_binary.c): so the draws cannot depend on the encoding. The most bytes
 * that a value can take are known when a tree is made, so room is reserved once per row and all
 * that writes does so unchecked.
 */
#ifndef PD_CORE_GEN_IMPL_H
#define PD_CORE_GEN_IMPL_H

#include "core/gen.h"

enum {
    MAX_DEPTH = 32,          /* generators within generators */
    MAX_VALUE = 1024 * 1024, /* bytes of one value */
    MAX_COLUMNS = 1600,      /* PostgreSQL's own limit */
    MAX_COPIES = 100000,     /* nodes that a row copies to complete a tree */
    MAX_KEY = 1024,          /* bytes of a sampled key */
    MAX_SCALE = 15,          /* digits after the point */
    MAX_FLOAT = 32,          /* bytes of a float8 as text */
    MAX_INET = 45,           /* bytes of an address as text */
    MAX_UNIQUE = 35,         /* bytes of a unique value: 13 + 1 + 7 + 1 + 13 */
    MAX_JSON_ESCAPE = 6,     /* bytes of one byte, escaped */
};
#define MAX_DECIMAL INT64_C(1000000000000000000) /* in units of 10^-scale */

typedef enum pd_tag {
    V_NULL,
    V_INT,     /* i */
    V_DECIMAL, /* i in units of 10^-scale */
    V_FLOAT,   /* d */
    V_BOOL,    /* i */
    V_TEXT,    /* s, len; plain = holds nothing that JSON must escape */
    V_JSON,    /* s, len */
    V_DATE,    /* i: days since 2000-01-01 */
    V_TIME,    /* i: microseconds since 2000-01-01 */
    V_ZONED,   /* the same, in UTC */
    V_INET,    /* bytes; len 4 or 16 */
    V_UUID,    /* bytes */
} pd_tag;

typedef struct pd_val {
    uint8_t tag, scale, plain; /* scale is 0 unless tag is V_DECIMAL */
    uint32_t len;
    union {
        int64_t i;
        double d;
        const char *s;
        uint8_t bytes[16];
    };
} pd_val;

typedef enum pd_kind {
    G_CONST,
    G_INT,
    G_DECIMAL,
    G_FLOAT,
    G_BOOL,
    G_PICK,
    G_NULL_SOME,
    G_DATE,
    G_TIME,
    G_INET,
    G_UUID,
    G_TEXT,
    G_WORDS,
    G_FORMAT,
    G_JSON,
    G_SERIAL,
    G_UNIQUE,
    G_ZIPF,
    G_NORMAL,
    G_EXPONENTIAL,
    G_COLUMN,
    G_PRODUCT,
    G_KEY,  /* where keys go; kids[0] is NULL or the G_KEYS that was set */
    G_KEYS, /* keys that were set */
} pd_kind;

/* A part of a format or an object: literal bytes, then (unless it is the end) the next kid. */
typedef struct pd_piece {
    const char *s;
    uint32_t len;
    uint8_t width; /* zero padding of an integer */
    bool integer, end;
} pd_piece;

/* Walker's alias method. */
typedef struct pd_alias {
    uint64_t keep; /* stays with this item if the fraction of the draw is below, else goes to */
    uint64_t other;
} pd_alias;

typedef struct pd_network {
    uint8_t net[16], host[16]; /* host: mask of the bits to draw */
    uint8_t len;               /* 4, 16 or, for public addresses, 0 */
} pd_network;

struct pd_gen {
    unsigned refs;
    uint8_t kind, tag, depth;
    uint8_t scale;   /* of decimals, the most */
    bool late;       /* hangs on keys or other columns: completed by the row */
    bool plain;      /* no value as text needs escaping in JSON */
    bool wide;       /* TEXT: letters of more than one byte */
    Oid type;        /* 0 = not known yet */
    uint32_t copies; /* late nodes of the tree, this one included, once per path */

    int64_t min, max;    /* of integers and decimals (units of 10^-scale); of dates and times */
    size_t chars, bytes; /* the most of a value as text */
    size_t work;         /* the most bytes of scratch for making one */

    union {
        pd_val val; /* CONST */
        struct {
            double from, width;
        } real;          /* FLOAT */
        uint64_t chance; /* BOOL NULL_SOME: of 2^53 */
        pd_network inet; /* INET */
        struct {
            int64_t start, step;
            uint64_t cycle;
        } serial; /* cycle 0 = never over */
        struct {
            int64_t least, most;
            uint32_t batch;
        } text;                     /* TEXT WORDS */
        pd_zipf zipf;               /* ZIPF KEYS (n = 0: uniform) */
        pd_normal normal;           /* NORMAL */
        pd_exponential exponential; /* EXPONENTIAL */
    };
    double power;  /* DATE TIME: the uniform draw is raised to it; 1 = uniform */
    int64_t unit;  /* TIME: microseconds of a step */
    uint64_t span; /* INT DECIMAL DATE TIME: how many values there are; 0 = 2^64 */

    size_t n;       /* of what data holds */
    void *data;     /* pd_alias PICK (or NULL), pd_text WORDS and wide TEXT, pd_piece FORMAT JSON,
                       uint32_t COLUMN PRODUCT once completed, pd_val KEYS */
    char *strings;  /* bytes that data points to; letters of TEXT; names of COLUMN PRODUCT KEY */
    pd_gen *origin; /* a completed copy: keeps the owner of data and strings */
    bool owns_data; /* data is this node's in spite of origin */
    size_t nkids;
    pd_gen *kids[];
};

/* gen_node.c */

/* A node with its kids referenced, tag, type and text size set; NULL if memory runs out. */
pd_gen *pd_node_new(pd_kind kind, pd_tag tag, Oid type, size_t nkids, pd_err *err);
/* Gives the node bytes of its own for data and strings (zeroed); on failure frees the node. */
bool pd_node_data(pd_gen *node, size_t n, size_t each, size_t strings, pd_err *err);
/* Takes a reference to kid as number i. Fails when the tree gets too deep. */
bool pd_node_kid(pd_gen *node, size_t i, pd_gen *kid, pd_err *err);
/* Sets min, max, scale and the size of their text. */
void pd_node_range(pd_gen *node, int64_t min, int64_t max, int scale);
/* Sets chars, bytes and work; fails if that is over MAX_VALUE. */
bool pd_node_text(pd_gen *node, size_t chars, size_t bytes, size_t work, pd_err *err);
/* Frees the node and returns NULL: `return pd_node_drop(g)`. */
pd_gen *pd_node_drop(pd_gen *node);
/* Characters of a UTF-8 text; -1 if it is not UTF-8 or holds a zero byte. */
int64_t pd_text_chars(pd_text text);
/* Whether JSON can take the text between quotes as it is. */
bool pd_text_plain(pd_text text);
extern const int64_t pd_pow10[19];

/* gen_tree.c */

/* Works out type, range and size from the kids. */
bool pd_node_derive(pd_gen *node, pd_err *err);

typedef struct pd_scope {
    const char *const *names; /* the columns so far, further left */
    pd_gen *const *gens;
    size_t n;
} pd_scope;

/* A reference to the tree with its column references and keys resolved. */
pd_gen *pd_node_complete(pd_gen *node, const pd_scope *scope, pd_err *err);

/* gen_make.c */

typedef struct pd_counter {
    const pd_gen *gen;
    uint64_t n;
} pd_counter;

struct pd_stream {
    pd_rng rng;
    pd_counter *counters;
    size_t ncounters;
    uint64_t unique; /* values of G_UNIQUE so far */
    pd_val *vals;    /* the row being made */
    size_t nvals;
    pd_buf work;
    char *top;           /* free scratch from here on */
    const pd_gen *unset; /* a G_KEY that had no keys, or NULL */
    bool no_memory;
    uint8_t prefix_len;
    char prefix[MAX_UNIQUE]; /* RUN_CLIENT_ */
};

void pd_make(const pd_gen *gen, pd_stream *stream, pd_val *out);

/* gen_text.c: each writes at p and returns the end; no zero byte is added. */
char *pd_put_uint(char *p, uint64_t value);
char *pd_put_int(char *p, int64_t value);
char *pd_put_base36(char *p, uint64_t value);
char *pd_put_text(char *p, const pd_val *val);
char *pd_put_json(char *p, const pd_val *val);

/* gen_binary.c */
char *pd_put_binary(char *p, const pd_val *val, Oid type);
/* The most bytes of it for a column of that type whose text takes that many. */
size_t pd_binary_size(Oid type, size_t text_bytes);

/* gen_row.c */
typedef struct pd_column {
    char *name;
    pd_gen *source, *gen; /* as given, and completed */
} pd_column;

struct pd_row {
    size_t n, work, text, binary; /* the most bytes of scratch and of either encoding */
    bool open; /* a type hangs on keys that are not set: the row cannot be made */
    pd_column *columns;
    Oid *types;
};

#endif
