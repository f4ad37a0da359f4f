/* filter_random.h: random filters over random rows, the same ones for the same `state`. Goes with filter_fixture.h. */
#ifndef TEND_FILTER_RANDOM_H
#define TEND_FILTER_RANDOM_H

#include "filter_fixture.h"

static uint64_t state;

static inline uint64_t draw(uint64_t below)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (state >> 11) % below;
}

#define PICK(list) ((list)[draw(sizeof(list) / sizeof *(list))])

static inline void write_random_test(tend_buffer *out, bool is_fact)
{
    static const char *const account_paths[] = { "", "account.", "parent.", "parent.parent." };
    static const char *const tests[] = {
        "region = EMEA",
        "region != EMEA",
        "region in (emea, apac)",
        "region not in (APAC)",
        "region contains a",
        "region starts with e",
        "region is empty",
        "region is not empty",
        "tier in (gold, silver)",
        "seats > 50",
        "seats <= 50",
        "seats between 20 and 80",
        "seats not in (1, 2, 50)",
        "revenue >= 500 USD",
        "revenue < 500 EUR",
        "revenue between 100 EUR and 900 USD",
        "revenue in (100 USD, 100 EUR, 100 KRW)",
        "revenue != 100 KRW",
        "customer_since within last 90 days",
        "customer_since < today - 2 months",
        "customer_since between 2026-01-01 and today",
        "owner = kim",
        "owner != kim",
        "owner not in (kim, #2)",
        "owner.manager = kim",
        "owner is empty",
        "nrr >= 0.9",
        "nrr < 0.9",
        "nrr is empty",
        "arr > 500 USD",
        "arr not in (5 EUR, 7 KRW)",
        "health = red",
        "health not in (red, green)",
        "health > 40",
    };
    static const char *const fact_tests[] = { "amount >= 150 USD",       "amount < 100 EUR",
                                              "ordered_at < 2024-03-01", "ordered_at within last 800 days",
                                              "quantity > 1.5",          "product is empty" };

    if (is_fact && draw(2) == 0) {
        tend_buffer_text(out, PICK(fact_tests));
        return;
    }
    tend_buffer_text(out, is_fact ? "account." : PICK(account_paths));
    tend_buffer_text(out, PICK(tests));
}

static inline void write_random(tend_buffer *out, bool is_fact, int depth)
{
    uint64_t what = depth == 0 ? 0 : draw(5);
    size_t count = 2 + draw(2);

    if (what <= 1) {
        write_random_test(out, is_fact);
        return;
    }
    if (what == 2) {
        tend_buffer_text(out, "not (");
        write_random(out, is_fact, depth - 1);
        tend_buffer_byte(out, ')');
        return;
    }
    for (size_t i = 0; i < count; i++) {
        tend_buffer_text(out, i == 0 ? "(" : what == 3 ? " and " : " or ");
        write_random(out, is_fact, depth - 1);
    }
    tend_buffer_byte(out, ')');
}

static inline int64_t add_random_account(int64_t parent)
{
    static const char *const regions[] = { "EMEA", "emea", "APAC", "Latam" }, *const tiers[] = { "gold", "silver", "bronze" };
    static const char *const currencies[] = { "USD", "EUR", "KRW" };
    static const char *const words[] = { "red", "green", "yellow" };
    fixture_record record = { .kind = TEND_KIND_ACCOUNT, .fields = { { "name", text("random") } } };
    int count = 1;
    int64_t id;

#define MAYBE(field_name, given)                      \
    do {                                              \
        tend_value maybe = (given);                   \
        if (draw(4) > 0) {                            \
            record.fields[count].name = (field_name); \
            record.fields[count++].value = maybe;     \
        }                                             \
    } while (0)
    MAYBE("region", text(PICK(regions)));
    MAYBE("tier", text(PICK(tiers)));
    MAYBE("seats", number((int64_t)draw(101)));
    MAYBE("owner", ref(draw(2) ? kim : lee));
    MAYBE("customer_since", ((tend_value){ .type = TEND_DATE, .integer = f.now / 86400000 - (int64_t)draw(200) }));
    if (parent)
        MAYBE("parent", ref(parent));
    if (draw(4) > 0) {
        const char *currency = PICK(currencies);

        record.fields[count].name = "currency";
        record.fields[count++].value = text(currency);
        record.fields[count].name = "revenue";
        record.fields[count++].value = money((int64_t)draw(100000), currency);
    }
#undef MAYBE
    id = fixture_put(&f, &record).id;
    if (draw(3) > 0)
        publish("nrr", id, (int64_t)draw(20), (int64_t)draw(12), "", NULL);
    if (draw(3) > 0)
        publish("arr", id, (int64_t)draw(100000), 1, PICK(currencies), NULL);
    if (draw(3) > 0)
        publish("health", id, (int64_t)draw(100), 1, "", draw(4) ? PICK(words) : NULL);
    return id;
}

#endif
