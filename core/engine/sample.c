/* sample.c: the sample company, written as the CSV files its CRM would export. */
#include "engine/sample.h"
#include "engine/sample_inside.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { MONTHS = 24 };

typedef struct files {
    FILE *users, *products, *accounts, *owners, *contacts, *contracts, *opportunities, *environments, *media, *profiles, *rates,
        *prices;
    FILE *usage, *tickets, *interactions, *answers, *invoices;
    sample_work work;
} files;

typedef struct company {
    tend_dice dice;
    tend_date anchor;
    int accounts;
    files out;
} company;

static const char *day(tend_date date, char buffer[TEND_DATE_ROOM])
{
    return tend_date_format(date, buffer);
}

/* Money as a CRM writes it: whole for KRW, two digits otherwise. */
void sample_print_money(FILE *out, int64_t minor, const char *currency)
{
    if (strcmp(currency, "KRW") == 0)
        fprintf(out, "%lld", (long long)minor);
    else
        fprintf(out, "%lld.%02lld", (long long)(minor / 100), (long long)(minor % 100));
}

static int64_t in_currency(int64_t dollars, const char *currency)
{
    if (strcmp(currency, "KRW") == 0)
        return dollars * 1350 / 1000 * 1000; /* whole thousands of won */
    return strcmp(currency, "EUR") == 0 ? dollars * 92 : dollars * 100;
}

static void write_company(company *sample)
{
    files *out = &sample->out;
    char text[TEND_DATE_ROOM], founded[TEND_DATE_ROOM];

    (void)day(tend_date_add_months(sample->anchor, -72), founded);
    fprintf(out->users, "name,email,zone,language,manager,team,job,region,digest_hour,active,since\n");
    for (size_t i = 0; i < tend_sample_user_count; i++) {
        const tend_sample_user *user = &tend_sample_users[i];

        fprintf(out->users, "%s,%s,%s,%s,%s,%s,%s,%s,8,yes,%s\n", user->name, user->email, user->zone, user->language,
                user->manager ? user->manager : "", user->team, user->job, user->region, founded);
    }
    fprintf(out->products, "code,name,family,version,version_on,list_price,currency,active,since\n");
    for (size_t i = 0; i < tend_sample_product_count; i++) {
        const tend_sample_product *product = &tend_sample_products[i];

        fprintf(out->products, "%s,%s,%s,%s,%s,%d,USD,yes,%s\n", product->code, product->name, product->family,
                product->version ? product->version : "", product->version ? day(sample->anchor - 45, text) : "",
                product->list_price, founded);
    }
    /* In won the list moved up at the turn of the year; in dollars the products' own list price holds. */
    fprintf(out->prices, "id,product,currency,unit_price,starts_on,ends_on\n");
    for (size_t i = 0; i < tend_sample_product_count; i++) {
        const tend_sample_product *product = &tend_sample_products[i];
        tend_date turn;
        int year, month, of_month;

        tend_date_split(sample->anchor, &year, &month, &of_month);
        turn = tend_date_of(year, 1, 1);
        fprintf(out->prices, "%s-1,%s,KRW,%d000,,%s\n", product->code, product->code, product->list_price * 13 / 10,
                day(turn - 1, text));
        fprintf(out->prices, "%s-2,%s,KRW,%d000,%s,\n", product->code, product->code, product->list_price * 14 / 10,
                day(turn, text));
    }
    fprintf(out->rates, "date,from,to,rate\n");
    for (int month = MONTHS + 12; month >= 0; month--) {
        tend_date first = tend_date_add_months(sample->anchor, -month);
        int year, of_year, of_month;

        tend_date_split(first, &year, &of_year, &of_month);
        (void)day(tend_date_of(year, of_year, 1), text);
        fprintf(out->rates, "%s,USD,KRW,%lld.%02lld\n", text, 1320 + (long long)tend_dice_between(&sample->dice, 0, 80),
                (long long)tend_dice_between(&sample->dice, 0, 99));
        fprintf(out->rates, "%s,EUR,USD,1.%04lld\n", text, (long long)tend_dice_between(&sample->dice, 500, 1200));
    }
}

