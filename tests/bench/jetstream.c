/* jetstream.c: the work of bench_bus by a NATS JetStream: batches of 100 events told, read by a durable consumer, acknowledged.
 *
 * A round is 100 PUB that each ask for the stream's acknowledgement, all sent before the first is awaited; a request for 100
 * messages; one acknowledgement of the last of them, which stands for all (ack_policy all) and is confirmed. The stream is kept in
 * files. When the server writes to the disk is the server's business: see bench/run. */
#include "peer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LINE_ROOM = 1024 };

typedef struct message {
    char subject[LINE_ROOM], reply[LINE_ROOM];
    char first; /* of what it says */
} message;

static void tell(peer *nats, const char *subject, const char *reply, const char *words)
{
    char line[LINE_ROOM * 2];
    int length = snprintf(line, sizeof line, "PUB %s %s %zu\r\n%s\r\n", subject, reply, strlen(words), words);

    if (length < 0 || (size_t)length >= sizeof line)
        peer_die(nats, "a message is too long");
    peer_send(nats, line, (size_t)length);
}

/* "MSG subject sid [reply] bytes", then the bytes; "HMSG subject sid [reply] header total" likewise. */
static void take(peer *nats, message *ret_message)
{
    const char *line = peer_line(nats);

    while (strncmp(line, "MSG ", 4) != 0 && strncmp(line, "HMSG ", 5) != 0) {
        if (strncmp(line, "-ERR", 4) == 0)
            peer_die(nats, line);
        if (strcmp(line, "PING") == 0)
            peer_send(nats, "PONG\r\n", 6);
        line = peer_line(nats);
    }
    {
        char copy[LINE_ROOM], *words[8], *rest = copy;
        int count = 0;

        (void)snprintf(copy, sizeof copy, "%s", line);
        while (count < 8 && (words[count] = strtok_r(rest, " ", &rest)) != NULL)
            count++;
        (void)snprintf(ret_message->subject, LINE_ROOM, "%s", words[1]);
        (void)snprintf(ret_message->reply, LINE_ROOM, "%s", count == (line[0] == 'H' ? 6 : 5) ? words[3] : "");
        ret_message->first = *peer_block(nats, strtoul(words[count - 1], NULL, 10));
    }
}

/* A request to the server's own subjects; it answers with JSON, which has an error or not. */
static void ask(peer *nats, const char *subject, const char *words)
{
    tell(nats, subject, "inbox.api", words);
    for (;;) {
        const char *line = peer_line(nats);
        unsigned long length;

        if (strncmp(line, "-ERR", 4) == 0)
            peer_die(nats, line);
        if (strncmp(line, "MSG ", 4) != 0)
            continue;
        length = strtoul(strrchr(line, ' '), NULL, 10);
        line = peer_block(nats, length);
        if (strstr(line, "\"error\""))
            peer_die(nats, line);
        return;
    }
}

void jetstream_open(peer *nats, const char *where)
{
    static const char hello[] = "CONNECT {\"verbose\":false,\"pedantic\":false,\"headers\":true,\"no_responders\":true}\r\n"
                                "SUB inbox.* 1\r\nPING\r\n";

    peer_open(nats, "jetstream", where);
    (void)peer_line(nats); /* INFO */
    peer_send(nats, hello, sizeof hello - 1);
    while (strcmp(peer_line(nats), "PONG") != 0)
        ;
    ask(nats, "$JS.API.STREAM.CREATE.EVENTS",
        "{\"name\":\"EVENTS\",\"subjects\":[\"events\"],\"storage\":\"file\",\"retention\":\"limits\",\"max_consumers\":-1,"
        "\"max_msgs\":-1,\"max_bytes\":-1,\"num_replicas\":1}");
    ask(nats, "$JS.API.CONSUMER.DURABLE.CREATE.EVENTS.bench",
        "{\"stream_name\":\"EVENTS\",\"config\":{\"durable_name\":\"bench\",\"ack_policy\":\"all\",\"deliver_policy\":\"all\","
        "\"max_ack_pending\":1000}}");
}

void jetstream_round(peer *nats)
{
    static char batch[PEER_ROOM];
    message taken = { .first = 0 };
    size_t length = 0;

    for (int i = 0; i < BATCH; i++)
        length += (size_t)snprintf(batch + length, sizeof batch - length, "PUB events inbox.told %zu\r\n%s\r\n",
                                   sizeof peer_event - 1, peer_event);
    peer_send(nats, batch, length);
    for (int i = 0; i < BATCH; i++) {
        take(nats, &taken);
        if (strcmp(taken.subject, "inbox.told") != 0 || taken.first != '{')
            peer_die(nats, "did not take the batch");
    }
    tell(nats, "$JS.API.CONSUMER.MSG.NEXT.EVENTS.bench", "inbox.read", "{\"batch\":100,\"expires\":10000000000}");
    for (int i = 0; i < BATCH; i++) {
        take(nats, &taken);
        if (strcmp(taken.subject, "events") != 0 || taken.first != peer_event[0])
            peer_die(nats, "did not hand out the batch");
    }
    tell(nats, taken.reply, "inbox.done", "+ACK");
    take(nats, &taken);
    if (strcmp(taken.subject, "inbox.done") != 0)
        peer_die(nats, "did not confirm the acknowledgement");
}
