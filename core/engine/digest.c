/* digest.c: who is to get one now, what it says, and that it was said. */
#include "engine/digest.h"
#include "base/buffer.h"
#include "base/log.h"
#include "query/today.h"
#include "query/words.h"
#include <string.h>

enum { LINES_MAX = 15 };

typedef struct reader {
    int64_t id;
    const char *name, *language;
    const tend_zone *zone;
    int hour;
    tend_date last; /* day of the last digest; TEND_NO_DATE: none */
} reader;

tend_status tend_digest_prepare(tend_store *store, tend_error *reterr)
{
    return tend_store_run(store,
                          "CREATE TABLE IF NOT EXISTS digests (user INTEGER NOT NULL, day INTEGER NOT NULL, at INTEGER NOT NULL, "
                          "items INTEGER NOT NULL, message INTEGER, PRIMARY KEY (user, day)) STRICT, WITHOUT ROWID",
                          reterr);
}

static const tend_zone *zone_of(const tend_query *query, const char *name, int64_t user)
{
    const tend_zone *zone = query->zone;
    tend_error error;

    if (name && *name && tend_zone_find(name, &zone, &error) < 0)
        tend_log(TEND_LOG_WARN, "digest", "the company's zone is used", "user", tend_logf("%lld", (long long)user), "why",
                 error.text, NULL);
    if (!zone && tend_zone_find("UTC", &zone, &error) < 0)
        return NULL;
    return zone;
}

/* Everybody who wants a digest and can get one. From the arena. */
static tend_status read_readers(const tend_query *query, tend_arena *arena, reader **ret_readers, size_t *ret_count,
                                tend_error *reterr)
{
    tend_statement *statement = NULL;
    reader *readers = NULL;
    size_t count = 0, room = 0;
    bool has_row = false;
    tend_status status =
        tend_store_prepare(query->world.store,
                           "SELECT u.id, u.name, u.language, u.zone, u.digest_hour, (SELECT max(d.day) FROM digests "
                           "d WHERE d.user = u.id) FROM users u WHERE u.removed_at IS NULL AND coalesce(u.active, 1) "
                           "= 1 AND u.digest_hour BETWEEN 0 AND 23 AND u.email <> '' ORDER BY u.id",
                           &statement, reterr);

    while (status >= 0 && (status = tend_statement_step(statement, &has_row, reterr)) >= 0 && has_row) {
        const char *language = tend_statement_text(statement, 2, NULL);
        int64_t id = tend_statement_int(statement, 0);

        if (count == room) {
            reader *more = tend_arena_take(arena, (room + 16) * 2 * sizeof *more);

            if (!more) {
                status = tend_fail(reterr, TEND_ENOMEM, "digest: memory is used up");
                break;
            }
            if (count > 0)
                memcpy(more, readers, count * sizeof *more);
            readers = more;
            room = (room + 16) * 2;
        }
        readers[count++] =
            (reader){ .id = id,
                      .name = tend_arena_string(arena, tend_statement_text(statement, 1, NULL)),
                      .language = language && *language ? tend_arena_string(arena, language) : query->language,
                      .zone = zone_of(query, tend_statement_text(statement, 3, NULL), id),
                      .hour = (int)tend_statement_int(statement, 4),
                      .last = tend_statement_is_null(statement, 5) ? TEND_NO_DATE : (tend_date)tend_statement_int(statement, 5) };
    }
    tend_statement_end(statement);
    *ret_readers = readers;
    *ret_count = count;
    return status;
}

/* The instant of the reader's hour on that day; where clocks leave it out, the first one after it. */
static tend_time hour_of(const reader *who, tend_date day)
{
    return tend_zone_at(who->zone, day, who->hour * 60);
}

static bool is_due(const reader *who, tend_time now)
{
    tend_date today = tend_zone_date(who->zone, now);

    return (who->last == TEND_NO_DATE || who->last < today) && now >= hour_of(who, today);
}

static const char *say(tend_arena *arena, const char *language, const char *english, ...) __attribute__((sentinel));
static const char *say(tend_arena *arena, const char *language, const char *english, ...)
{
    va_list pairs;
    const char *text;

    va_start(pairs, english);
    text = tend_say_with(arena, language, english, pairs);
    va_end(pairs);
    return text ? text : "";
}

static const char *write_text(const tend_query *query, const reader *who, const tend_today_item *items, size_t count, size_t all)
{
    tend_buffer text = { 0 };
    const char *copy;

    tend_buffer_print(&text, "%s\n", say(query->arena, who->language, "{name}, this is for today:", "name", who->name, NULL));
    for (size_t i = 0; i < count; i++) {
        tend_buffer_print(&text, "\n%zu. %s", i + 1, items[i].what);
        if (items[i].name && !strstr(items[i].what, items[i].name))
            tend_buffer_print(&text, " (%s)", items[i].name);
        tend_buffer_print(&text, "\n   %s\n", items[i].reason);
    }
    if (all > count)
        tend_buffer_print(&text, "\n%s\n",
                          say(query->arena, who->language, "And {n} more: tend today shows them.", "n",
                              tend_arena_print(query->arena, "%zu", all - count), NULL));
    copy = text.failed ? NULL : tend_arena_copy(query->arena, tend_buffer_string(&text), text.length);
    tend_buffer_clear(&text);
    return copy;
}

