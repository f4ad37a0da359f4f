/* hash.h: SHA-256 for contents that must be known again for years, SipHash-2-4-128 for keyed fingerprints, and a fast table hash.
 */
#ifndef TEND_BASE_HASH_H
#define TEND_BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

typedef struct tend_sha256 {
    uint32_t state[8];
    uint64_t bytes;
    uint8_t block[64];
} tend_sha256; /* FIPS 180-4 */

void tend_sha256_init(tend_sha256 *hash);
void tend_sha256_add(tend_sha256 *hash, const void *bytes, size_t length);
void tend_sha256_end(tend_sha256 *hash, uint8_t ret_digest[32]);
void tend_sha256_hex(const void *bytes, size_t length, char ret_hex[65]);

/* SipHash-2-4 with 128-bit output (Aumasson and Bernstein). `key` is 16 bytes. */
void tend_siphash128(const uint8_t key[16], const void *bytes, size_t length, uint8_t ret_hash[16]);
/* 128 bits for fingerprints of short texts by the million: which two of them agree cannot be guessed without the key (NH of UMAC
 * over 64-bit words, twice, each put into 64 bits by a multilinear sum; two texts agree by chance with 2^-126). What is longer than
 * TEND_QUICK_MAX goes through SipHash. Not the same on machines of another byte order. */
#define TEND_QUICK_MAX 1024
typedef struct tend_quick_key {
    uint64_t words[2][TEND_QUICK_MAX / 8];
    uint64_t last[2][4][2]; /* low and high halves */
    uint8_t key[16];
} tend_quick_key;
void tend_quick_key_of(const uint8_t key[16], tend_quick_key *ret_key);
void tend_quick128(const tend_quick_key *key, const void *bytes, size_t length, uint64_t ret_hash[2]);

/* FNV-1a 64: for tables inside one process, and for shards (stable for ever: shard = hash % 256). */
uint64_t tend_hash64(const void *bytes, size_t length);
uint8_t tend_shard_of(int64_t account);

#endif
