/* What the gen*.c files of bind share: boxes that own core values, and their arguments. */
#ifndef PD_BIND_GEN_LUA_H
#define PD_BIND_GEN_LUA_H

#include "bind/bind.h"

/* Pushes an empty generator; what is put into it is freed with it. */
pd_gen **pd_lua_box_gen(lua_State *L);
pd_gen *pd_lua_check_gen(lua_State *L, int arg);

/* Generators that are owned while a constructor runs, so that an error on the way frees them. */
typedef struct pd_gen_list {
    size_t n;
    pd_gen *v[];
} pd_gen_list;

/* Pushes an empty list with room for that many. */
pd_gen_list *pd_lua_gen_list(lua_State *L, size_t room);
/* Appends the generator at that index, or a constant of the value there. what names the place in an
 * error of argument arg. */
void pd_lua_list_add(lua_State *L, pd_gen_list *list, int index, int arg, const char *what);

/* Raises what a constructor reported, as an error of that argument; memory errors as they are. */
int pd_lua_gen_fail(lua_State *L, int arg, const pd_err *err);

/* Creates metatable name with these metamethods and, in __index, these methods. */
void pd_lua_class(lua_State *L, const char *name, const luaL_Reg *meta, const luaL_Reg *methods);

/* The string at that index, else an error of argument arg about what. */
pd_text pd_lua_text(lua_State *L, int index, int arg, const char *what);
/* How many entries the list at that argument has: an error unless it is a table without other keys.
 */
size_t pd_lua_list_size(lua_State *L, int arg);
/* Pushes both parts of entry i of the list at that argument: an error, which names the form, unless
 * that is a table of two. */
void pd_lua_pair(lua_State *L, int arg, size_t i, const char *form);

/* Options in a table at that argument (or none): refuses a key that is not among names. */
void pd_lua_options(lua_State *L, int arg, const char *const *names);
/* absent is the default; a NaN in absent makes the option compulsory. */
double pd_lua_number_option(lua_State *L, int arg, const char *name, double absent);
lua_Integer pd_lua_integer_option(lua_State *L, int arg, const char *name, lua_Integer absent);

/* Each creates its metatables; the last two also add their functions to the table on top. */
void pd_lua_open_boxes(lua_State *L);
void pd_lua_open_rows(lua_State *L);
void pd_lua_open_rng(lua_State *L);

#endif