static tend_status write_row(tend_model *model, int64_t user, tend_date day, size_t items, int64_t message, tend_error *reterr)
{
    tend_statement *statement = NULL;
    tend_status status = tend_store_prepare(tend_model_store(model),
                                            "INSERT INTO digests (user, day, at, items, message) VALUES (?1, ?2, ?3, ?4, "
                                            "nullif(?5, 0))",
                                            &statement, reterr);

    if (status < 0)
        return status;
    tend_statement_bind_int(statement, 1, user);
    tend_statement_bind_int(statement, 2, day);
    tend_statement_bind_int(statement, 3, tend_model_now(model));
    tend_statement_bind_int(statement, 4, (int64_t)items);
    tend_statement_bind_int(statement, 5, message);
    status = tend_statement_run(statement, reterr);
    tend_statement_end(statement);
    return status;
}

/* The message (none when there is nothing to do) and the day, together. */
static tend_status put(tend_model *model, const tend_query *query, const reader *who, const tend_today_item *items, size_t count,
                       size_t all, bool *ret_mailed, tend_error *reterr)
{
    tend_principal engine = tend_principal_named(TEND_PRINCIPAL_ADMINISTRATOR, "engine");
    const tend_origin origin = { .principal = &engine };
    char day[TEND_DATE_ROOM];
    const char *number = tend_arena_print(query->arena, "%zu", all);
    int64_t message = 0;
    tend_outbox_draft draft = { .channel = "mail", .user = who->id, .language = who->language, .not_before = TEND_NO_TIME };
    tend_status status;

    tend_date_format(query->today, day);
    draft.once_key = tend_arena_print(query->arena, "digest:%lld:%s", (long long)who->id, day);
    draft.subject = say(query->arena, who->language, all == 1 ? "{n} thing to do on {date}" : "{n} things to do on {date}", "n",
                        number, "date", day, NULL);
    draft.text = write_text(query, who, items, count, all);
    draft.payload = tend_arena_print(query->arena, "{\"day\":\"%s\",\"items\":%zu}", day, all);
    if (!draft.once_key || !draft.text || !draft.payload)
        return tend_fail(reterr, TEND_ENOMEM, "digest: memory is used up");
    status = tend_model_begin(model, reterr);
    if (status < 0)
        return status;
    *ret_mailed = false;
    if (all > 0)
        status = tend_outbox_add(model, &origin, &draft, &message, ret_mailed, reterr);
    if (status >= 0)
        status = write_row(model, who->id, query->today, all, message, reterr);
    if (status >= 0)
        return tend_model_commit(model, reterr);
    tend_model_rollback(model);
    return status;
}

static tend_status write_one(tend_model *model, const tend_query *outer, const reader *who, tend_time now, tend_arena *arena,
                             bool *ret_mailed, tend_error *reterr)
{
    tend_principal person = tend_principal_named(TEND_PRINCIPAL_PERSON, who->name);
    const tend_today_item *items = NULL;
    size_t count = 0, all = 0;
    tend_query query = *outer;
    tend_status status;

    person.user = who->id;
    query.principal = &person;
    query.language = who->language;
    query.zone = who->zone;
    query.today = tend_zone_date(who->zone, now);
    query.world.now = now;
    query.arena = arena;
    status = tend_today_items(&query, who->id, LINES_MAX, &items, &count, &all, reterr);
    return status < 0 ? status : put(model, &query, who, items, count, all, ret_mailed, reterr);
}

tend_status tend_digest_due(tend_model *model, const tend_query *query, tend_time now, int *ret_mails, tend_error *reterr)
{
    tend_arena *arena = tend_arena_new(), *each = tend_arena_new();
    reader *readers = NULL;
    size_t count = 0;
    tend_status status = arena && each ? TEND_OK : tend_fail(reterr, TEND_ENOMEM, "digest: memory is used up");

    *ret_mails = 0;
    if (status >= 0)
        status = read_readers(query, arena, &readers, &count, reterr);
    for (size_t i = 0; status >= 0 && i < count; i++) {
        bool is_mailed = false;

        if (!readers[i].zone || !readers[i].name || !is_due(&readers[i], now))
            continue;
        tend_arena_reset(each);
        status = write_one(model, query, &readers[i], now, each, &is_mailed, reterr);
        *ret_mails += status >= 0 && is_mailed;
    }
    tend_arena_free(each);
    tend_arena_free(arena);
    return status;
}

tend_status tend_digest_next(const tend_query *query, tend_time now, tend_time *ret_at, tend_error *reterr)
{
    tend_arena *arena = tend_arena_new();
    tend_time first = TEND_NO_TIME;
    reader *readers = NULL;
    size_t count = 0;
    tend_status status =
        arena ? read_readers(query, arena, &readers, &count, reterr) : tend_fail(reterr, TEND_ENOMEM, "digest: memory is used up");

    for (size_t i = 0; status >= 0 && i < count; i++) {
        tend_date day;
        tend_time at;

        if (!readers[i].zone)
            continue;
        day = tend_zone_date(readers[i].zone, now);
        if (readers[i].last != TEND_NO_DATE && readers[i].last >= day)
            day = readers[i].last + 1;
        at = hour_of(&readers[i], day);
        at = at < now ? now : at;
        first = first == TEND_NO_TIME || at < first ? at : first;
    }
    if (status >= 0)
        *ret_at = first;
    tend_arena_free(arena);
    return status;
}
