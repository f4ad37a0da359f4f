/* by_hand_calls.c: each call's words, and what came of it in lines. */
#include "host/by_hand.h"

#include "base/date.h"
#include <stdlib.h>
#include <string.h>

typedef struct hand_out {
    tend_record_out out; /* first */
    uint64_t records, limit;
} hand_out;

static void say_cells(const tend_cell *cells, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        (void)printf("%s%s", i > 0 ? " | " : "", cells[i].text ? cells[i].text : "-");
    (void)printf("\n");
}

static tend_status say_columns(tend_record_out *out, const char *const *names, uint32_t count, const char *const *key)
{
    (void)out;
    (void)printf("columns ");
    for (uint32_t i = 0; i < count; i++)
        (void)printf("%s%s", i > 0 ? " | " : "", names[i]);
    for (uint32_t i = 0; key && key[i]; i++)
        (void)printf("%s%s", i > 0 ? " | " : ", key ", key[i]);
    (void)printf("\n");
    return TEND_OK;
}

static tend_status say_record(tend_record_out *out, const tend_cell *cells, uint32_t count, uint64_t line, tend_time modified_at)
{
    hand_out *own = (hand_out *)(void *)out;

    (void)printf("record ");
    if (line > 0)
        (void)printf("of line %llu: ", (unsigned long long)line);
    if (modified_at != TEND_NO_TIME)
        (void)printf("modified at %lld: ", (long long)modified_at);
    say_cells(cells, count);
    return ++own->records == own->limit ? TEND_ECLOSED : TEND_OK;
}

static tend_status say_tombstone(tend_record_out *out, const tend_cell *key, uint32_t count, tend_time removed_at)
{
    (void)out;
    (void)removed_at;
    (void)printf("removal ");
    say_cells(key, count);
    return TEND_OK;
}

static tend_status say_checkpoint(tend_record_out *out, const char *bookmark, size_t length)
{
    (void)out;
    (void)printf("bookmark %.*s\n", (int)length, bookmark);
    return TEND_OK;
}

static tend_status say_reject(tend_record_out *out, uint64_t line, const char *column, const char *value, size_t length,
                              const char *reason)
{
    (void)out;
    (void)printf("reject line %llu, %s: %s: %.*s\n", (unsigned long long)line, column ? column : "the whole record", reason,
                 value ? (int)length : 0, value ? value : "");
    return TEND_OK;
}

static tend_status say_stream(void *out, const tend_stream *stream)
{
    (void)out;
    (void)printf("stream %s: %s\n", stream->name, stream->about ? stream->about : "");
    return TEND_OK;
}

static tend_status say_part(void *out, const tend_part *part)
{
    (void)out;
    (void)printf("part %lld/%lld %s\n", (long long)part->numerator, (long long)part->denominator, part->why ? part->why : "");
    return TEND_OK;
}

/* ---- the calls --------------------------------------------------------------------------------------------------------- */

static tend_status streams(host_state *host, char **words, int count, FILE *lines, tend_error *reterr)
{
    const tend_connector_ops *ops = host_capability(host, words[1], TEND_CONNECTOR, reterr);

    (void)count;
    (void)lines;
    return ops ? ops->streams(host->self, say_stream, NULL, reterr) : TEND_ENOTFOUND;
}

static tend_status pull(host_state *host, char **words, int count, FILE *lines, tend_error *reterr)
{
    const tend_connector_ops *ops = host_capability(host, words[1], TEND_CONNECTOR, reterr);
    hand_out out = {
        .out = { sizeof(tend_record_out), say_columns, say_record, say_tombstone, say_checkpoint, say_reject },
    };
    tend_pull request = { .size = sizeof request, .stream = words[2], .bookmark = count > 4 ? words[4] : NULL };
    char bookmark[4096] = "";
    tend_status status;

    (void)lines;
    if (!ops)
        return TEND_ENOTFOUND;
    for (int i = 4; i < count && strlen(bookmark) + strlen(words[i]) + 2 < sizeof bookmark; i++) /* it may hold blanks */
        (void)strcat(strcat(bookmark, i > 4 ? " " : ""), words[i]);
    if (request.bookmark)
        request.bookmark = bookmark;
    request.limit = out.limit = count > 3 ? strtoull(words[3], NULL, 10) : 0;
    status = ops->pull(host->self, &request, &out.out, reterr);
    return status == TEND_ECLOSED && out.limit > 0 && out.records >= out.limit ? TEND_OK : status;
}

/* `compute KPI [FROM TO]`: both days included; the year 2024 when none is written. */
static tend_status read_period(char **words, int count, tend_date *ret_from, tend_date *ret_to, tend_error *reterr)
{
    *ret_from = 19723; /* 2024-01-01 */
    *ret_to = 20088;   /* 2024-12-31 */
    if (count == 2)
        return TEND_OK;
    if (count != 4 || tend_date_parse(words[2], strlen(words[2]), ret_from) < 0 ||
        tend_date_parse(words[3], strlen(words[3]), ret_to) < 0 || *ret_from > *ret_to)
        return tend_fail(reterr, TEND_EINVAL,
                         "compute: the period is two days, the earlier first; write them like 2024-01-01 2024-12-31");
    return TEND_OK;
}

