/* JSON through the reader of connector/command: read twice to the same tree, or refused with a reason. */
#include "../../plugins/connector/command/json.h"
#include "fuzz.h"

static size_t count(const json_node *node)
{
    size_t nodes = 1;

    FUZZ_EXPECT(node->type >= JSON_NULL && node->type <= JSON_OBJECT, "type %d", (int)node->type);
    if (node->type == JSON_STRING)
        FUZZ_EXPECT(node->text[node->length] == '\0', "a text without its NUL");
    for (const json_node *member = node->first; member; member = member->next) {
        FUZZ_EXPECT(!member->key || member->key[member->key_length] == '\0', "a key without its NUL");
        FUZZ_EXPECT((node->type == JSON_OBJECT) == (member->key != NULL), "a key outside an object");
        nodes += count(member);
    }
    return nodes;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = malloc(size ? size : 1);
    json_reader reader = { 0 };
    const char *why = NULL;
    const json_node *node;

    FUZZ_EXPECT(text, "no memory");
    if (size > 0)
        memcpy(text, data, size);
    node = json_read(&reader, text, size, &why);
    if (node) {
        const size_t nodes = count(node);

        (void)json_member(node, "type");
        node = json_read(&reader, text, size, &why);
        FUZZ_EXPECT(node && count(node) == nodes, "read differently the second time");
    } else {
        FUZZ_EXPECT(why && *why, "refused without a reason");
    }
    json_reader_clear(&reader);
    free(text);
    return 0;
}
