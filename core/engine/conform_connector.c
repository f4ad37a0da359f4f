/* conform_connector.c: what a connector owes: pages, bookmarks, nothing lost and nothing twice however often it is killed. */
#include "engine/conform_seen.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { STREAMS_MOST = 64, KILLS_MOST = 100, RESUMES_MOST = 50 };

static const char foreign_bookmark[] = "a bookmark that somebody else wrote";

typedef struct stream_list {
    conform *trial;
    const char *names[STREAMS_MOST];
    size_t count;
    const char *fault;
    size_t records, removals; /* of the undisturbed pulls of all of them */
    bool lacks_some;          /* one could not be pulled to its end */
} stream_list;

typedef struct stream_trial {
    conform *trial;
    const char *name;
    seen whole; /* of an undisturbed pull */
} stream_trial;

static tend_status put_stream(void *self, const char *name, const char *about)
{
    stream_list *list = self;

    (void)about;
    if (name[0] == '\0')
        list->fault = "a stream has no name";
    for (size_t i = 0; i < list->count; i++)
        if (strcmp(list->names[i], name) == 0)
            list->fault = tend_arena_print(list->trial->arena, "two streams are called %s", name);
    if (list->count < STREAMS_MOST)
        list->names[list->count++] = tend_arena_string(list->trial->arena, name);
    return TEND_OK;
}

/* Another pull of the stream; true when it went well. Otherwise that was put as a failure of `check`. */
static bool pull_again(stream_trial *stream, seen *list, const char *check, const char *doing, const char *bookmark, uint64_t limit)
{
    tend_status status;

    list->trial = stream->trial;
    status = seen_pull(list, stream->name, bookmark, limit);
    if (status < 0 && !conform_is_rude(stream->trial, check, doing, &list->error))
        conform_put(stream->trial, TEND_CONFORM_FAILED, check, "%s failed: %s", doing, list->error.text);
    return status >= 0 && stream->trial->status >= 0;
}

static void put_verdict(conform *trial, const char *check, const char *fault, const char *good)
{
    conform_put(trial, fault ? TEND_CONFORM_FAILED : TEND_CONFORM_OK, check, "%s", fault ? fault : good);
}

/* A source may tell of removals only, for records that went long ago; but then nothing shows that the keys are right. */
static void check_removals(stream_trial *stream)
{
    conform *trial = stream->trial;
    const seen *whole = &stream->whole;
    const size_t known = seen_removals_known(whole);

    if (whole->bad_tombstone)
        conform_put(trial, TEND_CONFORM_FAILED, "removals", "%s", whole->bad_tombstone);
    else if (whole->key_count == 0)
        conform_put(trial, TEND_CONFORM_NOT_TRIED, "removals", "no key was named: which records they remove is not known");
    else if (known == 0)
        conform_put(trial, TEND_CONFORM_NOT_TRIED, "removals",
                    "none of %zu names a record of this pull: is a removal of%s a key as records have it (%s)?", whole->tombstones,
                    whole->removed_kept > 0 ? whole->removed[0] : "", whole->keys_kept > 0 ? whole->keys[0] + 1 : "there is none");
    else
        conform_put(trial, TEND_CONFORM_OK, "removals", "%zu of %zu name a record of this pull by its key", known,
                    whole->tombstones);
}

/* What one undisturbed pull shows. False: there is nothing to try the rest with. */
static bool check_whole(stream_trial *stream)
{
    conform *trial = stream->trial;
    seen *whole = &stream->whole;

    if (!pull_again(stream, whole, "pull", "a pull from the start", NULL, 0))
        return false;
    if (whole->is_too_much) {
        conform_put(trial, TEND_CONFORM_NOT_TRIED, "pull", "more than %d records: try it on a smaller source", SEEN_MOST);
        return false;
    }
    conform_put(trial, TEND_CONFORM_OK, "pull", "records: %zu, removals: %zu, rejects: %zu, bookmarks: %zu", whole->records,
                whole->tombstones, whole->rejects, whole->mark_count);
    if (whole->columns_calls == 0)
        conform_put(trial, TEND_CONFORM_NOT_TRIED, "columns", "the stream is empty: no columns were named");
    else
        put_verdict(trial, "columns", whole->bad_columns ? whole->bad_columns : whole->bad_record,
                    tend_arena_print(trial->arena, "%u columns, named %s%s", whole->name_count,
                                     whole->columns_calls > 1 ? "again and again, each list beginning as the one before" : "once",
                                     whole->key_count > 0 ? ", with a key that every record has" : "; no key"));
    put_verdict(trial, "texts", whole->bad_text, "all of it is UTF-8");
    if (whole->tombstones == 0)
        conform_put(trial, TEND_CONFORM_NOT_TRIED, "removals",
                    "nothing was removed at this source; give it one that holds a removal, and use --strict where removals matter");
    else
        check_removals(stream);
    return true;
}

