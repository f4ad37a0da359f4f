#include "sync/guess.h"
#include <ctype.h>
#include <string.h>

void tend_guess_bare(const char *name, char *ret_bare, size_t room)
{
    size_t used = 0;

    for (; *name && used + 1 < room; name++) {
        if (isalnum((unsigned char)*name) || (unsigned char)*name >= 0x80)
            ret_bare[used++] = (char)tolower((unsigned char)*name);
    }
    ret_bare[used] = '\0';
}

/* What people call our fields; `*` stands for the kind's own name. Bare words between blanks. */
static const struct {
    const char *field, *words;
} synonyms[] = {
    { "name", "*name name fullname title productname itemname displayname" },
    { "email", "email emailaddress mail" },
    { "phone", "phone phonenumber telephone tel mobile" },
    { "address", "address street streetaddress billingaddress" },
    { "postal_code", "postalcode zip zipcode postcode billingzippostalcode" },
    { "city", "city town billingcity" },
    { "country", "country countryregion officelocation billingcountry" },
    { "region", "region state stateprovince stateregion regionaloffice territory" },
    { "industry", "industry sector vertical branch" },
    { "website", "website websiteurl url homepage companydomainname" },
    { "employees", "employees employeecount numberofemployees headcount" },
    { "founded", "founded yearestablished yearfounded" },
    { "revenue", "revenue annualrevenue turnover" },
    { "seats", "seats licences licenses seatcount users" },
    { "plan_name", "plan planname plantier edition package" },
    { "customer_since", "customersince signupdate signup joined becameacustomerdate" },
    { "acquired_by", "referralsource leadsource channel acquiredby" },
    { "parent", "parent parentid parentaccount parentaccountid subsidiaryof parentcompanyid" },
    { "owner", "owner accountowner companyowner owneremail salesrep salesagent dealowner opportunityowner rep" },
    { "manager", "manager reportsto manageremail supervisor" },
    { "account", "account accountid accountname company companyid companyname customer customerid customername client clientid" },
    { "contact", "contact contactid contactname person" },
    { "contract", "contract contractid subscription subscriptionid" },
    { "product", "product productid productname item sku stockcode" },
    { "order", "order orderid ordernumber" },
    { "invoice", "invoice invoiceid invoiceno invoicenumber" },
    { "ticket", "ticket ticketid case caseid" },
    { "currency", "currency currencycode amountcurrency" },
    { "number", "number no *number *no *id reference" },
    { "code", "code sku partnumber stockcode itemcode" },
    { "family", "family series category productline" },
    { "list_price", "listprice price salesprice unitprice" },
    { "unit_price", "unitprice price" },
    { "quantity", "quantity qty units" },
    { "amount", "amount value total closevalue dealvalue linetotal invoiceamount" },
    { "annual_amount", "annualamount arr arramount acv yearlyamount amount" },
    { "starts_on", "startson startdate start begin begindate validfrom" },
    { "ends_on", "endson enddate end expiry expirydate expires validto" },
    { "signed_on", "signedon signdate signaturedate" },
    { "is_trial", "istrial trial" },
    { "auto_renew", "autorenew autorenewflag autorenewal" },
    { "billing", "billing billingfrequency billingcycle" },
    { "stage", "stage dealstage status lifecyclestage phase" },
    { "status", "status state" },
    { "opened_on", "openedon engagedate created createdate createddate opendate" },
    { "close_on", "closeon expectedclose closedate expectedclosedate" },
    { "closed_on", "closedon closedate" },
    { "opened_at", "openedat submittedat createdat created opened" },
    { "closed_at", "closedat closed resolvedat solvedat" },
    { "priority", "priority urgency" },
    { "satisfaction", "satisfaction satisfactionscore csat rating" },
    { "escalated", "escalated escalationflag" },
    { "first_response_minutes", "firstresponsetimeminutes firstresponseminutes" },
    { "resolution_hours", "resolutiontimehours resolutionhours" },
    { "ordered_on", "orderedon orderdate date" },
    { "ordered_at", "orderedat orderdate invoicedate date" },
    { "required_on", "requiredon requireddate" },
    { "delivered_on", "deliveredon shippeddate deliverydate" },
    { "issued_on", "issuedon invoicedate date" },
    { "billed_on", "billedon invoicedate date" },
    { "due_on", "dueon duedate" },
    { "paid_on", "paidon settleddate paiddate" },
    { "used_on", "usedon usagedate date day" },
    { "uses", "uses usagecount count" },
    { "seconds", "seconds usagedurationsecs duration" },
    { "errors", "errors errorcount" },
    { "feature", "feature featurename" },
    { "is_beta", "isbeta isbetafeature beta" },
    { "churned_on", "churnedon churndate" },
    { "reason", "reason reasoncode" },
    { "refund", "refund refundamount refundamountusd" },
    { "is_reactivation", "isreactivation reactivation" },
    { "comment", "comment feedback feedbacktext" },
    { "on_date", "date ondate day" },
    { "from_currency", "from fromcurrency base" },
    { "to_currency", "to tocurrency quote" },
    { "rate", "rate exchangerate" },
    { "description", "description notes note" },
    { "team", "team department" },
    { "title", "title jobtitle contacttitle subject" },
    { "happened_at", "happenedat date activitydate" },
    { "score", "score answer rating" },
};