static void name_account(company *sample, sample_customer *account)
{
    int n = account->number;

    if (strcmp(account->country, "KR") == 0) {
        size_t tails = tend_sample_count(tend_sample_korean_tails), heads = tend_sample_count(tend_sample_korean_heads);

        (void)snprintf(account->name, sizeof account->name, "%s%s", tend_sample_korean_heads[(size_t)n % heads],
                       tend_sample_korean_tails[(size_t)n / 3 % tails]);
        if (n % 5 == 0)
            (void)snprintf(account->name, sizeof account->name, "주식회사 %s%s", tend_sample_korean_heads[(size_t)n % heads],
                           tend_sample_korean_tails[(size_t)n / 3 % tails]);
    } else {
        const char *const *tails = strcmp(account->country, "DE") == 0 ? tend_sample_german_tails : tend_sample_english_tails;

        (void)snprintf(account->name, sizeof account->name, "%s %s", tend_sample_english_heads[(size_t)n % 20],
                       tails[(size_t)n / 3 % tend_sample_count(tails)]);
    }
    if (n >= 60 && tend_dice_percent(&sample->dice, 15)) {
        size_t length = strlen(account->name);

        (void)snprintf(account->name + length, sizeof account->name - length,
                       strcmp(account->country, "KR") == 0 ? " 부산지사" : " West");
    }
}

static sample_customer make_account(company *sample, int number)
{
    static const struct {
        const char *region, *country, *currency, *zone, *language;
        int first_owner, owners;
    } places[] = {
        { "APAC", "KR", "KRW", "Asia/Seoul", "ko", 1, 4 },
        { "AMER", "US", "USD", "America/New_York", "en", 6, 2 },
        { "EMEA", "DE", "EUR", "Europe/Berlin", "en", 9, 3 },
    };
    tend_dice *dice = &sample->dice;
    size_t place = (size_t)number % 3;
    int64_t dollars = tend_dice_between(dice, 6, 60) * 1000, chance = tend_dice_between(dice, 1, 100);
    sample_customer account = { .number = number,
                                .region = places[place].region,
                                .country = places[place].country,
                                .currency = places[place].currency,
                                .zone = places[place].zone,
                                .language = places[place].language,
                                .owner = &tend_sample_users[places[place].first_owner + number / 3 % places[place].owners] };

    if (number % 10 == 0)
        dollars *= 8; /* a few large ones carry the book */
    (void)snprintf(account.id, sizeof account.id, "A-%04d", 1000 + number);
    account.industry = tend_sample_industries[(size_t)number % 8];
    account.tier = number % 10 == 0 ? "platinum" : number % 4 == 0 ? "gold" : number % 2 ? "silver" : "bronze";
    account.mood = chance <= 45 ? MOOD_GOOD : chance <= 75 ? MOOD_FLAT : chance <= 94 ? MOOD_FADING : MOOD_GONE;
    account.yearly = in_currency(dollars, account.currency);
    account.seats = (int)tend_dice_between(dice, 5, 200);
    account.product = (int)tend_dice_between(dice, 0, 2);
    account.since =
        tend_date_add_months(sample->anchor, -(int)tend_dice_between(dice, 13, 60)) - (tend_date)tend_dice_between(dice, 0, 27);
    name_account(sample, &account);
    if (number % 45 == 8) { /* of an adviser in Europe */
        account.is_household = true;
        account.industry = "";
        (void)snprintf(account.name, sizeof account.name, "Familie %s",
                       tend_sample_german_families[(size_t)number / 45 % tend_sample_count(tend_sample_german_families)]);
    }
    if (number >= sample->accounts - sample->accounts / 50) { /* the last ones have just come */
        account.is_new = true;
        account.mood = MOOD_FLAT;
        account.since = sample->anchor - 7;
    }
    return account;
}