typedef struct placed_item {
    const char *text;
    size_t at, removals; /* removals that came before it */
} placed_item;

static int by_text_and_place(const void *left, const void *right)
{
    const placed_item *a = left, *b = right;
    int order = strcmp(a->text, b->text);

    return order != 0 ? order : a->at < b->at ? -1 : a->at > b->at;
}

/* A record that comes word for word twice under one key, with no removal between, was read twice. */
static void check_duplicates(stream_trial *stream)
{
    const seen *whole = &stream->whole;
    placed_item *sorted = conform_take(stream->trial, (whole->count + 1) * sizeof *sorted);
    size_t removals = 0;

    if (whole->key_count == 0) {
        conform_put(stream->trial, TEND_CONFORM_NOT_TRIED, "duplicates", "no key was named: equal records may be two");
        return;
    }
    if (!sorted)
        return;
    for (size_t i = 0; i < whole->count; i++) {
        removals += strncmp(whole->items[i], "removal", 7) == 0;
        sorted[i] = (placed_item){ whole->items[i], i, removals };
    }
    qsort(sorted, whole->count, sizeof *sorted, by_text_and_place);
    for (size_t i = 0; i + 1 < whole->count; i++)
        if (sorted[i].removals == sorted[i + 1].removals && strcmp(sorted[i].text, sorted[i + 1].text) == 0) {
            conform_put(stream->trial, TEND_CONFORM_FAILED, "duplicates", "came twice in one pull: %.300s", sorted[i].text);
            return;
        }
    conform_put(stream->trial, TEND_CONFORM_OK, "duplicates", "no record comes word for word twice in one pull");
}

static void check_again(stream_trial *stream)
{
    seen again = { .slow_for = 20 };
    const char *fault;

    if (!pull_again(stream, &again, "back-pressure", "a pull that is taken slowly", NULL, 0))
        return;
    fault = seen_differ(stream->trial, &stream->whole, 0, again.items, again.count, NULL, 0);
    for (size_t i = 0; !fault && i < again.count; i++)
        if (strcmp(again.items[i], stream->whole.items[i]) != 0)
            fault = tend_arena_print(stream->trial->arena, "another order: %.300s", again.items[i]);
    if (fault)
        conform_put(stream->trial, TEND_CONFORM_FAILED, "back-pressure",
                    "a second pull, taken slowly, differs (%s); is the source changing meanwhile?", fault);
    else
        conform_put(stream->trial, TEND_CONFORM_OK, "back-pressure",
                    "a second pull, taken slowly, brings the same in the same order");
}

/* The records of the whole, `limit` of them, and then it ends by itself. */
static void check_limit(stream_trial *stream)
{
    const size_t all = stream->whole.records, limits[] = { 1, all / 2, all - 1 };

    if (all < 2) {
        conform_put(stream->trial, TEND_CONFORM_NOT_TRIED, "limit", "fewer than 2 records: there is nothing to cut off");
        return;
    }
    for (size_t i = 0; i < sizeof limits / sizeof *limits; i++) {
        seen page = { 0 };
        char doing[60];

        (void)snprintf(doing, sizeof doing, "a pull of %zu records", limits[i]);
        tend_arena_reset(stream->trial->arena);
        if (!pull_again(stream, &page, "limit", doing, NULL, limits[i]))
            return;
        if (page.records + page.rejects < limits[i]) { /* a reject may have been a record; more are not taken from it */
            conform_put(stream->trial, TEND_CONFORM_FAILED, "limit", "%zu records came where %zu were asked for; there are more",
                        page.records, limits[i]);
            return;
        }
        if (page.count > stream->whole.count || seen_differ(stream->trial, &page, 0, stream->whole.items, page.count, NULL, 0)) {
            conform_put(stream->trial, TEND_CONFORM_FAILED, "limit", "the first %zu records are others than in a whole pull",
                        limits[i]);
            return;
        }
    }
    conform_put(stream->trial, TEND_CONFORM_OK, "limit", "as many records come as are asked for: one, half of them, all but one");
}

