/* check_section.c: a script under the settings of its section. What a setting brings about is said of its line in the
 * configuration, and not of the script, which may be well. */
#include "base/near.h"
#include "playbook/checker.h"

#include <ctype.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>

typedef struct section_check {
    tend_playbook_section section;
    const tend_segments *segments;
    const tend_people *people; /* NULL: not known */
    const tend_playbook_faults *faults;
    tend_arena *arena;
    const char *refused[TEND_SPEC_SETTINGS]; /* settings that a fault was said of: their default holds from there on */
    size_t refused_count;
    const char *usual[TEND_SPEC_SETTINGS]; /* those that are written as they would be anyway */
    size_t usual_count;
    const char *unblamed[SAID_MAX]; /* lines of which no setting was to be seen */
    size_t unblamed_count;
} section_check;

static bool is_listed(const char *const *keys, size_t count, const char *key)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(keys[i], key) == 0)
            return true;
    return false;
}

static bool is_same(const tend_tree *a, const tend_tree *b)
{
    bool is_number =
        (a->tag == TEND_TREE_INT || a->tag == TEND_TREE_NUMBER) && (b->tag == TEND_TREE_INT || b->tag == TEND_TREE_NUMBER);

    if (is_number)
        return (a->tag == TEND_TREE_INT ? (double)a->integer : a->number) ==
               (b->tag == TEND_TREE_INT ? (double)b->integer : b->number);
    return a->tag == b->tag && (a->tag != TEND_TREE_TEXT || strcmp(a->text, b->text) == 0);
}

/* While the script's own defaults are in force. */
static void note_usual(section_check *checking, const tend_spec *spec)
{
    for (size_t i = 0; i < spec->setting_count; i++) {
        const tend_spec_setting *setting = &spec->settings[i];
        const char *written = tend_section_written(&checking->section, setting->name), *name;
        tend_tree value;

        if (!written || !tend_spec_parse(setting->type, written, &value) || !is_same(&value, &setting->value))
            continue;
        name = tend_arena_string(checking->arena, setting->name);
        if (name)
            checking->usual[checking->usual_count++] = name;
    }
}

static const char *take_written(void *self, const char *key)
{
    section_check *checking = self;

    return is_listed(checking->refused, checking->refused_count, key) ? NULL : tend_section_written(&checking->section, key);
}

/* As a word of its own, before what one could do about it. */
static bool has_word(const char *sentence, const char *word)
{
    size_t length = strlen(word);
    const char *end = strchr(sentence, ';');

    for (const char *at = strstr(sentence, word); length > 1 && at && (!end || at < end); at = strstr(at + 1, word))
        if ((at == sentence || !isalnum((unsigned char)at[-1])) && !isalnum((unsigned char)at[length]))
            return true;
    return false;
}

/* What stands between quotes in the sentence stands in the setting, and nowhere in the script. */
static bool quotes(const char *sentence, const char *written, const char *script)
{
    const char *end = strchr(sentence, ';'), *from = strchr(sentence, '\'');

    while (from && (!end || from < end)) {
        const char *to = strchr(from + 1, '\'');
        char part[160];

        if (!to)
            return false;
        (void)snprintf(part, sizeof part, "%.*s", (int)(to - from - 1), from + 1);
        if (part[0] != '\0' && strstr(written, part) && !strstr(script, part))
            return true;
        from = strchr(to + 1, '\'');
    }
    return false;
}

/* The written setting that a fault comes from; NULL: none is named. */
static const char *blamed(section_check *checking, const tend_bundle *bundle, const char *sentence)
{
    const tend_spec *spec = &bundle->spec;
    bool is_condition = strncmp(sentence, "start_when.", 11) == 0 || strncmp(sentence, "stop_when.", 10) == 0;
    char named[80];

    for (size_t i = 0; i < spec->setting_count; i++) {
        const tend_spec_setting *setting = &spec->settings[i];
        const char *written = tend_section_written(&checking->section, setting->name);

        (void)snprintf(named, sizeof named, "setting %.60s is ", setting->name);
        if (!written || is_listed(checking->usual, checking->usual_count, setting->name))
            continue;
        if (strstr(sentence, named) || (strcmp(setting->type, "text") == 0 && has_word(sentence, written)) ||
            (is_condition && (has_word(sentence, written) || quotes(sentence, written, bundle->script.text))))
            return setting->name;
    }
    return NULL;
}

