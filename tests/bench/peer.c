/* peer.c: a socket to another program. */
#include "peer.h"

#include <arpa/inet.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

_Noreturn void peer_die(const peer *from, const char *what)
{
    (void)fprintf(stderr, "bench_bus: %s: %s\n", from->name, what);
    exit(1);
}

void peer_open(peer *to, const char *name, const char *where)
{
    struct sockaddr_un local = { .sun_family = AF_UNIX };
    struct sockaddr_in loopback = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    bool is_path = where[0] == '/';
    int failed;

    to->name = name;
    to->at = to->end = 0;
    to->socket = socket(is_path ? AF_UNIX : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    (void)snprintf(local.sun_path, sizeof local.sun_path, "%s", where);
    loopback.sin_port = htons((uint16_t)atoi(where));
    failed = is_path ? connect(to->socket, (struct sockaddr *)&local, sizeof local)
                     : connect(to->socket, (struct sockaddr *)&loopback, sizeof loopback);
    if (to->socket < 0 || failed)
        peer_die(to, "cannot be reached");
}

void peer_close(peer *to)
{
    (void)close(to->socket);
}

void peer_send(peer *to, const char *bytes, size_t length)
{
    while (length > 0) {
        ssize_t sent = send(to->socket, bytes, length, MSG_NOSIGNAL);

        if (sent <= 0)
            peer_die(to, "is gone");
        bytes += sent;
        length -= (size_t)sent;
    }
}

static void fill(peer *from)
{
    ssize_t got;

    if (from->at > 0)
        memmove(from->bytes, from->bytes + from->at, from->end - from->at);
    from->end -= from->at;
    from->at = 0;
    if (from->end == PEER_ROOM)
        peer_die(from, "says more than was expected");
    got = recv(from->socket, from->bytes + from->end, PEER_ROOM - from->end, 0);
    if (got <= 0)
        peer_die(from, "is gone");
    from->end += (size_t)got;
}

const char *peer_line(peer *from)
{
    for (;;) {
        char *begin = from->bytes + from->at, *end = memmem(begin, from->end - from->at, "\r\n", 2);

        if (end) {
            *end = '\0';
            from->at = (size_t)(end + 2 - from->bytes);
            return begin;
        }
        fill(from);
    }
}

const char *peer_block(peer *from, size_t length)
{
    while (from->end - from->at < length + 2)
        fill(from);
    from->bytes[from->at + length] = '\0';
    from->at += length + 2;
    return from->bytes + from->at - length - 2;
}
