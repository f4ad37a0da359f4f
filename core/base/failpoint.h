/* failpoint.h: named places where a test can end the process as a power cut would.
 *
 * TEND_KILL_AT=name[:n] in the environment sends SIGKILL to ourselves when `name` is passed for the n-th time (default 1).
 * Without the variable a failpoint is one predictable branch. */
#ifndef TEND_BASE_FAILPOINT_H
#define TEND_BASE_FAILPOINT_H

void tend_failpoint(const char *name);
/* Every name that is compiled in; NULL-terminated. tests/system loop over it. */
const char *const *tend_failpoint_names(void);

#endif