/* Each bookmark brings exactly what came after it. */
static void check_bookmarks(stream_trial *stream)
{
    const seen *whole = &stream->whole;
    const size_t step = whole->mark_count / RESUMES_MOST + 1;
    size_t tried = 0;

    if (whole->mark_count == 0) {
        conform_put(stream->trial, TEND_CONFORM_NOT_TRIED, "bookmarks", "it writes none: every pull reads everything again");
        return;
    }
    for (size_t i = (whole->mark_count - 1) % step; i < whole->mark_count; i += step, tried++) { /* the last one is always tried */
        seen rest = { 0 };
        const char *fault;

        tend_arena_reset(stream->trial->arena);
        if (!pull_again(stream, &rest, "bookmarks", "a pull from a bookmark", whole->marks[i].bookmark, 0))
            return;
        fault = seen_differ(stream->trial, whole, whole->marks[i].items, rest.items, rest.count, NULL, 0);
        if (fault) {
            conform_put(stream->trial, TEND_CONFORM_FAILED, "bookmarks", "from bookmark %zu of %zu (after %zu records): %s", i + 1,
                        whole->mark_count, whole->marks[i].items, fault);
            return;
        }
    }
    if (whole->marks[0].items == whole->count)
        conform_put(stream->trial, TEND_CONFORM_NOT_TRIED, "bookmarks",
                    "none of %zu stands before the end, so nothing comes after one and every kill begins anew; try it with more "
                    "records, or write bookmarks more often",
                    whole->mark_count);
    else
        conform_put(stream->trial, TEND_CONFORM_OK, "bookmarks", "each of %zu brings exactly what came after it", tried);
}

/* Killed at a message, it goes on from the last checkpoint: what was committed and what comes then is all of it, once. */
static bool is_whole_after_kill(stream_trial *stream, size_t at)
{
    conform *trial = stream->trial;
    seen before = { .stop_at = at, .kills = true }, after = { 0 };
    const char *bookmark, *fault;
    size_t committed;

    tend_arena_reset(trial->arena);
    if (!pull_again(stream, &before, "resume", "a pull that is to be killed", NULL, 0))
        return false;
    committed = seen_committed(&before, &bookmark);
    if (!pull_again(stream, &after, "resume", "a pull after its host was killed", bookmark, 0))
        return false;
    fault = seen_differ(trial, &stream->whole, 0, before.items, committed, after.items, after.count);
    if (fault)
        conform_put(trial, TEND_CONFORM_FAILED, "resume", "killed at message %zu and called again with %s, %s", at,
                    bookmark ? "its last bookmark" : "no bookmark", fault);
    return !fault;
}

static void check_kills(stream_trial *stream)
{
    const size_t messages = stream->whole.messages, points = messages < KILLS_MOST ? messages : KILLS_MOST;

    for (size_t i = 0; i < points && stream->trial->status >= 0; i++)
        if (!is_whole_after_kill(stream, 1 + i * messages / points))
            return;
    if (points == 0)
        conform_put(stream->trial, TEND_CONFORM_NOT_TRIED, "resume", "nothing came at which it could be killed");
    else if (points == messages)
        conform_put(stream->trial, TEND_CONFORM_OK, "resume",
                    "killed at each of its %zu messages, nothing is lost and nothing twice", messages);
    else
        conform_put(stream->trial, TEND_CONFORM_OK, "resume",
                    "killed at %zu of its %zu messages, nothing is lost and nothing twice", points, messages);
}

/* Told that it is enough, it comes to an end by itself, and the next pull is a whole one. */
static void check_cancel(stream_trial *stream)
{
    conform *trial = stream->trial;
    seen head = { .trial = trial, .stop_at = stream->whole.messages / 2 + 1 }, again = { 0 };
    const char *fault;
    tend_status status;

    tend_arena_reset(trial->arena);
    if (stream->whole.messages == 0) {
        conform_put(trial, TEND_CONFORM_NOT_TRIED, "cancel", "nothing came that could be broken off");
        return;
    }
    status = seen_pull(&head, stream->name, NULL, 0);
    if (!tend_hosted_runs(trial->hosted)) {
        conform_put(trial, TEND_CONFORM_FAILED, "cancel",
                    "told to end it went on and was killed; return what the functions of `out` return, and ask is_cancelled while "
                    "waiting");
        return;
    }
    if (status < 0) {
        conform_put(trial, TEND_CONFORM_FAILED, "cancel", "%s", head.error.text);
        return;
    }
    if (!pull_again(stream, &again, "cancel", "the pull after one that was broken off", NULL, 0))
        return;
    fault = seen_differ(trial, &stream->whole, 0, again.items, again.count, NULL, 0);
    put_verdict(trial, "cancel", fault ? tend_arena_print(trial->arena, "after a pull that was broken off, %s", fault) : NULL,
                "broken off it ends by itself, and the next pull is whole");
}

