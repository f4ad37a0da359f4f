#include "engine/conform_seen.h"

#include "base/buffer.h"
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SLOWLY_US = 5000, ITEM_TEXT_MOST = 4000 };

/* Room for one more of `size` bytes each; false when memory is used up. */
static bool grow(conform *trial, void *list_, size_t count, size_t *room, size_t size)
{
    void **list = list_, *larger;

    if (count < *room)
        return true;
    larger = conform_take(trial, (*room ? *room * 2 : 64) * size);
    if (!larger)
        return false;
    if (count > 0)
        memcpy(larger, *list, count * size);
    *list = larger;
    *room = *room ? *room * 2 : 64;
    return true;
}

/* Every message ends here: is this where the pull is to stop? */
static tend_status message(seen *list, tend_error *reterr)
{
    list->messages++;
    if (list->messages <= list->slow_for)
        (void)usleep(SLOWLY_US);
    if (list->trial->status < 0)
        return tend_fail(reterr, list->trial->status, "%s", list->trial->error.text);
    if (list->count > SEEN_MOST || list->mark_count > SEEN_MARKS_MOST)
        list->is_too_much = true;
    if ((list->stop_at > 0 && list->messages >= list->stop_at) || list->is_too_much) {
        list->is_stopped = true;
        return tend_fail(reterr, TEND_ECLOSED, "that is enough");
    }
    return TEND_OK;
}

static const char *fault_of_columns(seen *list, const char *const *names, uint32_t count, const char *const *key)
{
    tend_arena *arena = list->trial->arena;

    for (uint32_t i = 0; i < count; i++) {
        if (names[i][0] == '\0')
            return tend_arena_print(arena, "column %u has no name", i + 1);
        for (uint32_t j = 0; j < i; j++)
            if (strcmp(names[i], names[j]) == 0)
                return tend_arena_print(arena, "two columns are called %s", names[i]);
    }
    for (uint32_t i = 0; key && key[i]; i++) {
        bool is_column = false;

        for (uint32_t j = 0; j < count; j++)
            is_column = is_column || strcmp(key[i], names[j]) == 0;
        if (!is_column)
            return tend_arena_print(arena, "the key names %s, which is no column", key[i]);
    }
    if (list->has_columns && count < list->name_count)
        return tend_arena_print(arena, "columns were named again, and fewer of them; a later list has the same head and is longer");
    for (uint32_t i = 0; list->has_columns && i < list->name_count; i++)
        if (strcmp(names[i], list->names[i]) != 0)
            return tend_arena_print(
                arena, "columns were named again with %s where %s had been; a later list has the same head and is longer", names[i],
                list->names[i]);
    return NULL;
}

static const char **copy_names(conform *trial, const char *const *names, uint32_t count)
{
    const char **copy = conform_take(trial, (count + 1) * sizeof *copy);

    for (uint32_t i = 0; copy && i < count; i++)
        copy[i] = tend_arena_string(trial->arena, names[i]);
    return copy;
}

static tend_status see_columns(void *self, const char *const *names, uint32_t count, const char *const *key, tend_error *reterr)
{
    seen *list = self;

    if (!list->bad_columns)
        list->bad_columns = fault_of_columns(list, names, count, key);
    list->names = copy_names(list->trial, names, count);
    list->name_count = list->names ? count : 0;
    for (list->key_count = 0; key && key[list->key_count];)
        list->key_count++;
    list->key = copy_names(list->trial, key, list->key_count);
    list->has_columns = true;
    list->columns_calls++;
    return message(list, reterr);
}

/* "id=3, part=b" behind the others, for comparing removals with records. */
static void keep_key(seen *list, const char *key, const char ***keys, size_t *count, size_t *room)
{
    const char *copy = tend_arena_string(list->trial->arena, key);

    if (copy && grow(list->trial, keys, *count, room, sizeof **keys))
        (*keys)[(*count)++] = copy;
}

