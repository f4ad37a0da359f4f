/* together.h: one piece of work on all processors that this process may use. */
#ifndef TEND_BASE_TOGETHER_H
#define TEND_BASE_TOGETHER_H

#include <stddef.h>

/* How many would work at the same time: 1 on one processor. */
size_t tend_together_hands(void);
/* Calls `work` for every part below `parts`, several at a time, each once, on threads of its own and the caller's; returns when all
 * have ended. A thread that cannot be had costs only speed. `work` neither logs nor starts processes. */
void tend_together(size_t parts, void (*work)(void *self, size_t part), void *self);

#endif
