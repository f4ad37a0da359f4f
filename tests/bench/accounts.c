/* accounts.c: writes the companies that the benchmarks work on, as CSV files.
 *
 *   bench_accounts FOLDER ACCOUNTS [--again] [--changed PER_MILLE]
 *
 * The same arguments give the same bytes on every machine. Per account 3 contacts, 2 contracts, 24 invoices, 24 usage samples,
 * 12 interactions and 3 tickets; revenue follows a Pareto distribution, so that few accounts bring most of it.
 * --again: the same records in another order, every cell in quotes. --changed: so many records of a thousand say something else. */
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { CONTACTS = 3, CONTRACTS = 2, INVOICES = 24, USAGE = 24, INTERACTIONS = 12, TICKETS = 3 };

typedef struct writer {
    FILE *file;
    bool quotes, is_first;
    unsigned per_mille;
} writer;

static uint64_t mix(uint64_t number)
{
    number += 0x9e3779b97f4a7c15u;
    number = (number ^ (number >> 30)) * 0xbf58476d1ce4e5b9u;
    number = (number ^ (number >> 27)) * 0x94d049bb133111ebu;
    return number ^ (number >> 31);
}

/* A number that depends on what it is asked for alone, so that rows can be written in any order. */
static uint64_t pick(uint64_t account, unsigned table, uint64_t row, unsigned what, uint64_t below)
{
    return mix(mix(account * 64 + table) ^ (row * 1024 + what)) % below;
}

static void cell(writer *w, const char *text)
{
    if (!w->is_first)
        (void)fputc(',', w->file);
    w->is_first = false;
    if (w->quotes)
        (void)fprintf(w->file, "\"%s\"", text);
    else
        (void)fputs(text, w->file);
}

static void end_row(writer *w)
{
    (void)fputc('\n', w->file);
    w->is_first = true;
}

#define CELL(w, ...)                                      \
    do {                                                  \
        char text_[96];                                   \
        (void)snprintf(text_, sizeof text_, __VA_ARGS__); \
        cell((w), text_);                                 \
    } while (0)

static void head(writer *w, const char *const *names)
{
    w->is_first = true;
    for (; *names; names++)
        cell(w, *names);
    end_row(w);
}

