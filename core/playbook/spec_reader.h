/* spec_reader.h: a playbook's declaration as it is read: what is shared by the files that read its parts. Inside playbook only. */
#ifndef TEND_PLAYBOOK_SPEC_READER_H
#define TEND_PLAYBOOK_SPEC_READER_H

#include "playbook/spec.h"

typedef struct spec_reader {
    const tend_schema *schema;
    tend_spec_faults *faults;
    tend_arena *arena;
    tend_spec *spec;
} spec_reader;

/* `key` and `inner` (may be NULL) name the place. */
TEND_PRINTF(4, 5) void spec_fault(spec_reader *reader, const char *key, const char *inner, const char *format, ...);
void spec_refuse_others(spec_reader *reader, const tend_tree *map, const char *place, const char *const *known);
const tend_spec_setting *spec_find_setting(const tend_spec *spec, const char *name);
int64_t spec_read_count(spec_reader *reader, const char *place, const char *key, const tend_tree *value, int64_t least,
                        int64_t most);
/* NULL: it names a setting that there is not, which was said. */
const char *spec_fill_condition(spec_reader *reader, const char *key, const char *where);
void spec_check_topic(spec_reader *reader, const char *topic, const char *place);
/* spec_setting.c: `settings` may be NULL. */
void spec_read_settings(spec_reader *reader, const tend_tree *settings, const char *(*written)(void *self, const char *name),
                        void *self);
/* start_when and re_entry. */
void spec_read_start(spec_reader *reader, const tend_tree *start);
void spec_read_re_entry(spec_reader *reader, const tend_tree *tree);

#endif
