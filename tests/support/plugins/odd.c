/* odd.c: a plugin that does what it is told, good and bad, for the tests of the border. */
#include <tend/plugin.h>

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <unistd.h>

static const tend_host *host;

static tend_status odd_open(const tend_host *table, void **ret_self, tend_error *reterr)
{
    const char *mood = table->setting(table, "mood");

    (void)ret_self;
    host = table;
    if (mood && strcmp(mood, "sulk") == 0)
        return tend_fail(reterr, TEND_EINVAL, "odd: mood: it will not open with the secret %s", table->setting(table, "secret"));
    return TEND_OK;
}

static tend_status odd_streams(void *self, tend_status (*put)(void *out, const tend_stream *stream), void *out, tend_error *reterr)
{
    (void)self;
    (void)reterr;
    for (uint32_t i = 0; host->setting_at(host, "names", i); i++) {
        tend_status status = put(out, &(tend_stream){ .name = host->setting_at(host, "names", i), .about = "as given" });

        if (status < 0)
            return status;
    }
    return TEND_OK;
}

static tend_status echo(const tend_pull *request, tend_record_out *out)
{
    static const char *const names[] = { "a", "b", NULL }, *const key[] = { "a", NULL };
    char number[20];
    uint64_t first = request->bookmark ? strtoull(request->bookmark, NULL, 10) : 0;
    tend_status status = out->columns(out, names, 2, key);

    for (uint64_t i = first; status == TEND_OK && i < 25000; i++) {
        int length = snprintf(number, sizeof number, "%llu", (unsigned long long)i);
        tend_cell cells[] = { { .text = number, .length = (size_t)length },
                              { .text = i % 2 ? "odd" : NULL, .length = i % 2 ? 3 : 0 } };

        status = out->record(out, cells, 2, i + 1, (tend_time)(1000 + i));
        if (status == TEND_OK && i % 10000 == 9999) {
            length = snprintf(number, sizeof number, "%llu", (unsigned long long)i + 1);
            status = out->checkpoint(out, number, (size_t)length);
        }
    }
    if (status == TEND_OK)
        status = out->tombstone(out, &(tend_cell){ .text = "7", .length = 1 }, 1, 42);
    return status == TEND_OK ? out->reject(out, 9, "b", "x", 1, "told to") : status;
}

/* Every other record is larger than what is handed over at once. */
static tend_status alternate(tend_record_out *out)
{
    static const char *const names[] = { "n", "text", NULL };
    const size_t length = 300000;
    char number[20], *text = malloc(length);
    tend_status status = text ? out->columns(out, names, 2, NULL) : TEND_ENOMEM;

    for (uint64_t i = 0; status == TEND_OK && i < 20; i++) {
        const int digits = snprintf(number, sizeof number, "%llu", (unsigned long long)i);
        tend_cell cells[] = { { .text = number, .length = (size_t)digits }, { .text = text, .length = i % 2 ? length : 1 } };

        memset(text, 'x', length);
        status = out->record(out, cells, 2, i, TEND_NO_TIME);
    }
    free(text);
    return status;
}

/* Names its columns the other way round on the way. */
static tend_status turn(tend_record_out *out)
{
    static const char *const names[] = { "id", "name", "city", NULL }, *const turned[] = { "id", "city", "name", NULL };
    tend_cell cells[] = { { .text = "K1", .length = 2 }, { .text = "Acme", .length = 4 }, { .text = "Seoul", .length = 5 } };
    tend_status status = out->columns(out, names, 3, NULL);

    if (status == TEND_OK)
        status = out->record(out, cells, 3, 1, TEND_NO_TIME);
    if (status == TEND_OK)
        status = out->columns(out, turned, 3, NULL);
    cells[0].text = "K2";
    return status == TEND_OK ? out->record(out, cells, 3, 2, TEND_NO_TIME) : status;
}

