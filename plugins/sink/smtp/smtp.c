/* smtp: messages as mail, through libcurl. */
#include "mail.h"
#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>

typedef struct smtp {
    const tend_host *host;
    char url[512];
    const char *from, *from_name, *user, *password, *ca_file; /* borrowed from the host until close */
    bool wants_starttls;
} smtp;

static bool is_one(const char *text, const char *const *words)
{
    for (; *words; words++)
        if (strcmp(text, *words) == 0)
            return true;
    return false;
}

/* A host name or address that can stand in a URL. */
static bool is_name(const char *text)
{
    return *text && strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_:") == strlen(text);
}

static tend_status check(const smtp *sink, const char *server, const char *security, const char *hello, tend_error *reterr)
{
    static const char *const kinds[] = { "none", "starttls", "tls", NULL };
    static const char *const near[] = { "localhost", "127.0.0.1", "::1", NULL };

    if (!is_one(security, kinds))
        return tend_fail(reterr, TEND_EINVAL, "sink smtp: security: '%s' is not known; write none, starttls or tls", security);
    if (!is_name(server))
        return tend_fail(reterr, TEND_EINVAL, "sink smtp: host: '%s' is no host name; write it without smtp:// and port", server);
    if (*hello && !is_name(hello))
        return tend_fail(reterr, TEND_EINVAL, "sink smtp: hello: '%s' is no host name", hello);
    if (!sink->from || !mail_address_valid(sink->from))
        return tend_fail(reterr, TEND_EINVAL, "sink smtp: from: '%s' is no e-mail address; write it like tend@example.com",
                         sink->from ? sink->from : "");
    if (sink->user && !sink->password)
        return tend_fail(reterr, TEND_EINVAL,
                         "sink smtp: user: given without a password; write password = @file:PATH or @env:NAME");
    if (sink->user && strcmp(security, "none") == 0 && !is_one(server, near))
        return tend_fail(reterr, TEND_EINVAL,
                         "sink smtp: security: none would send the password in the open to %s; write starttls or tls", server);
    return TEND_OK;
}

static tend_status open_sink(const tend_host *host, void **ret_self, tend_error *reterr)
{
    const char *server = host->setting(host, "host"), *port = host->setting(host, "port"),
               *security = host->setting(host, "security"), *hello = host->setting(host, "hello");
    smtp *sink = calloc(1, sizeof *sink);
    bool is_tls, is_six;
    tend_status status;

    if (!sink)
        return tend_fail(reterr, TEND_ENOMEM, "sink smtp: no memory");
    sink->host = host;
    sink->from = host->setting(host, "from");
    sink->from_name = host->setting(host, "from_name");
    sink->user = host->setting(host, "user");
    sink->password = host->setting(host, "password");
    sink->ca_file = host->setting(host, "ca_file");
    server = server ? server : "";
    security = security ? security : "starttls";
    hello = hello ? hello : "";
    status = check(sink, server, security, hello, reterr);
    if (status < 0) {
        free(sink);
        return status;
    }
    is_tls = strcmp(security, "tls") == 0;
    is_six = strchr(server, ':') != NULL;
    sink->wants_starttls = strcmp(security, "starttls") == 0;
    (void)snprintf(sink->url, sizeof sink->url, "%s://%s%s%s:%s/%s", is_tls ? "smtps" : "smtp", is_six ? "[" : "", server,
                   is_six ? "]" : "",
                   port && strcmp(port, "0") != 0 ? port
                   : is_tls                       ? "465"
                   : sink->wants_starttls         ? "587"
                                                  : "25",
                   hello);
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != 0) {
        free(sink);
        return tend_fail(reterr, TEND_ERROR, "sink smtp: libcurl cannot be started");
    }
    *ret_self = sink;
    return TEND_OK;
}

static void close_sink(void *self)
{
    free(self);
    curl_global_cleanup();
}

typedef struct reading {
    const char *bytes;
    size_t left;
} reading;

static size_t read_mail(char *to, size_t size, size_t count, void *self)
{
    reading *from = self;
    size_t length = size * count < from->left ? size * count : from->left;

    memcpy(to, from->bytes, length);
    from->bytes += length;
    from->left -= length;
    return length;
}

/* What the failure means for the message: by the server's answer where there is one, else by how far we came. */
static tend_delivery class_of(CURLcode code, long answer)
{
    switch (code) {
    case CURLE_OK:
        return TEND_DELIVERED;
    case CURLE_LOGIN_DENIED:
    case CURLE_USE_SSL_FAILED: /* the server offers no TLS: nothing goes out in the open */
        return answer / 100 == 4 ? TEND_RETRY_LATER : TEND_UNAUTHORISED;
    case CURLE_OUT_OF_MEMORY:
    case CURLE_FAILED_INIT:
        return TEND_BROKEN;
    default:
        break;
    }
    if (answer == 530 || answer == 534 || answer == 535 || answer == 538)
        return TEND_UNAUTHORISED;
    return answer / 100 == 5 ? TEND_REFUSED : TEND_RETRY_LATER;
}

