/* config.h: INI that is fully understood or refused.
 *
 * A settings table per kind of section is the one description: parsing, defaults, unknown keys ("did you mean"), `config show`,
 * `config template` and the reference page all read it. Files are layered key by key: later files win, and every value knows the
 * file and line it came from. All faults of all files are reported in one go. inih does the reading underneath; what inih would
 * silently cut, join or misread is refused before it gets there. Immutable after loading; may be shared by threads.
 *
 * One line is one comment, section or setting, of at most 197 bytes; a setting that ends with a '\' goes on in the next line, of
 * which the same holds, joined by one blank. Comments stand on lines of their own (a ';' after a blank in a value is refused, inih
 * would cut there). At most 1 MiB and 10,000 settings and sections a file. */
#ifndef TEND_CONFIG_CONFIG_H
#define TEND_CONFIG_CONFIG_H

#include <stdbool.h>
#include <stdio.h>
#include <tend/status.h>
#include <tend/value.h>

typedef enum tend_setting_type {
    TEND_SETTING_TEXT = 1,
    TEND_SETTING_INT,         /* whole number within min..max */
    TEND_SETTING_BOOL,        /* yes/no, true/false, on/off */
    TEND_SETTING_DURATION,    /* "250 ms", "30 s", "5 min", "2 h", "7 d": read as milliseconds */
    TEND_SETTING_SIZE,        /* "64 MiB", "10 kB", "1 GiB": read as bytes; the unit is required */
    TEND_SETTING_DECIMAL,     /* exact, read with tend_config_decimal */
    TEND_SETTING_DATE,        /* YYYY-MM-DD */
    TEND_SETTING_TIME_OF_DAY, /* HH:MM, read as minutes after midnight */
    TEND_SETTING_ZONE,        /* an IANA zone that exists on this machine */
    TEND_SETTING_CURRENCY,    /* an ISO 4217 code */
    TEND_SETTING_PATH,        /* a file or folder; relative ones are below tend_config_folder; no "..", no URI */
    TEND_SETTING_NAME,        /* [a-z][a-z0-9_-]{0,62}: the name of something in configuration */
    TEND_SETTING_CHOICE,      /* one of `choices` */
    TEND_SETTING_LIST,        /* texts between commas, blanks around them dropped; each one of `choices` when there are any */
    TEND_SETTING_SECRET,      /* @file:PATH (mode 0600 or stricter, one line) or @env:NAME; never printed */
    TEND_SETTING_URL,         /* https://, smtp://, smtps:// …: the schemes in `choices` */
    TEND_SETTING_EMAIL,
    TEND_SETTING_EXPRESSION, /* checked by whoever reads it (the filter language) */
    TEND_SETTING_PATHS,      /* a list of paths, each as PATH; tend_config_entry gives them absolute */
    TEND_SETTING_PERIOD,     /* a number of months (years) or days (weeks), 1200 months or 36600 days at most */
    TEND_SETTING_LISTEN      /* ADDRESS:PORT of this machine alone (127.0.0.0/8, [::1]): the outside needs TLS in front of it */
} tend_setting_type;

typedef struct tend_setting {
    const char *key; /* NULL ends a table; "*" takes any further key (its type is this one's) */
    tend_setting_type type;
    const char *fallback;       /* as it would be written; NULL: no default */
    const char *help;           /* one line */
    int64_t min, max;           /* INT, DURATION (ms), SIZE (bytes): both 0 means 0..INT64_MAX */
    const char *const *choices; /* NULL-terminated */
    bool is_required;           /* in every instance of a named section; in a plain section always */
} tend_setting;

typedef struct tend_section {
    const char *name; /* NULL ends a list; [name] or, when is_named, [name.INSTANCE] */
    bool is_named;
    /* One or two lines for the template and the reference; at the end of a list what lists its settings, NULL for the template. */
    const char *summary;
    const tend_setting *settings;
} tend_section;

typedef struct tend_config tend_config;

/* Reads `files` (NULL-terminated, in order; one that does not exist is a fault) against `sections`, an array of pointers to
 * section tables (each ended by a NULL name), itself NULL-terminated; both borrowed for the config's life.
 * On faults returns TEND_EINVAL, writes every fault as a line to `faults` (may be NULL) and the first into reterr. */
tend_status tend_config_load(const char *const *files, const tend_section *const *sections, FILE *faults, tend_config **ret_config,
                             tend_error *reterr);
