/* pretend_expect.c: what a test claims: expect_NOUN, expect_no_NOUN, expect_count, expect_equal, expect_trace. */
#include "engine/pretend_inside.h"

#include "base/file.h"
#include "base/near.h"
#include <stdlib.h>
#include <string.h>

static const tend_tree *wanted_of(const tend_world_call *call, size_t i)
{
    return i < call->count && call->arguments[i].tag == TEND_TREE_MAP ? &call->arguments[i] : NULL;
}

static tend_status fail_noun(tend_pretend *pretend, const char *noun, tend_error *reterr)
{
    const char *names[TEND_KIND_COUNT + 16];
    const char *const *kinds = tend_schema_names(tend_workspace_schema(pretend->workspace));
    const char *near;
    size_t count = 0;

    for (size_t i = 0; pretend_nouns[i]; i++)
        names[count++] = pretend_nouns[i];
    for (size_t i = 0; kinds[i] && count < TEND_KIND_COUNT + 8; i++)
        names[count++] = kinds[i];
    names[count++] = "equal";
    names[count++] = "count";
    names[count++] = "trace";
    names[count] = NULL;
    near = tend_near(noun, names);
    return tend_fail(reterr, TEND_EINVAL, "world has no 'expect_%s'%s%s%s", noun, near ? "; did you mean expect_" : "",
                     near ? near : "; expect a run, step, event, message, call, decision, a kind of row, equal, count or trace",
                     near ? "?" : "");
}

/* "mail" is what people call a message. */
static const char *noun_of(const char *noun)
{
    return strcmp(noun, "mail") == 0 ? "message" : noun;
}

static tend_status expect_none(tend_pretend *pretend, const char *noun, const tend_tree *wanted, tend_error *reterr)
{
    pretend_candidates list;
    const pretend_candidate *first;
    size_t matched;
    char expected[80];
    tend_status status = pretend_gather(pretend, noun_of(noun), wanted, &list, reterr);

    if (status == TEND_ENOTFOUND)
        return fail_noun(pretend, noun, reterr);
    if (status >= 0)
        status = pretend_match(pretend, &list, wanted, &first, &matched, reterr);
    if (status < 0 || matched == 0)
        return status;
    (void)snprintf(expected, sizeof expected, "no %.60s", list.noun);
    return pretend_mismatch(pretend, &list, wanted, expected, reterr);
}

static tend_status expect_one(tend_pretend *pretend, const char *noun, const tend_tree *wanted, tend_tree *ret_answer,
                              tend_error *reterr)
{
    const char *state = wanted ? tend_tree_string(wanted, "state") : NULL;
    pretend_candidates list;
    const pretend_candidate *first;
    size_t matched;
    char expected[80];
    tend_status status = pretend_gather(pretend, noun_of(noun), wanted, &list, reterr);

    if (status == TEND_ENOTFOUND)
        return fail_noun(pretend, noun, reterr);
    if (status >= 0)
        status = pretend_match(pretend, &list, wanted, &first, &matched, reterr);
    if (status < 0)
        return status;
    pretend->expects_held |= strcmp(noun, "run") == 0 && state && strcmp(state, "held") == 0;
    (void)snprintf(expected, sizeof expected, "%s %.60s", strchr("aeiou", list.noun[0]) ? "an" : "a", list.noun);
    return matched > 0 ? pretend_handle(pretend, first->kind, first->id, ret_answer, reterr)
                       : pretend_mismatch(pretend, &list, wanted, expected, reterr);
}

/* world:expect_count(2, "task", { step = "call" }) */
static tend_status expect_count(tend_pretend *pretend, const tend_world_call *call, tend_error *reterr)
{
    const tend_tree *wanted = wanted_of(call, 2);
    pretend_candidates list;
    const pretend_candidate *first;
    size_t matched;
    char expected[120];
    tend_status status;

    if (call->count < 2 || call->arguments[0].tag != TEND_TREE_INT || call->arguments[1].tag != TEND_TREE_TEXT)
        return tend_fail(reterr, TEND_EINVAL, "world:expect_count: write how many of what, world:expect_count(2, \"task\", { … })");
    status = pretend_gather(pretend, noun_of(call->arguments[1].text), wanted, &list, reterr);
    if (status == TEND_ENOTFOUND)
        return fail_noun(pretend, call->arguments[1].text, reterr);
    if (status >= 0)
        status = pretend_match(pretend, &list, wanted, &first, &matched, reterr);
    if (status < 0 || (int64_t)matched == call->arguments[0].integer)
        return status;
    (void)snprintf(expected, sizeof expected, "%lld and not %zu of %.60s", (long long)call->arguments[0].integer, matched,
                   list.noun);
    return pretend_mismatch(pretend, &list, wanted, expected, reterr);
}