/* The setting brings about what the line says; once for each. */
static void blame(section_check *checking, const char *key, const char *line, const char *sentence)
{
    const char *named = strstr(sentence, " (setting ");
    char reason[900];

    if (is_listed(checking->refused, checking->refused_count, key)) /* it was said already what is wrong with it */
        return;
    checking->refused[checking->refused_count] = tend_arena_string(checking->arena, key);
    checking->refused_count += checking->refused[checking->refused_count] != NULL;
    (void)snprintf(reason, sizeof reason, "%.*s (%.*s)", named ? (int)(named - sentence) : 700, sentence,
                   sentence == line ? 0 : (int)(sentence - line) - 2, line);
    checking->faults->section(checking->faults->self, key, reason);
}

static const char *sentence_of(const char *line)
{
    const char *place = strchr(line, ':'), *end = place ? strchr(place + 1, ':') : NULL;

    return end && end[1] == ' ' ? end + 2 : line;
}

/* A line "script:line: what is wrong", once the settings of the section are in force. */
static void take_line(void *self, const char *line)
{
    const script_checker *checker = self;
    section_check *checking = checker->given;
    const char *sentence = sentence_of(line), *key = blamed(checking, checker->bundle, sentence);

    if (key)
        blame(checking, key, line, sentence);
    else if (checking->unblamed_count < SAID_MAX && (line = tend_arena_string(checker->arena, line)) != NULL)
        checking->unblamed[checking->unblamed_count++] = line;
}

static void take_given_fault(void *self, const char *key, const char *inner, const char *sentence)
{
    script_checker *checker = self;
    char line[1200];

    (void)snprintf(line, sizeof line, "%s:%u: %s", checker->bundle->path, tend_spec_line(checker->bundle->script.text, key, inner),
                   sentence);
    checker_say(checker, line);
}

/* With the settings as they are written, less those that cannot be. */
static tend_status open_given(script_checker *checker, section_check *checking, tend_sandbox *sandbox, tend_error *reterr)
{
    tend_spec_faults faults = { .fault = take_given_fault, .self = checker };
    tend_status status = TEND_EINVAL;
    tend_error why = { 0 };

    for (size_t before = SIZE_MAX; status == TEND_EINVAL && before != checking->refused_count;) {
        before = checking->refused_count;
        faults.count = 0;
        status = tend_bundle_open(checker->bundle, 1, sandbox, checker->schema, take_written, checking, &faults, &why);
    }
    return status < 0 && status != TEND_EINVAL ? tend_fail(reterr, status, "%s", why.text) : status;
}

/* What is wrong with a setting by itself; what follows from it is no news. */
static void take_refused(void *self, const char *key, const char *reason)
{
    section_check *checking = self;
    const char *kept = is_listed(checking->refused, checking->refused_count, key) ? NULL : tend_arena_string(checking->arena, key);

    if (kept && checking->refused_count < TEND_SPEC_SETTINGS)
        checking->refused[checking->refused_count++] = kept;
    checking->faults->section(checking->faults->self, key, reason);
}

/* ---- who is to blame ---------------------------------------------------------------------------------------------------- */

/* What is wrong where one setting alone is as it is written. */
typedef struct lone_setting {
    const tend_playbook_section *section;
    const char *key; /* NULL: none is */
    script_checker *checker;
    const char *lines[SAID_MAX];
    size_t count;
} lone_setting;

static const char *take_alone(void *self, const char *key)
{
    lone_setting *alone = self;

    return alone->key && strcmp(alone->key, key) == 0 ? tend_section_written((void *)(uintptr_t)alone->section, key) : NULL;
}

