/* commands_price.c: quotes, what stands behind them, and the rules examined. */
#include "base/money.h"
#include "base/utf8.h"
#include "cli/commands.h"
#include <string.h>
#include <tend/bands.h>

/* PRODUCT=QUANTITY[:UNIT]; the quantity stands after the last '='. */
static tend_status read_item(tend_session *session, const char *word, tend_quote_item *ret_item, tend_error *reterr)
{
    const char *equals = strrchr(word, '='), *unit = equals ? strchr(equals, ':') : NULL, *name;
    size_t length = equals ? (unit ? (size_t)(unit - equals - 1) : strlen(equals + 1)) : 0;
    tend_status status;

    if (!equals || equals == word || !tend_decimal_read(equals + 1, length, &ret_item->quantity))
        return tend_fail(reterr, TEND_EINVAL,
                         "'%s' names no product and quantity; write PRODUCT=100, or PRODUCT=100:box for a unit", word);
    if (ret_item->quantity.mantissa == 0)
        return tend_fail(reterr, TEND_EINVAL, "'%s': a quantity is more than zero", word);
    name = tend_arena_copy(session->arena, word, (size_t)(equals - word));
    if (!name)
        return tend_fail(reterr, TEND_ENOMEM, "no memory for the quote");
    status = tend_session_row(session, TEND_KIND_PRODUCT, name, &ret_item->product, reterr);
    ret_item->unit = NULL;
    if (status >= 0 && unit) {
        size_t size;

        status = tend_utf8_nfc(session->arena, unit + 1, strlen(unit + 1), &ret_item->unit, &size);
        if (status < 0)
            return tend_fail(reterr, status, "'%s': the unit cannot be read as text", word);
    }
    return status;
}

static tend_status read_request(tend_session *session, tend_quote_request *ret_request, tend_error *reterr)
{
    const char *on = tend_session_option(session, "on"), *currency = tend_session_option(session, "currency");
    const uint32_t count = (uint32_t)(session->word_count - 1);
    tend_quote_item *items = tend_arena_take(session->arena, (count + 1) * sizeof *items);
    int64_t term = 0;
    tend_status status;

    if (!items)
        return tend_fail(reterr, TEND_ENOMEM, "no memory for the quote");
    *ret_request = (tend_quote_request){ .date = tend_session_today(session), .items = items, .item_count = count };
    status = tend_session_row(session, TEND_KIND_ACCOUNT, session->words[0], &ret_request->account, reterr);
    if (status >= 0 && on)
        status = tend_session_date(session, on, &ret_request->date, reterr);
    if (status >= 0)
        status = tend_session_number(session, "term", 0, &term, reterr);
    if (status >= 0 && term > 1200)
        status = tend_fail(reterr, TEND_EINVAL, "--term: %lld months are more than a hundred years; write months", (long long)term);
    if (status >= 0 && currency && (strlen(currency) != 3 || tend_currency_exponent(currency) < 0))
        status =
            tend_fail(reterr, TEND_EINVAL, "--currency: '%s' is not a currency; write a code of ISO 4217 such as USD", currency);
    ret_request->currency = currency;
    ret_request->term_months = (uint32_t)term;
    for (uint32_t i = 0; i < count && status >= 0; i++)
        status = read_item(session, session->words[i + 1], &items[i], reterr);
    return status;
}

static tend_status quote(tend_session *session, bool explains, tend_error *reterr)
{
    tend_result *result = tend_session_result(session);
    tend_quote_request request;
    tend_pricing *pricing;
    tend_query query;
    tend_status status = read_request(session, &request, reterr);

    if (status >= 0)
        status = tend_cli_query(session, &query, reterr);
    if (status >= 0)
        status = tend_workspace_pricing(session->workspace, session->err, &pricing, reterr);
    if (status >= 0 && !result)
        status = tend_fail(reterr, TEND_ENOMEM, "no memory for the answer");
    return status < 0 ? status : tend_query_quote(&query, pricing, &request, explains, result, reterr);
}

tend_status tend_cli_price_quote(tend_session *session, tend_error *reterr)
{
    return quote(session, false, reterr);
}

tend_status tend_cli_price_explain(tend_session *session, tend_error *reterr)
{
    return quote(session, true, reterr);
}

enum { TERMS_MAX = 10 };

/* "12,36,60". */
static tend_status read_terms(const char *text, uint32_t terms[static TERMS_MAX], size_t *ret_count, tend_error *reterr)
{
    const char *at = text;

    for (*ret_count = 0; *ret_count < TERMS_MAX; (*ret_count)++) {
        const size_t length = strcspn(at, ",");
        int64_t months;

        if (tend_decimal_parse(at, length, &tend_number_plain, 0, &months) < 0 || months <= 0 || months > 360 || months % 12 != 0)
            break;
        terms[*ret_count] = (uint32_t)months;
        at += length;
        if (*at == '\0') {
            (*ret_count)++;
            return TEND_OK;
        }
        at++;
    }
    return tend_fail(reterr, TEND_EINVAL, "--terms: '%s' is no list of whole years in months; write 12,36,60 (at most %d of them)",
                     text, TERMS_MAX);
}

