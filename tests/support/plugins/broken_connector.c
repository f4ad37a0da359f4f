/* broken_connector.c: a good connector of 250 records, with one rule broken by a definition: BREAKS_LIMIT, BREAKS_EARLY …
 *
 * Records have an id and a name; every tenth is removed again; there is a bookmark after every 20. */
#include <tend/plugin.h>

#include <stdlib.h>
#include <string.h>

enum { RECORDS = 250, PER_BOOKMARK = 20 };

static const tend_host *host;
static int pulls;

static tend_status open_it(const tend_host *table, void **ret_self, tend_error *reterr)
{
    (void)ret_self;
    (void)reterr;
    host = table;
    return TEND_OK;
}

static tend_status streams(void *self, tend_status (*put)(void *out, const tend_stream *stream), void *out, tend_error *reterr)
{
    (void)self;
    (void)reterr;
    return put(out, &(tend_stream){ .name = "all", .about = "all records" });
}

static tend_status name_columns(tend_record_out *out, bool is_second)
{
    static const char *const names[] = { "id", "name", "city", NULL }, *const key[] = { "id", NULL };
#if defined(BREAKS_COLUMNS)
    static const char *const turned[] = { "name", "id", "city", NULL };

    if (is_second)
        return out->columns(out, turned, 3, key);
#endif
    return out->columns(out, names, is_second ? 3 : 2, key);
}

static tend_status put_record(tend_record_out *out, int i)
{
    char id[20], name[20];
    tend_cell cells[2] = { { .text = id }, { .text = name } };
    tend_status status;

    cells[0].length = (size_t)snprintf(id, sizeof id, "%d", i);
    cells[1].length = (size_t)snprintf(name, sizeof name, "name %d", i);
#if defined(BREAKS_TEXTS)
    if (i == 7)
        cells[1] = (tend_cell){ .text = "\xC0\xAF", .length = 2 };
#endif
#if defined(BREAKS_MEMORY)
    if (i == 9)
        cells[1].length = (size_t)snprintf(name, sizeof name, "pull %d", pulls);
#endif
    status = out->record(out, cells, 2, (uint64_t)i + 1, TEND_NO_TIME);
    if (status < 0 || i % 10 != 0)
        return status;
#if defined(BREAKS_DROPPED)
    return i % 20 == 0 ? TEND_OK : out->tombstone(out, cells, 1, TEND_NO_TIME);
#elif defined(BREAKS_REMOVAL)
    return out->tombstone(out, cells, 2, TEND_NO_TIME);
#elif defined(BREAKS_STRANGER)
    cells[0].length = (size_t)snprintf(id, sizeof id, "0000%d", i); /* another form of the key */
    return out->tombstone(out, cells, 1, TEND_NO_TIME);
#else
    return out->tombstone(out, cells, 1, TEND_NO_TIME);
#endif
}

static tend_status put_bookmark(tend_record_out *out, int next)
{
    char bookmark[20];

#if defined(BREAKS_EARLY)
    next++; /* it counts a record that was not given out yet */
#elif defined(BREAKS_AGAIN)
    next--;
#endif
#if defined(BREAKS_LONG)
    static char longer[(64 << 10) + 2];

    memset(longer, '7', sizeof longer - 1);
    return out->checkpoint(out, longer, sizeof longer - 1);
#endif
    return out->checkpoint(out, bookmark, (size_t)snprintf(bookmark, sizeof bookmark, "%d", next));
}

static tend_status begin(const tend_pull *request, int *ret_first, tend_error *reterr)
{
    char *end = NULL;

    (void)reterr;
    *ret_first = 0;
    if (!request->bookmark)
        return TEND_OK;
    *ret_first = (int)strtol(request->bookmark, &end, 10);
    if (end != request->bookmark && *end == '\0')
        return TEND_OK;
#if defined(BREAKS_BOOKMARK)
    abort();
#elif defined(BREAKS_SILENT)
    return TEND_EINVAL;
#else
    return tend_fail(reterr, TEND_EINVAL, "broken: '%s' is no bookmark of ours", request->bookmark);
#endif
}

static tend_status pull(void *self, const tend_pull *request, tend_record_out *out, tend_error *reterr)
{
    int first;
    tend_status status = begin(request, &first, reterr);

    (void)self;
    pulls++;
    if (status >= 0 && strcmp(request->stream, "all") != 0)
        status = tend_fail(reterr, TEND_ENOTFOUND, "broken: there is only the stream all");
    if (status >= 0)
        status = name_columns(out, false);
    for (int i = first; status >= 0 && i < RECORDS; i++) {
#if defined(BREAKS_LOST)
        if (i % PER_BOOKMARK == PER_BOOKMARK - 1) { /* the last of each page, in every pull alike */
            status = put_bookmark(out, i + 1);
            continue;
        }
#endif
        if (i == RECORDS / 2)
            status = name_columns(out, true);
        if (status >= 0)
            status = put_record(out, i);
#if defined(BREAKS_LIMIT)
        status = host->is_cancelled(host) ? TEND_ECLOSED : TEND_OK;
#elif defined(BREAKS_HEEDLESS)
        status = request->limit > 0 && (uint64_t)(i - first + 1) >= request->limit ? TEND_ECLOSED : TEND_OK;
#elif defined(BREAKS_DEAF)
        while (status == TEND_ECLOSED && request->limit == 0)
            ; /* it was told, and stays */
#endif
        if (status >= 0 && (i + 1) % PER_BOOKMARK == 0)
            status = put_bookmark(out, i + 1);
    }
    return status;
}

static const tend_connector_ops ops = { .size = sizeof ops, .streams = streams, .pull = pull };
static const tend_capability capabilities[] = {
    { TEND_CONNECTOR, "broken", "250 records", &ops },
    { 0, NULL, NULL, NULL },
};
TEND_PLUGIN(broken, "1.0.0", TEND_PROVIDES_CONNECTOR, TEND_NEEDS_NOTHING, .summary = "Breaks one rule",
            .capabilities = capabilities, .open = open_it)
