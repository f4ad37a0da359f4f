/* tend-sign: keys, and signatures of plugins. The only program that links libsodium. */
#include "sign/sign.h"

#include "base/clock.h"
#include "base/date.h"
#include "base/file.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

static const char help[] =
    "tend-sign: keys, and signatures of plugins\n"
    "\n"
    "  tend-sign keygen NAME [FOLDER]        NAME.key signs: keep it to yourself. NAME.pub checks: give it to others\n"
    "  tend-sign sign NAME.key PLUGIN.so…    writes PLUGIN.so.manifest (what it is) and PLUGIN.so.sig beside each\n"
    "  tend-sign verify NAME.pub PLUGIN.so…  whether the file is what was signed, and with this key\n"
    "  tend-sign --version | --help\n"
    "\n"
    "tend starts only signed plugins with [plugins] require_signature = yes and trusted_keys = NAME.pub in tend.ini.\n"
    "Exit status: 0 done, 1 a signature is missing or wrong, 2 wrong usage, 3 something failed.\n";

static int complain(const tend_error *error, int status)
{
    (void)fprintf(stderr, "tend-sign: %s\n", error->text);
    return status;
}

/* A key is never written over. */
static tend_status write_new(const char *path, const char *text, mode_t mode, tend_error *reterr)
{
    const size_t length = strlen(text);
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode);
    bool is_written;

    if (fd < 0 && errno == EEXIST)
        return tend_fail(reterr, TEND_EEXISTS, "%s: it is there already; choose another name, keys are never written over", path);
    if (fd < 0)
        return tend_fail(reterr, TEND_EIO, "%s: cannot be made: %s", path, strerrordesc_np(errno));
    is_written = write(fd, text, length) == (ssize_t)length && fsync(fd) == 0;
    if (close(fd) != 0 || !is_written) {
        (void)unlink(path);
        return tend_fail(reterr, TEND_EIO, "%s: cannot be written", path);
    }
    return TEND_OK;
}

static int keygen(const char *name, const char *folder)
{
    const tend_clock clock = tend_clock_system();
    char made[TEND_TIME_ROOM], text[SIGN_KEY_FILE_MAX], secret[PATH_MAX], public[PATH_MAX], file[80];
    sign_key key = { .is_secret = false };
    tend_error error = { 0 };
    tend_status status = sign_key_make(name, tend_time_format(tend_clock_now(&clock), made), &key, &error);

    if (status < 0)
        return complain(&error, 2);
    (void)snprintf(file, sizeof file, "%s.key", key.name);
    status = tend_path_join(folder, file, secret, sizeof secret, &error);
    (void)snprintf(file, sizeof file, "%s.pub", key.name);
    if (status == TEND_OK)
        status = tend_path_join(folder, file, public, sizeof public, &error);
    if (status == TEND_OK && tend_file_exists(public))
        status =
            tend_fail(&error, TEND_EEXISTS, "%s: it is there already; choose another name, keys are never written over", public);
    sign_key_write(&key, true, text);
    if (status == TEND_OK)
        status = write_new(secret, text, 0600, &error);
    sign_key_write(&key, false, text); /* over the secret one */
    if (status == TEND_OK)
        status = write_new(public, text, 0644, &error);
    if (status == TEND_OK)
        printf("%s: signs; keep it to yourself, and away from the machines that run tend\n"
               "%s: checks; name it in [plugins] trusted_keys\n"
               "key %s\n",
               secret, public, key.id);
    sign_key_clear(&key);
    return status < 0 ? complain(&error, 3) : 0;
}

static tend_status read_key(const char *path, bool is_secret, sign_key *ret_key, tend_error *reterr)
{
    struct stat about;
    char *text = NULL;
    size_t length = 0;
    tend_status status;

    if (is_secret && stat(path, &about) == 0 && (about.st_mode & 077) != 0)
        return tend_fail(reterr, TEND_EDENIED, "%s: others may read it; chmod 600 it, and think about a new key", path);
    status = tend_file_read(path, SIGN_KEY_FILE_MAX, &text, &length, reterr);
    if (status == TEND_OK) {
        status = sign_key_read(text, length, path, is_secret, ret_key, reterr);
        sodium_memzero(text, length);
    }
    free(text);
    return status;
}

static int sign(const char *key_path, char **plugins)
{
    sign_key key;
    tend_error error = { 0 };
    tend_status status = read_key(key_path, true, &key, &error);

    for (; status == TEND_OK && *plugins; plugins++) {
        status = sign_plugin(&key, *plugins, &error);
        if (status == TEND_OK)
            printf("%s: signed by %s (%s)\n", *plugins, key.name, key.id);
    }
    if (status < 0)
        return complain(&error, 3);
    sign_key_clear(&key);
    return 0;
}

static int verify(const char *key_path, char **plugins)
{
    sign_key key;
    tend_error error = { 0 };
    int bad = 0;

    if (read_key(key_path, false, &key, &error) < 0)
        return complain(&error, 3);
    for (; *plugins; plugins++) {
        const sign_key *by = NULL;
        tend_manifest manifest;

        if (sign_look(&key, 1, *plugins, &by, &manifest, &error) < 0)
            bad = complain(&error, 1);
        else
            printf("%s: %s %s (%s, needs %s), signed by %s (%s) at %s\n", *plugins, manifest.lines[TEND_MANIFEST_NAME],
                   manifest.lines[TEND_MANIFEST_VERSION], manifest.lines[TEND_MANIFEST_KINDS], manifest.lines[TEND_MANIFEST_NEEDS],
                   by->name, by->id, manifest.lines[TEND_MANIFEST_SIGNED]);
    }
    return bad;
}

int main(int count, char **arguments)
{
    const char *word = count > 1 ? arguments[1] : "";
    const struct rlimit none = { 0, 0 };

    (void)setrlimit(RLIMIT_CORE, &none); /* a core would hold a key */
    if (sodium_init() < 0) {
        (void)fprintf(stderr, "tend-sign: libsodium cannot be used here\n");
        return 3;
    }
    if (strcmp(word, "--answer") == 0 && count == 2)
        return sign_answer();
    if (strcmp(word, "keygen") == 0 && (count == 3 || count == 4))
        return keygen(arguments[2], count == 4 ? arguments[3] : "");
    if (strcmp(word, "sign") == 0 && count > 3)
        return sign(arguments[2], arguments + 3);
    if (strcmp(word, "verify") == 0 && count > 3)
        return verify(arguments[2], arguments + 3);
    if (strcmp(word, "--version") == 0 && count == 2) {
        printf("tend-sign %s, libsodium %s\n", TEND_VERSION, sodium_version_string());
        return 0;
    }
    (void)fputs(help, strcmp(word, "--help") == 0 ? stdout : stderr);
    return strcmp(word, "--help") == 0 ? 0 : 2;
}
