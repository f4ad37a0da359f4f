/* spin.h: waiting a moment awake for what another process or thread is about to do. To sleep and to be woken costs more than most
 * of what our programs ask of each other; awake, it costs a processor that somebody else may need, so it is given up at each turn
 * and for good after a moment. */
#ifndef TEND_BASE_SPIN_H
#define TEND_BASE_SPIN_H

#include <stdbool.h>
#include <stdint.h>

typedef struct tend_spin {
    int64_t until_us; /* 0: it has not begun */
} tend_spin;

/* Asks once how many processors we may use, for programs that may not ask later. */
void tend_spin_prepare(void);
/* False: it is time to sleep. With one processor that is at once, for nobody else can be at work meanwhile. */
bool tend_spin_again(tend_spin *spin);

#endif
