/* signature.c: the signature of a manifest. */
#include "sign/sign.h"

#include <string.h>

void sign_text(const sign_key *key, const char *text, size_t length, char ret_signature[static TEND_SIGNATURE_ROOM])
{
    unsigned char bytes[crypto_sign_BYTES];

    (void)crypto_sign_detached(bytes, NULL, (const unsigned char *)text, length, key->secret);
    (void)sodium_bin2hex(ret_signature, TEND_SIGNATURE_ROOM, bytes, sizeof bytes);
    memcpy(ret_signature + 2 * sizeof bytes, "\n", 2);
}

static bool read_signature(const char *text, size_t length, unsigned char ret_bytes[crypto_sign_BYTES])
{
    size_t got = 0;

    if (length != 2 * crypto_sign_BYTES + 1 || text[length - 1] != '\n')
        return false;
    for (size_t i = 0; i < length - 1; i++)
        if (!((text[i] >= '0' && text[i] <= '9') || (text[i] >= 'a' && text[i] <= 'f')))
            return false;
    return sodium_hex2bin(ret_bytes, crypto_sign_BYTES, text, length - 1, NULL, &got, NULL) == 0 && got == crypto_sign_BYTES;
}

tend_status sign_check(const sign_key *keys, size_t count, const char *manifest, size_t manifest_length, const char *signature,
                       size_t signature_length, const char *place, const sign_key **ret_key, tend_error *reterr)
{
    unsigned char bytes[crypto_sign_BYTES];
    tend_manifest said;
    const sign_key *key = NULL;
    tend_status status = tend_manifest_read(manifest, manifest_length, place, &said, reterr);

    if (status < 0)
        return status;
    for (size_t i = 0; i < count && !key; i++)
        if (strcmp(keys[i].id, said.lines[TEND_MANIFEST_KEY]) == 0)
            key = &keys[i];
    if (!key)
        return tend_fail(reterr, TEND_EDENIED, "%s: signed with key %.40s, which is none of the trusted keys", place,
                         said.lines[TEND_MANIFEST_KEY]);
    if (!read_signature(signature, signature_length, bytes) ||
        crypto_sign_verify_detached(bytes, (const unsigned char *)manifest, manifest_length, key->public) != 0)
        return tend_fail(reterr, TEND_ECORRUPT,
                         "%s: its manifest and its signature do not belong together: one of them has changed; put the signed files "
                         "back, or sign the plugin anew",
                         place);
    *ret_key = key;
    return TEND_OK;
}