static void write_account(company *sample, const sample_customer *account)
{
    static const int touch[] = { 14, 30, 45, 60 };
    files *out = &sample->out;
    char since[TEND_DATE_ROOM], parent[16] = "";
    const char *stage = account->is_new                                            ? "onboarding"
                        : account->mood == MOOD_GONE                               ? "former"
                        : account->mood == MOOD_FADING && account->number % 7 == 0 ? "leaving"
                                                                                   : "active";

    if (account->number >= 60 && account->number % 9 == 0)
        (void)snprintf(parent, sizeof parent, "A-%04d", 1000 + account->number % 60);
    fprintf(out->accounts, "%s,%s,%s,%s,%s,%s,%s,%s,%s,%s,%s,%s,%d,%d,%s,%s\n", account->id, account->name,
            account->is_household ? "household"
            : *parent             ? "division"
                                  : "company",
            stage, parent, account->industry, account->region, account->country, account->zone, account->language,
            account->currency, account->tier, account->seats * 4, touch[account->number % 4], day(account->since, since),
            account->owner->name);
    fprintf(out->owners, "%s-o,%s,%s,owner,%s,\n", account->id, account->id, account->owner->name, since);
    if (account->number % 4 == 0)
        fprintf(out->owners, "%s-e,%s,%s,executive,%s,\n", account->id, account->id,
                account->owner->manager ? account->owner->manager : account->owner->name, since);
    if (account->product == 0)
        fprintf(out->owners, "%s-t,%s,%s,tam,%s,\n", account->id, account->id, tend_sample_users[4].name, since);
}

static void write_contacts(company *sample, const sample_customer *account)
{
    static const struct {
        const char *role, *power, *level, *title;
    } roles[] = { { "decision_maker", "high", "executive", "VP Operations" },
                  { "working_lead", "medium", "manager", "IT Manager" },
                  { "finance_owner", "medium", "manager", "Controller" } };
    static const char *const stances[] = { "champion", "supporter", "neutral", "sceptic", "blocker" };
    bool is_korean = strcmp(account->language, "ko") == 0;
    char reports_to[SAMPLE_TEXT_ROOM], since[TEND_DATE_ROOM], left[TEND_DATE_ROOM];

    (void)day(account->since, since);
    (void)snprintf(reports_to, sizeof reports_to, "%s-c0", account->id);
    for (int i = 0; i < 3; i++) {
        char name[SAMPLE_TEXT_ROOM];
        int stance =
            account->mood == MOOD_GOOD ? (int)tend_dice_between(&sample->dice, 0, 2) : (int)tend_dice_between(&sample->dice, 2, 4);

        if (is_korean)
            (void)snprintf(name, sizeof name, "%s%s", tend_sample_pick(&sample->dice, tend_sample_korean_families),
                           tend_sample_pick(&sample->dice, tend_sample_korean_givens));
        else
            (void)snprintf(name, sizeof name, "%s %s", tend_sample_pick(&sample->dice, tend_sample_english_givens),
                           tend_sample_pick(&sample->dice, tend_sample_english_families));
        fprintf(sample->out.contacts, "%s-c%d,%s,%s,%s.%d@customer.example,%s,%s,%s,%s,%s,%d,%s,%s,%s\n", account->id, i,
                account->id, name, account->id, i, roles[i].title, roles[i].role, roles[i].power, roles[i].level, stances[stance],
                45, i == 0 ? "" : reports_to, since, i == 1 && account->number % 20 == 0 ? day(sample->anchor - 15, left) : "");
    }
}

static void write_contract(company *sample, const sample_customer *account, const char *part, const char *status, tend_date starts,
                           tend_date ends, int64_t yearly, int seats, const char *predecessor, tend_date ended)
{
    char from[TEND_DATE_ROOM], to[TEND_DATE_ROOM], notice[TEND_DATE_ROOM], gone[TEND_DATE_ROOM];
    FILE *out = sample->out.contracts;

    fprintf(out, "%s-%s,%s,%s %s,%s,%s,%s,%s,%s,%s,12,%s,%s,", account->id, part, account->id,
            tend_sample_products[account->product].name, part, tend_sample_products[account->product].code, status,
            day(starts, from), day(ends, to), day(starts - 14, notice), day(ends - 60, gone), account->number % 3 ? "yes" : "no",
            account->currency);
    sample_print_money(out, yearly, account->currency);
    fprintf(out, ",annual,%d,%s%s%s,%s,%s\n", seats, *predecessor ? account->id : "", *predecessor ? "-" : "", predecessor,
            ended == TEND_NO_DATE ? "" : day(ended, gone), account->owner->name);
}