/* Words in file names that point to a kind. */
static const struct {
    tend_kind kind;
    const char *words;
} file_words[] = {
    { TEND_KIND_ACCOUNT, "account customer compan client kunde churn" },
    { TEND_KIND_CONTACT, "contact person people" },
    { TEND_KIND_USER, "user employee team staff agent rep" },
    { TEND_KIND_PRODUCT, "product item track catalog" },
    { TEND_KIND_CONTRACT, "contract subscription" },
    { TEND_KIND_OPPORTUNITY, "opportunit deal pipeline" },
    { TEND_KIND_TICKET, "ticket case issue support" },
    { TEND_KIND_ORDER, "order" },
    { TEND_KIND_ORDER_LINE, "orderdetail orderline orderitem transaction retail" },
    { TEND_KIND_INVOICE, "invoice" },
    { TEND_KIND_INVOICE_LINE, "invoiceline invoiceitem" },
    { TEND_KIND_USAGE, "usage" },
    { TEND_KIND_CHURN, "churnevent" },
    { TEND_KIND_RATE, "rate" },
};

static bool has_word(const char *words, const char *kind, const char *bare)
{
    size_t length = strlen(bare);

    for (const char *at = words; *at;) {
        size_t bytes = strcspn(at, " ");
        char word[128];

        if (*at == '*') { /* the kind's own name before it */
            (void)snprintf(word, sizeof word, "%s%.*s", kind, (int)bytes - 1, at + 1);
            if (strcmp(word, bare) == 0)
                return true;
        } else if (bytes == length && memcmp(at, bare, length) == 0) {
            return true;
        }
        at += bytes;
        at += *at == ' ';
    }
    return false;
}

static const char *words_of(const char *field)
{
    for (size_t i = 0; i < sizeof synonyms / sizeof synonyms[0]; i++) {
        if (strcmp(synonyms[i].field, field) == 0)
            return synonyms[i].words;
    }
    return "";
}

/* Whether every value of the column could be a value of the field. */
static bool fits(const tend_field *field, const tend_column_profile *column)
{
    size_t n = column->filled;
    size_t days = column->iso_dates > column->slash_day_first ? column->iso_dates : column->slash_day_first;

    if (n == 0)
        return false;
    if (column->slash_month_first > days)
        days = column->slash_month_first;
    if (column->dots > days)
        days = column->dots;
    switch ((tend_type)field->type) {
    case TEND_BOOL:
        return column->bools == n;
    case TEND_INT:
        return column->whole == n || column->point_zero == n;
    case TEND_DECIMAL:
    case TEND_MONEY:
        return column->decimal_point == n || column->decimal_comma == n;
    case TEND_DATE:
        return days == n;
    case TEND_TIME:
        return days + column->iso_times >= n;
    case TEND_TEXT:
        return !field->unit || strcmp(field->unit, "email") != 0 || column->emails == n;
    default:
        return true;
    }
}

static void consider(tend_guess *guess, size_t candidate, int score)
{
    if (score > guess->score) {
        if (guess->best != TEND_GUESS_NONE) {
            memmove(guess->others + 1, guess->others, (TEND_GUESS_OTHERS - 1) * sizeof guess->others[0]);
            guess->others[0] = guess->best;
            guess->other_count += guess->other_count < TEND_GUESS_OTHERS;
        }
        guess->best = candidate;
        guess->score = score;
    } else if (score > 0 && guess->other_count < TEND_GUESS_OTHERS) {
        guess->others[guess->other_count++] = candidate;
    }
}

static int score_column(const tend_kind_schema *kind, const tend_field *field, const tend_column_profile *column)
{
    char bare[128], own[64], kind_name[64];
    size_t length;

    tend_guess_bare(column->name, bare, sizeof bare);
    tend_guess_bare(field->name, own, sizeof own);
    tend_guess_bare(kind->name, kind_name, sizeof kind_name);
    length = strlen(own);
    if (strcmp(bare, own) == 0)
        return 100;
    if (has_word(words_of(field->name), kind_name, bare))
        return 80;
    if (strcmp(own, "name") == 0 && kind->kind == TEND_KIND_ACCOUNT &&
        has_word("account company companyname customer customername client clientname", kind_name, bare))
        return 80;
    if (strcmp(own, "name") == 0 && strcmp(bare, "firstname") == 0)
        return 60;
    if (length >= 4 && strlen(bare) > length && strcmp(bare + strlen(bare) - length, own) == 0)
        return 40;
    if (length >= 4 && strncmp(bare, own, length) == 0)
        return 30;
    return 0;
}

