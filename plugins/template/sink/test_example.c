/* The sink by itself, in a folder of its own. `tend plugin check --to ADDRESS` tries the rest. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <tend/plugin.h>
#include <unistd.h>

static int failed;
static char folder[] = "/tmp/example-XXXXXX";

static void expect(const char *what, int wanted, int got)
{
    if (wanted == got)
        return;
    (void)printf("FAILED: %s: %d instead of %d\n", what, got, wanted);
    failed = 1;
}

static const char *setting(const tend_host *host, const char *key)
{
    (void)host;
    (void)key;
    return folder;
}

int main(void)
{
    const tend_host host = { .size = sizeof host, .abi = TEND_ABI, .setting = setting };
    const tend_plugin *plugin = tend_plugin_entry();
    const tend_sink_ops *ops = plugin->capabilities[0].ops;
    tend_message message = { .size = sizeof message,
                             .channel = "mail",
                             .to = "kim@our.test",
                             .subject = "Hello",
                             .text = "A message",
                             .language = "en",
                             .payload = "{}",
                             .attempt = 1 };
    char path[100];
    int64_t retry_ms;
    tend_error error = { 0 };
    void *self = NULL;

    if (!mkdtemp(folder) || plugin->open(&host, &self, &error) < 0)
        return printf("FAILED: %s: %s\n", folder, error.text), 1;
    (void)snprintf(path, sizeof path, "%s/task:7.txt", folder);
    expect("a message is delivered", TEND_DELIVERED, ops->deliver(self, &message, "task:7", &retry_ms, &error));
    expect("it is there", 0, access(path, R_OK));
    message.attempt = 2;
    expect("a second try under the same key is delivered already", TEND_DELIVERED,
           ops->deliver(self, &message, "task:7", &retry_ms, &error));
    message.to = "";
    expect("a message to nobody is refused for good", TEND_REFUSED, ops->deliver(self, &message, "task:8", &retry_ms, &error));
    expect("the folder holds one message", 0, remove(path));
    expect("and no more", 0, rmdir(folder));
    expect("without the folder it is tried later", TEND_RETRY_LATER,
           (message.to = "kim@our.test", ops->deliver(self, &message, "task:9", &retry_ms, &error)));
    plugin->close(self);
    return failed;
}
