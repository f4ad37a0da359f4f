/* plugins.h: which plugins there are, and calling one through tend-host.
 *
 * Plugins are looked for in the folders of [plugins] path (default: beside the program, and <libdir>/tend/plugins). Only the ELF
 * note is read here; nothing of a plugin is ever loaded into this process. A hosted plugin is one tend-host process with one
 * opened plugin; calls go one at a time over its socket pair. A host that crashes, hangs past its deadline or lies costs the
 * call: TEND_ERROR / TEND_ELIMIT with a sentence that names the plugin and how it ended; the next call starts a new one. */
#ifndef TEND_PLUGIN_PLUGINS_H
#define TEND_PLUGIN_PLUGINS_H

#include "config/config.h"
#include "model/model.h"
#include <tend/plugin.h>

typedef struct tend_plugins tend_plugins;

/* [plugins] path, call_deadline, memory_limit …, and [plugin.NAME] grant = files, network, programs; enabled. */
extern const tend_section tend_plugins_sections[];

/* Why a plugin is not used, as data; `why_not` is the sentence. */
typedef enum tend_plugin_state {
    TEND_PLUGIN_USABLE = 1,
    TEND_PLUGIN_BROKEN,       /* no note, or no shared object at all */
    TEND_PLUGIN_OTHER_ABI,    /* built for another ABI */
    TEND_PLUGIN_UNSAFE,       /* somebody else could change it, or it is a link */
    TEND_PLUGIN_SHADOWED,     /* one of that name was found first */
    TEND_PLUGIN_SWITCHED_OFF, /* enabled = no */
    TEND_PLUGIN_NOT_GRANTED,  /* it asks for more than it was granted */
    TEND_PLUGIN_MISSING,      /* [plugin.NAME] is written, and there is none */
    TEND_PLUGIN_QUARANTINED,  /* it crashed again and again; tend plugin release NAME lets it out */
    TEND_PLUGIN_UNSIGNED,     /* [plugins] require_signature = yes, and nobody signed it */
    TEND_PLUGIN_UNTRUSTED,    /* the same, and what is signed is another file or manifest, with another key, or cannot be checked */
    TEND_PLUGIN_HELD,         /* the engine is in safe mode */
    TEND_PLUGIN_MISCONFIGURED /* [plugin.NAME] has a key that nobody reads */
} tend_plugin_state;
const char *tend_plugin_state_name(tend_plugin_state state); /* "usable", "not_granted" … */

typedef struct tend_plugin_info {
    const char *name, *version, *path; /* path "": missing */
    uint32_t abi, provides, needs, granted;
    int64_t identity[4]; /* of the file: device, inode, mtime in ns, size */
    tend_plugin_state state;
    bool is_usable;
    const char *why_not; /* NULL when usable: "asks for network; grant it with [plugin.x] grant = network" */
    /* As far as it was looked at, which is always with [plugins] require_signature, and else after tend_plugins_look_at_signatures:
     * either "acme (3c1dffe047a8f24d)", a trusted key over this very file, or the sentence why not. */
    const char *signed_by, *why_unsigned;
} tend_plugin_info;

/* Reads the notes of all files in the folders. A file without a note, with another ABI, a broken ELF, world-writable …: listed
 * with the reason, not a failure. `config` may be NULL (defaults). Owned; borrows config and copies the clock. */
tend_status tend_plugins_open(const tend_config *config, tend_clock clock, tend_plugins **ret_plugins, tend_error *reterr);
/* One file alone, wherever it stands, with all the rights that it asks for: for whoever builds it. Its list has one entry, usable
 * or with the reason. Its hosts send every item of a pull in a message of its own, so that they can be stopped at each. */
tend_status tend_plugins_open_file(const char *path, tend_clock clock, tend_plugins **ret_plugins, tend_error *reterr);
/* Who signed what, for a list that need not know it to start plugins. Looks once; costs a process of tend-sign when there is
 * something to check. TEND_ENOMEM is the only failure: whatever else is wrong is said of the plugins. */
tend_status tend_plugins_look_at_signatures(tend_plugins *plugins, tend_error *reterr);
void tend_plugins_close(tend_plugins *plugins);                                           /* ends every host; accepts NULL */
const tend_plugin_info *tend_plugins_info(const tend_plugins *plugins, size_t i);         /* NULL past the end; sorted by name */
const tend_plugin_info *tend_plugins_find(const tend_plugins *plugins, const char *name); /* NULL: none of that name */