static void put_item(seen *list, tend_buffer *text)
{
    const char *item = NULL;

    if (!text->failed)
        item = tend_arena_copy(list->trial->arena, tend_buffer_string(text), text->length);
    tend_buffer_clear(text);
    if (!item || !grow(list->trial, &list->items, list->count, &list->room, sizeof *list->items)) {
        if (list->trial->status >= 0)
            list->trial->status = tend_fail(&list->trial->error, TEND_ENOMEM, "plugin check: no memory for the records");
        return;
    }
    list->items[list->count++] = item;
}

static void write_cell(tend_buffer *text, const char *name, const tend_cell *cell, bool *is_first)
{
    if (!cell->text)
        return;
    tend_buffer_print(text, "%s%s=", *is_first ? " " : ", ", name);
    tend_buffer_append(text, cell->text, cell->length < ITEM_TEXT_MOST ? cell->length : ITEM_TEXT_MOST);
    *is_first = false;
}

static tend_status see_record(void *self, const tend_cell *cells, uint32_t count, uint64_t line, tend_time modified_at,
                              tend_error *reterr)
{
    seen *list = self;
    tend_buffer text = { 0 };
    bool is_first = true;

    (void)line;
    tend_buffer_text(&text, "record");
    for (uint32_t i = 0; i < count && i < list->name_count; i++)
        write_cell(&text, list->names[i], &cells[i], &is_first);
    if (modified_at != TEND_NO_TIME)
        tend_buffer_print(&text, " (modified at %lld)", (long long)modified_at);
    for (uint32_t k = 0; k < list->key_count && !list->bad_record; k++)
        for (uint32_t i = 0; i < list->name_count; i++)
            if (strcmp(list->names[i], list->key[k]) == 0 && (i >= count || !cells[i].text || cells[i].length == 0))
                list->bad_record = tend_arena_print(list->trial->arena, "%s: it lacks %s, which the key names",
                                                    tend_buffer_string(&text), list->key[k]);
    put_item(list, &text);
    list->records++;
    is_first = true;
    for (uint32_t k = 0; k < list->key_count; k++)
        for (uint32_t i = 0; i < list->name_count && i < count; i++)
            if (strcmp(list->names[i], list->key[k]) == 0)
                write_cell(&text, list->key[k], &cells[i], &is_first);
    keep_key(list, tend_buffer_string(&text), &list->keys, &list->keys_kept, &list->key_room);
    tend_buffer_clear(&text);
    return message(list, reterr);
}

static tend_status see_tombstone(void *self, const tend_cell *key, uint32_t count, tend_time removed_at, tend_error *reterr)
{
    seen *list = self;
    tend_buffer text = { 0 };
    bool is_first = true;

    tend_buffer_text(&text, "removal of");
    for (uint32_t i = 0; i < count; i++) {
        write_cell(&text, i < list->key_count ? list->key[i] : "id", &key[i], &is_first);
        if (!list->bad_tombstone && (!key[i].text || key[i].length == 0))
            list->bad_tombstone = "a removal names no id: every cell of its key must be there";
    }
    if (!list->bad_tombstone && list->key_count > 0 && count != list->key_count)
        list->bad_tombstone = tend_arena_print(list->trial->arena, "a removal has %u cells, and the key that was named has %u",
                                               count, list->key_count);
    keep_key(list, tend_buffer_string(&text) + strlen("removal of"), &list->removed, &list->removed_kept, &list->removed_room);
    if (removed_at != TEND_NO_TIME)
        tend_buffer_print(&text, " (removed at %lld)", (long long)removed_at);
    put_item(list, &text);
    list->tombstones++;
    return message(list, reterr);
}

static tend_status see_checkpoint(void *self, const char *bookmark, size_t length, tend_error *reterr)
{
    seen *list = self;

    if (grow(list->trial, &list->marks, list->mark_count, &list->mark_room, sizeof *list->marks))
        list->marks[list->mark_count++] = (seen_mark){ list->count, tend_arena_copy(list->trial->arena, bookmark, length) };
    return message(list, reterr);
}