static void take_alone_line(void *self, const char *line)
{
    lone_setting *alone = self;

    if (alone->count < SAID_MAX && (line = tend_arena_string(alone->checker->arena, line)) != NULL)
        alone->lines[alone->count++] = line;
}

static tend_status check_alone(script_checker *checker, const section_check *checking, lone_setting *alone, tend_sandbox *sandbox,
                               tend_error *reterr)
{
    tend_spec_faults faults = { .fault = take_given_fault, .self = checker };
    tend_error why = { 0 };
    tend_status status;

    checker_begin_again(checker);
    checker->tell = take_alone_line;
    checker->self = alone;
    status = tend_bundle_open(checker->bundle, 1, sandbox, checker->schema, take_alone, alone, &faults, &why);
    if (status < 0)
        return status == TEND_EINVAL ? TEND_OK : tend_fail(reterr, status, "%s", why.text);
    checker_look_into(checker, checking->segments);
    checker_conditions(checker, checking->segments);
    status = checker_written(checker, reterr);
    return status < 0 || checker->is_unfit ? status : checker_walk(checker, sandbox, reterr);
}

/* A line that is there whatever is set is the script's; one that is there with a single setting is that setting's. */
static tend_status settle(script_checker *checker, section_check *checking, tend_sandbox *sandbox, tend_error *reterr)
{
    const tend_spec *spec = &checker->bundle->spec;
    lone_setting alone = { .section = &checking->section, .checker = checker };
    size_t count = spec->setting_count;
    tend_status status = checking->unblamed_count > 0 ? check_alone(checker, checking, &alone, sandbox, reterr) : TEND_OK;

    for (size_t i = 0; i < checking->unblamed_count && status == TEND_OK; i++)
        if (is_listed(alone.lines, alone.count, checking->unblamed[i])) {
            checking->faults->script(checking->faults->self, checking->unblamed[i]);
            checking->unblamed[i--] = checking->unblamed[--checking->unblamed_count];
        }
    for (size_t k = 0; k < count && status == TEND_OK && checking->unblamed_count > 0; k++) {
        const char *key = tend_arena_string(checker->arena, spec->settings[k].name);

        if (!key || !tend_section_written(&checking->section, key) || is_listed(checking->usual, checking->usual_count, key))
            continue;
        alone.key = key;
        alone.count = 0;
        status = check_alone(checker, checking, &alone, sandbox, reterr);
        for (size_t i = 0; i < checking->unblamed_count && status == TEND_OK; i++)
            if (is_listed(alone.lines, alone.count, checking->unblamed[i])) {
                blame(checking, key, checking->unblamed[i], sentence_of(checking->unblamed[i]));
                checking->unblamed[i--] = checking->unblamed[--checking->unblamed_count];
            }
    }
    for (size_t i = 0; i < checking->unblamed_count; i++) /* of several together */
        checking->faults->script(checking->faults->self, checking->unblamed[i]);
    return status;
}

static tend_status check_in_section(script_checker *checker, const char *path, const void *context, tend_sandbox *sandbox,
                                    tend_error *reterr)
{
    section_check checking = *(const section_check *)context;
    size_t refused;
    tend_status status = checker_open(checker, path, sandbox, reterr);

    if (status < 0)
        return status;
    checking.arena = checker->arena;
    (void)tend_section_check(&checking.section, &checker->bundle->spec,
                             &(tend_section_names){ checker->schema,
                                                    tend_segments_is_any(checking.segments) ? NULL : checking.segments,
                                                    checking.people },
                             take_refused, &checking);
    note_usual(&checking, &checker->bundle->spec);
    checker->context.people = checking.refused_count > 0 ? NULL : checking.people; /* nor need those of a script's own be there */
    checker->given = &checking;
    checker->tell = take_line;
    checker->self = checker;
    status = open_given(checker, &checking, sandbox, reterr);
    refused = checking.refused_count;
    if (status == TEND_EINVAL && checker->bundle->spec.subject)
        status = TEND_OK; /* what is wrong was said, the rest is looked at all the same */
    if (status == TEND_OK) {
        checker_look_into(checker, checking.segments);
        checker_conditions(checker, checking.segments);
        status = checker_written(checker, reterr);
    }
    if (status == TEND_OK && checking.refused_count > refused) { /* what follows from those is no news */
        status = open_given(checker, &checking, sandbox, reterr);
        checker_look_into(checker, checking.segments);
        checker->context.segments = NULL; /* the script's own default need not be there */
        status = status == TEND_EINVAL && checker->bundle->spec.subject ? TEND_OK : status;
    }
    checker->context.people = NULL; /* a walk makes names up */
    if (status == TEND_OK && !checker->is_unfit)
        status = checker_walk(checker, sandbox, reterr);
    return status < 0 ? status : settle(checker, &checking, sandbox, reterr);
}

