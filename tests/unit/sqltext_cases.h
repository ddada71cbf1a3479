/* What the comparison with psql is made of beside the corpus: the variables that every file may
 * use, and the pieces of the random files. */
#ifndef PD_TEST_SQLTEXT_CASES_H
#define PD_TEST_SQLTEXT_CASES_H

static const char *const variables[][2] = {
    {"n", "42"},
    {"name", "event_logs"},
    {"quote", "O'Reilly"},
    {"back", "C:\\temp\\n"},
    {"both", "it's a \\ slash"},
    {"mixed", "My \"Tab\"le"},
    {"empty", ""},
    {"blank", "  "},
    {"uni", "Zürich 東京 😀"},
    {"semi", "1; SELECT 2"},
    {"lone", ";"},
    {"open", "'begun"},
    {"close", " ended'"},
    {"opendollar", "$t$ a ; "},
    {"opencomment", "/* a ; "},
    {"quoted", "'a'"},
    {"nested", ":n + :'quote'"},
    {"self", "1 + :self"},
    {"ping", ":pong x"},
    {"pong", ":ping y"},
    {"lines", "1\n+ 2 -- c ;\n+ 3"},
    {"crlf", "1\r\n-- it's\r\n+ 2"},
    {"dash", "1 -- x ;"},
    {"paren", "("},
    {"head", "create function"},
    {"ende", "E'a\\"},
    {"semiesc", "\\;"},
    {"1", "one"},
    {"ünï", "umlauts"},
};

/* Whatever the lexers tell apart; what is here twice comes up twice as often. */
/* clang-format off */
static const char *const pieces[] = {
    "'", "'", "''", "\"", "$$", "$a$", "$ab$", "$", "/*", "*/", "--", "\n", "\n", "\n", "\n\n", " ",
    " ", "\t", "\r", "\r\n", "\f", ";", ";", ";", "(", ")", ")", "\\;", "\\:", ":", "::", ":=",
    ":n", ":'n'", ":\"n\"", ":{?n}", ":{?", ":'quote'", ":'back'", ":\"mixed\"", ":'both", ":nope",
    ":'nope'", ":\"nope\"", ":{?nope}", ":empty", ":'empty'", ":semi", ":lone", ":open", ":close",
    ":opendollar", ":opencomment", ":quoted", ":nested", ":self", ":ping", ":lines", ":crlf",
    ":dash", ":head", ":ende", ":semiesc", ":1", ":ünï", "E'", "e", "E", "b'", "X'", "N'", "n",
    "U&'", "u&\"", "u&", "U", "&", "1", "12.5", ".", "..", "1e", "1e+", "1e5", "1.e", "$1", "$12a",
    "a", "a$b", "_x", "ü", "東", "+", "-", "*", "/", "@", "<=", "=>", "[1:2]", "{", "}", "?", "%",
    "create ", "function ", "procedure ", "or ", "replace ", "begin ", "BEGIN ", "end ", "END;",
    "case ", "atomic ", "select ", "CREATE FUNCTION f() ", "CREATE OR REPLACE PROCEDURE p() ", "\\",
    "\xEF\xBB\xBF", "\x80", "E'\\'", "\\'",
};
/* clang-format on */

#endif
