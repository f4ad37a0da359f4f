/* remarks.h: lines "file:line: what is wrong", gathered and told in the order of the files and their lines. */
#ifndef TEND_BASE_REMARKS_H
#define TEND_BASE_REMARKS_H

#include <stdbool.h>

typedef struct tend_remarks tend_remarks;

/* NULL when memory is used up. */
tend_remarks *tend_remarks_new(void);
void tend_remarks_free(tend_remarks *remarks); /* accepts NULL */

/* `self` is a tend_remarks; copies the line. What there is no memory for is left out, and tend_remarks_tell says so. */
void tend_remarks_add(void *self, const char *line);
/* Files in the order in which they were met first, of each its lines in order; of one line as they came. What names no place stands
 * where it came, behind its file. False: there was no memory for all of them. */
bool tend_remarks_tell(tend_remarks *remarks, void (*tell)(void *self, const char *line), void *self);

#endif
