/* script.h: a script with the libraries that it names, read from files. */
#ifndef TEND_PLAYBOOK_SCRIPT_H
#define TEND_PLAYBOOK_SCRIPT_H

#include "playbook/sandbox.h"

typedef struct tend_bundle tend_bundle;

/* The script at `path`, its libraries from lib/ of the folders (between colons). Owned: tend_bundle_free. */
tend_status tend_bundle_read(const char *folders, const char *path, tend_bundle **ret_bundle, tend_error *reterr);
void tend_bundle_free(tend_bundle *bundle);                          /* accepts NULL */
const tend_script *tend_bundle_script(const tend_bundle *bundle);    /* borrowed */
const tend_script *tend_bundle_libraries(const tend_bundle *bundle); /* a NULL file ends them */

#endif
