/* words.c: what a script writes for people: one text for all, or one for each language, { en = "Call {account.name}", ko = "…" }.
 * Who gets it decides which; where that person named none, the language of the workspace, then en, then the first there is. */
#include "playbook/inside.h"

#include <string.h>

static const tend_field *language_field(const tend_schema *schema)
{
    const tend_kind_schema *users = tend_schema_kind(schema, TEND_KIND_USER);

    return &users->fields[tend_schema_field(users, "language")];
}

tend_status tend_words_check(const tend_schema *schema, const tend_tree *words, const char *key, tend_error *reterr)
{
    const tend_field *language = language_field(schema);

    if (words->tag == TEND_TREE_TEXT)
        return words->text[0] != '\0' ? TEND_OK : tend_fail(reterr, TEND_EINVAL, "%s: must be a text", key);
    if (words->tag != TEND_TREE_MAP || words->length == 0)
        return tend_fail(reterr, TEND_EINVAL, "%s: must be a text", key);
    for (size_t i = 0; i < words->length; i++) {
        if (!tend_field_allows(language, words->keys[i], strlen(words->keys[i])))
            return tend_fail(reterr, TEND_EINVAL, "%s: '%s' is no language; write one text, or one for each of %s", key,
                             words->keys[i], language->choices);
        if (words->items[i].tag != TEND_TREE_TEXT || words->items[i].text[0] == '\0')
            return tend_fail(reterr, TEND_EINVAL, "%s: %s: must be a text", key, words->keys[i]);
    }
    return TEND_OK;
}

const char *tend_words_in(const tend_tree *arguments, const char *key, const char *language)
{
    const tend_tree *words = tend_tree_get(arguments, key);
    const char *found;

    if (!words || words->tag == TEND_TREE_TEXT)
        return words ? words->text : NULL;
    if (words->tag != TEND_TREE_MAP || words->length == 0)
        return NULL;
    found = language ? tend_tree_string(words, language) : NULL;
    if (!found)
        found = tend_tree_string(words, "en");
    return found ? found : words->items[0].text;
}

tend_status tend_words_language(const tend_subject *subject, int64_t user, const char **ret_language, tend_error *reterr)
{
    tend_statement *statement;
    bool has_row = false;
    tend_status status = TEND_OK;

    *ret_language = subject->playbooks->options.language ? subject->playbooks->options.language : "en";
    if (user == 0)
        return TEND_OK;
    status = tend_sql_ask(subject->world.store, &statement, reterr,
                          "SELECT language FROM users WHERE id = ?1 AND language IS NOT NULL", "i", user);
    if (status < 0)
        return status;
    status = tend_statement_step(statement, &has_row, reterr);
    if (status >= 0 && has_row)
        *ret_language = tend_arena_string(subject->arena, tend_statement_text(statement, 0, NULL));
    tend_statement_end(statement);
    if (!*ret_language)
        return tend_fail(reterr, TEND_ENOMEM, "playbooks: memory is used up");
    return status < 0 ? status : TEND_OK;
}

tend_status tend_words_korean(const tend_subject *subject, int64_t user, bool *ret_is_korean, tend_error *reterr)
{
    const char *language = "en";
    tend_status status = tend_words_language(subject, user, &language, reterr);

    *ret_is_korean = status == TEND_OK && strcmp(language, "ko") == 0;
    return status;
}

tend_status tend_words_fill(const tend_subject *subject, const tend_tree *settings, const tend_tree *arguments, const char *key,
                            int64_t user, const char **ret_text, tend_error *reterr)
{
    const char *language, *text;
    tend_status status = tend_words_language(subject, user, &language, reterr);

    if (status < 0)
        return status;
    text = tend_words_in(arguments, key, language);
    if (!text) {
        *ret_text = NULL;
        return TEND_OK;
    }
    return tend_subject_fill(subject, settings, language, text, ret_text, reterr);
}
