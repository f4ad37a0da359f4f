/* clock.h: the time as it is handed in, so that every test and every simulation can move it. */
#ifndef TEND_BASE_CLOCK_H
#define TEND_BASE_CLOCK_H

#include <tend/value.h>

typedef struct tend_clock {
    tend_time (*now)(void *self); /* UTC */
    void *self;
} tend_clock;

tend_clock tend_clock_system(void);
/* A clock that reads `*at` (borrowed): the owner moves it. */
tend_clock tend_clock_by_hand(const tend_time *at);
tend_time tend_clock_now(const tend_clock *clock);

#endif
