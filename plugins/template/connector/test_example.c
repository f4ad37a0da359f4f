/* The connector by itself, with a host that writes down what it is told. `tend plugin check` tries the rest. */
#include <stdio.h>
#include <string.h>
#include <tend/plugin.h>

static int failed;
static char told[1000], bookmark[100];
static const char *path;

static void expect(const char *what, const char *wanted, const char *got)
{
    if (strcmp(wanted, got) == 0)
        return;
    (void)printf("FAILED: %s:\n%s\ninstead of\n%s\n", what, got, wanted);
    failed = 1;
}

static const char *setting(const tend_host *host, const char *key)
{
    (void)host;
    return strcmp(key, "path") == 0 ? path : NULL;
}

static bool is_cancelled(const tend_host *host)
{
    (void)host;
    return false;
}

static void tell(const char *before, const tend_cell *cells, uint32_t count)
{
    (void)strcat(told, before);
    for (uint32_t i = 0; i < count; i++) {
        (void)strcat(told, i > 0 ? "|" : "");
        (void)strcat(told, cells[i].text);
    }
    (void)strcat(told, "\n");
}

static tend_status columns(tend_record_out *out, const char *const *names, uint32_t count, const char *const *key)
{
    (void)out;
    (void)names;
    (void)snprintf(told, sizeof told, "%u columns, key %s\n", count, key[0]);
    return TEND_OK;
}

static tend_status record(tend_record_out *out, const tend_cell *cells, uint32_t count, uint64_t line, tend_time modified_at)
{
    (void)out;
    (void)line;
    (void)modified_at;
    tell("", cells, count);
    return TEND_OK;
}

static tend_status tombstone(tend_record_out *out, const tend_cell *key, uint32_t count, tend_time removed_at)
{
    (void)out;
    (void)removed_at;
    tell("gone ", key, count);
    return TEND_OK;
}

static tend_status checkpoint(tend_record_out *out, const char *text, size_t length)
{
    (void)out;
    (void)snprintf(bookmark, sizeof bookmark, "%.*s", (int)length, text);
    return TEND_OK;
}

static tend_status reject(tend_record_out *out, uint64_t line, const char *column, const char *value, size_t length,
                          const char *reason)
{
    (void)out;
    (void)line;
    (void)column;
    (void)value;
    (void)length;
    (void)strcat(strcat(told, "rejected: "), reason);
    return TEND_OK;
}

static void append(const char *text)
{
    FILE *file = fopen(path, "a");

    if (!file || fputs(text, file) < 0 || fclose(file) != 0)
        expect("the file can be written", path, "");
}

int main(int count, char **arguments)
{
    const tend_host host = { .size = sizeof host, .abi = TEND_ABI, .setting = setting, .is_cancelled = is_cancelled };
    tend_record_out out = { sizeof out, columns, record, tombstone, checkpoint, reject };
    const tend_plugin *plugin = tend_plugin_entry();
    const tend_connector_ops *ops = plugin->capabilities[0].ops;
    tend_pull request = { .size = sizeof request, .stream = "changes" };
    tend_error error = { 0 };
    void *self = NULL;

    path = count > 1 ? arguments[1] : "example.tsv";
    if (plugin->open(&host, &self, &error) < 0 || ops->pull(self, &request, &out, &error) < 0)
        return printf("FAILED: %s\n", error.text), 1;
    expect("the file comes whole and in order",
           "3 columns, key id\n1|Acme|Seoul\n2|Borg|Berlin\n3|Crane|Lima\n2|Borg AG|Berlin\ngone 3\n4|Delta|Oslo\n", told);
    request.bookmark = strcpy((char[sizeof bookmark]){ 0 }, bookmark); /* its own: the pull writes the other one */
    if (ops->pull(self, &request, &out, &error) < 0)
        return printf("FAILED: %s\n", error.text), 1;
    expect("from the last bookmark there is nothing new", "3 columns, key id\n", told);
    request.bookmark = "soon";
    if (ops->pull(self, &request, &out, &error) >= 0)
        return printf("FAILED: a bookmark of somebody else is refused\n"), 1;
    plugin->close(self);

    path = "growing.tsv"; /* somebody writes the last line just now */
    (void)remove(path);
    append("id\tname\tcity\n1\tAcme\tSeoul\n2\tBo");
    request.bookmark = NULL;
    if (plugin->open(&host, &self, &error) < 0 || ops->pull(self, &request, &out, &error) < 0)
        return printf("FAILED: %s\n", error.text), 1;
    expect("a line without its end waits", "3 columns, key id\n1|Acme|Seoul\n", told);
    append("rg\tBerlin\n");
    request.bookmark = strcpy((char[sizeof bookmark]){ 0 }, bookmark);
    if (ops->pull(self, &request, &out, &error) < 0)
        return printf("FAILED: %s\n", error.text), 1;
    expect("and comes whole when it has one", "3 columns, key id\n2|Borg|Berlin\n", told);
    plugin->close(self);
    return failed;
}
