/* sign_wire.h: what tend and tend-sign say to each other, in frames of wire.h, when tend asks whether signatures are right.
 *
 * tend starts `tend-sign --answer` with one end of a socket pair as its fd 3. It hands over every file of public keys first; then
 * each manifest gets one answer. tend-sign reads no file meanwhile: what it judges are the very bytes that tend holds. */
#ifndef TEND_BASE_SIGN_WIRE_H
#define TEND_BASE_SIGN_WIRE_H

#include "base/wire.h"

#define TEND_SIGN_PROTOCOL 1u

typedef enum tend_sign_message {
    /* tend → tend-sign */
    TEND_SIGN_HELLO =
        1,           /* u32 protocol, u32 count, count × (string place, text content) → DONE: a fault of a key file is the end */
    TEND_SIGN_CHECK, /* string place of the plugin, text manifest, text signature → DONE, with the name of the key */

    /* tend-sign → tend */
    TEND_SIGN_DONE = 64 /* i64 tend_status, string sentence ("" when it went well), string name of the key */
} tend_sign_message;

#endif
