/* plugin.h: what a plugin and tend know of each other.
 *
 * A plugin is one shared object. It includes this header and links to nothing of ours: what it needs at run time it receives as
 * a table of functions (tend_host). It runs in a process of its own, tend-host, which opens one plugin and serves its capabilities
 * one call at a time; a crash, hang or leak costs that call. Everything a plugin exports is constant and static; TEND_PLUGIN
 * writes the one exported entry, and an ELF note that the host reads from the file before it loads it.
 *
 *     static const tend_capability capabilities[] = {
 *         { TEND_KPI, "licence_use", "seats in use over seats paid", &licence },
 *         { 0 },
 *     };
 *     TEND_PLUGIN(licence_use, "1.0.0", TEND_PROVIDES_KPI, TEND_NEEDS_NOTHING,
 *                 .summary = "Licence use", .capabilities = capabilities)
 *
 * `tend plugin new KIND NAME` writes one that works, `tend plugin check FILE` tries out whether it keeps the rules below.
 *
 * Threads: one thread calls a plugin. Times are UTC milliseconds, dates are days since 1970-01-01, money is in minor units.
 * Texts are UTF-8, NUL-terminated as well as counted. Unless said otherwise what a plugin is given is borrowed for the call, and
 * what it passes to the host is copied before the host's function returns.
 *
 * The ABI is 0.x: refused unless equal. New members go at the end of each struct, behind `size`. */
#ifndef TEND_PLUGIN_H
#define TEND_PLUGIN_H

#include <tend/status.h>
#include <tend/value.h>