/* world:expect_equal(what is there, what was expected) */
static tend_status expect_equal(tend_pretend *pretend, const tend_world_call *call, tend_error *reterr)
{
    const tend_tree *got = call->count > 0 ? &call->arguments[0] : &tend_tree_nil;
    const tend_tree *wanted = call->count > 1 ? &call->arguments[1] : &tend_tree_nil;

    if (got->tag == wanted->tag || (wanted->tag == TEND_TREE_NUMBER && got->tag == TEND_TREE_INT) ||
        (wanted->tag == TEND_TREE_INT && got->tag == TEND_TREE_NUMBER))
        if (pretend_same(wanted, got, NULL))
            return TEND_OK;
    return tend_fail(reterr, TEND_EINVAL, "expected %s; there is %s", wanted->tag ? pretend_show(pretend, wanted) : "nil",
                     got->tag ? pretend_show(pretend, got) : "nil");
}

tend_status pretend_expect(tend_pretend *pretend, const char *noun, const tend_world_call *call, tend_tree *ret_answer,
                           tend_error *reterr)
{
    tend_status status;

    if (strcmp(noun, "equal") == 0)
        return expect_equal(pretend, call, reterr);
    status = pretend_settle(pretend, reterr);
    if (status < 0)
        return status;
    if (strcmp(noun, "count") == 0)
        return expect_count(pretend, call, reterr);
    if (call->count > 1 || (call->count == 1 && !wanted_of(call, 0)))
        return tend_fail(reterr, TEND_EINVAL, "world:%s: write what it has, world:%s{ name = value }", call->verb, call->verb);
    return strncmp(noun, "no_", 3) == 0 ? expect_none(pretend, noun + 3, wanted_of(call, 0), reterr)
                                        : expect_one(pretend, noun, wanted_of(call, 0), ret_answer, reterr);
}

/* ---- golden traces ----------------------------------------------------------------------------------------------------- */

static void put_day(const tend_pretend *pretend, tend_time at, tend_buffer *out)
{
    tend_civil local;

    tend_zone_to_local(tend_workspace_zone(pretend->workspace), at, &local);
    tend_buffer_print(out, "%04d-%02d-%02d %02d:%02d", local.year, local.month, local.day, local.hour, local.minute);
}

static tend_status put_steps(tend_pretend *pretend, int64_t run, tend_buffer *out, tend_error *reterr)
{
    tend_statement *statement = NULL;
    bool has_row = false;
    tend_status status = tend_store_prepare(tend_workspace_store(pretend->workspace),
                                            "SELECT at, verb, name, arguments, answer, state, answered_at FROM steps WHERE run = "
                                            "?1 AND verb <> 'read' ORDER BY position",
                                            &statement, reterr);

    if (status < 0)
        return status;
    tend_statement_bind_int(statement, 1, run);
    while ((status = tend_statement_step(statement, &has_row, reterr)) >= 0 && has_row) {
        tend_buffer_text(out, "  ");
        put_day(pretend, tend_statement_int(statement, 0), out);
        tend_buffer_print(out, "  %s '%s'", tend_statement_text(statement, 1, NULL), tend_statement_text(statement, 2, NULL));
        if (!tend_statement_is_null(statement, 3))
            tend_buffer_print(out, " %s", tend_statement_text(statement, 3, NULL));
        tend_buffer_byte(out, '\n');
        if (!tend_statement_is_null(statement, 4) && !tend_statement_is_null(statement, 6)) {
            tend_buffer_text(out, "  ");
            put_day(pretend, tend_statement_int(statement, 6), out);
            tend_buffer_print(out, "    answer %s\n", tend_statement_text(statement, 4, NULL));
        } else if (strcmp(tend_statement_text(statement, 5, NULL), "waiting") == 0) {
            tend_buffer_text(out, "    no answer yet\n");
        }
    }
    tend_statement_end(statement);
    return status < 0 ? status : TEND_OK;
}

