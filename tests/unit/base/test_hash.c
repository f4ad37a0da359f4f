#include "base/hash.h"
#include "tests.h"
#include <string.h>

/* The vectors that the authors of SipHash publish: key 00 01 … 0f, input 00 01 … of each length. */
static const struct {
    size_t length;
    uint8_t hash[16];
} vectors[] = {
    { 0, { 0xa3, 0x81, 0x7f, 0x04, 0xba, 0x25, 0xa8, 0xe6, 0x6d, 0xf6, 0x72, 0x14, 0xc7, 0x55, 0x02, 0x93 } },
    { 1, { 0xda, 0x87, 0xc1, 0xd8, 0x6b, 0x99, 0xaf, 0x44, 0x34, 0x76, 0x59, 0x11, 0x9b, 0x22, 0xfc, 0x45 } },
    { 2, { 0x81, 0x77, 0x22, 0x8d, 0xa4, 0xa4, 0x5d, 0xc7, 0xfc, 0xa3, 0x8b, 0xde, 0xf6, 0x0a, 0xff, 0xe4 } },
    { 3, { 0x9c, 0x70, 0xb6, 0x0c, 0x52, 0x67, 0xa9, 0x4e, 0x5f, 0x33, 0xb6, 0xb0, 0x29, 0x85, 0xed, 0x51 } },
};

START_TEST(siphash_gives_what_its_authors_published)
{
    uint8_t key[16], input[16], hash[16];

    for (uint8_t i = 0; i < 16; i++)
        key[i] = input[i] = i;
    tend_siphash128(key, input, vectors[_i].length, hash);
    ck_assert_mem_eq(hash, vectors[_i].hash, sizeof hash);
}
END_TEST

/* Written once more from the paper, byte by byte, for lengths around the ends of words. */
static uint64_t turn(uint64_t word, int bits)
{
    return word << bits | word >> (64 - bits);
}

static void stir(uint64_t v[4], int times)
{
    for (int i = 0; i < times; i++) {
        v[0] += v[1], v[2] += v[3];
        v[1] = turn(v[1], 13), v[3] = turn(v[3], 16);
        v[1] ^= v[0], v[3] ^= v[2];
        v[0] = turn(v[0], 32);
        v[2] += v[1], v[0] += v[3];
        v[1] = turn(v[1], 17), v[3] = turn(v[3], 21);
        v[1] ^= v[2], v[3] ^= v[0];
        v[2] = turn(v[2], 32);
    }
}

static void plain_siphash128(const uint8_t key[16], const uint8_t *bytes, size_t length, uint8_t out[16])
{
    uint64_t k[2] = { 0 }, v[4], word = 0;

    for (int i = 0; i < 16; i++)
        k[i / 8] |= (uint64_t)key[i] << (i % 8 * 8);
    v[0] = k[0] ^ UINT64_C(0x736f6d6570736575), v[1] = k[1] ^ UINT64_C(0x646f72616e646f6d) ^ 0xee;
    v[2] = k[0] ^ UINT64_C(0x6c7967656e657261), v[3] = k[1] ^ UINT64_C(0x7465646279746573);
    for (size_t i = 0; i < length; i++) {
        word |= (uint64_t)bytes[i] << (i % 8 * 8);
        if (i % 8 == 7) {
            v[3] ^= word, stir(v, 2), v[0] ^= word;
            word = 0;
        }
    }
    word |= (uint64_t)(length & 0xff) << 56;
    v[3] ^= word, stir(v, 2), v[0] ^= word;
    v[2] ^= 0xee;
    for (int half = 0; half < 2; half++) {
        stir(v, 4);
        word = v[0] ^ v[1] ^ v[2] ^ v[3];
        for (int i = 0; i < 8; i++)
            out[half * 8 + i] = (uint8_t)(word >> (8 * i));
        v[1] ^= 0xdd;
    }
}

