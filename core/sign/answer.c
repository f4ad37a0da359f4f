/* answer.c: whether signatures are right, for tend. */
#include "sign/sign.h"

#include <signal.h>
#include <stdlib.h>

#define WAITS_MS 600000
enum { MOST_KEYS = 200 };

static bool say(tend_wire *wire, tend_status status, const tend_error *why, const char *name)
{
    tend_error lost;

    tend_wire_start(wire, TEND_SIGN_DONE);
    tend_wire_put_i64(wire, status);
    tend_wire_put_string(wire, status < 0 ? why->text : "");
    tend_wire_put_string(wire, name);
    return tend_wire_send(wire, -1, &lost) == TEND_OK;
}

static tend_status take_keys(tend_wire *wire, sign_key **ret_keys, size_t *ret_count, tend_error *reterr)
{
    uint32_t protocol = tend_wire_get_u32(wire), count = tend_wire_get_u32(wire);
    sign_key *keys;
    tend_status status = TEND_OK;

    if (protocol != TEND_SIGN_PROTOCOL)
        return tend_fail(reterr, TEND_EVERSION, "tend-sign: it is of another version than tend; install both from one package");
    if (count > MOST_KEYS)
        return tend_fail(reterr, TEND_ELIMIT, "[plugins] trusted_keys: more than %d keys", MOST_KEYS);
    keys = calloc(count + 1, sizeof *keys);
    if (!keys)
        return tend_fail(reterr, TEND_ENOMEM, "tend-sign: no memory for the keys");
    for (uint32_t i = 0; i < count && status == TEND_OK; i++) {
        const char *place = tend_wire_get_text(wire, NULL);
        size_t length;
        const char *text = tend_wire_get_text(wire, &length);

        status = sign_key_read(text, length, place, false, &keys[i], reterr);
    }
    if (status == TEND_OK)
        status = tend_wire_done(wire, reterr);
    if (status < 0) {
        free(keys);
        return status;
    }
    *ret_keys = keys;
    *ret_count = count;
    return TEND_OK;
}

static bool check_one(tend_wire *wire, const sign_key *keys, size_t count)
{
    size_t manifest_length, signature_length;
    const char *place = tend_wire_get_text(wire, NULL);
    const char *manifest = tend_wire_get_text(wire, &manifest_length);
    const char *signature = tend_wire_get_text(wire, &signature_length);
    const sign_key *key = NULL;
    tend_error error = { 0 };
    tend_status status = tend_wire_done(wire, &error);

    if (status == TEND_OK)
        status = sign_check(keys, count, manifest, manifest_length, signature, signature_length, place, &key, &error);
    return say(wire, status, &error, key ? key->name : "");
}

int sign_answer(void)
{
    tend_wire *wire = NULL;
    sign_key *keys = NULL;
    size_t count = 0;
    uint16_t type;
    tend_error error = { 0 };
    tend_status status;

    (void)signal(SIGPIPE, SIG_IGN);
    if (tend_wire_open(3, "tend", &wire, &error) < 0)
        return 3;
    status = tend_wire_receive(wire, WAITS_MS, &type, NULL, &error);
    if (status == TEND_OK && type != TEND_SIGN_HELLO)
        status = tend_fail(&error, TEND_ECORRUPT, "tend-sign: tend began with something else than its keys");
    if (status == TEND_OK)
        status = take_keys(wire, &keys, &count, &error);
    if (!say(wire, status, &error, ""))
        status = TEND_ECLOSED;
    while (status == TEND_OK && tend_wire_receive(wire, WAITS_MS, &type, NULL, &error) == TEND_OK && type == TEND_SIGN_CHECK)
        if (!check_one(wire, keys, count))
            break;
    free(keys);
    tend_wire_close(wire);
    return status == TEND_OK ? 0 : 3;
}