static tend_status compute(host_state *host, char **words, int count, FILE *lines, tend_error *reterr)
{
    const tend_kpi_ops *ops = host_capability(host, words[1], TEND_KPI, reterr);
    hand_batch given = { 0 };
    tend_ratio *values = NULL;
    tend_date from, to;
    tend_status status = ops ? read_period(words, count, &from, &to, reterr) : TEND_ENOTFOUND;

    if (status == TEND_OK)
        status = hand_batch_read(ops->inputs, from, to, lines, &given, reterr);
    if (status == TEND_OK && !(values = calloc(given.batch.accounts + 1, sizeof *values)))
        status = tend_fail(reterr, TEND_ENOMEM, "no memory for the values");
    if (status == TEND_OK)
        status = ops->compute(host->self, &given.batch, values, reterr);
    for (uint32_t i = 0; status >= 0 && i < given.batch.accounts; i++) {
        (void)printf("account %u: %lld/%lld\n", i + 1, (long long)values[i].numerator, (long long)values[i].denominator);
        if (ops->explain)
            status = ops->explain(host->self, &given.batch, i, say_part, NULL, reterr);
    }
    free(values);
    hand_batch_clear(&given);
    return status;
}

static tend_status deliver(host_state *host, char **words, int count, FILE *lines, tend_error *reterr)
{
    static const char *const classes[] = { "delivered", "retry later", "unauthorised", "refused", "broken" };
    const tend_sink_ops *ops = host_capability(host, words[1], TEND_SINK, reterr);
    char text[4096] = "";
    tend_message message = { .size = sizeof message,
                             .channel = "mail",
                             .to = words[2],
                             .subject = "by hand",
                             .text = text,
                             .language = "en",
                             .payload = "{}",
                             .created_at = host->now,
                             .attempt = 1 };
    int64_t retry_ms = 0;
    tend_delivery delivery;

    (void)lines;
    if (!ops)
        return TEND_ENOTFOUND;
    for (int i = 4; i < count && strlen(text) + strlen(words[i]) + 2 < sizeof text; i++)
        (void)strcat(strcat(text, i > 4 ? " " : ""), words[i]);
    delivery = ops->deliver(host->self, &message, words[3], &retry_ms, reterr);
    (void)printf("%s", delivery <= TEND_BROKEN ? classes[delivery] : "no such answer");
    if (delivery == TEND_RETRY_LATER)
        (void)printf(", after %lld ms", (long long)retry_ms);
    (void)printf("\n");
    return delivery == TEND_DELIVERED ? TEND_OK : TEND_ERROR;
}

static const struct {
    const char *name, *words;
    int least; /* words, its own included */
    tend_status (*run)(host_state *host, char **words, int count, FILE *lines, tend_error *reterr);
} calls[] = {
    { "streams", "CONNECTOR", 2, streams },
    { "pull", "CONNECTOR STREAM [LIMIT [BOOKMARK]]", 3, pull },
    { "compute", "KPI [FROM TO], then one line for each input: accounts between |, values between blanks, ? for not known", 2,
      compute },
    { "deliver", "SINK TO ONCE_KEY TEXT…", 4, deliver },
};

void host_by_hand_help(const host_state *host)
{
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++)
        (void)fprintf(stderr, "%s %s\n", calls[i].name, calls[i].words);
    (void)fprintf(stderr, "quit\ncapabilities of %s:", host->note.name);
    for (const tend_capability *capability = host->plugin->capabilities; capability->kind; capability++)
        (void)fprintf(stderr, " %s", capability->name);
    (void)fprintf(stderr, "\n");
}

bool host_by_hand_call(host_state *host, char **words, int count, FILE *lines)
{
    tend_error error = { 0 };
    tend_status status = TEND_EINVAL;
    size_t i = 0;

    while (i < sizeof calls / sizeof *calls && strcmp(calls[i].name, words[0]) != 0)
        i++;
    if (i == sizeof calls / sizeof *calls)
        (void)tend_fail(&error, status, "%s: there is no such call; there are streams, pull, compute and deliver", words[0]);
    else if (count < calls[i].least)
        (void)tend_fail(&error, status, "write: %s %s", calls[i].name, calls[i].words);
    else
        status = calls[i].run(host, words, count, lines, &error);
    if (status >= 0)
        (void)printf("ok\n");
    else
        (void)printf("failed %d: %s\n", status, error.text[0] ? error.text : "it gave no reason");
    (void)fflush(stdout);
    return status >= 0;
}