START_TEST(siphash_of_any_length_is_the_papers)
{
    uint8_t key[16], input[300], hash[16], expected[16];

    for (size_t i = 0; i < sizeof input; i++)
        input[i] = (uint8_t)(i * 37 + 11);
    memcpy(key, input + 100, sizeof key);
    for (size_t length = 0; length <= sizeof input; length++) {
        tend_siphash128(key, input, length, hash);
        plain_siphash128(key, input, length, expected);
        ck_assert_mem_eq(hash, expected, sizeof hash);
    }
}
END_TEST

/* What its definition says, in numbers of two halves. */
static uint64_t plain_quick(const tend_quick_key *key, int lane, const uint8_t *bytes, size_t length)
{
    __extension__ typedef unsigned __int128 wide;
    uint8_t padded[TEND_QUICK_MAX] = { 0 };
    uint64_t words[TEND_QUICK_MAX / 8], last[3];
    wide sum = 0, out;

    memcpy(padded, bytes, length);
    memcpy(words, padded, sizeof padded);
    for (size_t i = 0; i < (length + 15) / 16; i++)
        sum +=
            (wide)(uint64_t)(words[2 * i] + key->words[lane][2 * i]) * (uint64_t)(words[2 * i + 1] + key->words[lane][2 * i + 1]);
    last[0] = (uint64_t)sum;
    last[1] = (uint64_t)(sum >> 64);
    last[2] = length;
    out = (wide)key->last[lane][3][1] << 64 | key->last[lane][3][0];
    for (int i = 0; i < 3; i++)
        out += ((wide)key->last[lane][i][1] << 64 | key->last[lane][i][0]) * last[i];
    return (uint64_t)(out >> 64);
}

START_TEST(the_quick_hash_of_any_length_is_its_definition)
{
    static const uint8_t secret[16] = "sixteen bytes ok";
    static tend_quick_key key;
    uint8_t input[TEND_QUICK_MAX];
    uint64_t hash[2], before[2] = { 0, 0 };

    tend_quick_key_of(secret, &key);
    memset(input, 0, sizeof input); /* zeros: lengths alone differ */
    for (size_t length = 0; length <= sizeof input; length++) {
        tend_quick128(&key, input, length, hash);
        ck_assert_uint_eq(hash[0], plain_quick(&key, 0, input, length));
        ck_assert_uint_eq(hash[1], plain_quick(&key, 1, input, length));
        ck_assert(hash[0] != before[0] && hash[1] != before[1]);
        memcpy(before, hash, sizeof before);
    }
}
END_TEST

START_TEST(every_bit_and_the_key_count_in_the_quick_hash)
{
    static tend_quick_key key, other;
    static uint8_t input[TEND_QUICK_MAX + 100];
    uint64_t hash[2], changed[2];

    tend_quick_key_of((const uint8_t *)"sixteen bytes ok", &key);
    tend_quick_key_of((const uint8_t *)"sixteen bytes oK", &other);
    for (size_t length = 1; length <= sizeof input; length += length < 40 ? 1 : 97) {
        tend_quick128(&key, input, length, hash);
        tend_quick128(&other, input, length, changed);
        ck_assert(hash[0] != changed[0] && hash[1] != changed[1]);
        for (size_t bit = 0; bit < length * 8; bit += length < 40 ? 1 : 61) {
            input[bit / 8] ^= (uint8_t)(1 << bit % 8);
            tend_quick128(&key, input, length, changed);
            ck_assert(hash[0] != changed[0] && hash[1] != changed[1]);
            input[bit / 8] ^= (uint8_t)(1 << bit % 8);
        }
    }
}
END_TEST

TESTS_WITH("base/hash", {
    tcase_add_loop_test(tcase, siphash_gives_what_its_authors_published, 0, sizeof vectors / sizeof *vectors);
    tcase_add_test(tcase, siphash_of_any_length_is_the_papers);
    tcase_add_test(tcase, the_quick_hash_of_any_length_is_its_definition);
    tcase_add_test(tcase, every_bit_and_the_key_count_in_the_quick_hash);
})