static CURLcode prepare(CURL *curl, const smtp *sink, const struct curl_slist *to, reading *mail, char *why)
{
    CURLcode code = curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, why);

    code = code ? code : curl_easy_setopt(curl, CURLOPT_URL, sink->url);
    code = code ? code : curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
    code = code ? code : curl_easy_setopt(curl, CURLOPT_PROXY, "");
    code = code ? code : curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    code = code ? code : curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, 15L);
    code = code ? code : curl_easy_setopt(curl, CURLOPT_TIMEOUT, 50L);
    code =
        code ? code : curl_easy_setopt(curl, CURLOPT_USE_SSL, sink->wants_starttls ? (long)CURLUSESSL_ALL : (long)CURLUSESSL_NONE);
    if (sink->ca_file && *sink->ca_file)
        code = code ? code : curl_easy_setopt(curl, CURLOPT_CAINFO, sink->ca_file);
    if (sink->user) {
        code = code ? code : curl_easy_setopt(curl, CURLOPT_USERNAME, sink->user);
        code = code ? code : curl_easy_setopt(curl, CURLOPT_PASSWORD, sink->password);
    }
    code = code ? code : curl_easy_setopt(curl, CURLOPT_MAIL_FROM, sink->from);
    code = code ? code : curl_easy_setopt(curl, CURLOPT_MAIL_RCPT, to);
    code = code ? code : curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L);
    code = code ? code : curl_easy_setopt(curl, CURLOPT_READFUNCTION, read_mail);
    return code ? code : curl_easy_setopt(curl, CURLOPT_READDATA, mail);
}

static tend_delivery send_mail(const smtp *sink, const mail_text *text, const char *recipient, tend_error *reterr)
{
    char why[CURL_ERROR_SIZE] = "";
    CURL *curl = curl_easy_init();
    struct curl_slist *to = curl_slist_append(NULL, recipient);
    reading mail = { text->bytes, text->length };
    CURLcode code = CURLE_OUT_OF_MEMORY;
    long answer = 0;
    tend_delivery delivery;

    if (curl && to)
        code = prepare(curl, sink, to, &mail, why);
    if (code == CURLE_OK)
        code = curl_easy_perform(curl);
    if (curl)
        (void)curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &answer);
    delivery = class_of(code, answer);
    if (delivery != TEND_DELIVERED)
        (void)tend_fail(reterr, delivery == TEND_UNAUTHORISED ? TEND_EAUTH : TEND_ERROR, "sink smtp: %s: %s%s", sink->url,
                        *why ? why : curl_easy_strerror(code),
                        /* a system without the package ca-certificates knows no authority at all */
                        code == CURLE_PEER_FAILED_VERIFICATION || code == CURLE_SSL_CACERT_BADFILE
                            ? "; name its authority's certificate with ca_file"
                        : delivery == TEND_UNAUTHORISED ? "; check user, password and security of the sink"
                                                        : "");
    curl_slist_free_all(to);
    curl_easy_cleanup(curl);
    return delivery;
}

static tend_delivery deliver(void *self, const tend_message *message, const char *once_key, int64_t *ret_retry_ms,
                             tend_error *reterr)
{
    const smtp *sink = self;
    mail_text text = { 0 };
    tend_delivery delivery = TEND_BROKEN;

    *ret_retry_ms = 0;
    if (!message->to || !mail_address_valid(message->to)) {
        (void)tend_fail(reterr, TEND_EINVAL, "sink smtp: the address it should go to is none");
        return TEND_REFUSED;
    }
    mail_write(&text, sink->from, sink->from_name, message, once_key, sink->host->now(sink->host));
    if (text.failed)
        (void)tend_fail(reterr, TEND_ENOMEM, "sink smtp: no memory for a message");
    else
        delivery = send_mail(sink, &text, message->to, reterr);
    mail_clear(&text);
    return delivery;
}

static const tend_option settings[] = {
    { .key = "host", .type = TEND_OPTION_TEXT, .help = "the mail server", .is_required = true },
    { .key = "port", .type = TEND_OPTION_INT, .fallback = "0", .help = "its port; 0: 587 for starttls, 465 for tls, 25 for none" },
    { .key = "security", .type = TEND_OPTION_TEXT, .fallback = "starttls", .help = "none, starttls or tls" },
    { .key = "ca_file", .type = TEND_OPTION_PATH, .help = "certificates (PEM) of the authorities to trust; empty: the system's" },
    { .key = "user", .type = TEND_OPTION_TEXT, .help = "who we are to the server; empty: no login" },
    { .key = "password", .type = TEND_OPTION_TEXT, .help = "its password", .is_secret = true },
    { .key = "from", .type = TEND_OPTION_TEXT, .help = "the sender's address", .is_required = true },
    { .key = "from_name", .type = TEND_OPTION_TEXT, .fallback = "tend", .help = "the name beside it" },
    { .key = "hello", .type = TEND_OPTION_TEXT, .help = "the host name we greet with; empty: this machine's" },
    { .key = NULL },
};
static const tend_sink_ops ops = { .size = sizeof ops, .deliver = deliver };
static const tend_capability capabilities[] = {
    { TEND_SINK, "smtp", "messages as mail", &ops },
    { 0 },
};
TEND_PLUGIN(smtp, "0.1.0", TEND_PROVIDES_SINK, TEND_NEEDS_NETWORK | TEND_NEEDS_FILES, .summary = "Messages as mail by SMTP",
            .settings = settings, .capabilities = capabilities, .open = open_sink, .close = close_sink)
