/*
 * gen_speed [ROWS [ROWS.LUA [TABLE]]]: rows per second and core of the generator alone, for each
 * row of scenarios/lib/rows.lua, encoded to COPY BINARY and to binary parameters. With a TABLE
 * (event_log, user, order, sale) it writes ROWS tuples of COPY BINARY to stdout instead.
 */
#include "bind/bind.h"
#include "bind/modules.h"

#include <lualib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static double now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static int fail(const pd_err *err)
{
    fprintf(stderr, "gen_speed: %s\n", err->message);
    return 1;
}

static int measure(const char *name, const pd_row *row, long rows)
{
    pd_err err;
    pd_buf out = {0};
    pd_params params = {0};
    pd_stream *stream = pd_stream_new(1, 0, 0, &err);
    double start, copied, bound, bytes = 0;

    if (!stream)
        return fail(&err);
    start = now();
    for (long i = 0; i < rows; i++) {
        if (out.len > 65536) {
            bytes += (double)out.len;
            out.len = 0;
        }
        if (!pd_copy_row(row, stream, &out, &err))
            return fail(&err);
    }
    copied = now();
    for (long i = 0; i < rows; i++)
        if (!pd_row_binary(row, stream, &params, &err))
            return fail(&err);
    bound = now();
    bytes += (double)out.len;
    printf("%-10s COPY BINARY %6.2f M rows/s (%5.0f MB/s, %5.1f bytes a row)   parameters %6.2f M "
           "rows/s\n",
           name, (double)rows / (copied - start) / 1e6, bytes / (copied - start) / 1e6,
           bytes / (double)rows, (double)rows / (bound - copied) / 1e6);
    pd_buf_free(&out);
    pd_params_free(&params);
    pd_stream_free(stream);
    return 0;
}

static int dump(const pd_row *row, long rows)
{
    pd_err err;
    pd_buf out = {0};
    pd_stream *stream = pd_stream_new(1, 0, 0, &err);
    bool ok = stream && pd_copy_begin(&out, &err);

    for (long i = 0; ok && i < rows; i++) {
        ok = pd_copy_row(row, stream, &out, &err);
        if (out.len > 65536) {
            fwrite(out.data, 1, out.len, stdout);
            out.len = 0;
        }
    }
    if (!ok || !pd_copy_end(&out, &err))
        return fail(&err);
    fwrite(out.data, 1, out.len, stdout);
    pd_buf_free(&out);
    pd_stream_free(stream);
    return 0;
}

int main(int argc, char **argv)
{
    static const char *const names[] = {"event_log", "user", "order", "sale"};
    long rows = argc > 1 ? atol(argv[1]) : 2000000;
    int failed = 0;
    lua_State *L = luaL_newstate();

    if (!L)
        return 1;
    luaL_openlibs(L);
    luaL_requiref(L, "partdemo.gen", luaopen_partdemo_gen, 0);
    if (luaL_dofile(L, argc > 2 ? argv[2] : "scenarios/lib/rows.lua") != LUA_OK) {
        fprintf(stderr, "gen_speed: %s\n", lua_tostring(L, -1));
        return 1;
    }
    for (size_t i = 0; i < 4 && !failed; i++) {
        lua_getfield(L, -1, names[i]);
        if (argc <= 3)
            failed = measure(names[i], pd_lua_check_row(L, -1), rows);
        else if (strcmp(argv[3], names[i]) == 0)
            failed = dump(pd_lua_check_row(L, -1), rows);
        lua_pop(L, 1);
    }
    lua_close(L);
    return failed;
}
