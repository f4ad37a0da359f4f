/* price_fixture.h: the store fixture with the built price plugins behind real hosts, and prices from a text. */
#ifndef TEND_TESTS_PRICE_FIXTURE_H
#define TEND_TESTS_PRICE_FIXTURE_H

#include "price/check.h"
#include "store_fixture.h"
#include <tend/bands.h>

typedef struct price_fixture {
    fixture f;
    tend_plugins *plugins;
    tend_config *config;
    tend_pricing *pricing;
    tend_rates *rates;
    tend_price_world world;
    int64_t account, product; /* Acme in USD; Widget, code W, 12.00 USD */
    char faults[4096];        /* one line each */
} price_fixture;

static inline void price_keep_fault(void *self, const char *line)
{
    price_fixture *p = self;

    (void)snprintf(p->faults + strlen(p->faults), sizeof p->faults - strlen(p->faults), "%s\n", line);
}

static inline void price_fixture_open(price_fixture *p)
{
    char path[4096];

    memset(p, 0, sizeof *p);
    (void)snprintf(path, sizeof path, "%s/tests/plugins", getenv("TEND_BUILD"));
    (void)setenv("TEND_PLUGIN_PATH", path, 1);
    fixture_open(&p->f);
    TEST_OK(&p->f, tend_plugins_open(NULL, tend_clock_by_hand(&p->f.now), &p->plugins, &p->f.error));
    p->account = TEST_PUT(&p->f, .kind = TEND_KIND_ACCOUNT,
                          .fields = { { "name", text("Acme") }, { "currency", text("USD") }, { "region", text("EMEA") } })
                     .id;
    p->product = TEST_PUT(&p->f, .kind = TEND_KIND_PRODUCT,
                          .fields = { { "name", text("Widget") },
                                      { "code", text("W") },
                                      { "family", text("parts") },
                                      { "list_price", (tend_value){ .type = TEND_DECIMAL, .scale = 6, .integer = 12000000 } },
                                      { "currency", text("USD") } })
                     .id;
}

static inline void price_fixture_close(price_fixture *p)
{
    tend_pricing_close(p->pricing);
    tend_rates_free(p->rates);
    tend_plugins_close(p->plugins);
    tend_config_free(p->config);
    fixture_close(&p->f);
}

/* The prices of `ini`; the status of opening them, faults gathered. */
static inline tend_status price_fixture_prices(price_fixture *p, const char *ini)
{
    static const tend_section *const sections[] = { tend_pricing_sections, NULL };
    tend_status status;

    tend_pricing_close(p->pricing);
    p->pricing = NULL;
    tend_config_free(p->config);
    p->config = NULL;
    p->faults[0] = '\0';
    TEST_OK(&p->f, tend_config_load_text("tend.ini", ini, strlen(ini), sections, stderr, &p->config, &p->f.error));
    status = tend_pricing_open(p->config, p->plugins, p->f.schema, NULL, price_keep_fault, p, &p->pricing, &p->f.error);
    tend_rates_free(p->rates);
    p->rates = NULL;
    p->world = (tend_price_world){ .world = tend_world_live(p->f.model), .principal = &p->f.principal, .currency = "USD" };
    TEST_OK(&p->f, tend_rates_load(&p->world.world, &p->rates, &p->f.error));
    TEST_OK(&p->f, tend_filter_define(p->f.store, p->rates, &p->f.error));
    p->world.rates = p->rates;
    return status;
}

static inline tend_decimal decimal_of(const char *text)
{
    tend_decimal decimal = { 0, 0 };

    ck_assert(tend_decimal_read(text, strlen(text), &decimal));
    return decimal;
}

/* One line of Widget for Acme on a day. */
static inline tend_status price_fixture_quote(price_fixture *p, const char *on, const char *quantity, const char *currency,
                                              tend_quoted *ret_quoted)
{
    const tend_quote_item item = { .product = p->product, .quantity = decimal_of(quantity) };
    const tend_quote_request request = {
        .account = p->account, .date = (tend_date)day(on).integer, .currency = currency, .items = &item, .item_count = 1
    };

    return tend_quote_make(p->pricing, &p->world, &request, p->f.arena, ret_quoted, &p->f.error);
}

#endif