static void check_foreign_bookmark(stream_trial *stream)
{
    conform *trial = stream->trial;
    seen list = { .trial = trial };
    const char *fault;
    tend_status status;

    tend_arena_reset(trial->arena);
    status = seen_pull(&list, stream->name, foreign_bookmark, 0);
    if (status < 0) {
        if (!conform_is_rude(trial, "foreign bookmark", "a bookmark that it never wrote", &list.error))
            conform_put(trial, TEND_CONFORM_OK, "foreign bookmark", "refused: %s", list.error.text);
        return;
    }
    fault = seen_differ(trial, &stream->whole, 0, list.items, list.count, NULL, 0);
    put_verdict(
        trial, "foreign bookmark",
        fault ? tend_arena_print(trial->arena, "a bookmark that it never wrote is taken, and %s; refuse it, or begin anew", fault)
              : NULL,
        "one that it never wrote makes it begin anew");
}

static void check_foreign_stream(conform *trial)
{
    stream_trial none = { .trial = trial, .name = "no-such-stream" };
    seen list = { .trial = trial };
    tend_status status = seen_pull(&list, none.name, NULL, 0);

    if (status >= 0 && list.count > 0)
        conform_put(trial, TEND_CONFORM_FAILED, "unknown stream", "a stream that it never named brings records; refuse it");
    else if (status >= 0)
        conform_put(trial, TEND_CONFORM_OK, "unknown stream", "one that it never named brings nothing");
    else if (!conform_is_rude(trial, "unknown stream", "a stream that it never named", &list.error))
        conform_put(trial, TEND_CONFORM_OK, "unknown stream", "refused: %s", list.error.text);
}

static void check_stream(stream_list *streams, const char *name, tend_arena *scratch)
{
    conform *trial = streams->trial;
    stream_trial stream = { .trial = trial, .name = name };
    tend_arena *lasting = trial->arena;

    trial->part = name;
    stream.whole.trial = trial;
    if (check_whole(&stream)) {
        streams->records += stream.whole.records;
        streams->removals += stream.whole.tombstones;
        check_duplicates(&stream);
        trial->arena = scratch; /* what follows is compared with the whole, and forgotten */
        check_again(&stream);
        check_limit(&stream);
        check_bookmarks(&stream);
        check_kills(&stream);
        check_cancel(&stream);
        check_foreign_bookmark(&stream);
        tend_arena_reset(scratch);
        trial->arena = lasting;
    } else {
        streams->lacks_some = true;
    }
    trial->part = NULL;
}

/* Against what whoever made the source knows of it. */
static void check_counts(const stream_list *streams)
{
    const tend_conform_request *request = streams->trial->request;

    if (!request->says_records && !request->says_removals)
        return;
    if (streams->lacks_some)
        conform_put(streams->trial, TEND_CONFORM_NOT_TRIED, "count", "a stream could not be pulled to its end");
    else if (request->says_records && streams->records != (size_t)request->records)
        conform_put(streams->trial, TEND_CONFORM_FAILED, "count",
                    "%zu records came, and the source holds %" PRId64
                    ": look at the borders of pages, at the last one, at rejects, "
                    "and at what is read twice",
                    streams->records, request->records);
    else if (request->says_removals && streams->removals != (size_t)request->removals)
        conform_put(streams->trial, TEND_CONFORM_FAILED, "count",
                    "%zu removals came, and the source tells of %" PRId64 ": hand each to tombstone with the record's key",
                    streams->removals, request->removals);
    else
        conform_put(streams->trial, TEND_CONFORM_OK, "count", "all that the source holds: records %zu, removals %zu",
                    streams->records, streams->removals);
}

void conform_connector(conform *trial)
{
    stream_list streams = { .trial = trial };
    tend_arena *scratch = tend_arena_new();
    tend_error why = { 0 };
    tend_status status = tend_hosted_streams(trial->hosted, conform_name(trial), put_stream, &streams, &why);

    if (!scratch) {
        trial->status = tend_fail(&trial->error, TEND_ENOMEM, "plugin check: no memory");
        return;
    }
    if (status < 0 && !conform_is_rude(trial, "streams", "the list of its streams", &why))
        conform_put(trial, TEND_CONFORM_FAILED, "streams", "%s", why.text);
    else if (status >= 0 && streams.count == 0)
        conform_put(trial, TEND_CONFORM_FAILED, "streams", "it names no stream with these settings, so nothing else can be tried");
    else if (status >= 0)
        put_verdict(trial, "streams", streams.fault, tend_arena_print(trial->arena, "named: %zu, each differently", streams.count));
    for (size_t i = 0; status >= 0 && i < streams.count && trial->status >= 0; i++)
        check_stream(&streams, streams.names[i], scratch);
    if (status >= 0 && trial->status >= 0 && streams.count > 0)
        check_counts(&streams);
    if (status >= 0 && trial->status >= 0)
        check_foreign_stream(trial);
    tend_arena_free(scratch);
}
