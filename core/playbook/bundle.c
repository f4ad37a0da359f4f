/* bundle.c: the script, its libraries and its settings, stored once by what they contain. */
#include "base/file.h"
#include "base/hash.h"
#include "playbook/inside.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define SCRIPT_MAX ((size_t)1 << 20)

static tend_status out_of_memory(tend_error *reterr)
{
    return tend_fail(reterr, TEND_ENOMEM, "playbooks: memory is used up");
}

void tend_bundle_free(tend_bundle *bundle)
{
    if (!bundle)
        return;
    tend_arena_free(bundle->arena);
    free(bundle);
}

static tend_status new_bundle(tend_bundle **ret_bundle, tend_error *reterr)
{
    tend_bundle *bundle = calloc(1, sizeof *bundle);

    if (bundle)
        bundle->arena = tend_arena_new();
    if (!bundle || !bundle->arena) {
        free(bundle);
        return out_of_memory(reterr);
    }
    *ret_bundle = bundle;
    return TEND_OK;
}

static tend_status read_text(tend_arena *arena, const char *path, const char *shown, tend_script *ret_script, tend_error *reterr)
{
    char *bytes = NULL;
    size_t length;
    tend_status status = tend_file_read(path, SCRIPT_MAX, &bytes, &length, reterr);

    if (status < 0)
        return status;
    *ret_script =
        (tend_script){ .file = tend_arena_string(arena, shown), .text = tend_arena_copy(arena, bytes, length), .length = length };
    free(bytes);
    return ret_script->file && ret_script->text ? TEND_OK : out_of_memory(reterr);
}

/* The next name in  lib "name"  or  lib('name')  after `at`; *ret_at is where to go on, NULL at the end. */
static bool next_library(const char **at, char ret_name[64])
{
    for (const char *found = strstr(*at, "lib"); found; found = strstr(found + 1, "lib")) {
        const char *name = found + 3;
        size_t length;

        if (found > *at && (isalnum((unsigned char)found[-1]) || found[-1] == '_' || found[-1] == '.'))
            continue;
        name += strspn(name, " \t(");
        if (*name != '"' && *name != '\'')
            continue;
        length = strspn(++name, "abcdefghijklmnopqrstuvwxyz0123456789_");
        if (length == 0 || length >= 64 || (name[length] != '"' && name[length] != '\''))
            continue;
        memcpy(ret_name, name, length);
        ret_name[length] = '\0';
        *at = name + length;
        return true;
    }
    return false;
}

/* Libraries named in `text` and by those; one that is not there is left to the script's own error. */
bool tend_script_folder(const char *scripts, size_t i, char *ret_folder, size_t room)
{
    while (i-- > 0) {
        scripts = strchr(scripts, ':');
        if (!scripts)
            return false;
        scripts++;
    }
    return *scripts && snprintf(ret_folder, room, "%.*s", (int)strcspn(scripts, ":"), scripts) < (int)room;
}

static bool find_library(const char *scripts, const char *name, char *ret_path, size_t room)
{
    char folder[3900];

    for (size_t i = 0; tend_script_folder(scripts, i, folder, sizeof folder); i++)
        if (snprintf(ret_path, room, "%s/lib/%s.lua", folder, name) < (int)room && tend_file_exists(ret_path))
            return true;
    return false;
}

static tend_status read_libraries(tend_bundle *bundle, const char *folder, const char *text, size_t *count, tend_error *reterr)
{
    char name[64], path[4096];
    tend_status status = TEND_OK;

    while (status == TEND_OK && next_library(&text, name)) {
        bool is_known = false;

        for (size_t i = 0; i < *count; i++)
            is_known |= strcmp(bundle->libraries[i].file, name) == 0;
        if (is_known || !find_library(folder, name, path, sizeof path))
            continue;
        if (*count == TEND_LIBRARIES)
            return tend_fail(reterr, TEND_EINVAL, "%s:1: names more than %d libraries", bundle->path, TEND_LIBRARIES);
        status = read_text(bundle->arena, path, name, &bundle->libraries[*count], reterr);
        if (status == TEND_OK) {
            *count += 1;
            status = read_libraries(bundle, folder, bundle->libraries[*count - 1].text, count, reterr);
        }
    }
    return status;
}

