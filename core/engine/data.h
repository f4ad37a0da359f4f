/* data.h: what came with the program: mappings, playbooks, the starter configuration. */
#ifndef TEND_ENGINE_DATA_H
#define TEND_ENGINE_DATA_H

#include <tend/status.h>

/* The path of `name` below the data folder ("mappings/ravenstack.ini"): $TEND_DATA, else ../share/tend beside the program's own
 * folder, which holds when built and when installed. TEND_ENOTFOUND when it is not there. */
tend_status tend_data_path(const char *name, char *ret_path, size_t room, tend_error *reterr);

#endif
