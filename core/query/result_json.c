/* result_json.c: sections as one JSON object. */
#include "query/result.h"
#include <stdlib.h>
#include <string.h>

typedef struct json_result {
    tend_result result;
    tend_json json;
    tend_buffer buffer;
    tend_buffer notes; /* NUL-separated */
    tend_buffer keys;  /* of the outermost object so far, NUL-separated */
    tend_arena *arena; /* the section's headings */
    const tend_heading *headings;
    int count;
    bool is_single, is_outer, is_open, names_currency, has_row;
} json_result;

static void end_section(json_result *self)
{
    if (!self->is_open)
        return;
    if (!self->is_single)
        tend_json_array_end(&self->json);
    else if (!self->has_row && !self->is_outer)
        tend_json_null(&self->json);
    self->is_open = false;
}

/* A reader keeps only one of two values under the same key, and nobody says which. */
static tend_status take_key(json_result *self, const char *key, tend_error *reterr)
{
    for (size_t at = 0; at < self->keys.length; at += strlen(self->keys.bytes + at) + 1) {
        if (strcmp(self->keys.bytes + at, key) == 0)
            return tend_fail(reterr, TEND_ERROR, "result: the key %s stands twice in one answer; this is a fault of tend", key);
    }
    tend_buffer_append(&self->keys, key, strlen(key) + 1);
    return self->keys.failed ? tend_fail(reterr, TEND_ENOMEM, "result: memory is used up") : TEND_OK;
}

static tend_status json_section(tend_result *result, const char *key, const char *title, const tend_heading *headings, int count,
                                bool is_single, tend_error *reterr)
{
    json_result *self = (json_result *)result;
    tend_heading *copy;
    tend_status status = TEND_OK;

    (void)title;
    end_section(self);
    tend_arena_reset(self->arena);
    copy = tend_arena_take(self->arena, (size_t)count * sizeof *copy);
    if (!copy && count > 0)
        return tend_fail(reterr, TEND_ENOMEM, "result: no memory for %d columns", count);
    self->names_currency = false;
    for (int i = 0; i < count; i++) {
        copy[i] = headings[i];
        copy[i].key = tend_arena_string(self->arena, headings[i].key);
        self->names_currency = self->names_currency || strcmp(headings[i].key, "currency") == 0;
    }
    self->headings = copy;
    self->count = count;
    self->is_single = is_single;
    self->is_outer = is_single && !*key;
    self->has_row = false;
    self->is_open = true;
    for (int i = 0; self->is_outer && i < count && status == TEND_OK; i++)
        status = take_key(self, copy[i].key, reterr);
    if (!self->is_outer)
        status = take_key(self, key, reterr);
    if (status < 0)
        return status;
    if (!self->is_outer)
        tend_json_key(&self->json, key);
    if (!is_single)
        tend_json_array(&self->json);
    return TEND_OK;
}

static tend_status json_row(tend_result *result, const tend_value *values, tend_error *reterr)
{
    json_result *self = (json_result *)result;
    char name[128];

    (void)reterr;
    self->has_row = true;
    if (!self->is_outer)
        tend_json_object(&self->json);
    for (int i = 0; i < self->count; i++) {
        tend_json_key(&self->json, self->headings[i].key);
        tend_json_value(&self->json, &values[i]);
        if (self->headings[i].type == TEND_MONEY && !self->names_currency) {
            (void)snprintf(name, sizeof name, "%s_currency", self->headings[i].key);
            tend_json_key(&self->json, name);
            if (values[i].type == TEND_MONEY && values[i].currency[0])
                tend_json_string(&self->json, values[i].currency);
            else
                tend_json_null(&self->json);
        }
    }
    if (!self->is_outer)
        tend_json_object_end(&self->json);
    return TEND_OK;
}

static tend_status json_note(tend_result *result, const char *text, tend_error *reterr)
{
    json_result *self = (json_result *)result;

    (void)reterr;
    tend_buffer_append(&self->notes, text, strlen(text) + 1);
    return TEND_OK;
}

static tend_status json_end(tend_result *result, tend_error *reterr)
{
    json_result *self = (json_result *)result;
    tend_status status;

    end_section(self);
    if (self->notes.length > 0) {
        tend_json_key(&self->json, "notes");
        tend_json_array(&self->json);
        for (const char *note = self->notes.bytes; note < self->notes.bytes + self->notes.length; note += strlen(note) + 1)
            tend_json_string(&self->json, note);
        tend_json_array_end(&self->json);
    }
    tend_json_object_end(&self->json);
    tend_buffer_byte(&self->buffer, '\n');
    status = tend_json_flush(&self->json);
    if (status < 0)
        return tend_fail(reterr, status, "standard output: cannot write the result; check the disk and the pipe");
    return TEND_OK;
}

static void json_free(tend_result *result)
{
    json_result *self = (json_result *)result;

    tend_arena_free(self->arena);
    tend_buffer_clear(&self->buffer);
    tend_buffer_clear(&self->keys);
    tend_buffer_clear(&self->notes);
    free(self);
}

tend_result *tend_result_json(FILE *out)
{
    json_result *self = calloc(1, sizeof *self);

    if (!self)
        return NULL;
    self->result = (tend_result){ json_section, json_row, json_note, json_end, json_free };
    self->arena = tend_arena_new();
    if (!self->arena) {
        free(self);
        return NULL;
    }
    tend_json_init(&self->json, &self->buffer, out, true);
    tend_json_object(&self->json);
    return &self->result;
}