#ifdef __cplusplus
extern "C" {
#endif

#define TEND_ABI_MAJOR 0u
#define TEND_ABI_MINOR 3u
#define TEND_ABI ((TEND_ABI_MAJOR << 16) | TEND_ABI_MINOR)

typedef enum tend_capability_kind {
    TEND_CONNECTOR = 1,
    TEND_PRICE = 2,
    TEND_KPI = 3,
    TEND_SINK = 4,
    TEND_REPORT = 5,
    TEND_SERVICE = 6
} tend_capability_kind;

/* What the note says the plugin provides; or'ed. */
#define TEND_PROVIDES_CONNECTOR (1u << TEND_CONNECTOR)
#define TEND_PROVIDES_PRICE (1u << TEND_PRICE)
#define TEND_PROVIDES_KPI (1u << TEND_KPI)
#define TEND_PROVIDES_SINK (1u << TEND_SINK)
#define TEND_PROVIDES_REPORT (1u << TEND_REPORT)
#define TEND_PROVIDES_SERVICE (1u << TEND_SERVICE)

/* What the note asks for; the administrator grants it per plugin ([plugin.NAME] grant = files, network). Anything that was not
 * both asked for and granted is taken away before the plugin is loaded. */
#define TEND_NEEDS_NOTHING 0u
#define TEND_NEEDS_NETWORK 1u     /* sockets */
#define TEND_NEEDS_FILES 2u       /* opening files, as the user may who runs tend; write only where a setting says so */
#define TEND_NEEDS_PROGRAMS 4u    /* starting programs */
#define TEND_WANTS_NETWORK 0x100u /* sockets if they are granted; the plugin is of use without, too */

/* ---- the host, as a plugin sees it ------------------------------------------------------------------------------------- */

typedef enum tend_level { TEND_LEVEL_ERROR = 1, TEND_LEVEL_WARN = 2, TEND_LEVEL_INFO = 3, TEND_LEVEL_DEBUG = 4 } tend_level;

/* Functions the plugin may call between open (included) and close (included), from the thread that called it. `host` is the table
 * itself, borrowed until close. None of them fails. */
typedef struct tend_host tend_host;
struct tend_host {
    uint32_t size; /* of the table as this host knows it */
    uint32_t abi;
    /* One line of log, copied, at most 2,000 bytes; control characters are escaped, secrets handed out by `setting` are masked. */
    void (*log)(const tend_host *host, tend_level level, const char *message);
    /* A setting as the administrator wrote it, or its default; NULL when there is neither. A secret arrives resolved.
     * Borrowed until close. Asking for a key that the settings table lacks gives NULL and a line of log. */
    const char *(*setting)(const tend_host *host, const char *key);
    /* The i-th value of a setting that may be given several times; NULL past the end. */
    const char *(*setting_at)(const tend_host *host, const char *key, uint32_t i);
    /* The engine's time when the call began, UTC milliseconds: use it instead of the system clock. */
    tend_time (*now)(const tend_host *host);
    /* True when the call should end soon: return TEND_ELIMIT after the next checkpoint. Asking is also the sign of life without
     * which a call is stopped after [plugins] call_deadline: ask at least once a second while waiting for something. */
    bool (*is_cancelled)(const tend_host *host);
};

typedef enum tend_option_type {
    TEND_OPTION_TEXT = 1,
    TEND_OPTION_INT,
    TEND_OPTION_BOOL,     /* arrives as "yes" or "no" */
    TEND_OPTION_DURATION, /* arrives as milliseconds in digits */
    TEND_OPTION_PATH,     /* arrives absolute; readable for the plugin when files are granted */
    TEND_OPTION_LIST,     /* several values: setting_at */
    TEND_OPTION_URL,
    TEND_OPTION_PATHS,      /* several paths, each absolute: setting_at */
    TEND_OPTION_ENVIRONMENT /* several NAME=value; a NAME alone was filled in from tend's own environment: setting_at */
} tend_option_type;

typedef struct tend_option {
    const char *key; /* NULL ends the table */
    tend_option_type type;
    const char *fallback; /* NULL: none */
    const char *help;     /* one line */
    bool is_secret;
    bool is_required;
} tend_option;

/* ---- connectors -------------------------------------------------------------------------------------------------------- */

/* One cell: NULL text is "this record does not name the column" (keep what is known); length 0 is "empty" (known to be nothing). */
typedef struct tend_cell {
    const char *text;
    size_t length;
} tend_cell;

/* Where a connector puts what it reads. Every function waits while the engine is behind (back-pressure) and returns TEND_OK, or
 * a failure after which the plugin should return that failure at once (TEND_ECLOSED: the engine wants no more). */
typedef struct tend_record_out tend_record_out;
struct tend_record_out {
    uint32_t size;
    /* Names the columns of the records that follow; may be called again when new ones appear (a longer list with the same head).
     * `key` (may be NULL) lists the columns that identify a record, NULL-terminated, when the source knows them. */
    tend_status (*columns)(tend_record_out *out, const char *const *names, uint32_t count, const char *const *key);
    /* One record: `count` cells in the order of the columns (fewer than columns: the rest is not named). `line` is where it began,
     * counted from 1 (0: no lines). `modified_at` is when the source changed it, or TEND_NO_TIME. */
    tend_status (*record)(tend_record_out *out, const tend_cell *cells, uint32_t count, uint64_t line, tend_time modified_at);
    /* The record with these key cells (in the order of `key`, or one external id) is gone at the source. A record with that key
     * that comes later brings its row back: columns that it names say what holds now, the others stay as they were before the
     * removal, whether all of that comes in one pull or in several. */
    tend_status (*tombstone)(tend_record_out *out, const tend_cell *key, uint32_t count, tend_time removed_at);
    /* All before this is complete; when it has been committed, pull may be called again with this bookmark. At most 64 KiB. */
    tend_status (*checkpoint)(tend_record_out *out, const char *bookmark, size_t length);
    /* A record that could not be read: line, column name (NULL: the whole record), the value (may be NULL), the reason. */
    tend_status (*reject)(tend_record_out *out, uint64_t line, const char *column, const char *value, size_t length,
                          const char *reason);
};

typedef struct tend_stream {
    const char *name; /* "accounts", "contacts.csv": what a mapping's `stream` names */
    const char *about;
} tend_stream;

typedef struct tend_pull {
    uint32_t size;
    const char *stream;   /* one that `streams` named */
    const char *bookmark; /* of the last committed checkpoint; NULL: from the start */
    uint64_t limit;       /* stop after this many records (a look at the head); 0: all */
} tend_pull;

typedef struct tend_connector_ops {
    uint32_t size;
    /* Calls `put` for each stream, which copies; `out` is handed through to it. A failure of `put` is to be returned at once. */
    tend_status (*streams)(void *self, tend_status (*put)(void *out, const tend_stream *stream), void *out, tend_error *reterr);
    /* Reads the stream from the bookmark on, or from the start, into `out`; all of it is borrowed for the call. TEND_OK: this was
     * all there is by now. A bookmark that is none of its own is TEND_EINVAL, or taken for none: all from the start; a stream it
     * does not have TEND_ENOTFOUND, credentials that are not accepted TEND_EAUTH; every failure says why in reterr. After a
     * failure, a crash or a kill it is called again with the bookmark of the last checkpoint: the records after that are thrown
     * away and have to come again. */
    tend_status (*pull)(void *self, const tend_pull *request, tend_record_out *out, tend_error *reterr);
} tend_connector_ops;

/* ---- KPIs -------------------------------------------------------------------------------------------------------------- */

typedef enum tend_take {
    TEND_LATEST = 1, /* one value per account: the newest not unknown at the end of the period */
    TEND_ALL = 2     /* every row of the account, sorted by effective time, then row id; columns of one kind are aligned */
} tend_take;

/* "contract.annual_amount": kind and field of the schema (or a column derived from them that the engine's list names). */
typedef struct tend_input {
    const char *column; /* NULL ends the list */
    tend_take take;
} tend_input;

#define TEND_UNKNOWN INT64_MIN /* a value that is not known */

typedef struct tend_column {
    const int64_t *values;    /* INT, DECIMAL mantissa, MONEY minor units, DATE, TIME, REF, BOOL; words by number (see `words`) */
    const uint32_t *starts;   /* TEND_ALL: account i has values[starts[i]] … values[starts[i+1]-1]; TEND_LATEST: NULL */
    const char *const *words; /* TEXT: value v is words[v], unless v is TEND_UNKNOWN; NULL otherwise. Compare texts, not numbers:
                                 the order of the words may be another in every batch */
    uint32_t word_count;
} tend_column;

/* Many accounts at once. When the capability is_money, accounts that hold several currencies appear once for each: every money
 * value of one entry has one currency, and the engine converts and adds up the results. */
typedef struct tend_batch {
    uint32_t size;
    uint32_t accounts;
    uint32_t inputs;
    tend_date from;             /* the period's opening day: values "at the start" are as of the end of this day */
    tend_date to;               /* the period's last day: values "at the end" are as of the end of this day */
    const tend_column *columns; /* in the order of the inputs */
} tend_batch;

static inline const int64_t *tend_column_int(const tend_batch *batch, uint32_t input)
{
    return batch->columns[input].values;
}
static inline const uint32_t *tend_column_starts(const tend_batch *batch, uint32_t input)
{
    return batch->columns[input].starts;
}

/* A denominator of 0 is "not defined". Money numerators are minor units; of recurring money per year (divide once, when shown). */
typedef struct tend_ratio {
    int64_t numerator;
    int64_t denominator;
} tend_ratio;

/* One fact's part of an account's value. Parts add up exactly to the account's numerator and denominator. */
typedef struct tend_part {
    uint32_t input; /* which input … */
    uint32_t row;   /* … and which of its values (index into values); UINT32_MAX: no single fact */
    int64_t numerator;
    int64_t denominator;
    const char *why; /* "expansion", "churned 2024-03-01"; copied */
} tend_part;

/* How values of several accounts become one. Ratios, scores and days: the sum of the numerators over the sum of the denominators.
 * Money and counts: the sum of the numerators over one divisor, which is the formula's own and the same for every account that has
 * a value (1, or 12 for a month of yearly money); another one is refused when the KPI is computed. */
typedef enum tend_unit {
    TEND_UNIT_RATIO = 1, /* shown as a percentage: a share is counted over counted, not in hundredths */
    TEND_UNIT_MONEY,     /* numerator in minor units */
    TEND_UNIT_COUNT,     /* how many there are */
    TEND_UNIT_SCORE,     /* a mean of answers, or NPS (numerator is already times 100) */
    TEND_UNIT_DAYS       /* a mean of days */
} tend_unit;

typedef struct tend_kpi_ops {
    uint32_t size;
    tend_unit unit;
    bool is_money; /* split accounts by currency, convert results at the period's opening rate */
    bool higher_is_better;
    uint32_t version; /* of the formula; published values carry it */
    const tend_input *inputs;
    const char *formula; /* one line, for `kpi show` */
    const char *source;  /* where the formula comes from */
    /* Fills ret_values[0 … accounts-1], which are 0/0 at first. Must not depend on the order of accounts or on earlier calls; the
     * batch is borrowed for the call and read-only memory. A sum that does not fit is TEND_ELIMIT, for the whole batch. */
    tend_status (*compute)(void *self, const tend_batch *batch, tend_ratio *ret_values, tend_error *reterr);
    /* Calls `put`, which copies, for the parts of account `account` of the batch; a failure of `put` is to be returned at once. A
     * part of 0/0 says what was left out and why. NULL: the value has no parts. */
    tend_status (*explain)(void *self, const tend_batch *batch, uint32_t account,
                           tend_status (*put)(void *out, const tend_part *part), void *out, tend_error *reterr);
    /* The 95 % interval of a summed ratio, in the value's own unit times 10^6. `parts` are the summed numerators of the plugin's
     * capabilities named "<this one>.…", in their order (nps: nps.promoters, nps.passives, nps.detractors). NULL: none is given. */
    tend_status (*interval)(void *self, const tend_ratio *sum, const int64_t *parts, uint32_t part_count, int64_t *ret_low,
                            int64_t *ret_high, tend_error *reterr);
    /* Several of the plugin's capabilities over one batch, for work that they share: fills ret_values[n], which is 0/0 at first, as
     * `compute` of ops[n] would; all read the same inputs. A failure leaves them to `compute`, one by one. NULL: each is computed
     * by itself. */
    tend_status (*compute_many)(void *self, const struct tend_kpi_ops *const *ops, uint32_t count, const tend_batch *batch,
                                tend_ratio *const *ret_values, tend_error *reterr);
} tend_kpi_ops;

/* ---- sinks ------------------------------------------------------------------------------------------------------------- */

typedef struct tend_message {
    uint32_t size;
    const char *channel;  /* as the outbox row names it: "mail", "chat" … */
    const char *to;       /* address in the channel's terms */
    const char *subject;  /* may be "" */
    const char *text;     /* UTF-8 */
    const char *language; /* "en", "ko" */
    const char *payload;  /* the effect as JSON, for machine sinks */
    tend_time created_at;
    uint32_t attempt; /* 1 for the first */
} tend_message;

/* How a delivery failed: decides whether the core tries again. */
typedef enum tend_delivery {
    TEND_DELIVERED = 0,
    TEND_RETRY_LATER = 1,  /* busy, timed out, not reachable: try after ret_retry_ms (0: the core's own back-off) */
    TEND_UNAUTHORISED = 2, /* our credentials are not accepted: stop this sink until the configuration changes */
    TEND_REFUSED = 3,      /* this message will never be accepted: dead letter */
    TEND_BROKEN = 4        /* a fault of the sink: a few more tries, then dead letter */
} tend_delivery;

typedef struct tend_sink_ops {
    uint32_t size;
    /* Carries the message out; the same once_key on every try of one message, also in a new process. All is borrowed for the call.
     * Whatever is not TEND_DELIVERED says why in reterr. *ret_retry_ms is for TEND_RETRY_LATER, at most 30 days. */
    tend_delivery (*deliver)(void *self, const tend_message *message, const char *once_key, int64_t *ret_retry_ms,
                             tend_error *reterr);
} tend_sink_ops;

/* ---- prices ------------------------------------------------------------------------------------------------------------ */

/* A price plugin is given rules and lines and says what changes: adjustments, each under the name of the rule that made it. The
 * core chooses which rules fit (account, product, unit, day, term), asks the plugins in the order of configuration, adds up, and
 * refuses what breaks the rules below: nothing that a plugin says is believed unchecked.
 *
 * Arithmetic: amounts are whole minor units of the quote's currency. Quantities and prices of one unit are exact decimals. A plugin
 * multiplies exactly and divides once, at the end, rounding as the quote says; the core only adds. <tend/bands.h> has the
 * arithmetic of tiers. */

/* mantissa / 10^scale, exactly; scale is 0 to 12. The core hands over the shortest form: 2.50 arrives as 25 / 10^1. */
typedef struct tend_decimal {
    int64_t mantissa;
    uint32_t scale;
} tend_decimal;

typedef enum tend_rounding {
    TEND_ROUND_HALF_AWAY = 1, /* 0.5 away from zero: 2.5 is 3, -2.5 is -3 */
    TEND_ROUND_HALF_EVEN = 2  /* 0.5 to the even neighbour: 2.5 is 2, 3.5 is 4 */
} tend_rounding;

/* What an administrator may write in a rule, [rule.NAME], beside the keys of the core (price, product, family, unit, where, from,
 * until, term_at_least, priority, currency, help). Values are checked by type before the plugin sees them. */
typedef enum tend_rule_value {
    TEND_RULE_TEXT = 1,
    TEND_RULE_WORD,    /* one of `choices` */
    TEND_RULE_INT,     /* a whole number */
    TEND_RULE_DECIMAL, /* "12.5", not below zero */
    TEND_RULE_PERCENT, /* written "12.5 %", arrives as "12.5" */
    TEND_RULE_MONTHS,  /* written "3 months" or "2 years", arrives as "3", "24" */
    TEND_RULE_BOOL,    /* arrives as "yes" or "no" */
    TEND_RULE_RULE,    /* the name of another rule of the same section */
    TEND_RULE_BAND     /* "0.40", "0.40 + 10.00" (a fee besides) or "5 %"; what follows the key's dot is a decimal */
} tend_rule_value;

typedef struct tend_rule_key {
    const char *key; /* NULL ends the table; "up_to.*" takes up_to.100, up_to.250.5 … */
    tend_rule_value type;
    const char *choices; /* TEND_RULE_WORD: words between blanks */
    const char *help;    /* one line */
    bool is_required;
} tend_rule_key;

typedef struct tend_rule_setting {
    const char *key, *value; /* a NULL key ends the list; in the order they are written */
} tend_rule_setting;

typedef struct tend_price_rule {
    const char *name;                  /* the id that adjustments carry */
    tend_date from, until;             /* both included; TEND_NO_DATE: open */
    char currency[4];                  /* of the money the rule writes; "" when it names none */
    const tend_rule_setting *settings; /* those of the plugin's own keys */
    uint32_t exponent;                 /* digits after the point of `currency` */
} tend_price_rule;

/* How a plugin says what is wrong with its rules. `key` may be NULL. One call per fault, as many as there are; copied. */
typedef struct tend_rule_faults tend_rule_faults;
struct tend_rule_faults {
    uint32_t size;
    void (*fault)(tend_rule_faults *faults, const char *rule, const char *key, const char *sentence);
};

/* A rule that fits, and how its money becomes the quote's: × numerator / denominator, unrounded, by the rates of the quote's day
 * (1 / 1 when the currency is the same or the rule names none; 0 / 0 when there is no rate, which happens only to a quote without
 * lines). */
typedef struct tend_price_match {
    uint32_t rule; /* index as given to `rules` */
    int64_t rate_numerator, rate_denominator;
} tend_price_match;

typedef struct tend_quote_line {
    const char *product, *code, *family; /* code and family may be "" */
    const char *unit;                    /* "" : the product's own */
    tend_decimal quantity;               /* more than zero */
    tend_decimal list_price;             /* of one unit in the quote's currency, for showing; `list` is exact */
    int64_t list;                        /* minor units: quantity × list price, rounded once */
    int64_t net;                         /* what is left of it before this plugin: list and the adjustments so far */
    const tend_price_match *matches;     /* the rules that fit this line, in order of precedence */
    uint32_t match_count;
} tend_quote_line;

typedef struct tend_quote {
    uint32_t size;
    int64_t account;
    const char *account_name;
    const char *tier; /* the account's tier as it is written in the model; "" when it has none */
    tend_date date;
    uint32_t term_months; /* of the contract that is offered; 0: none */
    char currency[4];
    uint32_t exponent; /* digits after the point of the currency */
    tend_rounding rounding;
    const tend_quote_line *lines;
    uint32_t line_count;             /* 0: the question is only what the account is entitled to */
    const tend_price_match *matches; /* the rules that fit the account and the day, whatever the product */
    uint32_t match_count;
} tend_quote;

typedef enum tend_adjustment_kind {
    TEND_ADJUST_INVOICE = 1, /* changes what the invoice says */
    TEND_ADJUST_LATER = 2    /* comes later, such as an accrued rebate: off the invoice, part of the price the customer ends at */
} tend_adjustment_kind;

#define TEND_WHOLE_QUOTE UINT32_MAX

typedef struct tend_adjustment {
    uint32_t size;
    uint32_t line; /* index; TEND_WHOLE_QUOTE: of no line */
    tend_adjustment_kind kind;
    int64_t amount;     /* minor units; below zero makes it cheaper */
    char currency[4];   /* the quote's */
    const char *rule;   /* one of the plugin's rules */
    const char *reason; /* a sentence for people: "10 at 0.50, 50 at 0.45"; at most 500 bytes */
} tend_adjustment;

/* What the account is entitled to beside the price, or has earned so far: "support class" = "premium", "accrued" = 1200.00 USD. */
typedef struct tend_benefit {
    uint32_t size;
    const char *rule;
    const char *name; /* [a-z_]+: "tier", "supply_priority", "accrued" */
    tend_value value; /* any type but TEND_REF */
    const char *why;  /* a sentence; may be "" */
} tend_benefit;

/* Where the next step is. */
typedef struct tend_threshold {
    uint32_t size;
    uint32_t line; /* TEND_WHOLE_QUOTE: of the account */
    const char *rule;
    const char *what;   /* "quantity", or the metric's name */
    tend_value now, at; /* both of one type: where we are, and the first value that is beyond */
    const char *then;   /* a sentence: what changes there */
} tend_threshold;

/* A number about the account that a rule depends on. Names: "invoiced", "ordered" (money of invoices issued, of orders placed;
 * returns are subtracted), "units" (ordered quantity), "kpi.ID" (published
 * value on the last day), "account.FIELD" (a number the account has). */
typedef struct tend_price_metric {
    uint32_t size;
    const char *name;
    tend_date from, to; /* both included */
    char currency[4];   /* money arrives in it, each amount by the rate of its own day; "": the quote's */
} tend_price_metric;

/* Where a plugin puts what it found. Each function copies; a failure is to be returned at once. */
typedef struct tend_price_out tend_price_out;
struct tend_price_out {
    uint32_t size;
    tend_status (*adjust)(tend_price_out *out, const tend_adjustment *adjustment);
    tend_status (*benefit)(tend_price_out *out, const tend_benefit *benefit);
    tend_status (*next)(tend_price_out *out, const tend_threshold *threshold);
    /* Asks the engine; waits for the answer. TEND_MONEY, TEND_DECIMAL or TEND_NULL (not known). TEND_EINVAL: no such metric. */
    tend_status (*metric)(tend_price_out *out, const tend_price_metric *metric, tend_value *ret_value);
};

/* Where what a rule does changes its slope or jumps. Between two breaks the amount of a line is a straight line (but for rounding),
 * or does not fall, so that the core proves a whole rule by looking on both sides of each break. */
typedef struct tend_price_break {
    uint32_t size;
    const char *rule;
    tend_decimal at; /* a quantity of a line */
} tend_price_break;

typedef enum tend_price_finding_kind {
    TEND_PRICE_CLIFF = 1,     /* more costs less */
    TEND_PRICE_CONTRADICTION, /* two rules say different things about the same */
    TEND_PRICE_SHADOWED,      /* another rule always comes first */
    TEND_PRICE_UNUSED,        /* never applies */
    TEND_PRICE_GAP            /* days, or amounts, that no rule covers */
} tend_price_finding_kind;

typedef struct tend_price_finding {
    uint32_t size;
    tend_price_finding_kind kind;
    const char *rule;
    const char *other; /* rule; may be NULL */
    const char *text;  /* a sentence: what, and what to do */
} tend_price_finding;

typedef struct tend_check_out tend_check_out;
struct tend_check_out {
    uint32_t size;
    tend_status (*break_at)(tend_check_out *out, const tend_price_break *where);
    tend_status (*found)(tend_check_out *out, const tend_price_finding *finding);
};

typedef struct tend_price_ops {
    uint32_t size;
    const tend_rule_key *rule_keys; /* NULL: the plugin takes no rules */
    bool only_first; /* of the rules that fit, the first alone counts: so the core can prove that another is never reached */
    /* The rules of its section, before anything else and again when they change; borrowed until the next call of this function or
     * close. Every fault goes to `faults`; a rule with a fault is never applied. NULL: no further check. */
    tend_status (*rules)(void *self, const tend_price_rule *rules, uint32_t count, tend_rule_faults *faults, tend_error *reterr);
    /* What changes. Must depend on nothing but the rules, the quote and the metrics it asks for. */
    tend_status (*apply)(void *self, const tend_quote *quote, tend_price_out *out, tend_error *reterr);
    /* Declares every break of every rule, and tells what only the plugin can see. NULL: no rule has a break. */
    tend_status (*check)(void *self, tend_check_out *out, tend_error *reterr);
} tend_price_ops;

/* ---- the plugin itself ------------------------------------------------------------------------------------------------- */

typedef struct tend_capability {
    int32_t kind; /* tend_capability_kind; 0 ends the table */
    const char *name;
    const char *summary;
    const void *ops; /* tend_connector_ops, tend_price_ops, tend_kpi_ops, tend_sink_ops … by kind */
} tend_capability;

typedef struct tend_plugin {
    uint32_t abi;
    uint32_t size;
    const char *name;
    const char *version;
    const char *summary;
    const tend_option *settings; /* NULL: none */
    const tend_capability *capabilities;
    /* Looks at the settings and reaches nothing outside: tend config check opens a plugin to hear what is wrong with them. A
     * refusal that names the setting, "smtp: security: what is wrong; what to do", is shown at its line. NULL: self is NULL. */
    tend_status (*open)(const tend_host *host, void **ret_self, tend_error *reterr);
    void (*close)(void *self); /* NULL: nothing to do */
} tend_plugin;

/* The ELF note ".note.tend": read from the file, never through the loader. Type 1, name "tend". */
#define TEND_NOTE_TYPE 1u
typedef struct tend_plugin_note {
    uint32_t name_size;       /* sizeof "tend" */
    uint32_t descriptor_size; /* what follows owner */
    uint32_t type;
    char owner[8];
    uint32_t abi;
    uint32_t provides; /* TEND_PROVIDES_… */
    uint32_t needs;    /* TEND_NEEDS_… */
    char name[40];
    char version[20];
} tend_plugin_note;

#if defined(__GNUC__)
#define TEND_EXPORT __attribute__((visibility("default")))
#define TEND_NOTE __attribute__((section(".note.tend"), used, aligned(4)))
#else
#define TEND_EXPORT
#define TEND_NOTE
#endif

/* The one function that a plugin exports. The host calls it once, after loading; what it returns is constant and stays. */
TEND_EXPORT const tend_plugin *tend_plugin_entry(void);

/* C++ warns of members that are left out; they are zero all the same. Naming them is C++20; compilers take it before, too. */
#if defined(__cplusplus)
#define TEND_QUIETLY _Pragma("GCC diagnostic push") _Pragma("GCC diagnostic ignored \"-Wmissing-field-initializers\"")
#define TEND_QUIETLY_END _Pragma("GCC diagnostic pop")
#else
#define TEND_QUIETLY
#define TEND_QUIETLY_END
#endif

/* Writes the note and the entry `tend_plugin_entry`. `name_` is an identifier, `version_` a text; the rest are members of
 * tend_plugin, in C++ in their order there. At file scope, outside of any namespace. */
#define TEND_PLUGIN(name_, version_, provides_, needs_, ...)                                                                      \
    TEND_QUIETLY TEND_NOTE static const tend_plugin_note tend_note_of_##name_ = {                                                 \
        5u, (uint32_t)(sizeof(tend_plugin_note) - 20u), TEND_NOTE_TYPE, "tend", TEND_ABI, (provides_), (needs_), #name_, version_ \
    };                                                                                                                            \
    const tend_plugin *tend_plugin_entry(void)                                                                                    \
    {                                                                                                                             \
        static const tend_plugin plugin = {                                                                                       \
            .abi = TEND_ABI, .size = sizeof(tend_plugin), .name = #name_, .version = version_, __VA_ARGS__                        \
        };                                                                                                                        \
        return &plugin;                                                                                                           \
    }                                                                                                                             \
    TEND_QUIETLY_END

#ifdef __cplusplus
}
#endif
#endif
