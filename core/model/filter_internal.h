/* filter_internal.h: a parsed filter, as its parser, its matcher and its SQL see it. Private to filter_*.c and segment.c. */
#ifndef TEND_MODEL_FILTER_INTERNAL_H
#define TEND_MODEL_FILTER_INTERNAL_H

#include "model/filter.h"
#include "model/measure.h"

#define FILTER_BYTES_MAX 8192
#define FILTER_DEPTH_MAX 32
#define FILTER_NODES_MAX 512 /* comparisons, their values and connectives, those of the segments it names included */
#define FILTER_STEPS_MAX 3
#define FILTER_STACK_MAX 48   /* what the SQL may take of the 100 places of SQLite's parser: see filter_sql.c */
#define FILTER_SPAN_MAX 36500 /* days, in relative dates */

#define FILTER_DAY_MS INT64_C(86400000)

typedef enum filter_sign {
    SIGN_NONE = 0,
    SIGN_EQ,
    SIGN_NE,
    SIGN_LT,
    SIGN_LE,
    SIGN_GT,
    SIGN_GE,
    SIGN_OPEN,
    SIGN_CLOSE,
    SIGN_COMMA,
    SIGN_PLUS,
    SIGN_MINUS
} filter_sign;

typedef enum filter_token_kind { TOKEN_END = 1, TOKEN_WORD, TOKEN_QUOTED, TOKEN_ID, TOKEN_SIGN } filter_token_kind;

typedef struct filter_token {
    filter_token_kind kind;
    filter_sign sign;
    size_t at, end;   /* where it stands in the text */
    const char *text; /* WORD: as written; QUOTED: without quotes and escapes; ID: the digits */
    size_t length;
} filter_token;

typedef struct filter_lexer {
    const char *text; /* NFC, NUL-terminated */
    size_t length;
    size_t at;
    tend_arena *arena;
    const char *place;
} filter_lexer;

tend_status filter_lex(filter_lexer *lexer, filter_token *ret_token, tend_error *reterr);
/* "PLACE: at 'TOKEN': …" or "PLACE: at the end: …". */
TEND_PRINTF(4, 5)
tend_status filter_fail(const filter_lexer *lexer, const filter_token *token, tend_error *reterr, const char *format, ...);
/* Whether the token is this keyword, in any case. */
bool filter_token_is(const filter_token *token, const char *keyword);

typedef enum filter_op {
    OP_EQ = 1,
    OP_NE,
    OP_LT,
    OP_LE,
    OP_GT,
    OP_GE,
    OP_IN,
    OP_NOT_IN,
    OP_CONTAINS,
    OP_STARTS,
    OP_EMPTY,
    OP_NOT_EMPTY,
    OP_BETWEEN
} filter_op;

typedef enum filter_final {
    FINAL_FIELD = 1, /* `field` of `kind` */
    FINAL_SELF,      /* the row itself, as a reference */
    FINAL_SEGMENT,   /* the segments the account is in */
    FINAL_MEASURE    /* a published number of the account */
} filter_final;

typedef struct filter_path {
    const tend_kind_schema *kinds[FILTER_STEPS_MAX + 1]; /* [0] the subject */
    int refs[FILTER_STEPS_MAX];                          /* fields that are followed */
    size_t ref_count;
    filter_final final;
    const tend_kind_schema *kind; /* kinds[ref_count] */
    int field;
    const char *measure, *choices; /* choices: words of the measure; NULL: any */
    bool is_money;
    const char *name; /* last part, as written: for messages */
} filter_path;

typedef enum filter_literal_kind {
    LITERAL_NUMBER = 1, /* INT, BOOL, DECIMAL at the field's scale, exact TIME; for measures a decimal */
    LITERAL_MONEY,
    LITERAL_DAY,    /* a date, or `today` moved by months and days */
    LITERAL_TEXT,   /* folded */
    LITERAL_ID,     /* #17 */
    LITERAL_SEGMENT /* value.integer is its index */
} filter_literal_kind;

typedef struct filter_literal {
    filter_literal_kind kind;
    tend_value value;
    bool is_relative;
    int months, days;
} filter_literal;

typedef struct filter_test {
    const char *text; /* as written */
    filter_path path;
    filter_op op;
    const filter_literal *literals;
    size_t count;
} filter_test;

typedef enum filter_node_kind { NODE_AND = 1, NODE_OR, NODE_NOT, NODE_TEST } filter_node_kind;

typedef struct filter_node {
    filter_node_kind kind;
    const struct filter_node **children;
    size_t count;
    const filter_test *test;
} filter_node;

typedef struct filter_use {
    int segment;
    size_t times;
} filter_use;

struct tend_filter {
    tend_arena *arena; /* owns all of it */
    tend_arena *rows;  /* what the last match read; decided_by lives here */
    const tend_schema *schema;
    const tend_segments *segments;
    tend_kind subject;
    const char *text;
    const filter_node *root;
    size_t nodes;           /* of its own text */
    const filter_use *uses; /* the segments it names */
    size_t use_count;
    size_t weight, stack; /* with those of its segments; set by filter_weigh */
};

typedef struct filter_segment {
    const char *name, *help;
    tend_filter *filter;
} filter_segment;

struct tend_segments {
    tend_arena *arena;
    filter_segment *segments;
    size_t count;
    const tend_measure_name *measures; /* a NULL name ends them */
    bool is_any;                       /* every name is that of the first */
};

/* The index, or -1. */
int filter_segment_find(const tend_segments *segments, const char *name, size_t length);