/* Frames of the wire that name blocks of shared memory: `bytes` of the next one. */
static void name_blocks(uint32_t bytes, uint64_t count)
{
    const unsigned char frame[] = { 6,
                                    0,
                                    0,
                                    0,
                                    82,
                                    0,
                                    (unsigned char)bytes,
                                    (unsigned char)(bytes >> 8),
                                    (unsigned char)(bytes >> 16),
                                    (unsigned char)(bytes >> 24) };

    while (count-- > 0 && write(3, frame, sizeof frame) == (ssize_t)sizeof frame)
        ;
}

/* Each forbidden thing as a record: its name, and "yes" where it worked. */
static tend_status try_rights(tend_record_out *out)
{
    static const char *const names[] = { "right", "works", NULL };
    int file = open("/etc/passwd", O_RDONLY), wire = socket(AF_INET, SOCK_STREAM, 0);
    const struct {
        const char *name;
        bool works;
    } tries[] = {
        { "files", file >= 0 },
        { "network", wire >= 0 },
        { "programs", system("exit 7") == 7 << 8 },
        { "ptrace", ptrace(PTRACE_TRACEME, 0, NULL, NULL) == 0 },
    };
    tend_status status = out->columns(out, names, 2, NULL);

    for (size_t i = 0; status == TEND_OK && i < sizeof tries / sizeof *tries; i++) {
        const char *works = tries[i].works ? "yes" : "no";
        tend_cell cells[] = { { .text = tries[i].name, .length = strlen(tries[i].name) },
                              { .text = works, .length = strlen(works) } };

        status = out->record(out, cells, 2, 0, TEND_NO_TIME);
    }
    return status;
}

static tend_status odd_pull(void *self, const tend_pull *request, tend_record_out *out, tend_error *reterr)
{
    (void)self;
    if (strcmp(request->stream, "echo") == 0)
        return echo(request, out);
    if (strcmp(request->stream, "rights") == 0)
        return try_rights(out);
    if (strcmp(request->stream, "crash") == 0)
        (void)raise(SIGSEGV);
    if (strcmp(request->stream, "leave") == 0)
        exit(0);
    if (strcmp(request->stream, "lie") == 0)
        (void)!write(3, "this is no frame of ours at all", 31);
    if (strcmp(request->stream, "turn") == 0)
        return turn(out);
    if (strcmp(request->stream, "alternate") == 0)
        return alternate(out);
    if (strcmp(request->stream, "nothing in it") == 0)
        name_blocks(100, 1);
    if (strcmp(request->stream, "too long") == 0)
        name_blocks(200000, 1);
    if (strcmp(request->stream, "deaf") == 0)
        name_blocks(0, UINT64_MAX);
    if (strcmp(request->stream, "tell") == 0)
        host->log(host, TEND_LEVEL_WARN, host->setting(host, "secret"));
    if (strcmp(request->stream, "huge") == 0) {
        static const char *const names[] = { "a", NULL };
        size_t length = (size_t)9 << 20;
        char *text = calloc(1, length + 1);

        memset(text, 'x', length);
        (void)out->columns(out, names, 1, NULL);
        return out->record(out, &(tend_cell){ .text = text, .length = length }, 1, 3, TEND_NO_TIME);
    }
    if (strcmp(request->stream, "garbled") == 0) {
        static const char *const names[] = { "a", NULL };

        (void)out->columns(out, names, 1, NULL);
        return out->record(out, &(tend_cell){ .text = "\xC0\xAF", .length = 2 }, 1, 5, TEND_NO_TIME);
    }
    while (strcmp(request->stream, "hang") == 0)
        (void)pause();
    while (strcmp(request->stream, "work") == 0 && !host->is_cancelled(host))
        (void)usleep(1000);
    return tend_fail(reterr, TEND_EAUTH, "odd: the stream %s is not for us", request->stream);
}

