/* redis.c: the work of bench_bus by a Redis stream: batches of 100 events told, read by a consumer of a group and acknowledged.
 *
 * A round is MULTI, 100 XADD, EXEC; XREADGROUP of 100; XACK of the 100. An event is one field with one text, which is the cheapest
 * for the stream. The server says how durable that is: bench/run starts it with appendonly yes and appendfsync always. */
#include "peer.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ID_ROOM = 48 };

static char ids[BATCH][ID_ROOM]; /* of what was read last */
static bool has_ids;

typedef struct text {
    char bytes[PEER_ROOM];
    size_t length;
} text;

static text commands;

static void add(text *to, const char *word)
{
    to->length += (size_t)snprintf(to->bytes + to->length, sizeof to->bytes - to->length, "$%zu\r\n%s\r\n", strlen(word), word);
}

static void add_command(text *to, int count)
{
    to->length += (size_t)snprintf(to->bytes + to->length, sizeof to->bytes - to->length, "*%d\r\n", count);
}

static void add_words(text *to, const char *const *words)
{
    int count = 0;

    while (words[count])
        count++;
    add_command(to, count);
    for (int i = 0; i < count; i++)
        add(to, words[i]);
}

/* One answer of any shape; of a stream's entries the ids are kept, *ret_ids how many. Returns how long the list is. */
static long take(peer *from, size_t *ret_ids)
{
    const char *line = peer_line(from);
    long count = strtol(line + 1, NULL, 10);
    char kind = line[0];

    if (kind == '-')
        peer_die(from, line);
    if (kind == '$' && count >= 0) {
        const char *block = peer_block(from, (size_t)count);

        /* Ids are the only texts of this form: milliseconds, a dash, a number. */
        if (ret_ids && *ret_ids < BATCH && count < ID_ROOM && strspn(block, "0123456789-") == (size_t)count && strchr(block, '-'))
            (void)snprintf(ids[(*ret_ids)++], ID_ROOM, "%s", block);
    }
    for (long i = 0; kind == '*' && i < count; i++)
        (void)take(from, ret_ids);
    return kind == '*' ? count : 0;
}

static void add_batch(text *to)
{
    add_words(to, (const char *[]){ "MULTI", NULL });
    for (int i = 0; i < BATCH; i++)
        add_words(to, (const char *[]){ "XADD", "events", "*", "e", peer_event, NULL });
    add_words(to, (const char *[]){ "EXEC", NULL });
}

static void add_read(text *to)
{
    add_words(to, (const char *[]){ "XREADGROUP", "GROUP", "bench", "one", "COUNT", "100", "STREAMS", "events", ">", NULL });
}

static void add_done(text *to)
{
    add_command(to, 3 + BATCH);
    add(to, "XACK");
    add(to, "events");
    add(to, "bench");
    for (int i = 0; i < BATCH; i++)
        add(to, ids[i]);
}

static void take_batch(peer *redis)
{
    for (int i = 0; i < BATCH + 1; i++)
        (void)take(redis, NULL);
    if (take(redis, NULL) != BATCH)
        peer_die(redis, "did not take the batch");
}

static void take_read(peer *redis)
{
    size_t count = 0;

    (void)take(redis, &count);
    if (count != BATCH)
        peer_die(redis, "did not hand out the batch");
}

static void flush(peer *redis)
{
    peer_send(redis, commands.bytes, commands.length);
    commands.length = 0;
}

void redis_round(peer *redis)
{
    add_batch(&commands);
    flush(redis);
    take_batch(redis);
    add_read(&commands);
    flush(redis);
    take_read(redis);
    add_done(&commands);
    flush(redis);
    (void)take(redis, NULL);
    has_ids = false;
}

void redis_round_together(peer *redis)
{
    bool is_done_too = has_ids;

    add_batch(&commands);
    if (is_done_too)
        add_done(&commands);
    add_read(&commands);
    flush(redis);
    take_batch(redis);
    if (is_done_too)
        (void)take(redis, NULL);
    take_read(redis);
    has_ids = true;
}

void redis_open(peer *redis, const char *where)
{
    peer_open(redis, "redis", where);
    add_words(&commands, (const char *[]){ "XGROUP", "CREATE", "events", "bench", "0", "MKSTREAM", NULL });
    flush(redis);
    (void)take(redis, NULL);
}
