/* wire.h: messages between tend and its two helper programs, over a socket pair.
 *
 * A frame is u32 length (of what follows), u16 type, payload. Integers are little-endian. At most TEND_WIRE_MAX bytes a frame.
 * A frame may carry one file descriptor (SCM_RIGHTS): columns and batches cross as sealed memfds. The reader checks every
 * length before it believes it; a payload that lies is TEND_ECORRUPT, never a crash. One thread per end. */
#ifndef TEND_BASE_WIRE_H
#define TEND_BASE_WIRE_H

#include "base/buffer.h"
#include <stdint.h>
#include <tend/status.h>
#include <tend/value.h>

#define TEND_WIRE_MAX (16u << 20)

typedef struct tend_wire tend_wire;

/* Takes `fd` over (a connected SOCK_STREAM), also when it fails. `peer` names the other side in messages; copied. */
tend_status tend_wire_open(int fd, const char *peer, tend_wire **ret_wire, tend_error *reterr);
void tend_wire_close(tend_wire *wire);   /* accepts NULL */
int tend_wire_fd(const tend_wire *wire); /* borrowed, for poll */

/* Building: start, put…, send. The buffer is the wire's own. `fd_to_pass` is -1 or borrowed. */
void tend_wire_start(tend_wire *wire, uint16_t type);
void tend_wire_put_u8(tend_wire *wire, uint8_t number);
void tend_wire_put_u32(tend_wire *wire, uint32_t number);
void tend_wire_put_i64(tend_wire *wire, int64_t number);
void tend_wire_put_text(tend_wire *wire, const char *text, size_t length); /* u32 length + bytes + NUL */
void tend_wire_put_string(tend_wire *wire, const char *text);              /* NULL is written as "" */
void tend_wire_put_value(tend_wire *wire, const tend_value *value);
tend_status tend_wire_send(tend_wire *wire, int fd_to_pass, tend_error *reterr); /* waits while the peer is slow */
/* As send, but it goes with the next one that is sent, before it: for who says several things in a row. */
tend_status tend_wire_hold(tend_wire *wire, tend_error *reterr);
size_t tend_wire_held(const tend_wire *wire);                     /* bytes, with the frame that is being built */
tend_status tend_wire_flush(tend_wire *wire, tend_error *reterr); /* sends what is held, if anything */
/* From now on what the peer says is read while we wait to send, so that two who send at the same time both go on. What was received
 * before is not valid any more after a send. */
void tend_wire_read_while_sending(tend_wire *wire);
/* For ends that take turns, so that the answer to what was sent is all that the other one is at: who receives looks for it a moment
 * awake before it sleeps (base/spin.h). Where several are at work at once, it would take the processor from them. */
void tend_wire_wait_awake(tend_wire *wire);
/* False: a small message would have to wait, for the peer has left very many unread. */
bool tend_wire_has_room(tend_wire *wire);

/* One frame in. Waits until deadline_ms from now (-1: for ever): TEND_ELIMIT when it passes, TEND_ECLOSED when the peer is gone.
 * The payload stays valid until the next receive. *ret_fd (may be NULL) is owned by the caller, or -1. */
tend_status tend_wire_receive(tend_wire *wire, int deadline_ms, uint16_t *ret_type, int *ret_fd, tend_error *reterr);
/* The next frame of this type; those that come before it are kept for tend_wire_receive, without descriptors. */
tend_status tend_wire_receive_only(tend_wire *wire, uint16_t type, tend_error *reterr);
bool tend_wire_has_frame(const tend_wire *wire); /* a whole frame is buffered: receive will not wait */

/* Reading the received payload in order. After the first lie all give zeros and tend_wire_done tells. */
uint8_t tend_wire_get_u8(tend_wire *wire);
uint32_t tend_wire_get_u32(tend_wire *wire);
int64_t tend_wire_get_i64(tend_wire *wire);
const char *tend_wire_get_text(tend_wire *wire, size_t *ret_length); /* borrowed, NUL-terminated; "" after a lie */
tend_value tend_wire_get_value(tend_wire *wire);                     /* text borrowed from the payload */
tend_status tend_wire_done(tend_wire *wire, tend_error *reterr);     /* TEND_ECORRUPT if anything was short or left over */

#endif
