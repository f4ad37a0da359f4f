#include "base/hash.h"
#include "tests.h"
#include <string.h>

/* FIPS 180-4 examples; the first is the empty text. */
START_TEST(sha256_gives_the_published_digests)
{
    static const struct {
        const char *text, *hex;
    } known[] = {
        { "", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" },
        { "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
        { "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
          "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1" },
        { "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu",
          "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1" },
    };
    char hex[65];

    tend_sha256_hex(known[_i].text, strlen(known[_i].text), hex);
    ck_assert_str_eq(hex, known[_i].hex);
}
END_TEST

START_TEST(a_million_letters_in_uneven_pieces_give_the_published_digest)
{
    static const uint8_t expected[32] = { 0xcd, 0xc7, 0x6e, 0x5c, 0x99, 0x14, 0xfb, 0x92, 0x81, 0xa1, 0xc7,
                                          0xe2, 0x84, 0xd7, 0x3e, 0x67, 0xf1, 0x80, 0x9a, 0x48, 0xa4, 0x97,
                                          0x20, 0x0e, 0x04, 0x6d, 0x39, 0xcc, 0xc7, 0x11, 0x2c, 0xd0 };
    char letters[200];
    uint8_t digest[32];
    tend_sha256 hash;
    size_t left = 1000000;

    memset(letters, 'a', sizeof letters);
    tend_sha256_init(&hash);
    for (size_t piece = 0; left > 0; piece = (piece + 1) % 200) {
        size_t taken = piece < left ? piece : left;

        tend_sha256_add(&hash, letters, taken);
        left -= taken;
    }
    tend_sha256_end(&hash, digest);
    ck_assert_mem_eq(digest, expected, 32);
}
END_TEST

/* The first three of vectors_sip128 in the reference implementation: key 00..0f, input 00, 01, … */
START_TEST(siphash_gives_the_reference_vectors)
{
    static const uint8_t expected[3][16] = {
        { 0xa3, 0x81, 0x7f, 0x04, 0xba, 0x25, 0xa8, 0xe6, 0x6d, 0xf6, 0x72, 0x14, 0xc7, 0x55, 0x02, 0x93 },
        { 0xda, 0x87, 0xc1, 0xd8, 0x6b, 0x99, 0xaf, 0x44, 0x34, 0x76, 0x59, 0x11, 0x9b, 0x22, 0xfc, 0x45 },
        { 0x81, 0x77, 0x22, 0x8d, 0xa4, 0xa4, 0x5d, 0xc7, 0xfc, 0xa3, 0x8b, 0xde, 0xf6, 0x0a, 0xff, 0xe4 },
    };
    uint8_t key[16], input[3], hash[16];

    for (uint8_t i = 0; i < 16; i++)
        key[i] = i;
    for (uint8_t i = 0; i < 3; i++)
        input[i] = i;
    tend_siphash128(key, input, (size_t)_i, hash);
    ck_assert_mem_eq(hash, expected[_i], 16);
}
END_TEST

/* Published with the FNV-1a algorithm. */
START_TEST(table_hashes_are_fnv_1a)
{
    ck_assert_uint_eq(tend_hash64("", 0), UINT64_C(0xcbf29ce484222325));
    ck_assert_uint_eq(tend_hash64("a", 1), UINT64_C(0xaf63dc4c8601ec8c));
    ck_assert_uint_eq(tend_hash64("foobar", 6), UINT64_C(0x85944171f73967e8));
}
END_TEST

START_TEST(accounts_spread_over_all_shards)
{
    int counts[256] = { 0 };

    for (int64_t account = 1; account <= 25600; account++)
        counts[tend_shard_of(account)]++;
    for (int shard = 0; shard < 256; shard++)
        if (counts[shard] < 50 || counts[shard] > 200)
            ck_abort_msg("shard %d has %d of 25,600 accounts", shard, counts[shard]);
}
END_TEST

TESTS_WITH("base/hash", {
    tcase_add_loop_test(tcase, sha256_gives_the_published_digests, 0, 4);
    tcase_add_test(tcase, a_million_letters_in_uneven_pieces_give_the_published_digest);
    tcase_add_loop_test(tcase, siphash_gives_the_reference_vectors, 0, 3);
    tcase_add_test(tcase, table_hashes_are_fnv_1a);
    tcase_add_test(tcase, accounts_spread_over_all_shards);
})
