#include "playbook/coverage.h"

#include "playbook/lua_token.h"
#include <stdlib.h>
#include <string.h>

enum { NESTED_MAX = 200 };

typedef struct measured_file {
    struct measured_file *next;
    const char *shown, *text; /* from the arena, as all of it */
    tend_script probed;
    uint32_t first; /* its first probe */
    tend_branch *branches;
    size_t count, room;
} measured_file;

struct tend_coverage {
    tend_arena *arena;
    measured_file *files, **end;
    size_t count;
    uint32_t probes;
};

static tend_status out_of_memory(tend_error *reterr)
{
    return tend_fail(reterr, TEND_ENOMEM, "coverage: memory is used up");
}

tend_status tend_coverage_new(tend_coverage **ret_coverage, tend_error *reterr)
{
    tend_coverage *coverage = calloc(1, sizeof *coverage);

    if (coverage)
        coverage->arena = tend_arena_new();
    if (!coverage || !coverage->arena) {
        free(coverage);
        return out_of_memory(reterr);
    }
    coverage->end = &coverage->files;
    *ret_coverage = coverage;
    return TEND_OK;
}

void tend_coverage_free(tend_coverage *coverage)
{
    if (!coverage)
        return;
    tend_arena_free(coverage->arena);
    free(coverage);
}

/* What is open while a text is gone through. */
typedef enum block_sort { BLOCK_FUNCTION = 1, BLOCK_IF, BLOCK_IF_ELSE, BLOCK_LOOP, BLOCK_DO, BLOCK_REPEAT } block_sort;

typedef struct probe_writer {
    tend_coverage *coverage;
    measured_file *file;
    tend_buffer out;
    size_t copied; /* bytes of the text */
    struct {
        block_sort sort;
        unsigned line;
    } open[NESTED_MAX];
    size_t depth;
    bool is_lost, is_out_of_memory;
} probe_writer;

static void copy_to(probe_writer *prober, size_t to)
{
    tend_buffer_append(&prober->out, prober->file->text + prober->copied, to - prober->copied);
    prober->copied = to;
}

/* One more branch; returns its probe. */
static uint32_t add_branch(probe_writer *prober, unsigned line, const char *what)
{
    measured_file *file = prober->file;

    if (file->count == file->room) {
        size_t room = file->room ? file->room * 2 : 64;
        tend_branch *larger = tend_arena_take(prober->coverage->arena, room * sizeof *larger);

        if (!larger) {
            prober->is_out_of_memory = true;
            return 0;
        }
        if (file->count > 0)
            memcpy(larger, file->branches, file->count * sizeof *larger);
        file->branches = larger;
        file->room = room;
    }
    file->branches[file->count] = (tend_branch){ .line = line, .what = what };
    return file->first + (uint32_t)file->count++;
}

static void put_statement(probe_writer *prober, unsigned line, const char *what)
{
    tend_buffer_print(&prober->out, " __tend_met(%u); ", add_branch(prober, line, what));
}

static void open_block(probe_writer *prober, block_sort sort, unsigned line)
{
    if (prober->depth == NESTED_MAX) {
        prober->is_lost = true;
        return;
    }
    prober->open[prober->depth].sort = sort;
    prober->open[prober->depth++].line = line;
}

static bool is_inside(const probe_writer *prober, block_sort sort)
{
    return prober->depth > 0 && prober->open[prober->depth - 1].sort == sort;
}

/* At `function`: behind its parameters. Returns the token to go on after. */
static const tend_lua_token *take_function(probe_writer *prober, const tend_lua_token *token)
{
    unsigned line = token->line;

    while (token->sort != TEND_LUA_END && !tend_lua_is(token, ")"))
        token++;
    if (token->sort == TEND_LUA_END)
        return token - 1;
    copy_to(prober, token->to);
    open_block(prober, BLOCK_FUNCTION, line);
    put_statement(prober, line, "function: it was never called");
    return token;
}

static void take_end(probe_writer *prober, const tend_lua_token *token)
{
    if (is_inside(prober, BLOCK_IF)) {
        copy_to(prober, token->from);
        tend_buffer_text(&prober->out, " else ");
        put_statement(prober, prober->open[prober->depth - 1].line, "if: its condition always held");
    }
    if (prober->depth > 0)
        prober->depth--;
    else
        prober->is_lost = true;
}

static void take_do(probe_writer *prober, const tend_lua_token *token)
{
    if (!is_inside(prober, BLOCK_LOOP)) {
        open_block(prober, BLOCK_DO, token->line);
        return;
    }
    prober->open[prober->depth - 1].sort = BLOCK_DO;
    copy_to(prober, token->to);
    put_statement(prober, prober->open[prober->depth - 1].line, "loop: its body was never run");
}