static tend_status put_trace(tend_pretend *pretend, tend_buffer *out, tend_error *reterr)
{
    const tend_schema *schema = tend_workspace_schema(pretend->workspace);
    tend_world world = tend_world_live(tend_workspace_model(pretend->workspace));
    tend_statement *statement = NULL;
    bool has_row = false;
    tend_status status = tend_store_prepare(
        tend_workspace_store(pretend->workspace),
        "SELECT id, playbook, kind, row, started_at, state, outcome, reason, ended_at FROM runs ORDER BY id", &statement, reterr);

    while (status >= 0 && (status = tend_statement_step(statement, &has_row, reterr)) >= 0 && has_row) {
        tend_kind kind = (tend_kind)tend_statement_int(statement, 2);
        const char *name = tend_row_name(&world, kind, tend_statement_int(statement, 3), pretend->scratch);

        tend_buffer_print(out, "%s on %s '%s'\n", tend_statement_text(statement, 1, NULL), tend_schema_kind(schema, kind)->name,
                          name ? name : "");
        tend_buffer_text(out, "  ");
        put_day(pretend, tend_statement_int(statement, 4), out);
        tend_buffer_text(out, "  begins\n");
        status = put_steps(pretend, tend_statement_int(statement, 0), out, reterr);
        if (status < 0)
            break;
        tend_buffer_text(out, "  ");
        if (!tend_statement_is_null(statement, 8)) {
            put_day(pretend, tend_statement_int(statement, 8), out);
            tend_buffer_text(out, "  ");
        }
        tend_buffer_print(out, "%s%s%s%s%s\n", tend_statement_text(statement, 5, NULL),
                          tend_statement_is_null(statement, 6) ? "" : ": ",
                          tend_statement_is_null(statement, 6) ? "" : tend_statement_text(statement, 6, NULL),
                          tend_statement_is_null(statement, 7) ? "" : ": ",
                          tend_statement_is_null(statement, 7) ? "" : tend_statement_text(statement, 7, NULL));
    }
    tend_statement_end(statement);
    if (status >= 0 && out->failed)
        status = pretend_no_memory(reterr);
    return status < 0 ? status : TEND_OK;
}

/* The first line in which two texts differ, by its number. */
static tend_status fail_trace(const char *path, const char *kept, const char *now, tend_error *reterr)
{
    unsigned line = 1;

    while (*kept && *kept == *now && strchr(kept, '\n')) {
        size_t length = strcspn(kept, "\n") + 1;

        if (strncmp(kept, now, length) != 0)
            break;
        kept += length;
        now += length;
        line++;
    }
    return tend_fail(reterr, TEND_EINVAL,
                     "%s:%u: expected '%.*s'; there is '%.*s'; if that is what it should be, run tend playbook test --update", path,
                     line, (int)(strcspn(kept, "\n") > 300 ? 300 : strcspn(kept, "\n")), *kept ? kept : "the end of the trace",
                     (int)(strcspn(now, "\n") > 300 ? 300 : strcspn(now, "\n")), *now ? now : "the end of the trace");
}

static tend_status keep_trace(const char *path, const tend_buffer *trace, tend_error *reterr)
{
    return tend_file_write_atomic(path, tend_buffer_string(trace), trace->length, 0644, reterr);
}

/* world:expect_trace("renewal.trace"): all runs with their steps, beside the test. */
tend_status pretend_trace(tend_pretend *pretend, const tend_world_call *call, tend_tree *ret_answer, tend_error *reterr)
{
    const char *name = call->count > 0 ? call->arguments[0].text : NULL;
    tend_buffer trace = { 0 };
    char path[PATH_MAX], *kept = NULL;
    size_t length;
    tend_status status = pretend_settle(pretend, reterr);

    (void)ret_answer;
    if (status >= 0 && (!name || name[0] == '.' || strchr(name, '/') || strlen(name) > 200))
        status = tend_fail(reterr, TEND_EINVAL, "world:expect_trace: write the name of a file beside the test, \"renewal.trace\"");
    if (status >= 0)
        status = tend_path_join(pretend->options.beside, name, path, sizeof path, reterr);
    if (status >= 0)
        status = put_trace(pretend, &trace, reterr);
    if (status >= 0 && pretend->options.writes_traces) {
        status = keep_trace(path, &trace, reterr);
    } else if (status >= 0) {
        status = tend_file_read(path, (size_t)4 << 20, &kept, &length, reterr);
        if (status == TEND_ENOTFOUND || status == TEND_EIO)
            status = tend_fail(reterr, TEND_EINVAL, "%s: is not there; tend playbook test --update writes it", name);
        if (status >= 0 && strcmp(kept, tend_buffer_string(&trace)) != 0)
            status = fail_trace(name, kept, tend_buffer_string(&trace), reterr);
    }
    free(kept);
    tend_buffer_clear(&trace);
    return status;
}