tend_status tend_guess_column(const tend_schema *schema, const tend_kind_schema *kind, int field, const tend_profile *profile,
                              tend_arena *arena, tend_guess *ret_guess)
{
    const tend_field *wanted = &kind->fields[field];
    tend_guess guess = { .best = TEND_GUESS_NONE };

    (void)schema;
    for (size_t c = 0; c < profile->column_count; c++) {
        const tend_column_profile *column = &profile->columns[c];

        if (fits(wanted, column))
            consider(&guess, c, score_column(kind, wanted, column));
    }
    if (guess.best != TEND_GUESS_NONE)
        guess.why = guess.score >= 100  ? "the same name"
                    : guess.score >= 80 ? "a usual name for it"
                                        : tend_arena_print(arena, "a similar name, and the values fit");
    *ret_guess = guess;
    return guess.best == TEND_GUESS_NONE || guess.why ? TEND_OK : TEND_ENOMEM;
}

tend_status tend_guess_kind(const tend_schema *schema, const tend_profile *profile, tend_arena *arena, tend_guess *ret_guess)
{
    const char *slash = strrchr(profile->path, '/');
    tend_guess guess = { .best = TEND_GUESS_NONE };
    char file[256];

    tend_guess_bare(slash ? slash + 1 : profile->path, file, sizeof file);
    for (size_t k = 0; k < sizeof file_words / sizeof file_words[0]; k++) {
        const tend_kind_schema *kind = tend_schema_kind(schema, file_words[k].kind);
        int score = 0, fields = 0;
        bool can_be = true;

        for (int f = 0; f < kind->field_count; f++) {
            tend_guess column;
            tend_status status = tend_guess_column(schema, kind, f, profile, arena, &column);
            bool is_name = f == kind->name_field;

            if (status < 0)
                return status;
            fields += column.best != TEND_GUESS_NONE && column.score >= 80;
            if ((kind->fields[f].flags & TEND_FIELD_REQUIRED) && column.best == TEND_GUESS_NONE && !is_name)
                can_be = false;
        }
        for (const char *at = file_words[k].words; *at;) {
            size_t bytes = strcspn(at, " ");
            char word[64];

            (void)snprintf(word, sizeof word, "%.*s", (int)bytes, at);
            if (strstr(file, word) && 20 + (int)bytes > score)
                score = 20 + (int)bytes; /* the longer word says more: invoiceline before invoice */
            at += bytes;
            at += *at == ' ';
        }
        if (can_be && score + fields > 0)
            consider(&guess, (size_t)kind->kind, score + 3 * fields);
    }
    if (guess.best == TEND_GUESS_NONE)
        guess.best = TEND_KIND_ACCOUNT;
    guess.why = "by the file's name and its columns";
    *ret_guess = guess;
    return TEND_OK;
}

tend_status tend_guess_key(const tend_kind_schema *kind, const tend_profile *profile, tend_arena *arena, tend_guess *ret_guess)
{
    tend_guess guess = { .best = TEND_GUESS_NONE };
    char kind_name[64];

    tend_guess_bare(kind->name, kind_name, sizeof kind_name);
    for (size_t c = 0; c < profile->column_count; c++) {
        const tend_column_profile *column = &profile->columns[c];
        char bare[128];
        size_t length;
        int score;

        if (column->filled == 0 || column->filled + profile->bad_rows < profile->rows || column->distinct < column->filled)
            continue;
        tend_guess_bare(column->name, bare, sizeof bare);
        length = strlen(bare);
        score = 10 + (c == 0 ? 5 : 0);
        if (strcmp(bare, "id") == 0 || strcmp(bare, "recordid") == 0 ||
            (strncmp(bare, kind_name, strlen(kind_name)) == 0 && strcmp(bare + strlen(kind_name), "id") == 0))
            score += 30;
        else if ((length > 2 && strcmp(bare + length - 2, "id") == 0) || strstr(bare, "key") || strstr(bare, "number") ||
                 strstr(bare, "code"))
            score += 20;
        consider(&guess, c, score);
    }
    if (guess.best != TEND_GUESS_NONE)
        guess.why = tend_arena_print(arena, "always filled, and %zu different values in %zu records",
                                     profile->columns[guess.best].distinct, profile->rows);
    *ret_guess = guess;
    return guess.best == TEND_GUESS_NONE || guess.why ? TEND_OK : TEND_ENOMEM;
}
