#include "kpi/pick.h"

/* As many places as the next power of two: few texts, each prepared once. */
static size_t places_of(size_t count)
{
    size_t places = 1;

    while (places < count)
        places *= 2;
    return places;
}

void tend_pick_write(const char *account, size_t count, int first, tend_buffer *sql)
{
    const size_t places = places_of(count);

    if (count > TEND_PICK_MOST)
        return;
    tend_buffer_print(sql, " AND %s IN (", account);
    for (size_t i = 0; i < places; i++)
        tend_buffer_print(sql, "%s?%d", i ? ", " : "", first + (int)i);
    tend_buffer_byte(sql, ')');
}

/* Places left over stay null and pick nothing. */
void tend_pick_bind(tend_statement *statement, const int64_t *accounts, size_t count, int first)
{
    for (size_t i = 0; count <= TEND_PICK_MOST && i < count; i++)
        tend_statement_bind_int(statement, first + (int)i, accounts[i]);
}