/* A plugin whose process ends as it should not several times within an hour is started again only after a while, and with
 * [plugins] quarantine_after crashes not at all. The list knows that only while it lives; who keeps it asks for records that have
 * changed and gives them to the next list. */
enum { TEND_PLUGIN_RECORD_ROOM = 800 };
/* The i-th plugin's record when it is another than was kept; false when it is not. It counts as kept then. */
bool tend_plugins_record(tend_plugins *plugins, size_t i, char ret_text[static TEND_PLUGIN_RECORD_ROOM]);
void tend_plugins_recall(tend_plugins *plugins, const char *name, const char *record); /* what is none is passed over */
/* Out of quarantine, and as if it had never crashed. TEND_ENOTFOUND: none of that name, or it is in none. */
tend_status tend_plugins_release(tend_plugins *plugins, const char *name, tend_error *reterr);

/* Safe mode: none is started. */
void tend_plugins_hold(tend_plugins *plugins);

typedef struct tend_hosted tend_hosted;
/* A setting handed to the plugin; the same key may come several times when the plugin takes a list. */
typedef struct tend_given {
    const char *key, *value;
    bool is_secret;
    bool is_written;    /* as a person wrote it in INI: a list is split at its commas. Otherwise the value is taken as it is */
    const char *folder; /* relative paths are below it; NULL: below the working folder */
} tend_given;

/* Starts tend-host with the plugin `name`, opened with `settings` (copied). Owned by the caller. The settings are checked against
 * the plugin's own table: unknown keys ("did you mean"), types, what is required. They arrive as <tend/plugin.h> promises:
 * durations as milliseconds, paths absolute, booleans as yes or no, defaults filled in. */
tend_status tend_hosted_start(tend_plugins *plugins, const char *name, const tend_given *settings, size_t count,
                              tend_hosted **ret_hosted, tend_error *reterr);
void tend_hosted_stop(tend_hosted *hosted); /* accepts NULL */
/* False after a call that its process did not survive; the next call starts a new one. */
bool tend_hosted_runs(tend_hosted *hosted);
/* A host that only says what its plugin declares: it is not opened and gets no right at all, so that one that was not granted what
 * it asks for can be looked at, too. Owned; of use for tend_hosted_declared, _options, _summary and _stop. */
tend_status tend_hosted_describe(tend_plugins *plugins, const char *name, tend_hosted **ret_hosted, tend_error *reterr);

/* Where tend_hosted_try says what is wrong: with a setting, with the capability that was asked for, with the plugin itself. */
typedef struct tend_try_faults {
    void (*setting)(void *self, const char *key, const char *reason);
    void (*capability)(void *self, const char *plugin);
    void (*plugin)(void *self, const char *reason);
    void *self;
} tend_try_faults;

/* Every fault of `settings`: first as the plugin's own table has them, and when there is none and `opens` holds, as the plugin
 * itself finds them when it is opened. `kind` is what it has to provide, under the name `capability` (NULL: any). A host of its own
 * is started and ended. TEND_OK whatever was found. */
tend_status tend_hosted_try(tend_plugins *plugins, const char *name, int32_t kind, const char *capability,
                            const tend_given *settings, size_t count, bool opens, const tend_try_faults *faults,
                            tend_error *reterr);

/* What is said of a key of [plugin.NAME] that is none of the section's, where NAME has no KPIs. */
#define TEND_PLUGIN_STRANGE_KEY \
    "no such setting; those of a connector, sink or price stand in its [source.NAME], [sink.NAME] or [price.NAME]"

/* The setting of that name in a section's own table; NULL: none, or `*`. And the nearest such name to a misspelt one, or NULL. */
const tend_setting *tend_section_setting(const tend_section *table, const char *key);
const char *tend_section_near(const tend_section *table, const char *key);

/* What a section such as [source.x] hands to its plugin: the keys that are not the section's own, as written, and its settings of
 * type SECRET. A key of the plugin that names a secret (@file:PATH, @env:NAME) is given as one. */
#define TEND_SECTION_GIVEN 64
typedef struct tend_section_given {
    tend_given given[TEND_SECTION_GIVEN + 2]; /* room for two more of the caller's */
    size_t count;
    char *secrets[TEND_SECTION_GIVEN]; /* owned */
    size_t secret_count;
} tend_section_given;
/* `table` is the section's own. Borrows the configuration. A secret that cannot be read is the end; with `unread` it is told there
 * instead, and given as an empty text. Clear it in either case. */
