/* The statistics of a run: made, counted in, merged. */
#include "core/load_impl.h"

#include <stdlib.h>
#include <string.h>

bool pd_loadstats_init(pd_loadstats *stats, size_t entry_count, pd_err *err)
{
    memset(stats, 0, sizeof *stats);
    stats->entries = calloc(entry_count, sizeof *stats->entries);
    stats->entry_count = entry_count;
    return stats->entries ? true : pd_err_set(err, PD_ERR_SYSTEM, "out of memory");
}

void pd_loadstats_free(pd_loadstats *stats)
{
    free(stats->entries);
    stats->entries = NULL;
}

static void count_state(pd_entrystats *stats, const char *sqlstate, uint64_t n)
{
    int i = 0;

    while (i < PD_LOAD_STATES - 1 && stats->states[i].count > 0 &&
           strcmp(stats->states[i].sqlstate, sqlstate) != 0)
        i++;
    pd_err_copy(stats->states[i].sqlstate, sizeof stats->states[i].sqlstate,
                i < PD_LOAD_STATES - 1 ? sqlstate : "other");
    stats->states[i].count += n;
    stats->errors += n;
}

void stats_error(pd_entrystats *stats, const char *sqlstate)
{
    count_state(stats, sqlstate, 1);
}

void stats_done(pd_entrystats *stats, uint64_t rows, int64_t from_due, int64_t from_sent)
{
    stats->ops++;
    stats->rows += rows;
    pd_hist_add(&stats->due, from_due);
    pd_hist_add(&stats->sent, from_sent);
}

static void merge_entries(pd_entrystats *into, const pd_entrystats *from, size_t count)
{
    for (size_t i = 0; i < count; i++, into++, from++) {
        into->ops += from->ops;
        into->rows += from->rows;
        into->retries += from->retries;
        for (int k = 0; k < PD_LOAD_STATES && from->states[k].count > 0; k++)
            count_state(into, from->states[k].sqlstate, from->states[k].count);
        pd_hist_merge(&into->due, &from->due);
        pd_hist_merge(&into->sent, &from->sent);
    }
}

void pd_loadstats_merge(pd_loadstats *into, const pd_loadstats *from)
{
    merge_entries(into->entries, from->entries, into->entry_count);
    into->unknown += from->unknown;
    into->cancelled += from->cancelled;
    into->unsent += from->unsent;
    into->reconnects += from->reconnects;
    into->cpu += from->cpu;
    if (from->ended > into->ended)
        into->ended = from->ended;
    if (from->stop.set)
        into->stop = from->stop;
    pd_hist_merge(&into->lag, &from->lag);
}