/* The script below playbooks/ or one of its folders whose name nearly is `name`. */
static bool near_script(const char *scripts, const char *name, char *ret_near, size_t room)
{
    static const char *const patterns[] = { "playbooks/*.lua", "playbooks/*/*.lua" };
    char folder[3600], pattern[3700];
    bool is_found = false;

    for (size_t i = 0; !is_found && tend_script_folder(scripts, i / 2, folder, sizeof folder); i++) {
        glob_t found = { 0 };
        const char *near = NULL;

        (void)snprintf(pattern, sizeof pattern, "%s/%s", folder, patterns[i % 2]);
        if (glob(pattern, GLOB_NOSORT, NULL, &found) == 0) {
            for (size_t at = 0; at < found.gl_pathc; at++) { /* to what a section is called */
                char *slash = strrchr(found.gl_pathv[at], '/');

                memmove(found.gl_pathv[at], slash + 1, strlen(slash));
                found.gl_pathv[at][strlen(found.gl_pathv[at]) - strlen(".lua")] = '\0';
            }
            near = tend_near(name, (const char *const *)found.gl_pathv);
        }
        is_found = near && snprintf(ret_near, room, "%s", near) < (int)room;
        globfree(&found);
    }
    return is_found;
}

tend_status tend_playbook_check_section(const tend_config *config, const char *name, const char *scripts, const tend_schema *schema,
                                        const tend_segments *segments, const tend_people *people, const char *sandbox_path,
                                        const tend_playbook_faults *faults, tend_error *reterr)
{
    const section_check checking = { .section = { config, name }, .segments = segments, .people = people, .faults = faults };
    script_checker *checker = calloc(1, sizeof *checker);
    tend_error why = { 0 };
    char path[4096], reason[300], near[64];
    const char *written_in = NULL;
    unsigned line = 0;
    tend_status status;

    if (!checker)
        return tend_fail(reterr, TEND_ENOMEM, "playbook check: memory is used up");
    checker->schema = schema;
    checker_channels(checker, config);
    checker->tell = faults->script;
    checker->self = faults->self;
    if (tend_playbook_find(scripts, name, path, sizeof path, &why) < 0) {
        if (near_script(scripts, name, near, sizeof near))
            (void)snprintf(reason, sizeof reason, "there is no script %s.lua below playbooks/; did you mean [playbook.%s]?", name,
                           near);
        else
            (void)snprintf(reason, sizeof reason, "there is no script %s.lua below playbooks/; write it, or take the section away",
                           name);
        tend_config_origin(config, "playbook", name, "enabled", &written_in, &line);
        faults->section(faults->self, written_in ? "enabled" : NULL, reason);
        status = TEND_OK;
    } else {
        status = checker_read(checker, path, scripts, sandbox_path, check_in_section, &checking, &why);
        if (status < 0 && checker->faults == 0 && status != TEND_ENOMEM)
            faults->script(faults->self, why.text);
        status = status == TEND_ENOMEM ? tend_fail(reterr, status, "%s", why.text) : TEND_OK;
    }
    free(checker);
    return status;
}
