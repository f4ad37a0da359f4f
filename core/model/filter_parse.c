#include "model/filter_internal.h"

#include "base/utf8.h"
#include <stdlib.h>
#include <string.h>

tend_status filter_take(filter_parser *parser)
{
    parser->last_end = parser->now.end;
    return filter_lex(&parser->lexer, &parser->now, parser->reterr);
}

tend_status filter_count(filter_parser *parser)
{
    if (++parser->nodes > FILTER_NODES_MAX)
        return filter_fail(&parser->lexer, &parser->now, parser->reterr,
                           "the filter has more than %d comparisons and values; split it into segments or files", FILTER_NODES_MAX);
    return TEND_OK;
}

static tend_status expect_word(filter_parser *parser, const char *word, const char *sentence)
{
    if (!filter_token_is(&parser->now, word))
        return filter_fail(&parser->lexer, &parser->now, parser->reterr, "%s", sentence);
    return filter_take(parser);
}

/* `contains`, `starts with`, `is [not] empty`, `in`, `not in`, `between`, `within [last]` or a sign. Takes its tokens. */
static tend_status read_op(filter_parser *parser, const filter_path *path, filter_op *ret_op, bool *ret_within, bool *ret_last)
{
    static const filter_op by_sign[] = {
        [SIGN_EQ] = OP_EQ, [SIGN_NE] = OP_NE, [SIGN_LT] = OP_LT, [SIGN_LE] = OP_LE, [SIGN_GT] = OP_GT, [SIGN_GE] = OP_GE
    };
    filter_token token = parser->now;
    tend_status status;

    if (token.kind == TOKEN_SIGN && token.sign >= SIGN_EQ && token.sign <= SIGN_GE) {
        *ret_op = by_sign[token.sign];
        return filter_take(parser);
    }
    if (filter_token_is(&token, "in"))
        *ret_op = OP_IN;
    else if (filter_token_is(&token, "not"))
        *ret_op = OP_NOT_IN;
    else if (filter_token_is(&token, "contains"))
        *ret_op = OP_CONTAINS;
    else if (filter_token_is(&token, "starts"))
        *ret_op = OP_STARTS;
    else if (filter_token_is(&token, "is"))
        *ret_op = OP_EMPTY;
    else if (filter_token_is(&token, "between") || filter_token_is(&token, "within"))
        *ret_op = OP_BETWEEN;
    else
        return filter_fail(
            &parser->lexer, &token, parser->reterr,
            "%s is not compared with anything; write =, !=, <, <=, >, >=, in, not in, contains, starts with, between, "
            "within, is empty or is not empty after it",
            path->name);
    status = filter_take(parser);
    if (status < 0)
        return status;
    *ret_within = filter_token_is(&token, "within");
    if (*ret_op == OP_NOT_IN)
        return expect_word(parser, "in", "after not stands in; write not before the whole comparison for anything else");
    if (*ret_op == OP_STARTS)
        return expect_word(parser, "with", "after starts stands with; write starts with");
    if (*ret_within && filter_token_is(&parser->now, "last")) {
        *ret_last = true;
        return filter_take(parser);
    }
    if (*ret_op == OP_EMPTY) {
        if (filter_token_is(&parser->now, "not")) {
            *ret_op = OP_NOT_EMPTY;
            status = filter_take(parser);
        }
        return status < 0 ? status : expect_word(parser, "empty", "after is stands empty or not empty; write = for anything else");
    }
    return TEND_OK;
}

/* Whether fields of this type can be compared in this way. */
static tend_status check_op(const filter_parser *parser, const filter_token *token, const filter_path *path, filter_op op,
                            bool within)
{
    tend_type type = filter_path_type(path);
    bool is_text = type == TEND_TEXT || type == TEND_REF;
    bool is_equal = op == OP_EQ || op == OP_NE || op == OP_IN || op == OP_NOT_IN;
    bool is_empty = op == OP_EMPTY || op == OP_NOT_EMPTY;
    const char *what = type == TEND_TEXT ? "a text" : type == TEND_REF ? "a reference" : "yes or no";

    if (path->final == FINAL_SEGMENT && !is_equal)
        return filter_fail(&parser->lexer, token, parser->reterr, "an account is in segments or not; write =, !=, in or not in");
    if (within && type != TEND_DATE && type != TEND_TIME)
        return filter_fail(&parser->lexer, token, parser->reterr, "%s is not a date; within needs one", path->name);
    if (is_equal || is_empty || path->final == FINAL_SEGMENT)
        return TEND_OK;
    if (op == OP_CONTAINS || op == OP_STARTS) {
        if (!is_text)
            return filter_fail(&parser->lexer, token, parser->reterr, "%s is not a text; contains and starts with need one",
                               path->name);
        return TEND_OK;
    }
    if (is_text || type == TEND_BOOL)
        return filter_fail(&parser->lexer, token, parser->reterr, "%s is %s and has no order; write =, !=, in or not in",
                           path->name, what);
    return TEND_OK;
}