tend_status tend_bundle_read(const char *folder, const char *path, tend_bundle **ret_bundle, tend_error *reterr)
{
    tend_bundle *bundle = NULL;
    tend_status status = new_bundle(&bundle, reterr);
    const char *shown = strrchr(path, '/');
    size_t count = 0;

    if (status < 0)
        return status;
    while (shown && shown > path && shown[-1] != '/')
        shown--; /* the folder and the file */
    status = read_text(bundle->arena, path, shown ? shown : path, &bundle->script, reterr);
    bundle->path = bundle->script.file;
    if (status == TEND_OK)
        status = read_libraries(bundle, folder, bundle->script.text, &count, reterr);
    if (status < 0) {
        tend_bundle_free(bundle);
        return status;
    }
    *ret_bundle = bundle;
    return TEND_OK;
}

const tend_script *tend_bundle_script(const tend_bundle *bundle)
{
    return &bundle->script;
}

const tend_script *tend_bundle_libraries(const tend_bundle *bundle)
{
    return bundle->libraries;
}

tend_status tend_bundle_open(tend_bundle *bundle, uint32_t slot, tend_sandbox *sandbox, const tend_schema *schema,
                             const char *(*written)(void *self, const char *name), void *self, tend_spec_faults *faults,
                             tend_error *reterr)
{
    tend_move_result result;
    tend_tree tree;
    tend_status status =
        tend_sandbox_load(sandbox, slot, &bundle->script, bundle->libraries, bundle->arena, &tree, &result, reterr);

    if (status < 0)
        return status;
    if (result.end == TEND_MOVE_FAULT) {
        faults->count++;
        if (faults->fault)
            faults->fault(faults->self, NULL, NULL, result.text);
        return tend_fail(reterr, TEND_EINVAL, "%s: %s", bundle->path, result.text);
    }
    status = tend_spec_read(&tree, schema, written, self, faults, bundle->arena, &bundle->spec);
    if (status < 0) {
        (void)tend_spec_settings(&bundle->spec, bundle->arena, &bundle->settings); /* for whoever looks at the rest of it */
        return tend_fail(reterr, status, "%s: is not a playbook that can work; tend playbook check says why", bundle->path);
    }
    return tend_spec_settings(&bundle->spec, bundle->arena, &bundle->settings);
}

/* Behind VERB = in an entry of a list. */
static bool is_behind(const char *script, const char *at, const char *verb)
{
    size_t length = strlen(verb);

    while (at > script && (at[-1] == ' ' || at[-1] == '\t'))
        at--;
    if (at == script || *--at != '=')
        return false;
    while (at > script && (at[-1] == ' ' || at[-1] == '\t'))
        at--;
    return (size_t)(at - script) >= length && strncmp(at - length, verb, length) == 0;
}

unsigned tend_bundle_line(const tend_bundle *bundle, const tend_request *request)
{
    size_t length = strlen(request->name);
    unsigned line = 1, any = 0;

    if (request->line > 0)
        return request->line;
    for (const char *at = bundle->script.text; *at; at++) {
        line += *at == '\n';
        if ((*at != '"' && *at != '\'') || strncmp(at + 1, request->name, length) != 0 || at[1 + length] != *at)
            continue;
        if (is_behind(bundle->script.text, at, request->verb))
            return line;
        any = any ? any : line;
    }
    return any ? any : tend_spec_line(bundle->script.text, "steps", NULL);
}

