/* wide.h: loops that compilers make vectors of, for the processor that they run on. */
#ifndef TEND_BASE_WIDE_H
#define TEND_BASE_WIDE_H

#include <stddef.h>
#include <stdint.h> /* says __GLIBC__ */

/* Before a function of plain loops without calls. Sanitizers see the function as it is. */
#if defined(__GNUC__) && !defined(__clang__)
#if defined(__x86_64__) && defined(__GLIBC__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define TEND_WIDE __attribute__((optimize("O3"), target_clones("avx2", "default")))
#else
#define TEND_WIDE __attribute__((optimize("O3")))
#endif
#else
#define TEND_WIDE
#endif

/* What is read one after the other, so many bytes ahead: processors look ahead by themselves, but not across pages. */
#define TEND_AHEAD 4096u

/* A hint; what is named need not be there. `bytes` of it are read soon. */
static inline void tend_ahead(const void *from, size_t bytes)
{
    for (size_t i = 0; i < bytes; i += 64)
        __builtin_prefetch((const void *)((uintptr_t)from + i));
}

#endif
