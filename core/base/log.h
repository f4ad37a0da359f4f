/* log.h: one line per event on standard error:
 *     2026-03-02T10:15:04.131Z info  playbook.renewal-90  task made  run=1042 step=plan
 * Values with blanks, quotes or control characters are quoted and escaped; nothing can add a line of its own. Thread-safe. */
#ifndef TEND_BASE_LOG_H
#define TEND_BASE_LOG_H

#include "base/clock.h"
#include <tend/status.h>

typedef enum tend_log_level { TEND_LOG_ERROR = 1, TEND_LOG_WARN, TEND_LOG_INFO, TEND_LOG_DEBUG } tend_log_level;

void tend_log_level_set(tend_log_level level); /* default: warn */
tend_status tend_log_level_parse(const char *name, tend_log_level *ret_level);
/* Pairs of (const char *key, const char *value) end with NULL; a NULL value is left out.
 *     tend_log(TEND_LOG_INFO, "sync", "import done", "source", name, "read", number, NULL); */
void tend_log(tend_log_level level, const char *origin, const char *message, ...) __attribute__((sentinel));
/* printf into a thread-local ring of 8 short strings, for the values above. */
TEND_PRINTF(1, 2) const char *tend_logf(const char *format, ...);
/* For tests: lines go to `sink` instead. NULL restores standard error. */
void tend_log_capture(void (*sink)(void *self, const char *line), void *self);

#endif
