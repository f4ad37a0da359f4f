/* schema.h: entities and facts, described once.
 *
 * From this table come the SQL, the upsert, the CSV and JSON mapping, the fields that filters and Lua see, the JSON keys, the
 * personal-data export and the reference page. Adding a field is one line in schema_table.c. Administrators add fields in INI
 * ([field.account.x_segment_code] …); they are columns named x_…, retired but never dropped. Immutable after building. */
#ifndef TEND_MODEL_SCHEMA_H
#define TEND_MODEL_SCHEMA_H

#include "base/arena.h"
#include "config/config.h"
#include "store/store.h"

/* The numbers are stored (events, changes, identities): they only grow. */
typedef enum tend_kind {
    TEND_KIND_NONE = 0,
    TEND_KIND_USER = 1,
    TEND_KIND_ACCOUNT = 2,
    TEND_KIND_OWNER = 3,
    TEND_KIND_CONTACT = 4,
    TEND_KIND_PRODUCT = 5,
    TEND_KIND_CONTRACT = 6,
    TEND_KIND_CONTRACT_LINE = 7,
    TEND_KIND_OPPORTUNITY = 8,
    TEND_KIND_TICKET = 9,
    TEND_KIND_TASK = 10,
    TEND_KIND_ORDER = 11,
    TEND_KIND_ORDER_LINE = 12,
    TEND_KIND_INVOICE = 13,
    TEND_KIND_INVOICE_LINE = 14,
    TEND_KIND_USAGE = 15,
    TEND_KIND_INTERACTION = 16,
    TEND_KIND_ANSWER = 17,
    TEND_KIND_NOTE = 18,
    TEND_KIND_MENTION = 19,
    TEND_KIND_DOCUMENT = 20,
    TEND_KIND_PROGRAMME = 21,
    TEND_KIND_PARTICIPATION = 22,
    TEND_KIND_BUDGET = 23,
    TEND_KIND_PLAN = 24,
    TEND_KIND_OBJECTIVE = 25,
    TEND_KIND_ACTION = 26,
    TEND_KIND_HANDOVER = 27,
    TEND_KIND_QUOTA = 28,
    TEND_KIND_COMPETITOR = 29,
    TEND_KIND_NEED = 30,
    TEND_KIND_VOICE = 31,
    TEND_KIND_CHURN = 32,
    TEND_KIND_RATE = 33,
    TEND_KIND_APPROVAL = 34,
    TEND_KIND_MEDIA = 35,
    TEND_KIND_PROFILE = 36,
    TEND_KIND_ENVIRONMENT = 37,
    TEND_KIND_PRICE = 38,
    TEND_KIND_TENDER = 39,
    TEND_KIND_CONCESSION = 40,
    TEND_KIND_EXPECTATION = 41,
    TEND_KIND_COUNT
} tend_kind;

typedef enum tend_sensitivity {
    TEND_OPEN = 0,      /* anyone who may see the row */
    TEND_INTERNAL = 1,  /* never in a customer's report */
    TEND_PERSONAL = 2,  /* about a natural person: exported and erased with that person */
    TEND_RESTRICTED = 3 /* financial or health details: only with the right to see them */
} tend_sensitivity;

enum {
    TEND_FIELD_REQUIRED = 1, /* a new row must have it */
    TEND_FIELD_KEY = 2,      /* rows may be looked up by it (names people use); indexed */
    TEND_FIELD_INDEXED = 4,
    TEND_FIELD_CUSTOM = 8,  /* from INI, column x_… */
    TEND_FIELD_RETIRED = 16 /* custom and no longer in INI: kept, not offered */
};

typedef struct tend_field {
    const char *name;
    uint8_t type;        /* tend_type */
    uint8_t scale;       /* TEND_DECIMAL: digits after the point as stored */
    uint8_t target;      /* TEND_REF: tend_kind */
    uint8_t sensitivity; /* tend_sensitivity */
    unsigned flags;
    const char *choices; /* TEND_TEXT: allowed words between blanks; NULL: any text */
    const char *unit;    /* "seats", "seconds", "per year"; NULL when the type says it all */
    const char *help;    /* meaning, one line */
} tend_field;

/* Two dates or two times of a row that must not run backwards. */
typedef struct tend_span {
    int first, last;
} tend_span;
#define TEND_SPANS 4

typedef struct tend_kind_schema {
    tend_kind kind;
    const char *name;  /* singular: in filters, topics, JSON and commands */
    const char *table; /* plural: in SQL and `list` */
    const char *help;
    bool is_fact;
    const tend_field *fields; /* columns in this order, after the common ones */
    int field_count;
    int account_field;   /* the TEND_REF to account that owns the row; -1: none (for account: none) */
    int name_field;      /* what a row is called; -1: none */
    int status_field;    /* topics "<kind>.<word>" are published when it changes; -1: none */
    int currency_field;  /* currency of the row's money fields; -1: none */
    int effective_field; /* facts: the date or time the fact happened; entities: -1 */
    tend_span spans[TEND_SPANS];
    int span_count;
} tend_kind_schema;

typedef struct tend_schema tend_schema;

/* The sections [field.KIND.x_name] that administrators write: type, choices, help, sensitivity, target, retired. */
extern const tend_section tend_schema_sections[];

/* Built-in kinds plus the custom fields of `config` (may be NULL). Owned. */
tend_status tend_schema_new(const tend_config *config, tend_schema **ret_schema, tend_error *reterr);
void tend_schema_free(tend_schema *schema);

const tend_kind_schema *tend_schema_kind(const tend_schema *schema, tend_kind kind); /* asserts a valid kind */
/* By singular or plural name; NULL when unknown. */
const tend_kind_schema *tend_schema_find(const tend_schema *schema, const char *name);
int tend_schema_field(const tend_kind_schema *kind, const char *name); /* index, -1 when unknown */
/* Kind names (singular), NULL-terminated; for messages and completion. */
const char *const *tend_schema_names(const tend_schema *schema);
bool tend_field_allows(const tend_field *field, const char *text, size_t length); /* by `choices` */

/* Creates missing tables, columns and indexes; never drops. Columns common to all tables:
 *   entities  id, effective_at, known_at, known_assumed, recorded_at, batch, source, external, removed_at (null while it exists)
 *   facts     id, fact (first version's id), effective_at, known_at, known_assumed, recorded_at, batch, source, external,
 * closed_at, closed_known `source` and `external` are what the row that was made for a source's record is called there; facts have
 * it in the first version. What else a row is called stands in `aliases`. */
tend_status tend_schema_apply(const tend_schema *schema, tend_store *store, tend_error *reterr);
/* True when the store has a table or column less than the schema, as after an upgrade or a new [field.…]: readers would fail. The
 * first is named in ret_what, "account.x_code". One look when the schema was applied as it is. */
#define TEND_SCHEMA_LACKS 128
bool tend_schema_lacks(const tend_schema *schema, tend_store *store, char ret_what[static TEND_SCHEMA_LACKS]);

/* All names of the rows of a kind, for FROM: (row, source, external). Borrowed from the schema. */
const char *tend_schema_names_of(const tend_schema *schema, tend_kind kind);

#endif