static void take_word(probe_writer *prober, const tend_lua_token *token)
{
    bool is_and = tend_lua_is(token, "and");

    if (tend_lua_is(token, "if")) {
        open_block(prober, BLOCK_IF, token->line);
    } else if (tend_lua_is(token, "then")) {
        copy_to(prober, token->to);
        put_statement(prober, token->line, "if: its condition never held");
    } else if (tend_lua_is(token, "else") && is_inside(prober, BLOCK_IF)) {
        copy_to(prober, token->to);
        prober->open[prober->depth - 1].sort = BLOCK_IF_ELSE;
        put_statement(prober, token->line, "else: it was never gone to");
    } else if (tend_lua_is(token, "while") || tend_lua_is(token, "for")) {
        open_block(prober, BLOCK_LOOP, token->line);
    } else if (tend_lua_is(token, "do")) {
        take_do(prober, token);
    } else if (tend_lua_is(token, "repeat")) {
        open_block(prober, BLOCK_REPEAT, token->line);
    } else if (tend_lua_is(token, "until")) {
        prober->depth -= prober->depth > 0;
    } else if (tend_lua_is(token, "end")) {
        take_end(prober, token);
    } else if (is_and || tend_lua_is(token, "or")) {
        copy_to(prober, token->to);
        tend_buffer_print(
            &prober->out, is_and ? " __tend_and(%u) and " : " __tend_or(%u) or ",
            add_branch(prober, token->line,
                       is_and ? "and: its right side was never asked for" : "or: its right side was never asked for"));
    }
}

/* A text that Lua would not read stays as it is: Lua says what is wrong with it. */
static tend_status put_probes(tend_coverage *coverage, measured_file *file, size_t length, tend_error *reterr)
{
    probe_writer prober = { .coverage = coverage, .file = file };
    const tend_lua_token *token = tend_lua_tokens(file->text, coverage->arena);

    if (!token)
        return out_of_memory(reterr);
    for (; token->sort != TEND_LUA_END && !prober.is_lost; token++) {
        if (token->sort != TEND_LUA_NAME)
            continue;
        if (tend_lua_is(token, "function"))
            token = take_function(&prober, token);
        else
            take_word(&prober, token);
    }
    copy_to(&prober, length);
    file->probed = (tend_script){ .file = file->shown, .text = file->text, .length = length };
    if (prober.is_lost || prober.depth > 0)
        file->count = 0;
    else if (!prober.out.failed) {
        file->probed.length = prober.out.length;
        file->probed.text = tend_arena_copy(coverage->arena, tend_buffer_string(&prober.out), prober.out.length);
    }
    prober.is_out_of_memory |= prober.out.failed || !file->probed.text;
    tend_buffer_clear(&prober.out);
    return prober.is_out_of_memory ? out_of_memory(reterr) : TEND_OK;
}

static measured_file *find(const tend_coverage *coverage, const char *text)
{
    measured_file *file = coverage->files;

    while (file && strcmp(file->text, text) != 0)
        file = file->next;
    return file;
}

tend_status tend_coverage_add(tend_coverage *coverage, const char *shown, const char *text, size_t length, tend_error *reterr)
{
    measured_file *file;
    tend_status status;

    if (find(coverage, text) || strlen(text) != length)
        return TEND_OK;
    file = tend_arena_take(coverage->arena, sizeof *file);
    if (!file)
        return out_of_memory(reterr);
    file->shown = tend_arena_string(coverage->arena, shown);
    file->text = tend_arena_copy(coverage->arena, text, length);
    file->first = coverage->probes;
    if (!file->shown || !file->text)
        return out_of_memory(reterr);
    status = put_probes(coverage, file, length, reterr);
    if (status < 0)
        return status;
    if (coverage->probes + file->count >= TEND_SANDBOX_PROBES_MAX)
        return tend_fail(reterr, TEND_ELIMIT, "%s: with it there are more than %d branches; measure fewer files at once", shown,
                         TEND_SANDBOX_PROBES_MAX);
    coverage->probes += (uint32_t)file->count;
    *coverage->end = file;
    coverage->end = &file->next;
    coverage->count++;
    return TEND_OK;
}

tend_script tend_coverage_probe(const tend_coverage *coverage, const tend_script *script)
{
    const measured_file *file = find(coverage, script->text);

    return (tend_script){ .file = script->file,
                          .text = file ? file->probed.text : script->text,
                          .length = file ? file->probed.length : script->length };
}

void tend_coverage_meet(tend_coverage *coverage, uint32_t probe)
{
    for (measured_file *file = coverage ? coverage->files : NULL; file; file = file->next)
        if (probe >= file->first && probe - file->first < file->count)
            file->branches[probe - file->first].is_met = true;
}

size_t tend_coverage_count(const tend_coverage *coverage)
{
    return coverage->count;
}

tend_covered_file tend_coverage_file(const tend_coverage *coverage, size_t i)
{
    const measured_file *file = coverage->files;
    tend_covered_file covered;

    while (i-- > 0)
        file = file->next;
    covered = (tend_covered_file){ .shown = file->shown, .branches = file->branches, .count = file->count };
    for (size_t k = 0; k < file->count; k++)
        covered.met += file->branches[k].is_met;
    return covered;
}
