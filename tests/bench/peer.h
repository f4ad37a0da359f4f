/* peer.h: the other programs that bench_bus gives its work to: a socket each, lines and blocks read from it. A fault ends the
 * program with a sentence. For benchmarks only. */
#ifndef TEND_BENCH_PEER_H
#define TEND_BENCH_PEER_H

#include <stddef.h>

enum { BATCH = 100, PEER_ROOM = 1 << 16 };

/* What an event of the bus says, as one text. */
static const char peer_event[] = "ticket.opened 9 17 17 4 4 0 1 0 0 0 1767225600000";

typedef struct peer {
    int socket;
    const char *name; /* begins messages */
    char bytes[PEER_ROOM];
    size_t at, end;
} peer;

_Noreturn void peer_die(const peer *from, const char *what);
/* `where`: the path of a socket, or a port of the loopback. */
void peer_open(peer *to, const char *name, const char *where);
void peer_close(peer *to);
void peer_send(peer *to, const char *bytes, size_t length);
/* The next line without its end; `length` bytes and the end of the line behind them. Borrowed until the next call. */
const char *peer_line(peer *from);
const char *peer_block(peer *from, size_t length);

/* redis.c: rounds of 100 events each. */
void redis_open(peer *redis, const char *where);
void redis_round(peer *redis);          /* step by step: each answer is awaited before the next is asked */
void redis_round_together(peer *redis); /* one pipeline; what was read is acknowledged with the next batch */

/* jetstream.c */
void jetstream_open(peer *nats, const char *where);
void jetstream_round(peer *nats);

#endif