/* "8" or "7.5 %", below 100. */
static tend_status read_rate(const tend_session *session, const char *name, tend_decimal otherwise, tend_decimal *ret_rate,
                             tend_error *reterr)
{
    const char *text = tend_session_option(session, name);
    const size_t length = text ? strcspn(text, " %") : 0;

    *ret_rate = otherwise;
    if (!text)
        return TEND_OK;
    if (tend_decimal_read(text, length, ret_rate) && strspn(text + length, " %") == strlen(text + length) && ret_rate->scale <= 6 &&
        tend_decimal_compare(*ret_rate, (tend_decimal){ 100, 0 }) < 0)
        return TEND_OK;
    return tend_fail(reterr, TEND_EINVAL, "--%s: '%s' is not per cent a year below 100; write 7.5", name, text);
}

tend_status tend_cli_price_compare(tend_session *session, tend_error *reterr)
{
    const char *listed = tend_session_option(session, "terms");
    tend_result *result = tend_session_result(session);
    tend_compare_request request = { 0 };
    uint32_t terms[TERMS_MAX], longest = 12;
    size_t count = 0;
    int64_t years = 0;
    tend_pricing *pricing;
    tend_query query;
    tend_status status = read_request(session, &request.quote, reterr);

    if (status >= 0)
        status = read_terms(listed ? listed : "12,36", terms, &count, reterr);
    if (status >= 0)
        status = read_rate(session, "rate", (tend_decimal){ 8, 0 }, &request.our_rate, reterr);
    if (status >= 0)
        status = read_rate(session, "their-rate", request.our_rate, &request.their_rate, reterr);
    for (size_t i = 0; i < count; i++)
        longest = terms[i] > longest ? terms[i] : longest;
    if (status >= 0)
        status = tend_session_number(session, "years", longest / 12, &years, reterr);
    if (status >= 0 && (years < 1 || years > TEND_COMPARE_YEARS))
        status = tend_fail(reterr, TEND_EINVAL, "--years: %lld is not 1 to %d", (long long)years, TEND_COMPARE_YEARS);
    request.years = (uint32_t)years;
    if (status >= 0)
        status = tend_cli_query(session, &query, reterr);
    if (status >= 0)
        status = tend_workspace_pricing(session->workspace, session->err, &pricing, reterr);
    if (status >= 0 && !result)
        status = tend_fail(reterr, TEND_ENOMEM, "no memory for the answer");
    return status < 0 ? status : tend_query_compare(&query, pricing, &request, terms, count, result, reterr);
}

/* The query, the prices and the day: what all commands below begin with. */
static tend_status begin(tend_session *session, tend_query *ret_query, tend_pricing **ret_pricing, tend_result **ret_result,
                         tend_date *ret_date, tend_error *reterr)
{
    const char *on = tend_session_option(session, "on");
    tend_status status = tend_cli_query(session, ret_query, reterr);

    *ret_date = tend_session_today(session);
    *ret_result = tend_session_result(session);
    if (status >= 0 && on)
        status = tend_session_date(session, on, ret_date, reterr);
    if (status >= 0)
        status = tend_workspace_pricing(session->workspace, session->err, ret_pricing, reterr);
    if (status >= 0 && !*ret_result)
        status = tend_fail(reterr, TEND_ENOMEM, "no memory for the answer");
    return status;
}

tend_status tend_cli_price_check(tend_session *session, tend_error *reterr)
{
    tend_pricing *pricing;
    tend_result *result;
    tend_query query;
    tend_date date;
    int64_t found = 0;
    tend_status status = begin(session, &query, &pricing, &result, &date, reterr);

    if (status >= 0)
        status = tend_query_price_check(&query, pricing, date, result, &found, reterr);
    if (status >= 0)
        session->exit_code = found > 0;
    return status;
}

tend_status tend_cli_price_rules(tend_session *session, tend_error *reterr)
{
    tend_pricing *pricing;
    tend_result *result;
    tend_query query;
    tend_date date;
    tend_status status = begin(session, &query, &pricing, &result, &date, reterr);

    return status < 0 ? status : tend_query_price_rules(&query, pricing, date, result, reterr);
}

tend_status tend_cli_price_standing(tend_session *session, tend_error *reterr)
{
    const char *then = tend_session_option(session, "then"), *where = tend_session_option(session, "where");
    tend_cli_ids accounts = { 0 };
    tend_pricing *pricing;
    tend_result *result;
    tend_query query;
    tend_date on, later = TEND_NO_DATE;
    tend_status status = begin(session, &query, &pricing, &result, &on, reterr);

    if (status >= 0 && then)
        status = tend_session_date(session, then, &later, reterr);
    if (status >= 0 && where && session->word_count > 0)
        status = tend_fail(reterr, TEND_EINVAL, "--where and accounts by name; give one of them");
    if (status >= 0 && session->word_count == 0)
        status = tend_cli_matching(session, &query, TEND_KIND_ACCOUNT, where ? where : "stage is empty or not stage = archived",
                                   &accounts, reterr);
    if (status >= 0 && session->word_count > 0) {
        accounts.count = session->word_count;
        accounts.rows = tend_arena_take(session->arena, (size_t)accounts.count * sizeof *accounts.rows);
        if (!accounts.rows)
            status = tend_fail(reterr, TEND_ENOMEM, "no memory for %d accounts", accounts.count);
        for (int i = 0; i < accounts.count && status >= 0; i++)
            status = tend_session_row(session, TEND_KIND_ACCOUNT, session->words[i], &accounts.rows[i], reterr);
    }
    return status < 0 ? status
                      : tend_query_standing(&query, pricing, accounts.rows, (size_t)accounts.count, on, later, result, reterr);
}
