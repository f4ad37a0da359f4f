#include "base/remarks.h"

#include <stdlib.h>
#include <string.h>

typedef struct one_remark {
    char *text;    /* owned */
    size_t file;   /* bytes of the text that name it */
    size_t group;  /* which of the files, in the order they were met */
    unsigned line; /* 0: none */
    size_t number; /* as it came */
} one_remark;

struct tend_remarks {
    one_remark *list;
    size_t count, room, groups;
    bool is_out_of_memory;
};

tend_remarks *tend_remarks_new(void)
{
    return calloc(1, sizeof(tend_remarks));
}

void tend_remarks_free(tend_remarks *remarks)
{
    for (size_t i = 0; remarks && i < remarks->count; i++)
        free(remarks->list[i].text);
    free(remarks ? remarks->list : NULL);
    free(remarks);
}

/* "own/one.lua:12: …" */
static void find_place(one_remark *remark)
{
    for (const char *at = strchr(remark->text, ':'); at; at = strchr(at + 1, ':')) {
        size_t digits = strspn(at + 1, "0123456789");

        if (digits == 0 || digits > 9 || at[1 + digits] != ':')
            continue;
        remark->file = (size_t)(at - remark->text);
        remark->line = (unsigned)strtoul(at + 1, NULL, 10);
        return;
    }
}

static void find_group(tend_remarks *remarks, one_remark *remark)
{
    for (size_t i = 0; i < remarks->count && remark->line > 0; i++)
        if (remarks->list[i].file == remark->file && remarks->list[i].line > 0 &&
            memcmp(remarks->list[i].text, remark->text, remark->file) == 0) {
            remark->group = remarks->list[i].group;
            return;
        }
    if (remark->line == 0) { /* no place of its own: behind what came before it */
        remark->group = remarks->count ? remarks->list[remarks->count - 1].group : 0;
        remark->line = remarks->count ? remarks->list[remarks->count - 1].line : 0;
        remark->file = 0;
        return;
    }
    remark->group = ++remarks->groups;
}

void tend_remarks_add(void *self, const char *line)
{
    tend_remarks *remarks = self;
    one_remark remark = { .text = strdup(line), .number = remarks->count };

    if (remarks->count == remarks->room) {
        size_t room = remarks->room ? 2 * remarks->room : 32;
        one_remark *larger = realloc(remarks->list, room * sizeof *larger);

        if (larger) {
            remarks->list = larger;
            remarks->room = room;
        }
    }
    if (!remark.text || remarks->count == remarks->room) {
        free(remark.text);
        remarks->is_out_of_memory = true;
        return;
    }
    find_place(&remark);
    find_group(remarks, &remark);
    remarks->list[remarks->count++] = remark;
}

static int compare(const void *a, const void *b)
{
    const one_remark *first = a, *second = b;

    if (first->group != second->group)
        return first->group < second->group ? -1 : 1;
    if (first->line != second->line)
        return first->line < second->line ? -1 : 1;
    return first->number < second->number ? -1 : first->number > second->number;
}

bool tend_remarks_tell(tend_remarks *remarks, void (*tell)(void *self, const char *line), void *self)
{
    if (remarks->count > 0)
        qsort(remarks->list, remarks->count, sizeof *remarks->list, compare);
    for (size_t i = 0; i < remarks->count; i++)
        tell(self, remarks->list[i].text);
    return !remarks->is_out_of_memory;
}
