/* types.h: annotations for the Lua language server, from the schema: every kind of row with its fields, as scripts read and tests
 * write them. What playbooks and tests can call stands in scripts/types by hand. */
#ifndef TEND_PLAYBOOK_TYPES_H
#define TEND_PLAYBOOK_TYPES_H

#include "model/schema.h"
#include <stdio.h>

void tend_types_write(const tend_schema *schema, FILE *out);

#endif