/* Days from 2023-01-01 on, as a date. */
static void date(writer *w, uint64_t day, const char *time)
{
    static const unsigned lengths[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    unsigned year = 2023, month = 0;

    for (;; year++) {
        unsigned days = year % 4 == 0 ? 366 : 365;

        if (day < days)
            break;
        day -= days;
    }
    for (; day >= lengths[month] + (month == 1 && year % 4 == 0); month++)
        day -= lengths[month] + (month == 1 && year % 4 == 0);
    CELL(w, "%u-%02u-%02u%s", year, month + 1, (unsigned)day + 1, time);
}

static bool is_changed(const writer *w, uint64_t account, unsigned table, uint64_t row)
{
    return w->per_mille > 0 && pick(account, table, row, 999, 1000) < w->per_mille;
}

#define OF(list, number) (list)[(number) % (sizeof(list) / sizeof *(list))]

static const char *const industries[] = { "software", "retail", "logistics", "health", "finance", "machinery", "education" };
static const char *const regions[] = { "north", "south", "east", "west" };
static const char *const countries[] = { "DE", "FR", "US", "KR", "GB", "NL" };
static const char *const cities[] = { "Berlin", "Lyon", "Austin", "Seoul", "Leeds", "Utrecht" };
static const char *const tiers[] = { "standard", "standard", "standard", "bronze", "bronze", "silver", "gold", "platinum" };
static const char *const first_names[] = { "Ada", "Ben", "Chloe", "David", "Elif", "Farid", "Grace", "Hugo", "Ines", "Jun" };
static const char *const last_names[] = {
    "Abel", "Brandt", "Costa", "Dubois", "Evans", "Fischer", "Garcia", "Haas", "Ito", "Jansen"
};
static const char *const titles[] = { "Head of IT", "Buyer", "Controller", "Director", "Engineer" };
static const char *const roles[] = { "user", "technical", "decision_maker", "finance_owner", "executive_sponsor" };
static const char *const features[] = { "reports", "search", "export", "alerts", "api", "mobile" };
static const char *const kinds[] = { "call", "meeting", "mail", "mail", "mail", "chat" };
static const char *const topics[] = { "renewal", "onboarding", "pricing", "a question", "the roadmap", "an incident" };
static const char *const faults[] = { "cannot log in", "export is slow", "wrong total", "missing rows", "page is blank" };
static const char *const priorities[] = { "normal", "normal", "low", "high", "urgent" };

/* What the account pays a year, in cents: 1,200.00 and up, a Pareto distribution with the exponent 1.16 (80 of 20). */
static uint64_t yearly(uint64_t account)
{
    double share = (double)(pick(account, 0, 0, 1, 1000000) + 1) / 1000001.0;
    double amount = 120000.0 / pow(share, 1.0 / 1.16);

    return amount > 5e11 ? (uint64_t)5e11 : (uint64_t)amount;
}

static void account_row(writer *w, uint64_t a, uint64_t row)
{
    uint64_t city = pick(a, 0, row, 2, 6);

    CELL(w, "A%07llu", (unsigned long long)a);
    CELL(w, "%s %s %llu", OF(last_names, mix(a)), OF(industries, a), (unsigned long long)a);
    cell(w, OF(industries, a));
    cell(w, OF(regions, pick(a, 0, row, 3, 4)));
    cell(w, countries[city]);
    cell(w, cities[city]);
    cell(w, "EUR");
    CELL(w, "%llu.00", (unsigned long long)yearly(a));
    CELL(w, "%llu", (unsigned long long)(5 + yearly(a) / 100000 + is_changed(w, a, 0, row)));
    cell(w, OF(tiers, mix(a) >> 8));
    cell(w, "active");
    date(w, pick(a, 0, row, 4, 700), "");
}

static void contact_row(writer *w, uint64_t a, uint64_t row)
{
    const char *first = OF(first_names, mix(a * 8 + row)), *last = OF(last_names, mix(a * 8 + row) >> 16);

    CELL(w, "C%07llu-%llu", (unsigned long long)a, (unsigned long long)row);
    CELL(w, "A%07llu", (unsigned long long)a);
    CELL(w, "%s %s", first, last);
    CELL(w, "%c.%s.%llu@a%llu.example", (char)(first[0] | 32), last, (unsigned long long)row, (unsigned long long)a);
    cell(w, is_changed(w, a, 1, row) ? "Chair" : OF(titles, mix(a * 8 + row) >> 24));
    cell(w, OF(roles, mix(a * 8 + row) >> 32));
}

static void contract_row(writer *w, uint64_t a, uint64_t row)
{
    uint64_t starts = pick(a, 2, row, 1, 365);

    CELL(w, "K%07llu-%llu", (unsigned long long)a, (unsigned long long)row);
    CELL(w, "A%07llu", (unsigned long long)a);
    CELL(w, "%llu/%llu", (unsigned long long)(700000 + a), (unsigned long long)row);
    cell(w, row == 0 || pick(a, 2, row, 2, 10) > 0 ? "active" : "ended");
    date(w, starts, "");
    date(w, starts + 1094, "");
    cell(w, "EUR");
    CELL(w, "%llu.%02llu", (unsigned long long)(yearly(a) / 200), (unsigned long long)(yearly(a) / 2 % 100));
    CELL(w, "%llu", (unsigned long long)(5 + yearly(a) / 60000 + is_changed(w, a, 2, row)));
}

static void invoice_row(writer *w, uint64_t a, uint64_t row)
{
    uint64_t issued = 30 * row + pick(a, 3, row, 1, 20), cents = yearly(a) / 24 + pick(a, 3, row, 2, 5000);
    bool is_paid = row < 23 && pick(a, 3, row, 3, 20) > 0;

    CELL(w, "I%07llu-%02llu", (unsigned long long)a, (unsigned long long)row);
    CELL(w, "A%07llu", (unsigned long long)a);
    CELL(w, "K%07llu-%llu", (unsigned long long)a, (unsigned long long)(row % CONTRACTS));
    CELL(w, "R%llu", (unsigned long long)(1000000 + a * INVOICES + row));
    cell(w, is_paid ? "paid" : "open");
    date(w, issued, "");
    date(w, issued + 30, "");
    if (is_paid)
        date(w, issued + 10 + pick(a, 3, row, 4, 25), "");
    else
        cell(w, "");
    cell(w, "EUR");
    CELL(w, "%llu.%02llu", (unsigned long long)(cents / 100), (unsigned long long)((cents + is_changed(w, a, 3, row)) % 100));
}

static void usage_row(writer *w, uint64_t a, uint64_t row)
{
    uint64_t uses = pick(a, 4, row, 1, 400);

    CELL(w, "U%07llu-%02llu", (unsigned long long)a, (unsigned long long)row);
    CELL(w, "A%07llu", (unsigned long long)a);
    CELL(w, "K%07llu-%llu", (unsigned long long)a, (unsigned long long)(row % CONTRACTS));
    cell(w, OF(features, pick(a, 4, row, 2, 6)));
    date(w, 30 * row + pick(a, 4, row, 3, 28), "");
    CELL(w, "%llu", (unsigned long long)(uses + is_changed(w, a, 4, row)));
    CELL(w, "%llu", (unsigned long long)(uses * 37));
    CELL(w, "%llu", (unsigned long long)(1 + uses / 20));
}

static void interaction_row(writer *w, uint64_t a, uint64_t row)
{
    char time[16];

    (void)snprintf(time, sizeof time, "T%02u:%02u:00Z", (unsigned)(8 + pick(a, 5, row, 1, 10)), (unsigned)pick(a, 5, row, 2, 60));
    CELL(w, "T%07llu-%02llu", (unsigned long long)a, (unsigned long long)row);
    CELL(w, "A%07llu", (unsigned long long)a);
    CELL(w, "C%07llu-%llu", (unsigned long long)a, (unsigned long long)(row % CONTACTS));
    cell(w, OF(kinds, pick(a, 5, row, 3, 6)));
    cell(w, row % 2 ? "in" : "out");
    date(w, 60 * row + pick(a, 5, row, 4, 50), time);
    CELL(w, "%llu", (unsigned long long)(5 + pick(a, 5, row, 5, 55) + is_changed(w, a, 5, row)));
    CELL(w, "About %s", OF(topics, pick(a, 5, row, 6, 6)));
}

static void ticket_row(writer *w, uint64_t a, uint64_t row)
{
    uint64_t opened = 200 * row + pick(a, 6, row, 1, 150);
    bool is_closed = pick(a, 6, row, 2, 10) > 0;

    CELL(w, "S%07llu-%llu", (unsigned long long)a, (unsigned long long)row);
    CELL(w, "A%07llu", (unsigned long long)a);
    CELL(w, "C%07llu-%llu", (unsigned long long)a, (unsigned long long)(row % CONTACTS));
    CELL(w, "%llu", (unsigned long long)(500000 + a * TICKETS + row));
    cell(w, OF(faults, pick(a, 6, row, 3, 5)));
    cell(w, is_closed ? "closed" : "open");
    cell(w, is_changed(w, a, 6, row) ? "urgent" : OF(priorities, pick(a, 6, row, 4, 5)));
    date(w, opened, "T09:30:00Z");
    if (is_closed)
        date(w, opened + 1 + pick(a, 6, row, 5, 20), "T16:00:00Z");
    else
        cell(w, "");
    if (is_closed)
        CELL(w, "%llu", (unsigned long long)(1 + pick(a, 6, row, 6, 5)));
    else
        cell(w, "");
}

static const struct table {
    const char *file;
    uint64_t each;
    void (*row)(writer *w, uint64_t account, uint64_t row);
    const char *columns[16];
} tables[] = {
    { "accounts.csv",
      1,
      account_row,
      { "id", "name", "industry", "region", "country", "city", "currency", "revenue", "employees", "tier", "stage",
        "customer_since", NULL } },
    { "contacts.csv", CONTACTS, contact_row, { "id", "account", "name", "email", "title", "role", NULL } },
    { "contracts.csv",
      CONTRACTS,
      contract_row,
      { "id", "account", "number", "status", "starts_on", "ends_on", "currency", "annual_amount", "seats", NULL } },
    { "invoices.csv",
      INVOICES,
      invoice_row,
      { "id", "account", "contract", "number", "status", "issued_on", "due_on", "paid_on", "currency", "amount", NULL } },
    { "usage.csv",
      USAGE,
      usage_row,
      { "id", "account", "contract", "feature", "used_on", "uses", "seconds", "active_users", NULL } },
    { "interactions.csv",
      INTERACTIONS,
      interaction_row,
      { "id", "account", "contact", "kind", "direction", "happened_at", "minutes", "subject", NULL } },
    { "tickets.csv",
      TICKETS,
      ticket_row,
      { "id", "account", "contact", "number", "title", "status", "priority", "opened_at", "closed_at", "satisfaction", NULL } },
};

static uint64_t divisor(uint64_t a, uint64_t b)
{
    return b == 0 ? a : divisor(b, a % b);
}

static int write_table(const char *folder, const struct table *table, uint64_t accounts, bool is_again, unsigned per_mille)
{
    uint64_t count = accounts * table->each, step = 1, at = 0;
    char path[4096];
    writer w = { .quotes = is_again, .per_mille = per_mille };

    (void)snprintf(path, sizeof path, "%s/%s", folder, table->file);
    w.file = fopen(path, "w");
    if (!w.file) {
        perror(path);
        return 1;
    }
    if (is_again) { /* every row once, in large leaps */
        step = count * 5 / 8 | 1;
        while (divisor(step, count) != 1)
            step += 2;
        at = count / 3;
    }
    head(&w, table->columns);
    for (uint64_t i = 0; i < count; i++) {
        table->row(&w, at / table->each + 1, at % table->each);
        end_row(&w);
        at = (at + step) % count;
    }
    if (ferror(w.file) | fclose(w.file)) {
        perror(path);
        return 1;
    }
    return 0;
}

int main(int argc, char **argv)
{
    unsigned long long accounts = argc > 2 ? strtoull(argv[2], NULL, 10) : 0;
    bool is_again = false;
    unsigned per_mille = 0;

    for (int i = 3; i < argc; i++) {
        if (strcmp(argv[i], "--again") == 0)
            is_again = true;
        else if (strcmp(argv[i], "--changed") == 0 && i + 1 < argc)
            per_mille = (unsigned)strtoul(argv[++i], NULL, 10);
        else
            accounts = 0;
    }
    if (accounts == 0) {
        (void)fprintf(stderr, "usage: bench_accounts FOLDER ACCOUNTS [--again] [--changed PER_MILLE]\n");
        return 2;
    }
    (void)mkdir(argv[1], 0777);
    for (size_t t = 0; t < sizeof tables / sizeof *tables; t++) {
        if (write_table(argv[1], &tables[t], accounts, is_again, per_mille))
            return 1;
    }
    return 0;
}