/* Three terms of a year: the one before last, the last, and the one that runs now; how they differ depends on the mood. */
static tend_date write_contracts(company *sample, sample_customer *account)
{
    tend_date ends = sample->anchor + (tend_date)tend_dice_between(&sample->dice, 3, 362);
    tend_date starts = tend_date_add_months(ends, -12) + 1, before = tend_date_add_months(starts, -12);
    int64_t now = account->yearly, last = account->yearly;

    if (account->mood == MOOD_GOOD)
        now += last * tend_dice_between(&sample->dice, 3, 25) / 100;
    else if (account->mood == MOOD_FADING)
        now -= last * tend_dice_between(&sample->dice, 5, 30) / 100;
    if (strcmp(account->currency, "KRW") == 0)
        now = now / 1000 * 1000;
    if (account->mood == MOOD_GONE) {
        tend_date gone = sample->anchor - (tend_date)tend_dice_between(&sample->dice, 20, 300);

        write_contract(sample, account, "k1", "ended", tend_date_add_months(gone, -12) + 1, gone, last, account->seats, "", gone);
        return gone;
    }
    if (account->is_new) {
        starts = account->since + 14; /* it is signed so long before */
        ends = tend_date_add_months(starts, 12) - 1;
        write_contract(sample, account, "k1", "signed", starts, ends, last, account->seats, "", TEND_NO_DATE);
        return ends;
    }
    if (account->since < starts)
        write_contract(sample, account, "k1", "renewed", before, starts - 1, last, account->seats, "", TEND_NO_DATE);
    write_contract(sample, account, "k2", "active", starts, ends, now, account->seats, account->since < starts ? "k1" : "",
                   TEND_NO_DATE);
    account->yearly = now;
    if (account->number % 6 == 0)
        write_contract(sample, account, "s1", "active", starts, ends, now / 5 / 1000 * 1000, account->seats, "", TEND_NO_DATE);
    return ends;
}

static void write_activity(company *sample, const sample_customer *account, int month, tend_date first)
{
    static const char *const kinds[] = { "call", "meeting", "mail", "visit" };
    static const char *const priorities[] = { "low", "normal", "normal", "high", "urgent" };
    tend_dice *dice = &sample->dice;
    files *out = &sample->out;
    char at[TEND_DATE_ROOM];
    int bad = account->mood == MOOD_FADING || account->mood == MOOD_GONE;
    int fade = bad && month < 8 ? (8 - month) * 10 : 0;

    for (int feature = 0; feature < 3; feature++) {
        int64_t users = account->seats * (100 - fade) / 100 * tend_dice_between(dice, 60, 95) / 100;

        fprintf(out->usage, "%s,%s,%s,%lld,%lld,%lld\n", account->id, day(first + 4 + feature * 9, at),
                tend_sample_features[(feature + account->number) % 6], (long long)(users * tend_dice_between(dice, 3, 12)),
                (long long)users, (long long)tend_dice_between(dice, 0, bad ? 9 : 2));
    }
    if (tend_dice_percent(dice, bad ? 35 : 80))
        fprintf(out->interactions, "%s-i%02d,%s,%s-c%lld,%s,%sT10:30:00Z,%s,%s,%lld,\n", account->id, month, account->id,
                account->id, (long long)tend_dice_between(dice, 0, 2), account->owner->name,
                day(first + (tend_date)tend_dice_between(dice, 0, 27), at), kinds[tend_dice_between(dice, 0, 3)],
                tend_sample_pick(dice, tend_sample_subjects), (long long)tend_dice_between(dice, 10, 60));
    if (tend_dice_percent(dice, bad ? 45 : 15)) {
        tend_date opened = first + (tend_date)tend_dice_between(dice, 0, 27);
        bool open = month <= 1 && tend_dice_percent(dice, 60);
        int64_t worst = tend_dice_between(dice, bad ? 2 : 0, bad ? 4 : 3);
        const char *title = tend_sample_pick(dice, tend_sample_ticket_titles);
        char closed[TEND_DATE_ROOM];

        fprintf(out->tickets, "%s-t%02d,%s,%s,%s,%s,%lld,%sT01:00:00Z,%s%s,%s\n", account->id, month, account->id, title,
                open ? "open" : "closed", priorities[worst], (long long)(5 - worst), day(opened, at),
                open ? "" : day(opened + 2, closed), open ? "" : "T09:00:00Z", tend_sample_theme(title));
    }
    if ((month + account->number) % 6 == 0) {
        int64_t score = bad                          ? tend_dice_between(dice, 2, 8)
                        : account->mood == MOOD_GOOD ? tend_dice_between(dice, 7, 10)
                                                     : tend_dice_between(dice, 5, 9);

        if (account->mood == MOOD_FADING && account->number % 5 == 3)
            score = 9; /* says that all is well, and uses less every month */

        fprintf(out->answers, "%s-n%02d,%s,nps,%lld,0,10,%sT03:00:00Z,%s\n", account->id, month, account->id, (long long)score,
                day(first + 20, at), tend_sample_pick(dice, score > 6 ? tend_sample_comments_good : tend_sample_comments_bad));
        fprintf(out->answers, "%s-s%02d,%s,csat,%lld,1,5,%sT03:05:00Z,\n", account->id, month, account->id,
                (long long)(score / 2 < 1 ? 1 : score / 2), at);
    }
    if (month % 3 == 0) {
        bool late = bad && month == 0;
        char due[TEND_DATE_ROOM], paid[TEND_DATE_ROOM];

        fprintf(out->invoices, "%s-f%02d,%s,F-%d-%02d,%s,%s,%s,%s,%s,", account->id, month, account->id, 1000 + account->number,
                month, late ? "overdue" : "paid", day(first, at), day(first + 14, due), late ? "" : day(first + 12, paid),
                account->currency);
        sample_print_money(out->invoices, account->yearly / 4, account->currency);
        fputc('\n', out->invoices);
    }
}