static tend_status read_list(filter_parser *parser, const filter_path *path, filter_op op, filter_literal **ret_literals,
                             size_t *ret_count)
{
    filter_literal *literals = NULL;
    size_t count = 0, room = 0;
    tend_status status = TEND_OK;

    if (parser->now.sign != SIGN_OPEN)
        return filter_fail(&parser->lexer, &parser->now, parser->reterr, "after in stands a list; write in (a, b)");
    do {
        status = filter_take(parser);
        if (status == TEND_OK)
            status = filter_count(parser);
        if (status < 0)
            return status;
        if (count == room) {
            filter_literal *more = tend_arena_take(parser->filter->arena, (room = room * 2 + 8) * sizeof *more);

            if (!more)
                return TEND_ENOMEM;
            if (count > 0)
                memcpy(more, literals, count * sizeof *more);
            literals = more;
        }
        status = filter_literal_read(parser, path, op, &literals[count]);
        if (status < 0)
            return status;
        count++;
    } while (parser->now.sign == SIGN_COMMA);
    if (parser->now.sign != SIGN_CLOSE)
        return filter_fail(&parser->lexer, &parser->now, parser->reterr,
                           "the list goes on with , or ends with ); write one of them");
    *ret_literals = literals;
    *ret_count = count;
    return filter_take(parser);
}

/* The values after the operator. `within N days` is `between today and today + N days`. */
static tend_status read_values(filter_parser *parser, const filter_path *path, filter_op op, bool within, bool last,
                               filter_literal **ret_literals, size_t *ret_count)
{
    filter_literal *pair = tend_arena_take(parser->filter->arena, 2 * sizeof *pair);
    tend_status status;

    if (!pair)
        return TEND_ENOMEM;
    *ret_literals = pair;
    *ret_count = op == OP_BETWEEN ? 2 : op == OP_EMPTY || op == OP_NOT_EMPTY ? 0 : 1;
    if (*ret_count == 0)
        return TEND_OK;
    if (within) {
        pair[0] = pair[1] = (filter_literal){ .kind = LITERAL_DAY, .value.type = TEND_DATE, .is_relative = true };
        status = filter_span_read(parser, &pair[1].months, &pair[1].days);
        if (last) {
            pair[0].months = -pair[1].months;
            pair[0].days = -pair[1].days;
            pair[1].months = pair[1].days = 0;
        }
        return status;
    }
    if (op == OP_IN || op == OP_NOT_IN)
        return read_list(parser, path, op, ret_literals, ret_count);
    status = filter_literal_read(parser, path, op, &pair[0]);
    if (status < 0 || op != OP_BETWEEN)
        return status;
    status = expect_word(parser, "and", "between has two values; write between a and b");
    return status < 0 ? status : filter_literal_read(parser, path, op, &pair[1]);
}

/* Words for a measure (its band) have no order, and a money measure has none. */
static tend_status check_values(const filter_parser *parser, const filter_token *token, const filter_test *test)
{
    bool has_order = test->op != OP_EQ && test->op != OP_NE && test->op != OP_IN && test->op != OP_NOT_IN;

    for (size_t i = 0; i < test->count; i++)
        if (test->path.final == FINAL_MEASURE && has_order && test->literals[i].kind == LITERAL_TEXT)
            return filter_fail(&parser->lexer, token, parser->reterr, "%s is compared with a word here; write =, !=, in or not in",
                               test->path.name);
    return TEND_OK;
}

