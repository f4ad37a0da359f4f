/* verbatim.c: what a script was told stays as it is in the texts it writes. A ticket's title may hold braces; whoever wrote it is
 * not the author of the playbook, so nothing is looked up for it. */
#include "playbook/verbatim.h"

#include <string.h>

#define PATH_LETTERS "abcdefghijklmnopqrstuvwxyz0123456789_."

typedef struct verbatim {
    const tend_journal_step *journal;
    size_t recorded;
    const new_step *added;
    const tend_tree *event;
} verbatim;

/* Whether `visit` says yes to a text with a brace in it somewhere below the tree. */
typedef bool visit_text(void *self, const char *told);

static bool visit_tree(const tend_tree *tree, visit_text *visit, void *self)
{
    if (tree->tag == TEND_TREE_TEXT)
        return strchr(tree->text, '{') && visit(self, tree->text);
    if (tree->tag != TEND_TREE_LIST && tree->tag != TEND_TREE_MAP)
        return false;
    for (size_t i = 0; i < tree->length; i++)
        if (visit_tree(&tree->items[i], visit, self))
            return true;
    return false;
}

static bool visit_told(const verbatim *from, visit_text *visit, void *self)
{
    for (size_t i = 0; i < from->recorded; i++)
        if (from->journal[i].answer && visit_tree(from->journal[i].answer, visit, self))
            return true;
    for (const new_step *added = from->added; added; added = added->next)
        if (added->step.has_answer && visit_tree(&added->step.answer, visit, self))
            return true;
    return from->event && visit_tree(from->event, visit, self);
}

typedef struct brace {
    const char *text, *at; /* the written text, and the brace in it that is asked about */
    char group[200];       /* the brace with its path, or with the byte behind it; "" while whole texts are looked for */
} brace;

/* The brace lies within the told text, which stands as a whole in what was written. */
static bool lies_within(void *self, const char *told)
{
    const brace *asked = self;
    size_t length = strlen(told);

    for (const char *found = strstr(asked->text, told); found && found <= asked->at; found = strstr(found + 1, told))
        if (asked->at < found + length)
            return true;
    return false;
}

/* A script may have cut or raised what it was told, so letters are compared without their case. Where it wrote the told text as a
 * whole as well, that is where the group came from. */
static bool is_part_of(void *self, const char *told)
{
    const brace *asked = self;

    return strcasestr(told, asked->group) && !strstr(asked->text, told);
}

static void take_group(brace *asked)
{
    size_t path = 1 + strspn(asked->at + 1, PATH_LETTERS);
    size_t length = asked->at[path] == '}' ? path + 1 : asked->at[1] ? 2 : 1;

    if (length >= sizeof asked->group)
        length = sizeof asked->group - 1;
    memcpy(asked->group, asked->at, length);
    asked->group[length] = '\0';
}

static bool was_told(const verbatim *from, const char *text, const char *at)
{
    brace asked = { .text = text, .at = at };

    take_group(&asked);
    return visit_told(from, lies_within, &asked) || visit_told(from, is_part_of, &asked);
}

/* The text with every { that was told doubled. */
static const char *double_braces(const verbatim *from, const char *text, tend_arena *arena)
{
    tend_buffer buffer = { 0 };
    const char *doubled;

    for (const char *at = text; *at; at++) {
        if (at[0] == '{' && was_told(from, text, at))
            tend_buffer_append(&buffer, at, 1);
        tend_buffer_append(&buffer, at, 1);
    }
    doubled = buffer.failed ? NULL : tend_arena_string(arena, tend_buffer_string(&buffer));
    tend_buffer_clear(&buffer);
    return doubled;
}

static bool always(void *self, const char *told)
{
    (void)self;
    (void)told;
    return true;
}

static tend_status keep_tree(const verbatim *from, tend_tree *tree, tend_arena *arena, tend_error *reterr);

static tend_status keep_items(const verbatim *from, const char *verb, tend_tree *map, tend_arena *arena, tend_error *reterr)
{
    tend_tree *items = tend_arena_take(arena, map->length * sizeof *items);
    tend_status status = TEND_OK;

    if (!items)
        return tend_fail(reterr, TEND_ENOMEM, "playbooks: memory is used up");
    memcpy(items, map->items, map->length * sizeof *items);
    for (size_t i = 0; i < map->length && status == TEND_OK; i++)
        if (!verb || tend_subject_fills(verb, map->keys[i]))
            status = keep_tree(from, &items[i], arena, reterr);
    map->items = items;
    return status;
}

/* A text, or one for each language. */
static tend_status keep_tree(const verbatim *from, tend_tree *tree, tend_arena *arena, tend_error *reterr)
{
    if (tree->tag == TEND_TREE_MAP && tree->length > 0)
        return keep_items(from, NULL, tree, arena, reterr);
    if (tree->tag != TEND_TREE_TEXT || !strchr(tree->text, '{'))
        return TEND_OK;
    *tree = tend_tree_text(double_braces(from, tree->text, arena));
    return tree->tag == TEND_TREE_TEXT ? TEND_OK : tend_fail(reterr, TEND_ENOMEM, "playbooks: memory is used up");
}

tend_status moving_keep_verbatim(const moving_run *moving, const char *verb, tend_tree *arguments, tend_error *reterr)
{
    const verbatim from = { .journal = moving->journal,
                            .recorded = moving->journal ? (size_t)moving->recorded : 0,
                            .added = moving->first,
                            .event = moving->event };

    if (arguments->tag != TEND_TREE_MAP || arguments->length == 0 || !visit_told(&from, always, NULL))
        return TEND_OK;
    return keep_items(&from, verb, arguments, moving->playbooks->arena, reterr);
}
