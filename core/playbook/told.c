/* told.c: an event that somebody tells by hand, about a row. */
#include "base/near.h"
#include "playbook/inside.h"
#include "playbook/tables.h"

#include <string.h>

enum { TOPICS_MAX = 600 };

typedef struct topic_list {
    tend_arena *arena;
    const char *names[TOPICS_MAX + 1];
    size_t count;
} topic_list;

static void add_topic(topic_list *list, const char *name)
{
    if (name && list->count < TOPICS_MAX)
        list->names[list->count++] = name;
}

/* "custom.visit" where it stands between quotes. */
static void gather_custom(topic_list *list, const char *script)
{
    for (const char *found = strstr(script, "custom."); found; found = strstr(found + 1, "custom.")) {
        char quote = found > script ? found[-1] : ' ';
        const char *end = quote == '"' || quote == '\'' ? strchr(found, quote) : NULL;
        const char *name = end ? tend_arena_copy(list->arena, found, (size_t)(end - found)) : NULL;

        if (name && tend_topic_is_custom(name))
            add_topic(list, name);
    }
}

/* Custom events are those that a script at work names. */
static tend_status gather_declared(tend_store *store, topic_list *list, tend_error *reterr)
{
    tend_statement *statement;
    bool has_row = true;
    tend_status status = tend_sql_ask(
        store, &statement, reterr,
        "WITH used AS (SELECT bundle FROM playbooks WHERE is_active = 1 UNION SELECT bundle FROM runs WHERE " TEND_RUN_AT_WORK
        ") SELECT script FROM bundles WHERE id IN used UNION ALL SELECT text FROM bundle_libraries WHERE bundle"
        " IN used",
        "");

    while (status >= 0 && (status = tend_statement_step(statement, &has_row, reterr)) >= 0 && has_row)
        gather_custom(list, tend_statement_text(statement, 0, NULL));
    tend_statement_end(statement);
    return status;
}

/* Every KIND.STATUS. */
static void gather_statuses(const tend_schema *schema, topic_list *list)
{
    const char *const *names = tend_schema_names(schema);

    for (size_t i = 0; names[i]; i++) {
        const tend_kind_schema *kind = tend_schema_find(schema, names[i]);
        const char *word = kind->status_field >= 0 ? kind->fields[kind->status_field].choices : NULL;

        while (word && *word) {
            size_t length = strcspn(word, " ");

            add_topic(list, tend_arena_print(list->arena, "%s.%.*s", kind->name, (int)length, word));
            word += length + strspn(word + length, " ");
        }
    }
}

static bool is_among(const topic_list *list, const char *topic)
{
    for (size_t i = 0; i < list->count; i++)
        if (strcmp(list->names[i], topic) == 0)
            return true;
    return false;
}

static tend_status check_topic(const tend_model *model, const tend_told *told, tend_arena *arena, tend_error *reterr)
{
    const tend_schema *schema = tend_model_schema(model);
    const tend_kind_schema *kind = tend_topic_kind(schema, told->topic);
    topic_list *list = tend_arena_take(arena, sizeof *list);
    const char *near;
    tend_status status;

    if (!list)
        return tend_fail(reterr, TEND_ENOMEM, "playbooks: memory is used up");
    *list = (topic_list){ .arena = arena };
    gather_statuses(schema, list);
    status = gather_declared(tend_model_store(model), list, reterr);
    if (status < 0)
        return status;
    if (is_among(list, told->topic)) {
        if (!kind || kind->kind == told->kind)
            return TEND_OK;
        return tend_fail(reterr, TEND_EINVAL, "%s: is about a %s; write %s=ROW", told->topic, kind->name, kind->name);
    }
    if (kind && tend_topic_known(schema, told->topic))
        return tend_fail(reterr, TEND_EINVAL, "%s: only the store tells that, when it happens; tend add and tend set change rows",
                         told->topic);
    list->names[list->count] = NULL;
    near = tend_near(told->topic, list->names);
    if (near)
        return tend_fail(reterr, TEND_EINVAL, "%s: no such event; did you mean %s?", told->topic, near);
    if (strncmp(told->topic, "custom.", 7) == 0)
        return tend_fail(reterr, TEND_EINVAL,
                         "%s: no playbook at work names this event; name it in start_when, stop_when or run:wait, then tend once",
                         told->topic);
    return tend_fail(reterr, TEND_EINVAL, "%s: no such event; write KIND.STATUS, such as contract.cancelled, or custom.NAME",
                     told->topic);
}

/* The row's account, and what it says of itself when the topic says something else. */
static tend_status read_row(tend_model *model, const tend_origin *origin, const tend_told *told, tend_arena *arena,
                            int64_t *ret_account, const char **ret_status_now, tend_error *reterr)
{
    const tend_kind_schema *kind = tend_schema_kind(tend_model_schema(model), told->kind);
    tend_world world = tend_world_live(model);
    const tend_value *value;
    tend_row row;
    tend_status status = tend_read(&world, origin->principal, told->kind, told->row, arena, &row, reterr);

    if (status < 0)
        return status;
    *ret_account = kind->kind == TEND_KIND_ACCOUNT ? told->row : 0;
    if (kind->account_field >= 0 && row.values[kind->account_field].type == TEND_REF)
        *ret_account = row.values[kind->account_field].integer;
    if (tend_topic_is_custom(told->topic))
        return TEND_OK;
    value = &row.values[kind->status_field];
    if (value->type != TEND_TEXT || strcmp(value->text, strchr(told->topic, '.') + 1) != 0)
        *ret_status_now = value->type == TEND_TEXT ? value->text : "not known";
    return TEND_OK;
}

tend_status tend_event_tell(tend_model *model, const tend_origin *origin, const tend_told *told, tend_arena *arena,
                            int64_t *ret_sequence, const char **ret_status_now, tend_error *reterr)
{
    tend_store *store = tend_model_store(model);
    tend_event event = { .kind = (int32_t)told->kind, .first = told->row, .last = told->row, .cause = origin->cause };
    tend_status status = tend_access_may(origin->principal, TEND_VERB_UPDATE, told->kind, told->row, reterr);

    *ret_status_now = NULL;
    if (status >= 0)
        status = tend_playbook_tables(store, reterr);
    if (status >= 0)
        status = check_topic(model, told, arena, reterr);
    if (status >= 0)
        status = read_row(model, origin, told, arena, &event.account, ret_status_now, reterr);
    if (status < 0)
        return status;
    (void)snprintf(event.topic, sizeof event.topic, "%s", told->topic);
    event.shard = tend_shard_of(event.account);
    event.recorded_at = tend_model_now(model);
    status = tend_bus_publish(tend_model_bus(model), &event, false, ret_sequence, reterr);
    if (status < 0)
        return status;
    return tend_sql_run(store, reterr, "INSERT INTO events_told (sequence, teller, acting_for, reason) VALUES (?1, ?2, ?3, ?4)",
                        "isss", *ret_sequence, origin->principal->name,
                        origin->principal->acting_for[0] ? origin->principal->acting_for : NULL, told->reason);
}
