/* inside.h: what the files of this folder share. */
#ifndef TEND_CONFIG_INSIDE_H
#define TEND_CONFIG_INSIDE_H

#include "base/arena.h"
#include "config/config.h"

#define TEND_CONFIG_REASON 512

typedef struct tend_faults {
    FILE *out;          /* borrowed; may be NULL */
    tend_error *reterr; /* borrowed; may be NULL; gets the first */
    unsigned count;
    bool are_forgiven; /* what was understood counts */
    bool are_dropped;  /* lines with a fault count as not written */
} tend_faults;

/* A value that was checked, in the form it is asked for. */
typedef struct tend_checked {
    int64_t number;    /* INT, BOOL, DURATION, SIZE, DATE, TIME_OF_DAY */
    const char *path;  /* PATH, and the file of a SECRET */
    const char **list; /* LIST, PATHS; NULL-terminated */
    size_t list_length;
} tend_checked;

typedef struct tend_place tend_place;

typedef struct tend_entry {
    struct tend_entry *following; /* of the same hash */
    const tend_place *place;      /* NULL for a default */
    const tend_setting *setting;
    const char *key, *value, *file;
    unsigned line, load; /* load: which file, from 1 */
    tend_checked checked;
} tend_entry;

/* A section as written: [name] or [name.instance]. */
struct tend_place {
    tend_place *following; /* of the same hash */
    tend_place *later;     /* in order of appearance */
    const tend_section *section;
    const char *instance; /* NULL: plain */
    const char *file;
    unsigned line;
    bool has_bad_line;    /* a line of it could not be read: who knows what it said */
    bool is_broken;       /* it lacks what it needs, or a value of it is none */
    tend_entry **entries; /* owned */
    size_t count, room;
};

#define TEND_CONFIG_BUCKETS 4096

struct tend_config {
    tend_arena *arena;
    const tend_section *const *sections; /* borrowed */
    const char *folder;                  /* of the first file: what relative paths are below */
    unsigned loads;
    tend_place *first, *last;
    tend_place *places[TEND_CONFIG_BUCKETS];
    tend_entry *entries[TEND_CONFIG_BUCKETS];
    tend_entry *defaults[TEND_CONFIG_BUCKETS]; /* by setting */
};

/* fault.c */
TEND_PRINTF(2, 3) void tend_config_fault(tend_faults *faults, const char *format, ...);
void tend_faults_end(tend_faults *faults); /* says how many were not shown */
/* "[source.sf-korea]" into `buffer`. */
#define TEND_PLACE_ROOM 160
const char *tend_place_name(const tend_place *place, char buffer[static TEND_PLACE_ROOM]);

/* scan.c: one line, without its line end, as inih will read it. */
typedef enum tend_line { TEND_LINE_EMPTY = 1, TEND_LINE_SECTION, TEND_LINE_KEY, TEND_LINE_BAD } tend_line;
tend_line tend_config_scan(const char *line, size_t length, size_t length_max, char reason[static TEND_CONFIG_REASON]);

/* What follows a line that ended with a backslash: its text without the blanks around it; NULL with a reason. */
const char *tend_config_scan_rest(const char *line, size_t length, size_t length_max, size_t *ret_length,
                                  char reason[static TEND_CONFIG_REASON]);

/* check.c: false with a reason ("what is wrong; what to do"); `folder` is absolute. */
bool tend_config_check(const tend_setting *setting, const char *value, const char *folder, tend_arena *arena,
                       tend_checked *ret_checked, char reason[static TEND_CONFIG_REASON]);
/* form.c: the shapes that check.c asks about. */
bool tend_form_name(const char *text);
bool tend_form_email(const char *text);
bool tend_form_size(const char *text, int64_t *ret_bytes);
bool tend_form_time_of_day(const char *text, int64_t *ret_minutes);
bool tend_form_listen(const char *text, char reason[static TEND_CONFIG_REASON]);
bool tend_form_url(const char *text, const char *const *schemes, char reason[static TEND_CONFIG_REASON]);
bool tend_form_path(const char *text, char reason[static TEND_CONFIG_REASON]);

/* read.c */
tend_status tend_config_read(tend_config *config, const char *file, const char *text, size_t length, tend_faults *faults);

/* place.c */
tend_place *tend_config_place(tend_config *config, const char *name, const char *file, unsigned line, tend_faults *faults);
void tend_config_put(tend_config *config, tend_place *place, const char *key, const char *value, const char *file, unsigned line,
                     const char *folder, tend_faults *faults);
tend_place *tend_config_find_place(const tend_config *config, const char *section, const char *instance);
tend_entry *tend_config_find_entry(const tend_config *config, const tend_place *place, const char *key);
/* NULL when `sections` has none. */
const tend_section *tend_config_find_section(const tend_config *config, const char *name, bool is_named);
const tend_setting *tend_config_find_setting(const tend_section *section, const char *key);
uint64_t tend_setting_hash(const tend_setting *setting);

#endif
