/* belt.h: blocks of memory that two processes share, for what comes in streams. One fills the blocks in turn and says so over the
 * wire, the other reads them and says when each may be filled anew.
 *
 * The one who fills may be hostile, and may write while it is read: whoever reads takes each number once (tend_belt_number), checks
 * it, and copies what is to stay as it is. */
#ifndef TEND_BASE_BELT_H
#define TEND_BASE_BELT_H

#include <endian.h>
#include <stdint.h>
#include <string.h>
#include <tend/status.h>

#define TEND_BELT_BLOCKS 8u
#define TEND_BELT_BLOCK ((size_t)128 << 10)

/* For the one who reads: it can neither shrink nor grow. *ret_fd is owned; *ret_blocks lie one behind the other until
 * tend_belt_unmap. */
tend_status tend_belt_make(int *ret_fd, const char **ret_blocks, tend_error *reterr);
/* For the one who fills. NULL: it is none, or there is no room. */
char *tend_belt_map(int fd);
void tend_belt_unmap(const char *blocks); /* accepts NULL */

/* Read once: what the compiler makes of it looks at the memory no second time. */
static inline uint32_t tend_belt_number(const char *at)
{
    uint32_t number;

    memcpy(&number, at, sizeof number);
    __asm__ volatile("" : "+r"(number));
    return le32toh(number);
}

#endif
