/* script_value.h: values of rows as scripts see and write them. */
#ifndef TEND_PLAYBOOK_SCRIPT_VALUE_H
#define TEND_PLAYBOOK_SCRIPT_VALUE_H

#include "base/zone.h"
#include "model/schema.h"
#include "playbook/tree.h"

/* As scripts see it: dates and times are texts, money is in minor units, references are ids. */
tend_tree tend_value_tree(const tend_value *value, tend_arena *arena);
/* What a script wrote as a value of the field; TEND_EINVAL when it does not fit. Texts from the arena. */
tend_status tend_effect_value(const tend_field *field, const tend_tree *tree, const tend_zone *zone, tend_arena *arena,
                              tend_value *ret_value, tend_error *reterr);

#endif