static void hash_bundle(tend_bundle *bundle, const tend_buffer *settings)
{
    static const char hex[] = "0123456789abcdef";
    tend_sha256 hash;
    uint8_t digest[32];
    char api[16];

    (void)snprintf(api, sizeof api, "api %d", (int)bundle->spec.api);
    tend_sha256_init(&hash);
    tend_sha256_add(&hash, api, strlen(api) + 1);
    tend_sha256_add(&hash, bundle->script.text, bundle->script.length + 1);
    for (const tend_script *library = bundle->libraries; library->file; library++) {
        tend_sha256_add(&hash, library->file, strlen(library->file) + 1);
        tend_sha256_add(&hash, library->text, library->length + 1);
    }
    tend_sha256_add(&hash, tend_buffer_string(settings), settings->length);
    tend_sha256_end(&hash, digest);
    for (size_t i = 0; i < sizeof digest; i++) {
        bundle->hash[2 * i] = hex[digest[i] >> 4];
        bundle->hash[2 * i + 1] = hex[digest[i] & 15];
    }
    bundle->hash[64] = '\0';
}

tend_status tend_bundle_find(tend_bundle *bundle, tend_store *store, tend_error *reterr)
{
    tend_buffer settings = { 0 };

    tend_tree_pack(&bundle->settings, &settings);
    hash_bundle(bundle, &settings);
    tend_buffer_clear(&settings);
    return tend_sql_number(store, 0, &bundle->id, reterr, "SELECT id FROM bundles WHERE hash = ?1", "s", bundle->hash);
}

tend_status tend_bundle_store(tend_bundle *bundle, tend_model *model, tend_error *reterr)
{
    tend_store *store = tend_model_store(model);
    tend_buffer settings = { 0 };
    tend_status status = tend_bundle_find(bundle, store, reterr);

    tend_tree_pack(&bundle->settings, &settings);
    if (status == TEND_OK && bundle->id == 0) {
        status = tend_store_ids(store, "bundles", 1, &bundle->id, reterr);
        if (status == TEND_OK)
            status = tend_sql_run(store, reterr,
                                  "INSERT INTO bundles (id, hash, name, path, api, script, settings, stored_at)"
                                  " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
                                  "isssisbi", bundle->id, bundle->hash, bundle->spec.name, bundle->path, bundle->spec.api,
                                  bundle->script.text, &settings, tend_model_now(model));
        for (const tend_script *library = bundle->libraries; status == TEND_OK && library->file; library++)
            status = tend_sql_run(store, reterr, "INSERT INTO bundle_libraries (bundle, name, text) VALUES (?1, ?2, ?3)", "iss",
                                  bundle->id, library->file, library->text);
    }
    tend_buffer_clear(&settings);
    return status;
}

static tend_status fetch_libraries(tend_store *store, tend_bundle *bundle, tend_error *reterr)
{
    tend_statement *statement;
    tend_status status = tend_sql_ask(store, &statement, reterr,
                                      "SELECT name, text FROM bundle_libraries WHERE bundle = ?1 ORDER BY name", "i", bundle->id);
    bool has_row = false;

    for (size_t i = 0; status >= 0 && i < TEND_LIBRARIES; i++) {
        size_t length;
        const char *text;

        status = tend_statement_step(statement, &has_row, reterr);
        if (status < 0 || !has_row)
            break;
        text = tend_statement_text(statement, 1, &length);
        bundle->libraries[i] = (tend_script){ .file = tend_arena_string(bundle->arena, tend_statement_text(statement, 0, NULL)),
                                              .text = tend_arena_copy(bundle->arena, text, length),
                                              .length = length };
    }
    tend_statement_end(statement);
    return status < 0 ? status : TEND_OK;
}

static tend_status fetch(tend_store *store, int64_t id, tend_bundle *bundle, tend_error *reterr)
{
    tend_statement *statement;
    tend_status status =
        tend_sql_ask(store, &statement, reterr, "SELECT path, script, settings FROM bundles WHERE id = ?1", "i", id);
    bool has_row = false;
    size_t length;
    const char *text;
    const void *bytes;

    bundle->id = id;
    if (status == TEND_OK)
        status = tend_statement_step(statement, &has_row, reterr);
    if (status >= 0 && !has_row)
        status = tend_fail(reterr, TEND_ECORRUPT, "bundles: %lld is missing", (long long)id);
    if (status >= 0) {
        bundle->path = tend_arena_string(bundle->arena, tend_statement_text(statement, 0, NULL));
        text = tend_statement_text(statement, 1, &length);
        bundle->script =
            (tend_script){ .file = bundle->path, .text = tend_arena_copy(bundle->arena, text, length), .length = length };
        bytes = tend_statement_bytes(statement, 2, &length);
        status = bundle->path && bundle->script.text ? tend_tree_unpack(bytes, length, bundle->arena, &bundle->settings, reterr)
                                                     : out_of_memory(reterr);
    }
    tend_statement_end(statement);
    return status < 0 ? status : fetch_libraries(store, bundle, reterr);
}

