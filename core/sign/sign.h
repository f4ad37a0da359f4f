/* sign.h: keys, and what is signed with them. Private to tend-sign, the only program that knows libsodium.
 *
 * A key file is a text of five lines. Whoever has NAME.key can sign; NAME.pub is given to those who check:
 *
 *     # public key of tend-sign
 *     name = acme
 *     id = 16 hex digits: the first 8 bytes of the SHA-256 of the public key
 *     made = 2026-11-23
 *     public = 64 hex digits                    (in NAME.key: secret = the 64 hex digits of the Ed25519 seed)
 */
#ifndef TEND_SIGN_SIGN_H
#define TEND_SIGN_SIGN_H

#include "base/arena.h"
#include "base/manifest.h"
#include "base/sign_wire.h"
#include <sodium.h>

enum { SIGN_KEY_FILE_MAX = 4096 };

typedef struct sign_key {
    char name[64], id[TEND_KEY_ID_ROOM], made[11];
    unsigned char public[crypto_sign_PUBLICKEYBYTES];
    unsigned char secret[crypto_sign_SECRETKEYBYTES]; /* only of a secret key; wiped by sign_key_clear */
    bool is_secret;
} sign_key;

/* key.c */
bool sign_is_name(const char *name); /* [a-z0-9][a-z0-9._-]{0,62} */
tend_status sign_key_make(const char *name, const char *made, sign_key *ret_key, tend_error *reterr);
void sign_key_clear(sign_key *key);
/* The text of NAME.key or NAME.pub. */
void sign_key_write(const sign_key *key, bool is_secret, char ret_text[static SIGN_KEY_FILE_MAX]);
/* A key file, public or secret as `is_secret` asks for; TEND_ECORRUPT with the line that is wrong. */
tend_status sign_key_read(const char *text, size_t length, const char *place, bool is_secret, sign_key *ret_key,
                          tend_error *reterr);

/* signature.c: a signature is one line of 128 hex digits. */
void sign_text(const sign_key *key, const char *text, size_t length, char ret_signature[static TEND_SIGNATURE_ROOM]);
/* Whether `signature` is that of one of `keys` over `manifest`: *ret_key is the one. TEND_ECORRUPT, or TEND_EDENIED when the key
 * is none of them. `place` names the plugin. */
tend_status sign_check(const sign_key *keys, size_t count, const char *manifest, size_t manifest_length, const char *signature,
                       size_t signature_length, const char *place, const sign_key **ret_key, tend_error *reterr);

/* answer.c: for tend, over fd 3. Returns the exit status. */
int sign_answer(void);

/* by_hand.c: one plugin of a person's */
tend_status sign_plugin(const sign_key *key, const char *path, tend_error *reterr);
tend_status sign_look(const sign_key *keys, size_t count, const char *path, const sign_key **ret_key, tend_manifest *ret_manifest,
                      tend_error *reterr);

#endif