static tend_status see_reject(void *self, uint64_t line, const char *column, const char *value, size_t length, const char *reason,
                              tend_error *reterr)
{
    seen *list = self;
    tend_arena *arena = list->trial->arena;

    (void)value;
    (void)length;
    list->rejects++;
    if (strcmp(reason, "not valid UTF-8") == 0 && !list->bad_text)
        list->bad_text = tend_arena_print(arena, "line %llu%s%s: bytes that are not UTF-8; bring texts as UTF-8",
                                          (unsigned long long)line, column ? ", column " : "", column ? column : "");
    if (strcmp(reason, "it has more cells than columns were named") == 0 && !list->bad_columns)
        list->bad_columns = tend_arena_print(arena,
                                             "line %llu: a record has more cells than columns were named; call columns() before "
                                             "the records, and again when new ones appear",
                                             (unsigned long long)line);
    return message(list, reterr);
}

tend_status seen_pull(seen *list, const char *stream, const char *bookmark, uint64_t limit)
{
    const tend_pull_sink sink = { .columns = see_columns,
                                  .record = see_record,
                                  .tombstone = see_tombstone,
                                  .checkpoint = see_checkpoint,
                                  .reject = see_reject,
                                  .self = list,
                                  .kills = list->kills };
    const tend_pull request = { .size = sizeof request, .stream = stream, .bookmark = bookmark, .limit = limit };
    tend_status status;

    list->error.text[0] = '\0';
    status = tend_hosted_pull(list->trial->hosted, conform_name(list->trial), &request, &sink, &list->error);
    return status == TEND_ECLOSED && list->is_stopped ? TEND_OK : status;
}

size_t seen_committed(const seen *list, const char **ret_bookmark)
{
    *ret_bookmark = list->mark_count > 0 ? list->marks[list->mark_count - 1].bookmark : NULL;
    return list->mark_count > 0 ? list->marks[list->mark_count - 1].items : 0;
}

static int by_text(const void *left, const void *right)
{
    return strcmp(*(const char *const *)left, *(const char *const *)right);
}

size_t seen_removals_known(const seen *list)
{
    size_t known = 0;

    qsort(list->keys, list->keys_kept, sizeof *list->keys, by_text);
    for (size_t i = 0; i < list->removed_kept; i++)
        known +=
            list->keys_kept > 0 && bsearch(&list->removed[i], list->keys, list->keys_kept, sizeof *list->keys, by_text) != NULL;
    return known;
}

const char *seen_differ(conform *trial, const seen *whole, size_t first, const char *const *a, size_t a_count, const char *const *b,
                        size_t b_count)
{
    const size_t wanted_count = whole->count - first, got_count = a_count + b_count;
    const char **wanted = conform_take(trial, (wanted_count + 1) * sizeof *wanted);
    const char **got = conform_take(trial, (got_count + 1) * sizeof *got);
    size_t i = 0, j = 0;

    if (!wanted || !got)
        return NULL;
    if (wanted_count > 0)
        memcpy(wanted, whole->items + first, wanted_count * sizeof *wanted);
    if (a_count > 0)
        memcpy(got, a, a_count * sizeof *got);
    if (b_count > 0)
        memcpy(got + a_count, b, b_count * sizeof *got);
    qsort(wanted, wanted_count, sizeof *wanted, by_text);
    qsort(got, got_count, sizeof *got, by_text);
    while (i < wanted_count || j < got_count) {
        const int order = i == wanted_count ? 1 : j == got_count ? -1 : strcmp(wanted[i], got[j]);

        if (order < 0)
            return tend_arena_print(trial->arena, "lost: %.300s", wanted[i]);
        if (order > 0)
            return tend_arena_print(trial->arena, "%s: %.300s",
                                    j > 0 && strcmp(got[j], got[j - 1]) == 0 ? "came twice" : "came besides", got[j]);
        i++;
        j++;
    }
    return NULL;
}