tend_status tend_bundle_fetch(tend_store *store, int64_t id, tend_bundle **ret_bundle, tend_error *reterr)
{
    tend_bundle *bundle = NULL;
    tend_status status = new_bundle(&bundle, reterr);

    if (status >= 0)
        status = fetch(store, id, bundle, reterr);
    if (status < 0) {
        tend_bundle_free(bundle);
        return status;
    }
    *ret_bundle = bundle;
    return TEND_OK;
}

tend_status tend_bundle_keep(tend_playbooks *playbooks, tend_bundle *bundle, tend_error *reterr)
{
    tend_bundle **larger = realloc(playbooks->bundles, (playbooks->bundle_count + 1) * sizeof *larger);

    if (!larger)
        return out_of_memory(reterr);
    playbooks->bundles = larger;
    playbooks->bundles[playbooks->bundle_count++] = bundle;
    return TEND_OK;
}

tend_status tend_bundle_reload(tend_playbooks *playbooks, tend_bundle *bundle, tend_error *reterr)
{
    tend_arena *arena;
    tend_move_result result;
    tend_tree tree;
    tend_status status;

    if (tend_sandbox_has(playbooks->sandbox, (uint32_t)bundle->id))
        return TEND_OK;
    arena = tend_arena_new();
    if (!arena)
        return out_of_memory(reterr);
    status = tend_sandbox_load(playbooks->sandbox, (uint32_t)bundle->id, &bundle->script, bundle->libraries, arena, &tree, &result,
                               reterr);
    if (status == TEND_OK && result.end == TEND_MOVE_FAULT)
        status = tend_fail(reterr, TEND_EINVAL, "%s: %s", bundle->path, result.text);
    tend_arena_free(arena);
    return status;
}

/* The spec is read with the settings as they were: triggers depend on them. */
tend_status tend_bundle_stored(tend_playbooks *playbooks, int64_t id, tend_bundle **ret_bundle, tend_error *reterr)
{
    tend_spec_faults faults = { 0 };
    tend_bundle *bundle = NULL;
    tend_stored_settings stored;
    tend_tree settings;
    tend_status status = new_bundle(&bundle, reterr);

    if (status < 0)
        return status;
    status = fetch(playbooks->store, id, bundle, reterr);
    if (status == TEND_OK) {
        settings = bundle->settings;
        stored = (tend_stored_settings){ &settings, bundle->arena };
        status = tend_bundle_open(bundle, (uint32_t)id, playbooks->sandbox, playbooks->schema, tend_stored_written, &stored,
                                  &faults, reterr);
        bundle->settings = settings;
    }
    if (status == TEND_OK)
        status = tend_bundle_keep(playbooks, bundle, reterr);
    if (status < 0) {
        tend_bundle_free(bundle);
        return status;
    }
    *ret_bundle = bundle;
    return TEND_OK;
}

tend_status tend_bundle_of_run(tend_playbooks *playbooks, int64_t id, tend_bundle **ret_bundle, tend_error *reterr)
{
    for (size_t i = 0; i < playbooks->bundle_count; i++) {
        if (playbooks->bundles[i]->id != id)
            continue;
        *ret_bundle = playbooks->bundles[i];
        return tend_bundle_reload(playbooks, playbooks->bundles[i], reterr);
    }
    return tend_bundle_stored(playbooks, id, ret_bundle, reterr);
}
