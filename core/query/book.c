/* book.c: the accounts of a portfolio with their health and recurring money. */
#include "query/book.h"
#include "kpi/health.h"
#include <stdlib.h>
#include <string.h>

static tend_status add(const tend_query *query, account_book *book, size_t *room, const book_account *account, tend_error *reterr)
{
    if (book->count == *room) {
        size_t wanted = *room ? *room * 2 : 64;
        book_account *more = tend_arena_take(query->arena, wanted * sizeof *more);

        if (!more)
            return tend_fail(reterr, TEND_ENOMEM, "portfolio: no memory for %zu accounts", wanted);
        if (book->count > 0)
            memcpy(more, book->accounts, book->count * sizeof *more);
        book->accounts = more;
        *room = wanted;
    }
    book->accounts[book->count++] = *account;
    return TEND_OK;
}

static tend_status read_published(const tend_query *query, const char *condition, int64_t who, account_book *book,
                                  size_t *ret_missing, tend_error *reterr)
{
    const char *sql = tend_arena_print(query->arena,
                                       "SELECT a.id, " BOOK_ARR ", {measure text health a.id}, {measure numerator health a.id}, "
                                       "{measure denominator health a.id} FROM {account} AS a WHERE %s ORDER BY a.id",
                                       condition);
    tend_statement *statement = NULL;
    size_t room = 0;
    tend_status status = sql ? query_prepare(query, sql, &statement, reterr)
                             : tend_fail(reterr, TEND_ENOMEM, "portfolio: no memory for the question");

    *ret_missing = 0;
    if (status >= 0)
        tend_statement_bind_int(statement, 2, who);
    while (status >= 0) {
        book_account account;
        bool has_row = false;

        status = tend_statement_step(statement, &has_row, reterr);
        if (status < 0 || !has_row)
            break;
        account = (book_account){ .id = tend_statement_int(statement, 0),
                                  .arr = query_int(statement, 1, 0),
                                  .band = query_text(query, statement, 2),
                                  .score = tend_value_ratio(query_int(statement, 3, 0), query_int(statement, 4, 0)) };
        *ret_missing += account.band == NULL;
        status = add(query, book, &room, &account, reterr);
    }
    tend_statement_end(statement);
    return status;
}

/* Of the accounts without a band. */
static tend_status compute(const tend_query *query, account_book *book, size_t missing, tend_error *reterr)
{
    int64_t *ids = tend_arena_take(query->arena, missing * sizeof *ids);
    tend_scope scope = { .accounts = ids };
    tend_kpi_view *view = NULL;
    tend_health *health = NULL;
    tend_health_score score;
    tend_status status = ids ? TEND_OK : tend_fail(reterr, TEND_ENOMEM, "portfolio: no memory for %zu accounts", missing);

    for (size_t i = 0; status >= 0 && i < book->count; i++)
        if (!book->accounts[i].band)
            ids[scope.count++] = book->accounts[i].id;
    if (status >= 0)
        status = tend_kpi_view_open(query->kpis, &query->world, NULL, &scope, &view, reterr);
    if (status >= 0)
        status = tend_health_open(view, query->card, &health, reterr);
    for (size_t i = 0; status >= 0 && tend_health_at(health, i, &score); i++) {
        book_account *account = (book_account *)book_find(book, score.account);

        if (!account || account->band)
            continue;
        account->band = tend_arena_string(query->arena, score.band);
        account->score = score.is_known ? tend_value_decimal(score.score, 6) : tend_value_none();
    }
    tend_health_close(health);
    tend_kpi_view_close(view);
    return status;
}

tend_status query_book(const tend_query *query, const char *condition, int64_t who, account_book *ret_book, tend_error *reterr)
{
    size_t missing;
    tend_error why;
    tend_status status;

    *ret_book = (account_book){ 0 };
    status = read_published(query, condition, who, ret_book, &missing, reterr);
    /* A calculator that fails costs the health it was to compute, not the page. */
    if (status >= 0 && missing > 0 && query->kpis && query->card && compute(query, ret_book, missing, &why) < 0)
        ret_book->fault = tend_arena_string(query->arena, why.text);
    return status;
}

static int compare(const void *left, const void *right)
{
    const book_account *a = left, *b = right;

    return a->id < b->id ? -1 : a->id > b->id;
}

const book_account *book_find(const account_book *book, int64_t account)
{
    const book_account wanted = { .id = account };

    return book->count > 0 ? bsearch(&wanted, book->accounts, book->count, sizeof wanted, compare) : NULL;
}