static void write_duties(company *sample, const sample_customer *account)
{
    static const char *const versions[] = { "8.2", "8.1", "7.4", "6.9" };
    char a[TEND_DATE_ROOM], b[TEND_DATE_ROOM];
    int behind = (int)tend_dice_between(&sample->dice, 0, 3);

    if (account->mood == MOOD_GONE)
        return;
    if (account->product == 0)
        fprintf(sample->out.environments, "%s-e,%s,production,TND-CORE,%s,%d,%s,live,%s\n", account->id, account->id,
                versions[behind], behind, day(sample->anchor - 120 - behind * 150, a),
                behind == 3 ? day(sample->anchor + 30 + account->number * 7 % 300, b) : "");
    if (account->number % 12 == 5) {
        int64_t budget = account->yearly / 2, spent = budget * tend_dice_between(&sample->dice, 25, 75) / 100;
        FILE *out = sample->out.media;

        fprintf(out, "%s-m,%s,Spring flight %d,running,%s,%s,%s,", account->id, account->id, account->number,
                day(sample->anchor - 30, a), day(sample->anchor + 30, b), account->currency);
        sample_print_money(out, budget, account->currency);
        fputc(',', out);
        sample_print_money(out, spent, account->currency);
        fprintf(out, ",%s,%s\n", day(sample->anchor - 1, a), tend_sample_users[10].name);
    }
    if (strcmp(account->industry, "finance") == 0)
        fprintf(sample->out.profiles, "%s-p,%s,suitability,%s,%s,medium,some,valid,yes,,\n", account->id, account->id,
                day(sample->anchor - 300, a), day(sample->anchor + (tend_date)tend_dice_between(&sample->dice, 5, 120), b));
    if (account->number % 5 == 2) {
        static const char *const stages[] = { "prospecting", "engaging", "proposal", "negotiation" };
        FILE *out = sample->out.opportunities;

        fprintf(out, "%s-x,%s,%s expansion,%d,%s,expansion,TND-ANA,%s,", account->id, account->id, account->id,
                1 + account->number % 4, stages[account->number % 4], account->currency);
        sample_print_money(out, account->yearly / 4, account->currency);
        fprintf(out, ",%s,%s,%s\n", day(sample->anchor - 40, a), day(sample->anchor + 60, b), account->owner->name);
    }
}

