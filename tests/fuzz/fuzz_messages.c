/* What a program writes for connector/command: lines that become records, tombstones and bookmarks, or rejects. */
#include "../../plugins/connector/command/messages.h"
#include "fuzz.h"

typedef struct taker {
    tend_record_out out; /* first: the calls get a pointer to it */
    uint32_t columns;
    uint64_t line;
} taker;

static taker *taker_of(tend_record_out *out)
{
    return (taker *)(void *)out;
}

static void look_at_cells(const tend_cell *cells, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        FUZZ_EXPECT(!cells[i].text || cells[i].text[cells[i].length] == '\0', "a cell without its NUL");
}

static tend_status take_columns(tend_record_out *out, const char *const *names, uint32_t count, const char *const *key)
{
    FUZZ_EXPECT(count >= taker_of(out)->columns, "fewer columns than before");
    taker_of(out)->columns = count;
    for (uint32_t i = 0; i < count; i++) {
        for (uint32_t j = 0; j < i; j++)
            FUZZ_EXPECT(strcmp(names[i], names[j]) != 0, "column %s twice", names[i]);
    }
    for (; key && *key; key++)
        FUZZ_EXPECT(strlen(*key) < 1 << 20, "a key without end");
    return TEND_OK;
}

static tend_status take_record(tend_record_out *out, const tend_cell *cells, uint32_t count, uint64_t line, tend_time modified_at)
{
    (void)modified_at;
    FUZZ_EXPECT(count <= taker_of(out)->columns, "more cells than columns");
    FUZZ_EXPECT(line > taker_of(out)->line, "line %llu again", (unsigned long long)line);
    taker_of(out)->line = line;
    look_at_cells(cells, count);
    return TEND_OK;
}

static tend_status take_tombstone(tend_record_out *out, const tend_cell *key, uint32_t count, tend_time removed_at)
{
    (void)out;
    (void)removed_at;
    look_at_cells(key, count);
    return TEND_OK;
}

static tend_status take_checkpoint(tend_record_out *out, const char *bookmark, size_t length)
{
    (void)out;
    FUZZ_EXPECT(bookmark && length <= 64 << 10, "a bookmark of %zu bytes", length);
    return TEND_OK;
}

static tend_status take_reject(tend_record_out *out, uint64_t line, const char *column, const char *value, size_t length,
                               const char *reason)
{
    (void)out;
    (void)column;
    FUZZ_EXPECT(line > 0 && reason && *reason && (value || length == 0), "a reject without line or reason");
    return TEND_OK;
}

static void no_log(const tend_host *host, tend_level level, const char *message)
{
    (void)host;
    (void)level;
    FUZZ_EXPECT(message && *message, "nothing to say");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const tend_host host = { .size = sizeof host, .log = no_log };
    taker taken = { .out = { sizeof taken.out, take_columns, take_record, take_tombstone, take_checkpoint, take_reject } };
    message_run run = { .host = &host, .stream = "accounts", .out = &taken.out };
    char *text = fuzz_text(data, size);
    tend_status status = TEND_OK;

    for (size_t at = 0; at < size && status == TEND_OK;) {
        const char *end = memchr(text + at, '\n', size - at);
        const size_t length = end ? (size_t)(end - text) - at : size - at;
        char *line = fuzz_text(data + at, length);

        status = messages_take(&run, line, length, false);
        free(line);
        at += length + 1;
    }
    messages_clear(&run);
    free(text);
    return 0;
}
