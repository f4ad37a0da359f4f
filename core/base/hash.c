#include "base/hash.h"

#include <string.h>

static const uint32_t round_constants[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5, 0xd807aa98, 0x12835b01,
    0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc,
    0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147,
    0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116, 0x1e376c08,
    0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208,
    0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

static uint32_t rotate_right(uint32_t word, int bits)
{
    return word >> bits | word << (32 - bits);
}

static void mix_block(uint32_t state[8], const uint8_t block[64])
{
    uint32_t words[64], a = state[0], b = state[1], c = state[2], d = state[3];
    uint32_t e = state[4], f = state[5], g = state[6], h = state[7];

    for (int i = 0; i < 16; i++)
        words[i] = (uint32_t)block[4 * i] << 24 | (uint32_t)block[4 * i + 1] << 16 | (uint32_t)block[4 * i + 2] << 8 |
                   (uint32_t)block[4 * i + 3];
    for (int i = 16; i < 64; i++) {
        uint32_t near = words[i - 15], far = words[i - 2];

        words[i] = words[i - 16] + (rotate_right(near, 7) ^ rotate_right(near, 18) ^ near >> 3) + words[i - 7] +
                   (rotate_right(far, 17) ^ rotate_right(far, 19) ^ far >> 10);
    }
    for (int i = 0; i < 64; i++) {
        uint32_t first = h + (rotate_right(e, 6) ^ rotate_right(e, 11) ^ rotate_right(e, 25)) + ((e & f) ^ (~e & g)) +
                         round_constants[i] + words[i];
        uint32_t second = (rotate_right(a, 2) ^ rotate_right(a, 13) ^ rotate_right(a, 22)) + ((a & b) ^ (a & c) ^ (b & c));

        h = g;
        g = f;
        f = e;
        e = d + first;
        d = c;
        c = b;
        b = a;
        a = first + second;
    }
    state[0] += a;
    state[1] += b;
    state[2] += c;
    state[3] += d;
    state[4] += e;
    state[5] += f;
    state[6] += g;
    state[7] += h;
}

void tend_sha256_init(tend_sha256 *hash)
{
    *hash = (tend_sha256){
        .state = { 0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19 },
    };
}

void tend_sha256_add(tend_sha256 *hash, const void *bytes, size_t length)
{
    const uint8_t *at = bytes;
    size_t filled = hash->bytes % 64;

    hash->bytes += length;
    if (filled > 0) {
        size_t taken = length < 64 - filled ? length : 64 - filled;

        if (taken > 0)
            memcpy(hash->block + filled, at, taken);
        if (filled + taken < 64)
            return;
        mix_block(hash->state, hash->block);
        at += taken;
        length -= taken;
    }
    for (; length >= 64; at += 64, length -= 64)
        mix_block(hash->state, at);
    if (length > 0)
        memcpy(hash->block, at, length);
}

void tend_sha256_end(tend_sha256 *hash, uint8_t ret_digest[32])
{
    static const uint8_t padding[64] = { 0x80 };
    uint64_t bits = hash->bytes * 8;
    size_t filled = hash->bytes % 64;
    uint8_t tail[8];

    for (int i = 0; i < 8; i++)
        tail[i] = (uint8_t)(bits >> (56 - 8 * i));
    tend_sha256_add(hash, padding, filled < 56 ? 56 - filled : 120 - filled);
    tend_sha256_add(hash, tail, sizeof tail);
    for (int i = 0; i < 32; i++)
        ret_digest[i] = (uint8_t)(hash->state[i / 4] >> (24 - 8 * (i % 4)));
}

void tend_sha256_hex(const void *bytes, size_t length, char ret_hex[65])
{
    static const char digits[] = "0123456789abcdef";
    tend_sha256 hash;
    uint8_t digest[32];

    tend_sha256_init(&hash);
    tend_sha256_add(&hash, bytes, length);
    tend_sha256_end(&hash, digest);
    for (int i = 0; i < 32; i++) {
        ret_hex[2 * i] = digits[digest[i] >> 4];
        ret_hex[2 * i + 1] = digits[digest[i] & 15];
    }
    ret_hex[64] = '\0';
}

static uint64_t read_le64(const uint8_t *bytes, size_t length)
{
    uint64_t word = 0;

    if (length == 8) { /* compilers make one load of it */
        return (uint64_t)bytes[0] | (uint64_t)bytes[1] << 8 | (uint64_t)bytes[2] << 16 | (uint64_t)bytes[3] << 24 |
               (uint64_t)bytes[4] << 32 | (uint64_t)bytes[5] << 40 | (uint64_t)bytes[6] << 48 | (uint64_t)bytes[7] << 56;
    }
    for (size_t i = 0; i < length; i++)
        word |= (uint64_t)bytes[i] << (8 * i);
    return word;
}

static void write_le64(uint8_t *bytes, uint64_t word)
{
    for (int i = 0; i < 8; i++)
        bytes[i] = (uint8_t)(word >> (8 * i));
}

static uint64_t rotate_left(uint64_t word, int bits)
{
    return word << bits | word >> (64 - bits);
}

/* The state lives in registers: four variables and not an array. */
#define SIP_ROUND(a, b, c, d)             \
    do {                                  \
        (a) += (b);                       \
        (b) = rotate_left((b), 13) ^ (a); \
        (a) = rotate_left((a), 32);       \
        (c) += (d);                       \
        (d) = rotate_left((d), 16) ^ (c); \
        (a) += (d);                       \
        (d) = rotate_left((d), 21) ^ (a); \
        (c) += (b);                       \
        (b) = rotate_left((b), 17) ^ (c); \
        (c) = rotate_left((c), 32);       \
    } while (0)

void tend_siphash128(const uint8_t key[16], const void *bytes, size_t length, uint8_t ret_hash[16])
{
    uint64_t first = read_le64(key, 8), second = read_le64(key + 8, 8), word;
    uint64_t a = first ^ UINT64_C(0x736f6d6570736575), b = second ^ UINT64_C(0x646f72616e646f6d) ^ 0xee,
             c = first ^ UINT64_C(0x6c7967656e657261), d = second ^ UINT64_C(0x7465646279746573);
    const uint8_t *at = bytes;
    size_t left = length;

    for (;; at += 8, left -= 8) {
        word = left >= 8 ? read_le64(at, 8) : read_le64(at, left) | (uint64_t)length << 56;
        d ^= word;
        SIP_ROUND(a, b, c, d);
        SIP_ROUND(a, b, c, d);
        a ^= word;
        if (left < 8)
            break;
    }
    c ^= 0xee;
    for (int i = 0; i < 4; i++)
        SIP_ROUND(a, b, c, d);
    write_le64(ret_hash, a ^ b ^ c ^ d);
    b ^= 0xdd;
    for (int i = 0; i < 4; i++)
        SIP_ROUND(a, b, c, d);
    write_le64(ret_hash + 8, a ^ b ^ c ^ d);
}

__extension__ typedef unsigned __int128 wide;

void tend_quick_key_of(const uint8_t key[16], tend_quick_key *ret_key)
{
    uint64_t *words = ret_key->words[0], *last = ret_key->last[0][0];
    size_t count = sizeof ret_key->words / 16, all = count + sizeof ret_key->last / 16;

    memcpy(ret_key->key, key, sizeof ret_key->key);
    for (size_t i = 0; i < all; i++) {
        uint64_t number = i;

        tend_siphash128(key, &number, sizeof number, (uint8_t *)(i < count ? words + 2 * i : last + 2 * (i - count)));
    }
}

/* The upper half of what is linear in the sum's two halves and the length. */
static uint64_t fold(const uint64_t keys[4][2], wide sum, uint64_t length)
{
    uint64_t words[3] = { (uint64_t)sum, (uint64_t)(sum >> 64), length };
    wide folded = (wide)keys[3][1] << 64 | keys[3][0];

    for (int i = 0; i < 3; i++)
        folded += ((wide)keys[i][1] << 64 | keys[i][0]) * words[i];
    return (uint64_t)(folded >> 64);
}

void tend_quick128(const tend_quick_key *key, const void *bytes, size_t length, uint64_t ret_hash[2])
{
    const uint64_t *one = key->words[0], *two = key->words[1];
    const uint8_t *at = bytes;
    uint64_t pair[2] = { 0, 0 };
    wide first = 0, second = 0;
    size_t left = length, i = 0;

    if (length > TEND_QUICK_MAX) {
        tend_siphash128(key->key, bytes, length, (uint8_t *)ret_hash);
        return;
    }
    for (; left >= sizeof pair; left -= sizeof pair, at += sizeof pair, i += 2) {
        memcpy(pair, at, sizeof pair);
        first += (wide)(pair[0] + one[i]) * (pair[1] + one[i + 1]);
        second += (wide)(pair[0] + two[i]) * (pair[1] + two[i + 1]);
    }
    if (left > 0) {
        memset(pair, 0, sizeof pair);
        memcpy(pair, at, left);
        first += (wide)(pair[0] + one[i]) * (pair[1] + one[i + 1]);
        second += (wide)(pair[0] + two[i]) * (pair[1] + two[i + 1]);
    }
    ret_hash[0] = fold(key->last[0], first, length);
    ret_hash[1] = fold(key->last[1], second, length);
}

uint64_t tend_hash64(const void *bytes, size_t length)
{
    const uint8_t *at = bytes;
    uint64_t hash = UINT64_C(0xcbf29ce484222325);

    for (size_t i = 0; i < length; i++)
        hash = (hash ^ at[i]) * UINT64_C(0x100000001b3);
    return hash;
}

uint8_t tend_shard_of(int64_t account)
{
    uint8_t bytes[8];

    write_le64(bytes, (uint64_t)account);
    return (uint8_t)(tend_hash64(bytes, sizeof bytes) % 256);
}
