/* look.c: what a script reads on its way: fields of its subject and account, KPIs as they were published last, how many rows there
 * are. */
#include "model/measure.h"
#include "playbook/moving.h"

#include <string.h>

/* A KPI of the account as it was published last. */
static tend_status read_measure(moving_run *moving, const char *kpi, tend_tree_map *map, tend_error *reterr)
{
    tend_playbooks *playbooks = moving->playbooks;
    tend_measure measure = { .denominator = 0 };
    char date[TEND_DATE_ROOM];
    tend_status status = tend_measure_get(&moving->subject.world, kpi, moving->subject.account, playbooks->arena, &measure, reterr);

    if (status < 0 && status != TEND_ENOTFOUND)
        return status;
    if (status == TEND_OK && measure.currency[0])
        tend_tree_add(map, "currency", tend_tree_text(tend_arena_string(playbooks->arena, measure.currency)));
    if (status == TEND_OK)
        tend_tree_add(map, "day", tend_tree_text(tend_arena_string(playbooks->arena, tend_date_format(measure.day, date))));
    tend_tree_add(map, "defined", tend_tree_bool(status == TEND_OK && measure.denominator != 0));
    if (status == TEND_OK && measure.denominator != 0) {
        tend_tree_add(map, "denominator", tend_tree_int(measure.denominator));
        tend_tree_add(map, "numerator", tend_tree_int(measure.numerator));
        tend_tree_add(map, "text", tend_tree_text(measure.text));
        tend_tree_add(map, "value",
                      (tend_tree){ .tag = TEND_TREE_NUMBER, .number = (double)measure.numerator / (double)measure.denominator });
    }
    return TEND_OK;
}

/* In which words the run writes: those of whoever looks after the account, else of the company. */
static tend_status read_language(moving_run *moving, const char **ret_language, tend_error *reterr)
{
    const char *usual = moving->playbooks->options.language;
    const tend_field *field;
    tend_value value = { 0 };
    tend_status status = TEND_OK;

    if (moving->subject.account != 0)
        status = tend_subject_value(&moving->subject, "account.owner.language", &value, &field, reterr);
    if (status == TEND_EDENIED) /* the principal sees no colleagues */
        status = TEND_OK;
    *ret_language =
        value.type == TEND_TEXT ? tend_arena_copy(moving->playbooks->arena, value.text, value.length) : (usual ? usual : "en");
    return status;
}

/* What run has beside rows. */
static tend_status read_own(moving_run *moving, const char *field, tend_tree_map *map, tend_error *reterr)
{
    char room[TEND_DATE_ROOM];
    const char *text;
    tend_status status = TEND_OK;

    if (strcmp(field, "language") == 0)
        status = read_language(moving, &text, reterr);
    else
        text = tend_arena_string(moving->playbooks->arena, tend_date_format(tend_playbooks_today(moving->playbooks), room));
    if (status == TEND_OK)
        tend_tree_add(map, field, tend_tree_text(text));
    return status;
}

/* Rows as they stand when the move is made. */
static tend_status read_count(moving_run *moving, const tend_request *request, tend_tree_map *map, tend_error *reterr)
{
    const tend_tree *settings = &moving->bundle->settings;
    tend_error why = { 0 };
    tend_status status = tend_effect_check(moving->playbooks->schema, moving->kind, settings, request, reterr);

    if (status < 0)
        return status;
    status = tend_count_read(&moving->subject, settings, &request->arguments, map, &why);
    return status < 0 ? tend_fail(reterr, status, "count '%s': %s", request->name, why.text) : TEND_OK;
}

static tend_status read_fields(moving_run *moving, const tend_request *request, tend_tree_map *map, tend_error *reterr)
{
    tend_playbooks *playbooks = moving->playbooks;

    if (strcmp(request->path, "measure") == 0 && strcmp(request->verb, "measure") == 0)
        return read_measure(moving, request->fields[0], map, reterr);
    if (strcmp(request->path, "count") == 0 && strcmp(request->verb, "count") == 0)
        return read_count(moving, request, map, reterr);
    for (size_t i = 0; request->fields[i]; i++) {
        const tend_field *field;
        tend_value value;
        const char *path;
        tend_status status = TEND_OK;

        if (request->path[0] == '\0') {
            status = read_own(moving, request->fields[i], map, reterr);
            if (status < 0)
                return status;
            continue;
        }
        path = tend_arena_print(playbooks->arena, "%s.%s", request->path, request->fields[i]);
        status = path ? tend_subject_value(&moving->subject, path, &value, &field, reterr)
                      : tend_fail(reterr, TEND_ENOMEM, "playbooks: memory is used up");
        if (status < 0)
            return status;
        tend_tree_add(map, request->fields[i], tend_value_tree(&value, playbooks->arena));
    }
    return TEND_OK;
}

tend_status moving_read(void *self, const tend_request *request, tend_tree *ret_answer, tend_error *reterr)
{
    moving_run *moving = self;
    tend_tree_map map = { 0 };
    tend_step *step = NULL;
    tend_status status = read_fields(moving, request, &map, reterr);

    if (status == TEND_OK && tend_tree_end(&map, moving->playbooks->arena, ret_answer) < 0)
        status = tend_fail(reterr, TEND_ENOMEM, "playbooks: memory is used up");
    if (status == TEND_OK)
        status = moving_append(moving, request, &step, reterr);
    if (status < 0)
        return status;
    step->answer = *ret_answer;
    step->has_answer = true;
    return TEND_OK;
}