static tend_status read_test(filter_parser *parser, const filter_node **ret_node)
{
    tend_arena *arena = parser->filter->arena;
    filter_token token = parser->now, op_token;
    filter_test *test = tend_arena_take(arena, sizeof *test);
    filter_node *node = tend_arena_take(arena, sizeof *node);
    filter_literal *literals = NULL;
    bool within = false, last = false;
    tend_status status;

    if (!test || !node)
        return TEND_ENOMEM;
    if (token.kind != TOKEN_WORD || filter_token_is(&token, "and") || filter_token_is(&token, "or"))
        return filter_fail(&parser->lexer, &token, parser->reterr, "here stands a field; write a comparison such as region = EMEA");
    status = filter_count(parser);
    if (status == TEND_OK)
        status = filter_path_read(parser, &token, &test->path);
    if (status == TEND_OK)
        status = filter_take(parser);
    op_token = parser->now;
    if (status == TEND_OK)
        status = read_op(parser, &test->path, &test->op, &within, &last);
    if (status == TEND_OK)
        status = check_op(parser, &op_token, &test->path, test->op, within);
    if (status == TEND_OK)
        status = read_values(parser, &test->path, test->op, within, last, &literals, &test->count);
    test->literals = literals;
    if (status == TEND_OK)
        status = check_values(parser, &op_token, test);
    if (status < 0)
        return status;
    test->text = tend_arena_copy(arena, parser->lexer.text + token.at, parser->last_end - token.at);
    node->kind = NODE_TEST;
    node->test = test;
    *ret_node = node;
    return test->text ? TEND_OK : TEND_ENOMEM;
}

static tend_status read_any(filter_parser *parser, const filter_node **ret_node);

static tend_status deeper(filter_parser *parser)
{
    if (++parser->depth > FILTER_DEPTH_MAX)
        return filter_fail(&parser->lexer, &parser->now, parser->reterr, "more than %d levels deep; take out parentheses",
                           FILTER_DEPTH_MAX);
    return TEND_OK;
}

static tend_status read_not(filter_parser *parser, const filter_node **ret_node)
{
    filter_node *node;
    const filter_node **child;
    tend_status status = filter_take(parser);

    if (status == TEND_OK)
        status = deeper(parser);
    node = tend_arena_take(parser->filter->arena, sizeof *node);
    child = tend_arena_take(parser->filter->arena, sizeof *child);
    if (status == TEND_OK && (!node || !child))
        status = TEND_ENOMEM;
    if (status == TEND_OK)
        status = filter_count(parser);
    if (status < 0)
        return status;
    if (filter_token_is(&parser->now, "not"))
        status = read_not(parser, child);
    else if (parser->now.sign == SIGN_OPEN)
        status = read_any(parser, child);
    else
        status = read_test(parser, child);
    parser->depth--;
    node->kind = NODE_NOT;
    node->children = child;
    node->count = 1;
    *ret_node = node;
    return status;
}

static tend_status read_operand(filter_parser *parser, const filter_node **ret_node)
{
    if (filter_token_is(&parser->now, "not"))
        return read_not(parser, ret_node);
    if (parser->now.sign == SIGN_OPEN)
        return read_any(parser, ret_node);
    return read_test(parser, ret_node);
}

/* operand { word operand }: one node for as many as there are. */
static tend_status read_chain(filter_parser *parser, filter_node_kind kind, const filter_node **ret_node)
{
    const char *word = kind == NODE_AND ? "and" : "or";
    const filter_node **children = NULL;
    size_t count = 0, room = 0;
    filter_node *node;
    tend_status status;

    for (;;) {
        if (count == room) {
            const filter_node **more = tend_arena_take(parser->filter->arena, (room = room * 4 + 2) * sizeof *more);

            if (!more)
                return TEND_ENOMEM;
            if (count > 0)
                memcpy(more, children, count * sizeof *more);
            children = more;
        }
        status = kind == NODE_AND ? read_operand(parser, &children[count]) : read_chain(parser, NODE_AND, &children[count]);
        if (status < 0)
            return status;
        count++;
        if (!filter_token_is(&parser->now, word))
            break;
        status = filter_take(parser);
        if (status < 0)
            return status;
    }
    *ret_node = children[0];
    if (count == 1)
        return TEND_OK;
    node = tend_arena_take(parser->filter->arena, sizeof *node);
    if (!node)
        return TEND_ENOMEM;
    *node = (filter_node){ .kind = kind, .children = children, .count = count };
    *ret_node = node;
    return filter_count(parser);
}

