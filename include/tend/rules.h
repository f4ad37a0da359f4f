/* rules.h: what stands in a price rule, read by its key.
 *
 * Header-only, for plugins of kind price. */
#ifndef TEND_RULES_H
#define TEND_RULES_H

#include <string.h>
#include <tend/bands.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The value of the rule's setting `key`, borrowed from the rule; NULL when it was not written. */
static inline const char *tend_rule_text(const tend_price_rule *rule, const char *key)
{
    for (const tend_rule_setting *setting = rule->settings; setting->key; setting++)
        if (strcmp(setting->key, key) == 0)
            return setting->value;
    return NULL;
}

/* The same as a number. False when it was not written; *ret_decimal is 0 then. The core has checked the form of keys that are
 * declared as decimals. */
static inline bool tend_rule_decimal(const tend_price_rule *rule, const char *key, tend_decimal *ret_decimal)
{
    const char *text = tend_rule_text(rule, key);

    ret_decimal->mantissa = 0;
    ret_decimal->scale = 0;
    return text && tend_decimal_read(text, strlen(text), ret_decimal);
}

#ifdef __cplusplus
}
#endif
#endif
