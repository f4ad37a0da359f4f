/* conform_sink.c: what a sink owes: an answer to every message, the same to the same once-key, and a reason with each failure. */
#include "engine/conform_inside.h"

#include <stdlib.h>
#include <string.h>

static const char *const classes[] = { "delivered", "retry later", "unauthorised", "refused", "broken" };
static const int64_t longest_retry_ms = INT64_C(30) * 86400 * 1000;

typedef struct delivered {
    tend_delivery class;
    int64_t retry_ms;
    tend_error why;
} delivered;

/* False when it broke a rule, which was put. */
static bool deliver(conform *trial, const char *check, const char *doing, const tend_message *message, const char *once_key,
                    delivered *ret)
{
    *ret = (delivered){ .retry_ms = 0 };
    ret->class = tend_hosted_deliver(trial->hosted, conform_name(trial), message, once_key, &ret->retry_ms, &ret->why);
    if (ret->class == TEND_DELIVERED)
        return true;
    if (conform_is_rude(trial, check, doing, &ret->why))
        return false;
    if (ret->class == TEND_RETRY_LATER && ret->retry_ms > longest_retry_ms) {
        conform_put(trial, TEND_CONFORM_FAILED, check, "%s is to be tried again in %lld ms, more than 30 days", doing,
                    (long long)ret->retry_ms);
        return false;
    }
    return true;
}

static const char *sentence(const delivered *end)
{
    return end->why.text[0] ? end->why.text : "no reason";
}

/* What people and machines write: every kind of text that once broke somebody's sink. False: out of memory, or put. */
static bool check_texts(conform *trial, const tend_message *usual, const char *key)
{
    enum { LONG_TEXT = 100000 };
    char *long_text = conform_take(trial, LONG_TEXT + 1);
    const struct {
        const char *what, *subject, *text;
    } cases[] = {
        { "a text of several languages", "\xEA\xB0\x80\xEB\x82\x98 \xC3\xBC \xF0\x9F\x98\x80",
          "\xED\x95\x9C\xEA\xB8\x80\nZ\xC3\xBCrich\n" },
        { "quotes, a backslash and lines with a dot", "\"quoted\" \\ 'so'", "one\n.\n..\n{\"a\": 1}\n\ttab" },
        { "an empty subject", "", "no subject" },
        { "100,000 bytes of text", "long", long_text },
    };

    if (!long_text)
        return false;
    memset(long_text, 'x', LONG_TEXT);
    for (size_t i = 79; i < LONG_TEXT; i += 80)
        long_text[i] = '\n';
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        tend_message message = *usual;
        char once_key[120];
        delivered end;

        message.subject = cases[i].subject;
        message.text = cases[i].text;
        (void)snprintf(once_key, sizeof once_key, "%.80s:%zu", key, i + 1);
        if (!deliver(trial, "texts", cases[i].what, &message, once_key, &end))
            return false;
        if (end.class != TEND_DELIVERED && end.class != TEND_REFUSED) {
            conform_put(trial, TEND_CONFORM_FAILED, "texts", "%s was not delivered (%s): %s", cases[i].what, classes[end.class],
                        sentence(&end));
            return false;
        }
    }
    conform_put(trial, TEND_CONFORM_OK, "texts", "several languages, quotes, lines with a dot, no subject, 100,000 bytes");
    return true;
}

/* The same message under the same key once more, and once more in a new host, as after a crash. */
static void check_once(conform *trial, const tend_message *first, const char *key)
{
    const tend_conform_request *request = trial->request;
    tend_message again = *first;
    tend_hosted *second = NULL, *hosted = trial->hosted;
    delivered end;
    tend_error why = { 0 };

    for (again.attempt = 2; again.attempt <= 3; again.attempt++) {
        bool is_good;

        if (again.attempt == 3) {
            if (tend_hosted_start(request->plugins, request->name, request->given, request->count, &second, &why) < 0) {
                conform_put(trial, TEND_CONFORM_FAILED, "once-key", "a second host of it does not start: %s", why.text);
                return;
            }
            trial->hosted = second;
        }
        is_good = deliver(trial, "once-key", "a second try under the same key", &again, key, &end);
        trial->hosted = hosted;
        if (is_good && end.class != TEND_DELIVERED)
            conform_put(trial, TEND_CONFORM_FAILED, "once-key",
                        "a message that was delivered is not (%s) when it is tried again under its key: %s", classes[end.class],
                        sentence(&end));
        if (!is_good || end.class != TEND_DELIVERED)
            break;
    }
    tend_hosted_stop(second);
    if (again.attempt > 3)
        conform_put(trial, TEND_CONFORM_OK, "once-key",
                    "three tries under one key, one in a new host, are delivered; look whether %s has '%s' once", request->to,
                    first->subject);
}

void conform_sink(conform *trial)
{
    tend_message message = { .size = sizeof message,
                             .channel = "mail",
                             .to = trial->request->to,
                             .subject = "tend plugin check",
                             .text = "This message tries out a sink.",
                             .language = "en",
                             .payload = "{\"check\": true}",
                             .created_at = trial->request->now,
                             .attempt = 1 };
    char key[80];
    delivered end;

    if (!trial->request->to) {
        conform_put(trial, TEND_CONFORM_NOT_TRIED, "delivery", "nothing was sent; --to ADDRESS sends messages there");
        return;
    }
    (void)snprintf(key, sizeof key, "plugin-check:%lld", (long long)message.created_at);
    if (!deliver(trial, "delivery", "a message", &message, key, &end))
        return;
    if (end.class != TEND_DELIVERED && end.why.text[0] == '\0') {
        conform_put(trial, TEND_CONFORM_FAILED, "delivery", "not delivered (%s), and without a reason; fill reterr with tend_fail",
                    classes[end.class]);
        return;
    }
    if (end.class != TEND_DELIVERED) {
        conform_put(trial, TEND_CONFORM_FAILED, "delivery", "not delivered (%s): %s", classes[end.class], end.why.text);
        return;
    }
    conform_put(trial, TEND_CONFORM_OK, "delivery", "a message to %s is delivered", message.to);
    check_once(trial, &message, key);
    (void)check_texts(trial, &message, key);
}
