/* here.h: what a command without a store knows of the place it is called in: the configuration and the schema. */
#ifndef TEND_CLI_HERE_H
#define TEND_CLI_HERE_H

#include "cli/session.h"
#include "config/config.h"
#include "model/schema.h"
#include <limits.h>

typedef struct tend_here {
    tend_config *config; /* owned; NULL: there is no workspace */
    tend_schema *schema; /* owned; with the workspace's own fields */
    unsigned faults;     /* of the configuration, which were said */
    char workspace[PATH_MAX];
} tend_here;

/* A workspace that is named has to be there; where none is, the schema is that of every workspace. What is not understood of the
 * configuration is said on the session's err; with `is_forgiving` the rest is taken, else it is a fault. The session speaks the
 * language of the workspace afterwards. tend_here_close also after a fault. */
tend_status tend_here_open(tend_session *session, bool is_forgiving, tend_here *ret_here, tend_error *reterr);
void tend_here_close(tend_here *here);

#endif
