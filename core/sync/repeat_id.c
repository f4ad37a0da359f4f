/* repeat_id.c: what hashes of records are worth only with: mapping, schema, source, zones, who imports, and the store's key. */
#include "base/zone.h"
#include "sync/repeat.h"
#include <stdio.h>
#include <string.h>

static void add_text(tend_sha256 *sha, const char *text)
{
    size_t length = text ? strlen(text) + 1 : 0;

    tend_sha256_add(sha, &length, sizeof length);
    if (text)
        tend_sha256_add(sha, text, length);
}

static void add_number(tend_sha256 *sha, int64_t number)
{
    tend_sha256_add(sha, &number, sizeof number);
}

static void add_schema(tend_sha256 *sha, const tend_schema *schema)
{
    for (int k = 1; k < TEND_KIND_COUNT; k++) {
        const tend_kind_schema *kind = tend_schema_kind(schema, (tend_kind)k);

        add_text(sha, kind->name);
        add_number(sha, kind->is_fact);
        add_number(sha, kind->currency_field);
        add_number(sha, kind->effective_field);
        for (int f = 0; f < kind->field_count; f++) {
            const tend_field *field = &kind->fields[f];

            add_text(sha, field->name);
            add_number(sha, field->type);
            add_number(sha, field->scale);
            add_number(sha, field->target);
            add_number(sha, field->flags);
            add_text(sha, field->choices);
            add_text(sha, field->unit);
        }
    }
}

/* The rules of a zone change with the system's tables of zones. */
static void add_zone(tend_sha256 *sha, const tend_zone *zone)
{
    for (tend_date day = 0; zone && day < 30000; day += 15) /* 1970 to 2052 */
        add_number(sha, tend_zone_midnight(zone, day));
}

tend_status tend_repeat_identify(tend_model *model, const tend_mapping *mapping, const char *source,
                                 const tend_principal *principal, tend_arena *arena, tend_repeat_id *ret_id, tend_error *reterr)
{
    const char *key;
    uint8_t digest[32];
    tend_sha256 sha;
    tend_status status = tend_store_meta_get(tend_model_store(model), arena, "key", &key, reterr);

    if (status < 0)
        return status;
    tend_sha256_init(&sha);
    add_text(&sha, "again 1 " TEND_VERSION);
    add_text(&sha, key);
    add_text(&sha, mapping->digest);
    add_text(&sha, source);
    add_text(&sha, principal ? principal->name : NULL);
    add_number(&sha, principal ? (int64_t)principal->kind : TEND_PRINCIPAL_ADMINISTRATOR);
    add_number(&sha, principal ? principal->user : 0);
    add_schema(&sha, tend_model_schema(model));
    for (size_t s = 0; s < mapping->stream_count; s++)
        add_zone(&sha, mapping->streams[s].format.zone);
    tend_sha256_end(&sha, digest);
    memcpy(ret_id->validity, digest, sizeof ret_id->validity);
    memcpy(ret_id->secret, digest + 16, sizeof ret_id->secret);
    return TEND_OK;
}

bool tend_repeat_path(const char *folder, const char *source, const char *kind, char *ret_path, size_t room)
{
    char name[65];

    tend_sha256_hex(source, strlen(source), name);
    return (size_t)snprintf(ret_path, room, "%s/again-%.16s-%s", folder, name, kind) < room;
}

void tend_repeat_kind_secret(const uint8_t secret[16], tend_kind kind, tend_quick_key *ret_secret)
{
    uint8_t number = (uint8_t)kind, own[16];

    tend_siphash128(secret, &number, 1, own);
    tend_quick_key_of(own, ret_secret);
}

tend_again_hash tend_repeat_hash(const tend_quick_key *secret, const void *bytes, size_t length)
{
    tend_again_hash hash;

    tend_quick128(secret, bytes, length, hash.word);
    return hash;
}

tend_again_hash tend_repeat_assumed(const tend_again_hash *record)
{
    return (tend_again_hash){ { record->word[0] ^ 2, ~record->word[1] } };
}

void tend_repeat_columns_secret(const tend_repeat_id *id, size_t stream, const char *const *names, uint32_t count,
                                const char *const *key, tend_quick_key *ret_secret)
{
    uint8_t digest[32];
    tend_sha256 sha;

    tend_sha256_init(&sha);
    tend_sha256_add(&sha, id->secret, sizeof id->secret);
    add_number(&sha, (int64_t)stream);
    add_number(&sha, count);
    for (uint32_t i = 0; i < count; i++)
        add_text(&sha, names[i]);
    for (size_t i = 0; key && key[i]; i++)
        add_text(&sha, key[i]);
    tend_sha256_end(&sha, digest);
    tend_quick_key_of(digest, ret_secret);
}