/* The parser's hands. */
typedef struct filter_parser {
    tend_filter *filter;
    filter_lexer lexer;
    filter_token now; /* the token to be read next */
    size_t last_end;  /* where the one before ended */
    int depth;
    size_t nodes;
    filter_use *uses;
    size_t use_count;
    tend_error *reterr;
} filter_parser;

tend_status filter_take(filter_parser *parser);  /* moves on to the next token */
tend_status filter_count(filter_parser *parser); /* one node more */
/* As tend_filter_parse, without filter_weigh: for segments, whose segments may be parsed later. */
tend_status filter_parse(const tend_schema *schema, const tend_segments *segments, tend_kind subject, const char *text,
                         const char *place, tend_filter **ret_filter, tend_error *reterr);
/* Sets weight and stack, once those of its segments are set; refuses what is too large with them. */
/* Places in the stack of the SQL parser that this node takes. */
size_t filter_stack(const tend_filter *filter, const filter_node *node);
tend_status filter_weigh(tend_filter *filter, const char *place, tend_error *reterr);
/* filter_path.c: the field that `token` names. */
tend_status filter_path_read(filter_parser *parser, const filter_token *token, filter_path *ret_path);
/* filter_literal.c: the next tokens as a value that `path` can be compared with by `op`. */
tend_status filter_literal_read(filter_parser *parser, const filter_path *path, filter_op op, filter_literal *ret_literal);
/* "90 days": a number and days, weeks, months or years. Exactly one result is not zero, unless the number is. */
tend_status filter_span_read(filter_parser *parser, int *ret_months, int *ret_days);
/* The type a path is compared as; TEND_NULL for segments and measures. */
tend_type filter_path_type(const filter_path *path);

/* What a literal is in this world: a day counted from its today. */
int64_t filter_literal_integer(const filter_literal *literal, const tend_world *world);
tend_date filter_day_of(tend_time at);
/* The sign of numerator / denominator - mantissa / 10^scale, exactly; the denominator is not 0, scale at most 12. */
int filter_compare_ratio(int64_t numerator, int64_t denominator, int64_t mantissa, int scale);
/* The fields that a reference to this kind is compared by: name_field and the text KEY fields. */
#define FILTER_NAMING_MAX 8
size_t filter_naming_fields(const tend_kind_schema *kind, int ret_fields[static FILTER_NAMING_MAX]);

/* Kleene's logic; the order is that of `least` and `most`. */
typedef enum filter_truth { IS_FALSE = 0, IS_UNKNOWN = 1, IS_TRUE = 2 } filter_truth;

/* A row that was read during this match. */
typedef struct filter_row {
    struct filter_row *next;
    tend_kind kind;
    int64_t id;
    bool is_there;
    tend_row row;
} filter_row;

struct tend_filter_rows {
    tend_arena *arena;
    filter_row *rows;
    size_t count;
};

/* Too many to be looked through one by one are forgotten. */
void filter_rows_limit(tend_filter_rows *rows);

typedef struct filter_run {
    tend_arena *arena; /* of the outermost filter */
    const tend_world *world;
    const tend_rates *rates;
    filter_row *rows;
    tend_filter_rows *kept; /* rows read by other filters before; NULL: none */
    tend_principal reader;
    tend_error *reterr;
} filter_run;

/* What the row has where the test looks. */
typedef struct filter_actual {
    tend_value value;     /* TEND_NULL: not known */
    const tend_row *row;  /* that holds it; NULL for measures and references that lead nowhere */
    tend_measure measure; /* FINAL_MEASURE */
    bool has_measure;
    const char *why; /* a sentence when the comparison cannot be made though the value is known */
} filter_actual;

/* filter_compare.c */
tend_status filter_read_row(filter_run *run, tend_kind kind, int64_t id, const tend_row **ret_row);
/* One comparison of the subject's row; *actual is what the row has there. */
tend_status filter_test_row(filter_run *run, const tend_filter *filter, const filter_test *test, const tend_row *subject,
                            filter_actual *actual, filter_truth *ret_truth);
/* By the sign of (actual - wanted). */
filter_truth filter_ordered(int sign, filter_op op);
/* Whether the folded text is, contains or begins with the literal. */
bool filter_fits_text(const char *text, size_t length, const filter_literal *literal, filter_op op);
/* The day whose rate its money is converted with. */
tend_date filter_day_for_rate(const tend_world *world, const filter_path *path, const tend_row *row);
filter_truth filter_opposite(filter_truth one);
filter_truth filter_least(filter_truth a, filter_truth b);
filter_truth filter_most(filter_truth a, filter_truth b);
/* filter_match.c */
/* Whether the node holds, and (may be NULL) the first comparison that decided. */
tend_status filter_evaluate(filter_run *run, const tend_filter *filter, const filter_node *node, const tend_row *subject,
                            filter_truth *ret_truth, const char **ret_decided_by);
/* What the row has, in words; NULL when it is not known. */
const char *filter_actual_words(filter_run *run, const filter_test *test, const filter_actual *actual);
/* Begins a match: TEND_ENOTFOUND when there is no such row. */
tend_status filter_begin(const tend_filter *filter, const tend_world *world, const tend_rates *rates, tend_filter_rows *rows,
                         int64_t row, filter_run *ret_run, const tend_row **ret_subject, tend_error *reterr);
tend_status filter_in_segment(filter_run *run, const tend_filter *filter, int64_t account, int segment, filter_truth *ret_truth);

#endif