/* ( … ) */
static tend_status read_any(filter_parser *parser, const filter_node **ret_node)
{
    filter_token open = parser->now;
    tend_status status = deeper(parser);

    if (status == TEND_OK)
        status = filter_take(parser);
    if (status == TEND_OK)
        status = read_chain(parser, NODE_OR, ret_node);
    if (status < 0)
        return status;
    parser->depth--;
    if (parser->now.sign == SIGN_CLOSE)
        return filter_take(parser);
    if (parser->now.kind == TOKEN_END)
        return filter_fail(&parser->lexer, &open, parser->reterr, "the parenthesis is never closed; write ) after what it holds");
    return filter_fail(&parser->lexer, &parser->now, parser->reterr,
                       "and, or or ) comes next; write texts of several words in \"quotes\"");
}

static tend_status read_all(filter_parser *parser)
{
    tend_status status = filter_take(parser);

    if (status < 0)
        return status;
    if (parser->now.kind == TOKEN_END)
        return filter_fail(&parser->lexer, &parser->now, parser->reterr,
                           "the filter is empty; write a comparison such as region = EMEA");
    status = read_chain(parser, NODE_OR, &parser->filter->root);
    if (status < 0 || parser->now.kind == TOKEN_END)
        return status;
    if (parser->now.sign == SIGN_CLOSE)
        return filter_fail(&parser->lexer, &parser->now, parser->reterr, "closes nothing; take it out");
    if (parser->now.sign == SIGN_COMMA)
        return filter_fail(&parser->lexer, &parser->now, parser->reterr,
                           "the filter ends before it; write numbers without commas, and lists as in (a, b)");
    return filter_fail(&parser->lexer, &parser->now, parser->reterr,
                       "and, or or the end comes next; write texts of several words in \"quotes\"");
}

static tend_status check_text(const char *text, size_t length, const char *place, tend_error *reterr)
{
    size_t bad = 0;

    if (length > FILTER_BYTES_MAX)
        return tend_fail(reterr, TEND_EINVAL, "%s: the filter has %zu bytes; at most %d are read, so split it", place, length,
                         FILTER_BYTES_MAX);
    if (!tend_utf8_valid(text, length, &bad))
        return tend_fail(reterr, TEND_EINVAL, "%s: byte %zu of the filter is not UTF-8; save the text as UTF-8", place, bad + 1);
    for (size_t i = 0; i < length; i++)
        if (((unsigned char)text[i] < 0x20 && text[i] != '\t' && text[i] != '\n' && text[i] != '\r') || text[i] == 0x7F)
            return tend_fail(reterr, TEND_EINVAL, "%s: byte %zu of the filter is a control character; take it out", place, i + 1);
    return TEND_OK;
}

tend_status filter_parse(const tend_schema *schema, const tend_segments *segments, tend_kind subject, const char *text,
                         const char *place, tend_filter **ret_filter, tend_error *reterr)
{
    tend_filter *filter = NULL;
    filter_parser parser = { 0 };
    const char *nfc = NULL;
    size_t length = 0;
    tend_status status = check_text(text, strlen(text), place, reterr);

    if (status < 0)
        goto out;
    status = TEND_ENOMEM;
    filter = calloc(1, sizeof *filter);
    if (!filter)
        goto out;
    filter->arena = tend_arena_new();
    filter->rows = tend_arena_new();
    if (!filter->arena || !filter->rows)
        goto out;
    status = tend_utf8_nfc(filter->arena, text, strlen(text), &nfc, &length);
    if (status < 0)
        goto out;
    status = TEND_ENOMEM;
    filter->text = tend_arena_copy(filter->arena, nfc, length);
    parser.uses = tend_arena_take(filter->arena, ((segments ? segments->count : 0) + 1) * sizeof *parser.uses);
    if (!filter->text || !parser.uses)
        goto out;
    filter->schema = schema;
    filter->segments = segments;
    filter->subject = subject;
    parser.filter = filter;
    parser.reterr = reterr;
    parser.lexer = (filter_lexer){ .text = filter->text, .length = length, .arena = filter->arena, .place = place };
    status = read_all(&parser);
    if (status < 0)
        goto out;
    filter->nodes = parser.nodes;
    filter->uses = parser.uses;
    filter->use_count = parser.use_count;

    *ret_filter = filter;
    filter = NULL;
out:
    tend_filter_free(filter);
    if (status == TEND_ENOMEM)
        (void)tend_fail(reterr, status, "%s: no memory is left for the filter", place);
    return status;
}
