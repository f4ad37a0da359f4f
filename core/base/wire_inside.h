/* wire_inside.h: what wire.c and wire_payload.c share. */
#ifndef TEND_BASE_WIRE_INSIDE_H
#define TEND_BASE_WIRE_INSIDE_H

#include "base/wire.h"

#define HEAD ((size_t)6) /* u32 length, u16 type; the length counts the type */
#define MOST_FDS 8       /* that the kernel may hand us in one call; more are closed by it */

struct tend_wire {
    int fd;
    char peer[64];

    tend_buffer out; /* frames that are held, and the one being built, heads included */
    size_t held;     /* bytes of the former */

    unsigned char *in; /* owned; read but not yet consumed bytes */
    size_t in_room;
    size_t in_start; /* of the frame that comes next */
    size_t in_end;
    struct {
        int fd;     /* owned */
        size_t end; /* of the bytes it came with, as an offset into `in`: it belongs to the last frame that begins before */
    } in_fds[MOST_FDS];
    int in_fd_count;
    bool reads_while_sending;
    bool waits_awake;

    tend_buffer aside; /* frames that came while another one was waited for; those from `aside_at` on are to come yet */
    size_t aside_at;

    const unsigned char *payload; /* of the received frame; points into `in` or `aside` */
    size_t payload_left;
    bool has_lied;
};

static inline void wire_store_le(unsigned char *at, uint64_t number, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++)
        at[i] = (unsigned char)(number >> (8 * i));
}

static inline uint64_t wire_load_le(const unsigned char *at, size_t bytes)
{
    uint64_t number = 0;

    for (size_t i = 0; i < bytes; i++)
        number |= (uint64_t)at[i] << (8 * i);
    return number;
}

/* Onto the frame that is being built. */
void wire_put_number(tend_wire *wire, uint64_t number, size_t bytes);

#endif