tend_status tend_section_given_read(const tend_config *config, const tend_section *table, const char *instance,
                                    void (*unread)(void *self, const char *key, tend_status status, const char *why), void *self,
                                    tend_section_given *ret_given, tend_error *reterr);
void tend_section_given_clear(tend_section_given *given); /* wipes the secrets */

/* What the opened plugin declares, copied at start: capabilities by index, NULL past the end; borrowed until stop. */
typedef struct tend_declared {
    int32_t kind;
    const char *name, *summary;
    /* kpi only: */
    tend_unit unit;
    bool is_money, higher_is_better, has_explain, has_interval;
    uint32_t twin; /* the place of the first capability that is the same under another name; its own when there is none before it */
    uint32_t version;
    const char *formula, *source;
    const tend_input *inputs; /* ended by a NULL column */
    /* price only: */
    bool has_check, only_first;
    const tend_rule_key *rule_keys; /* ended by a NULL key */
} tend_declared;
const tend_declared *tend_hosted_declared(const tend_hosted *hosted, size_t i);
const char *tend_hosted_summary(const tend_hosted *hosted);
/* The plugin's settings table as its descriptor has it; ended by a NULL key. */
const tend_option *tend_hosted_options(const tend_hosted *hosted);

/* A record as it crossed: cells of u32 length + 1 (0: not named), text and NUL, one behind the other. Nobody has looked into them,
 * and the plugin may still write there: each look is a look of its own. */
typedef struct tend_raw_record {
    const char *cells;
    size_t length;
    uint32_t count;
    uint64_t line;
    tend_time modified_at;
} tend_raw_record;
#define TEND_PULL_AHEAD 64
#define TEND_PULL_SLOTS 4u
tend_cell tend_raw_cell(const tend_raw_record *record, uint32_t i); /* text NULL: not named, or not there */

/* The same, copied and looked into. */
typedef struct tend_ready_record {
    tend_raw_record raw;
    const tend_cell *cells; /* raw.count of them */
    bool are_texts;         /* false: one of them is none, and the record is not handed over */
    bool are_plain;         /* all of them are tend_utf8_is_plain */
} tend_ready_record;

/* Connectors. The functions of `sink` are called as the plugin calls its tend_record_out; a failure they return ends the pull with
 * that failure. Cells are borrowed for the call. */
typedef struct tend_pull_sink {
    tend_status (*columns)(void *self, const char *const *names, uint32_t count, const char *const *key, tend_error *reterr);
    tend_status (*record)(void *self, const tend_cell *cells, uint32_t count, uint64_t line, tend_time modified_at,
                          tend_error *reterr);
    tend_status (*tombstone)(void *self, const tend_cell *key, uint32_t count, tend_time removed_at, tend_error *reterr);
    tend_status (*checkpoint)(void *self, const char *bookmark, size_t length, tend_error *reterr);
    tend_status (*reject)(void *self, uint64_t line, const char *column, const char *value, size_t length, const char *reason,
                          tend_error *reterr);
    void *self;
    bool (*is_cancelled)(void *self); /* asked twice a second at least; true ends the pull with TEND_ECLOSED. May be NULL */
    bool kills;                       /* a failure of these functions kills the host at once, as a power cut would */
    /* For who knows records by their bytes; both NULL or none. `ahead` gets up to TEND_PULL_AHEAD records that come one after the
     * other; then, before each of them is handed over, `pass` is asked with its number among them: true, and it is not. */
    void (*ahead)(void *self, const tend_raw_record *records, size_t count);
    bool (*pass)(void *self, const tend_raw_record *record, size_t i);
    /* For who can do a part of the work ahead; all NULL or none. While `prepares` says so, records that are many are given to
     * `prepare` first, in another thread, while the others of these functions may be at work on records before them. What it makes
     * of them belongs to `slot`, below TEND_PULL_SLOTS, and stays until the same slot is given again. `ready` is asked before each
     * of them is handed over, in the place of `ahead` and `pass`. `prepare` is never at work while `columns`, `tombstone`,
     * `checkpoint` or `reject` is called but for a record's cells that are no text. */
    bool (*prepares)(void *self);
    void (*prepare)(void *self, unsigned slot, const tend_ready_record *records, size_t count);
    void (*ready)(void *self, unsigned slot, size_t i);
} tend_pull_sink;
tend_status tend_hosted_streams(tend_hosted *hosted, const char *capability,
                                tend_status (*put)(void *self, const char *name, const char *about), void *self,
                                tend_error *reterr);
