#include "bind/bind.h"
#include "bind/modules.h"
#include "embedded.h"
#include "version.h"

#include <dirent.h>
#include <errno.h>
#include <langinfo.h>
#include <limits.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

static int fail_errno(lua_State *L, const char *path)
{
    pd_err err;

    pd_err_set(&err, PD_ERR_INPUT, "%s: %s", path, strerror(errno));
    return pd_lua_fail(L, &err);
}

/* embedded(name) -> the text of a file that is built into the program, or nil */
static int sys_embedded(lua_State *L)
{
    const char *name = luaL_checkstring(L, 1);

    for (const struct pd_embedded *file = pd_embedded_files; file->name; file++)
        if (strcmp(file->name, name) == 0) {
            lua_pushlstring(L, file->data, file->len);
            return 1;
        }
    return 0;
}

/* realpath(path) -> absolute path without links | nil, error */
static int sys_realpath(lua_State *L)
{
    const char *path = luaL_checkstring(L, 1);
    char real[PATH_MAX];

    if (!realpath(path, real))
        return fail_errno(L, path);
    lua_pushstring(L, real);
    return 1;
}

/* kind(path) -> "file", "directory", "other", or nil when there is no such thing */
static int sys_kind(lua_State *L)
{
    struct stat st;

    if (stat(luaL_checkstring(L, 1), &st) != 0)
        return 0;
    lua_pushstring(L, S_ISREG(st.st_mode) ? "file" : S_ISDIR(st.st_mode) ? "directory" : "other");
    return 1;
}

static int close_dir(lua_State *L)
{
    DIR **dir = lua_touserdata(L, 1);

    if (*dir)
        closedir(*dir);
    *dir = NULL;
    return 0;
}

/* list(directory) -> array of names, sorted by nothing | nil, error */
static int sys_list(lua_State *L)
{
    const char *path = luaL_checkstring(L, 1);
    DIR **dir = lua_newuserdatauv(L, sizeof *dir, 0);
    const struct dirent *entry;

    *dir = NULL;
    if (luaL_newmetatable(L, "partdemo.directory")) {
        lua_pushcfunction(L, close_dir);
        lua_setfield(L, -2, "__gc");
    }
    lua_setmetatable(L, -2);
    *dir = opendir(path);
    if (!*dir)
        return fail_errno(L, path);
    lua_newtable(L);
    for (lua_Integer n = 1; (entry = readdir(*dir)) != NULL; n++) {
        lua_pushstring(L, entry->d_name);
        lua_rawseti(L, -2, n);
    }
    closedir(*dir);
    *dir = NULL;
    return 1;
}

/* isatty(fd) -> boolean */
static int sys_isatty(lua_State *L)
{
    lua_pushboolean(L, isatty((int)luaL_checkinteger(L, 1)));
    return 1;
}

/* width(fd) -> columns of the terminal behind fd, or nil */
static int sys_width(lua_State *L)
{
    struct winsize size;

    if (ioctl((int)luaL_checkinteger(L, 1), TIOCGWINSZ, &size) != 0 || size.ws_col == 0)
        return 0;
    lua_pushinteger(L, size.ws_col);
    return 1;
}

/* utf8() -> whether the locale's character set is UTF-8 */
static int sys_utf8(lua_State *L)
{
    lua_pushboolean(L, strcasecmp(nl_langinfo(CODESET), "UTF-8") == 0);
    return 1;
}

/* cores() -> processors that this process may use */
static int sys_cores(lua_State *L)
{
    cpu_set_t set;

    lua_pushinteger(L, sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 1);
    return 1;
}

/* cpu() -> seconds of processor time that this thread has used */
static int sys_cpu(lua_State *L)
{
    struct rusage used;

    getrusage(RUSAGE_THREAD, &used);
    lua_pushnumber(L, (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
                          (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6);
    return 1;
}

/* program() -> the path of the running program, or nil */
static int sys_program(lua_State *L)
{
    char path[4096];
    ssize_t len = readlink("/proc/self/exe", path, sizeof path);

    if (len <= 0 || len == sizeof path)
        return 0;
    lua_pushlstring(L, path, (size_t)len);
    return 1;
}

int luaopen_partdemo_sys(lua_State *L)
{
    static const luaL_Reg functions[] = {
        {"embedded", sys_embedded},
        {"realpath", sys_realpath},
        {"kind", sys_kind},
        {"list", sys_list},
        {"isatty", sys_isatty},
        {"width", sys_width},
        {"utf8", sys_utf8},
        {"program", sys_program},
        {"cores", sys_cores},
        {"cpu", sys_cpu},
        {NULL, NULL},
    };

    luaL_newlib(L, functions);
    lua_pushliteral(L, PARTDEMO_VERSION);
    lua_setfield(L, -2, "version");
    lua_pushliteral(L, PARTDEMO_SOURCE_DIR);
    lua_setfield(L, -2, "source_dir");
    return 1;
}
