/* ending.h: SIGTERM and SIGINT while a command works for long in the client's own process: it ends where it can, and says so. */
#ifndef TEND_CLI_ENDING_H
#define TEND_CLI_ENDING_H

#include "cli/session.h"

/* From begin to end the first of these signals is noted, and the workspace's long work is told to break off; the second ends the
 * process as ever. Nothing in the engine, which has its own way. */
void tend_ending_begin(tend_session *session);
void tend_ending_end(tend_session *session);
bool tend_ending_is_asked(void);

#endif
