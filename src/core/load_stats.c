/* The statistics of a run: made, counted in, merged. */
#include "core/load_impl.h"

#include <stdlib.h>
#include <string.h>

bool pd_loadstats_init(pd_loadstats *stats, size_t entry_count, pd_err *err)
{
    memset(stats, 0, sizeof *stats);
    stats->entries = calloc(entry_count, sizeof *stats->entries);
    stats->ledgers = calloc(entry_count, sizeof *stats->ledgers);
    stats->entry_count = stats->timeline.entries = entry_count;
    if (stats->entries && stats->ledgers)
        return true;
    pd_loadstats_free(stats);
    return pd_err_set(err, PD_ERR_SYSTEM, "out of memory");
}

void pd_loadstats_free(pd_loadstats *stats)
{
    for (size_t i = 0; stats->ledgers && i < stats->entry_count; i++)
        pd_buf_free(&stats->ledgers[i]);
    for (int i = 0; i < PD_LOAD_MARKS; i++)
        free(stats->marks[i]);
    memset(stats->marks, 0, sizeof stats->marks);
    pd_timeline_free(&stats->timeline);
    free(stats->entries);
    free(stats->ledgers);
    stats->entries = NULL;
    stats->ledgers = NULL;
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

static bool merge_kept(pd_loadstats *into, const pd_loadstats *from, pd_err *err)
{
    for (int i = 0; i < PD_LOAD_MARKS; i++) {
        if (!from->marks[i])
            continue;
        if (!into->marks[i])
            into->marks[i] = calloc(into->entry_count, sizeof *into->marks[i]);
        if (!into->marks[i])
            return pd_err_set(err, PD_ERR_SYSTEM, "out of memory");
        merge_entries(into->marks[i], from->marks[i], into->entry_count);
    }
    for (size_t i = 0; i < into->entry_count; i++) {
        const pd_buf *keys = &from->ledgers[i];
        pd_buf *all = &into->ledgers[i];
        if (keys->len == 0)
            continue;
        if (!pd_buf_reserve(all, keys->len + 1, err))
            return false;
        if (all->len > 0)
            all->data[all->len++] = ',';
        memcpy(all->data + all->len, keys->data, keys->len);
        all->len += keys->len;
    }
    return pd_timeline_merge(&into->timeline, &from->timeline, err);
}

bool pd_loadstats_merge(pd_loadstats *into, const pd_loadstats *from, pd_err *err)
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
    return merge_kept(into, from, err);
}