static void write_accounts(company *sample)
{
    files *out = &sample->out;
    const sample_beside beside = {
        out->opportunities, out->environments, out->media, out->profiles, out->interactions, out->tickets
    };

    sample_work_begin(&out->work, sample->anchor);
    fprintf(out->accounts, "id,name,kind,stage,parent,industry,region,country,zone,language,currency,tier,employees,touch_days,"
                           "customer_since,owner\n");
    fprintf(out->owners, "id,account,user,role,starts_on,ends_on\n");
    fprintf(out->contacts, "id,account,name,email,title,role,power,level,stance,touch_days,reports_to,since,left_on\n");
    fprintf(out->contracts,
            "id,account,name,product,status,starts_on,ends_on,signed_on,notice_on,term_months,auto_renew,currency,annual_amount,"
            "billing,seats,predecessor,ended_on,owner\n");
    fprintf(out->opportunities, "id,account,name,tier,stage,type,product,currency,amount,opened_on,close_on,owner\n");
    fprintf(out->environments, "id,account,name,product,version,versions_behind,installed_on,status,supported_until\n");
    fprintf(out->media, "id,account,name,status,starts_on,ends_on,currency,budget,spent,spent_as_of,owner\n");
    fprintf(out->profiles, "id,account,kind,checked_on,expires_on,risk_tolerance,experience,status,complete,drift,drift_on\n");
    fprintf(out->usage, "account,used_on,feature,uses,active_users,errors\n");
    fprintf(out->tickets, "id,account,title,status,priority,severity,opened_at,closed_at,category\n");
    fprintf(out->interactions, "id,account,contact,user,happened_at,kind,subject,minutes,text\n");
    fprintf(out->answers, "id,account,survey,score,scale_min,scale_max,answered_at,comment\n");
    fprintf(out->invoices, "id,account,number,status,issued_on,due_on,paid_on,currency,amount\n");
    for (int number = 0; number < sample->accounts; number++) {
        sample_customer account = make_account(sample, number);
        tend_date until;

        write_account(sample, &account);
        write_contacts(sample, &account);
        until = write_contracts(sample, &account);
        for (int month = MONTHS - 1; month >= 0; month--) {
            tend_date first = tend_date_add_months(sample->anchor, -month - 1);

            if (first >= account.since && first <= until)
                write_activity(sample, &account, month, first);
        }
        write_duties(sample, &account);
        sample_work_write(&out->work, &beside, &account, sample->anchor);
    }
}

typedef struct named_file {
    const char *name;
    FILE **file;
} named_file;

tend_status tend_sample_write(const char *folder, tend_date anchor, int accounts, tend_error *reterr)
{
    company sample = { .dice = { 20260302 }, .anchor = anchor, .accounts = accounts < 20 ? 20 : accounts };
    files *out = &sample.out;
    const named_file named[] = {
        { "users", &out->users },
        { "products", &out->products },
        { "accounts", &out->accounts },
        { "owners", &out->owners },
        { "contacts", &out->contacts },
        { "contracts", &out->contracts },
        { "opportunities", &out->opportunities },
        { "environments", &out->environments },
        { "media", &out->media },
        { "profiles", &out->profiles },
        { "rates", &out->rates },
        { "prices", &out->prices },
        { "usage", &out->usage },
        { "tickets", &out->tickets },
        { "interactions", &out->interactions },
        { "answers", &out->answers },
        { "invoices", &out->invoices },
        { "plans", &out->work.plans },
        { "programmes", &out->work.programmes },
        { "tenders", &out->work.tenders },
        { "concessions", &out->work.concessions },
        { "expectations", &out->work.expectations },
        { "voices", &out->work.voices },
        { "handovers", &out->work.handovers },
        { "documents", &out->work.documents },
    };
    size_t count = sizeof named / sizeof *named;
    tend_status status = TEND_OK;

    for (size_t i = 0; status >= 0 && i < count; i++) {
        char path[4096];

        if (snprintf(path, sizeof path, "%s/%s.csv", folder, named[i].name) >= (int)sizeof path)
            status = tend_fail(reterr, TEND_EINVAL, "%s: the path is too long", folder);
        else if (!(*named[i].file = fopen(path, "we")))
            status = tend_fail(reterr, TEND_EIO, "%s: cannot be written: %s", path, strerror(errno));
    }
    if (status >= 0) {
        write_company(&sample);
        write_accounts(&sample);
    }
    for (size_t i = 0; i < count; i++)
        if (*named[i].file && (ferror(*named[i].file) | fclose(*named[i].file)) != 0 && status >= 0)
            status = tend_fail(reterr, TEND_EIO, "%s/%s.csv: cannot be written: %s", folder, named[i].name, strerror(errno));
    return status;
}