/* Sum of the column; the denominator is how many values there were. */
static tend_status odd_compute(void *self, const tend_batch *batch, tend_ratio *ret_values, tend_error *reterr)
{
    const int64_t *values = tend_column_int(batch, 0);
    const uint32_t *starts = tend_column_starts(batch, 0);

    (void)self;
    (void)reterr;
    for (uint32_t i = 0; i < batch->accounts; i++)
        for (uint32_t row = starts[i]; row < starts[i + 1]; row++) {
            bool is_counted = strcmp(batch->columns[1].words[tend_column_int(batch, 1)[i]], "counted") == 0;

            ret_values[i].numerator += is_counted ? values[row] : 0;
            ret_values[i].denominator += is_counted;
        }
    return TEND_OK;
}

static tend_status odd_explain(void *self, const tend_batch *batch, uint32_t account,
                               tend_status (*put)(void *out, const tend_part *part), void *out, tend_error *reterr)
{
    const uint32_t *starts = tend_column_starts(batch, 0);
    tend_status status = TEND_OK;

    (void)self;
    (void)reterr;
    for (uint32_t row = starts[account]; status == TEND_OK && row < starts[account + 1]; row++)
        status = put(out, &(tend_part){ 0, row, tend_column_int(batch, 0)[row], 1, "a value" });
    return status;
}

static tend_status odd_interval(void *self, const tend_ratio *sum, const int64_t *parts, uint32_t part_count, int64_t *ret_low,
                                int64_t *ret_high, tend_error *reterr)
{
    (void)self;
    (void)reterr;
    *ret_low = sum->numerator - sum->denominator;
    *ret_high = sum->numerator + (part_count > 0 ? parts[part_count - 1] : 0);
    return TEND_OK;
}

static tend_delivery odd_deliver(void *self, const tend_message *message, const char *once_key, int64_t *ret_retry_ms,
                                 tend_error *reterr)
{
    (void)self;
    if (strcmp(message->to, "crash") == 0)
        abort();
    if (strcmp(message->to, "later") == 0) {
        *ret_retry_ms = 1500;
        (void)tend_fail(reterr, TEND_EBUSY, "odd: %s is busy with %s", message->to, once_key);
        return TEND_RETRY_LATER;
    }
    return TEND_DELIVERED;
}

static const tend_connector_ops connector = { .size = sizeof connector, .streams = odd_streams, .pull = odd_pull };
static const tend_input inputs[] = { { "usage.seats", TEND_ALL }, { "account.mark", TEND_LATEST }, { 0 } };
static const tend_kpi_ops sum = {
    .size = sizeof sum,
    .unit = TEND_UNIT_COUNT,
    .higher_is_better = true,
    .version = 3,
    .inputs = inputs,
    .formula = "sum of seats",
    .source = "made up",
    .compute = odd_compute,
    .explain = odd_explain,
    .interval = odd_interval,
};
static const tend_sink_ops sink = { .size = sizeof sink, .deliver = odd_deliver };
static const tend_option settings[] = {
    { "mood", TEND_OPTION_TEXT, NULL, "how it feels", false, false },
    { "secret", TEND_OPTION_TEXT, NULL, "never shown", true, false },
    { "names", TEND_OPTION_LIST, "one, two", "streams", false, false },
    { "patience", TEND_OPTION_DURATION, "2 s", "for nothing", false, false },
    { 0 },
};
static const tend_capability capabilities[] = {
    { TEND_CONNECTOR, "odd", "does what the stream's name says", &connector },
    { TEND_KPI, "odd_sum", "a sum", &sum },
    { TEND_SINK, "odd_sink", "a drain", &sink },
    { 0 },
};
#define PLUGIN_OF(name, ...) TEND_PLUGIN(name, __VA_ARGS__) /* the name must be replaced before it becomes a text */
PLUGIN_OF(ODD_NAME, "1.2.3", TEND_PROVIDES_CONNECTOR | TEND_PROVIDES_KPI | TEND_PROVIDES_SINK, ODD_NEEDS,
          .summary = "Does what it is told", .settings = settings, .capabilities = capabilities, .open = odd_open)