tend_status tend_hosted_pull(tend_hosted *hosted, const char *capability, const tend_pull *request, const tend_pull_sink *sink,
                             tend_error *reterr);

/* KPIs. The batch crosses as one sealed memfd; results are copied before they are looked at. `ret_values` has batch->accounts
 * entries. */
tend_status tend_hosted_compute(tend_hosted *hosted, const char *capability, const tend_batch *batch, tend_ratio *ret_values,
                                tend_error *reterr);
/* A batch copied into memory that hosts see, too: made once, computed often, for any period. A host keeps the last one that it was
 * shown. Owned. */
typedef struct tend_sealed tend_sealed;
tend_status tend_sealed_new(const tend_batch *batch, tend_sealed **ret_sealed, tend_error *reterr);
void tend_sealed_free(tend_sealed *sealed); /* accepts NULL; what hosts have mapped stays theirs */
/* The batch with its numbers in that memory; words are borrowed from the one it was made of. */
const tend_batch *tend_sealed_batch(const tend_sealed *sealed);
/* The values of an input, to be corrected in place while no host computes over them. */
int64_t *tend_sealed_values(tend_sealed *sealed, uint32_t input);
/* Several capabilities of one plugin over one batch, in one call, while the caller does something else. Results stand in memory
 * that the host shares: what is read there is a number and nothing else. TEND_EBUSY: there is no room for them now; compute one by
 * one. */
typedef struct tend_many tend_many;
tend_status tend_many_begin(tend_hosted *hosted, const char *const *capabilities, size_t count, const tend_sealed *sealed,
                            tend_date from, tend_date to, tend_many **ret_many, tend_error *reterr);
/* Waits until all have ended. Before that no other call of this host may begin. */
tend_status tend_many_end(tend_many *many, tend_error *reterr);
/* The n-th one's results, batch->accounts of them until `many` is freed; its failure otherwise. */
tend_status tend_many_at(const tend_many *many, size_t n, const tend_ratio **ret_values, tend_error *reterr);
void tend_many_free(tend_many *many); /* accepts NULL; before the host is stopped */
tend_status tend_hosted_explain(tend_hosted *hosted, const char *capability, const tend_batch *batch, uint32_t account,
                                tend_status (*put)(void *self, const tend_part *part), void *self, tend_error *reterr);
/* TEND_ENOTFOUND when the capability gives no interval. */
tend_status tend_hosted_interval(tend_hosted *hosted, const char *capability, const tend_ratio *sum, const int64_t *parts,
                                 uint32_t part_count, int64_t *ret_low, int64_t *ret_high, tend_error *reterr);

/* Prices. The rules are copied; a host that starts anew is given them again. Whatever the plugin says is checked for its form here
 * (texts, types, that a line exists) and for its sense by core/price. */
tend_status tend_hosted_rules(tend_hosted *hosted, const char *capability, const tend_price_rule *rules, uint32_t count,
                              tend_status (*fault)(void *self, const char *rule, const char *key, const char *sentence), void *self,
                              tend_error *reterr);
typedef struct tend_price_sink {
    tend_status (*adjust)(void *self, const tend_adjustment *adjustment, tend_error *reterr);
    tend_status (*benefit)(void *self, const tend_benefit *benefit, tend_error *reterr);
    tend_status (*next)(void *self, const tend_threshold *threshold, tend_error *reterr);
    tend_status (*metric)(void *self, const tend_price_metric *metric, tend_value *ret_value, tend_error *reterr);
    void *self;
} tend_price_sink;
/* What a function of `sink` refuses ends the call with that sentence; all is borrowed for the call. */
tend_status tend_hosted_apply(tend_hosted *hosted, const char *capability, const tend_quote *quote, const tend_price_sink *sink,
                              tend_error *reterr);
tend_status tend_hosted_examine(tend_hosted *hosted, const char *capability,
                                tend_status (*break_at)(void *self, const tend_price_break *where),
                                tend_status (*found)(void *self, const tend_price_finding *finding), void *self,
                                tend_error *reterr);

/* Sinks. A host that died while delivering gives TEND_BROKEN. */
tend_delivery tend_hosted_deliver(tend_hosted *hosted, const char *capability, const tend_message *message, const char *once_key,
                                  int64_t *ret_retry_ms, tend_error *reterr);

#endif
