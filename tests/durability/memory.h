/* memory.h: memory that is used up when told to. Linked with --wrap for the functions that memory.c names; SQLite is given ours. */
#ifndef TEND_TESTS_MEMORY_H
#define TEND_TESTS_MEMORY_H

#include <stdbool.h>

void memory_install(void); /* before anything of SQLite is used */
/* The `at`-th call for memory from now on finds none; `for_good`: and none after it. 0: they are counted. */
void memory_fail(long at, bool for_good);
void memory_mend(void);
long memory_calls(void);
long memory_failures(void);

#endif