/* tend.ini in `folder`, then folder/tend.d/?*.ini in name order. */
tend_status tend_config_load_folder(const char *folder, const tend_section *const *sections, FILE *faults, tend_config **ret_config,
                                    tend_error *reterr);
/* What can be understood of it, whatever else stands there: for a command that must go on, such as a backup. Every fault is a line
 * in `faults`, *ret_count says how many; a value with a fault is there without what it was to be (a PATH is NULL). */
tend_status tend_config_load_partly(const char *folder, const tend_section *const *sections, FILE *faults, unsigned *ret_count,
                                    tend_config **ret_config, tend_error *reterr);
/* What is left without the lines that have a fault, so that the rest can be looked into; tend_config_is_broken names the sections
 * that are not as they were meant. */
tend_status tend_config_load_rest(const char *folder, const tend_section *const *sections, FILE *faults, unsigned *ret_count,
                                  tend_config **ret_config, tend_error *reterr);
/* As tend_config_load for text that is not a file yet; `name` stands in for the file name. */
tend_status tend_config_load_text(const char *name, const char *text, size_t length, const tend_section *const *sections,
                                  FILE *faults, tend_config **ret_config, tend_error *reterr);
void tend_config_free(tend_config *config); /* accepts NULL */

/* Instances of a named section in the order they first appear: for "source" the i-th "sf-korea"; NULL past the end. Borrowed. */
const char *tend_config_instance(const tend_config *config, const char *section, size_t i);
bool tend_config_has(const tend_config *config, const char *section, const char *instance,
                     const char *key); /* written, not default */

/* `instance` is NULL for plain sections. The value as written or its default; NULL / 0 / false when there is neither.
 * Asking for a key or type that the table does not have is a programming error and asserts. Borrowed. */
const char *tend_config_text(const tend_config *config, const char *section, const char *instance, const char *key);
int64_t tend_config_int(const tend_config *config, const char *section, const char *instance, const char *key);
bool tend_config_bool(const tend_config *config, const char *section, const char *instance, const char *key);
/* LIST: the i-th entry, NULL past the end. */
const char *tend_config_entry(const tend_config *config, const char *section, const char *instance, const char *key, size_t i);
tend_status tend_config_decimal(const tend_config *config, const char *section, const char *instance, const char *key, int scale,
                                int64_t *ret_mantissa);
/* PATH, resolved to an absolute path. */
const char *tend_config_path(const tend_config *config, const char *section, const char *instance, const char *key);
/* Reads the secret now; *ret_secret is owned (free with tend_secret_free, which wipes it). */
tend_status tend_config_secret(const tend_config *config, const char *section, const char *instance, const char *key,
                               char **ret_secret, tend_error *reterr);
void tend_secret_free(char *secret);
/* For a value whose type the table does not know (a plugin's): whether it names a secret, @file:PATH or @env:NAME, and reading one
 * that does. A relative path is below `folder`. */
bool tend_secret_is_named(const char *written);
tend_status tend_secret_read(const char *written, const char *folder, char **ret_secret, tend_error *reterr);

/* Below which relative paths of every file are: the folder of the first file, so that of tend.ini. A section means the same in
 * tend.ini and in tend.d. Borrowed. */
const char *tend_config_folder(const tend_config *config);

/* The i-th written key of a section in file order (for tables with "*" and for mappings); false past the end. All borrowed. */
bool tend_config_key(const tend_config *config, const char *section, const char *instance, size_t i, const char **ret_key,
                     const char **ret_value, const char **ret_file, unsigned *ret_line);
/* Where a value came from: its file and line, or NULL and 0 for a default. */
void tend_config_origin(const tend_config *config, const char *section, const char *instance, const char *key,
                        const char **ret_file, unsigned *ret_line);

/* Where a section is written first; NULL and 0 when it is not. */
void tend_config_where(const tend_config *config, const char *section, const char *instance, const char **ret_file,
                       unsigned *ret_line);

/* A value of it is none, or one that it needs is not there (tend_config_load_rest). */
bool tend_config_is_broken(const tend_config *config, const char *section, const char *instance);
/* Every value with file:line or "default"; secrets as named. */
void tend_config_show(const tend_config *config, FILE *out);
/* A commented INI with every key, its default and its line of help. */
void tend_config_template(const tend_section *const *sections, FILE *out);

#endif
