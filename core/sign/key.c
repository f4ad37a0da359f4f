/* key.c: keys as texts that people can read. */
#include "sign/sign.h"

#include "base/hash.h"
#include <string.h>

static const char *const titles[] = { "# public key of tend-sign\n", "# secret key of tend-sign; whoever has it can sign\n" };

bool sign_is_name(const char *name)
{
    size_t length = strlen(name);

    if (length == 0 || length > 63 || name[0] == '.' || name[0] == '-' || name[0] == '_')
        return false;
    return strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789._-") == length;
}

static void to_hex(const unsigned char *bytes, size_t count, char *ret_hex)
{
    (void)sodium_bin2hex(ret_hex, count * 2 + 1, bytes, count);
}

/* Lower-case digits and nothing else, so that a key or a signature has one way to be written. */
static bool of_hex(const char *hex, size_t length, unsigned char *ret_bytes, size_t count)
{
    size_t got = 0;

    if (length != count * 2)
        return false;
    for (size_t i = 0; i < length; i++)
        if (!((hex[i] >= '0' && hex[i] <= '9') || (hex[i] >= 'a' && hex[i] <= 'f')))
            return false;
    return sodium_hex2bin(ret_bytes, count, hex, length, NULL, &got, NULL) == 0 && got == count;
}

static void name_key(sign_key *key)
{
    char hex[65];

    tend_sha256_hex(key->public, sizeof key->public, hex);
    memcpy(key->id, hex, sizeof key->id - 1);
    key->id[sizeof key->id - 1] = '\0';
}

tend_status sign_key_make(const char *name, const char *made, sign_key *ret_key, tend_error *reterr)
{
    sign_key key = { .is_secret = true };

    if (!sign_is_name(name))
        return tend_fail(reterr, TEND_EINVAL, "%s: no name for a key; write 1 to 63 of a-z, 0-9, '.', '_' and '-'", name);
    (void)snprintf(key.name, sizeof key.name, "%s", name);
    (void)snprintf(key.made, sizeof key.made, "%.10s", made);
    if (crypto_sign_keypair(key.public, key.secret) != 0)
        return tend_fail(reterr, TEND_ERROR, "%s: libsodium made no key", name);
    name_key(&key);
    *ret_key = key;
    sodium_memzero(&key, sizeof key);
    return TEND_OK;
}

void sign_key_clear(sign_key *key)
{
    sodium_memzero(key, sizeof *key);
}

void sign_key_write(const sign_key *key, bool is_secret, char ret_text[static SIGN_KEY_FILE_MAX])
{
    unsigned char seed[crypto_sign_SEEDBYTES];
    char hex[2 * crypto_sign_PUBLICKEYBYTES + 1];

    if (is_secret) {
        (void)crypto_sign_ed25519_sk_to_seed(seed, key->secret);
        to_hex(seed, sizeof seed, hex);
        sodium_memzero(seed, sizeof seed);
    } else
        to_hex(key->public, sizeof key->public, hex);
    (void)snprintf(ret_text, SIGN_KEY_FILE_MAX, "%sname = %s\nid = %s\nmade = %s\n%s = %s\n", titles[is_secret], key->name, key->id,
                   key->made, is_secret ? "secret" : "public", hex);
    sodium_memzero(hex, sizeof hex);
}

/* The value of the next line, which has to begin with `key`; NULL when it does not. */
static const char *take_line(const char **at, const char *end, const char *key, size_t *ret_length)
{
    const char *value = *at, *line_end = memchr(*at, '\n', (size_t)(end - *at));
    const size_t length = strlen(key);

    if (!line_end || (size_t)(line_end - value) < length + 3 || memcmp(value, key, length) != 0 ||
        memcmp(value + length, " = ", 3) != 0)
        return NULL;
    value += length + 3;
    *at = line_end + 1;
    *ret_length = (size_t)(line_end - value);
    return value;
}

static bool take_text(const char **at, const char *end, const char *key, char *ret_text, size_t room)
{
    size_t length;
    const char *value = take_line(at, end, key, &length);

    if (!value || length == 0 || length >= room || memchr(value, '\0', length))
        return false;
    memcpy(ret_text, value, length);
    ret_text[length] = '\0';
    return true;
}

static bool take_key(const char **at, const char *end, bool is_secret, sign_key *key)
{
    unsigned char seed[crypto_sign_SEEDBYTES];
    size_t length;
    const char *value = take_line(at, end, is_secret ? "secret" : "public", &length);
    bool is_good = false;

    if (value && is_secret && of_hex(value, length, seed, sizeof seed))
        is_good = crypto_sign_seed_keypair(key->public, key->secret, seed) == 0;
    else if (value && !is_secret)
        is_good = of_hex(value, length, key->public, sizeof key->public);
    sodium_memzero(seed, sizeof seed);
    return is_good;
}

tend_status sign_key_read(const char *text, size_t length, const char *place, bool is_secret, sign_key *ret_key, tend_error *reterr)
{
    sign_key key = { .is_secret = is_secret };
    const char *at = text, *end = text + length;
    const size_t title = strlen(titles[is_secret]);
    const char *wrong = NULL;
    char said[TEND_KEY_ID_ROOM];

    if (length < title || memcmp(text, titles[is_secret], title) != 0) {
        const size_t other = strlen(titles[!is_secret]);

        if (length >= other && memcmp(text, titles[!is_secret], other) == 0)
            return tend_fail(reterr, TEND_ECORRUPT, "%s: it is a %s key; name the %s one", place, is_secret ? "public" : "secret",
                             is_secret ? "secret" : "public");
        return tend_fail(reterr, TEND_ECORRUPT, "%s: not a %s key of tend-sign; tend-sign keygen makes one", place,
                         is_secret ? "secret" : "public");
    }
    at += title;
    if (!take_text(&at, end, "name", key.name, sizeof key.name) || !sign_is_name(key.name))
        wrong = "name";
    else if (!take_text(&at, end, "id", said, sizeof said))
        wrong = "id";
    else if (!take_text(&at, end, "made", key.made, sizeof key.made))
        wrong = "made";
    else if (!take_key(&at, end, is_secret, &key) || at != end)
        wrong = is_secret ? "secret" : "public";
    if (wrong) {
        sign_key_clear(&key);
        return tend_fail(reterr, TEND_ECORRUPT, "%s: its line '%s' is not as tend-sign writes it; copy the key file anew", place,
                         wrong);
    }
    name_key(&key);
    if (strcmp(key.id, said) != 0) {
        sign_key_clear(&key);
        return tend_fail(reterr, TEND_ECORRUPT, "%s: its id is not that of its key; copy the key file anew", place);
    }
    *ret_key = key;
    sign_key_clear(&key);
    return TEND_OK;
}
