/* A frame from a peer that may lie. The first byte says how many of the following say what is asked for; then comes what is sent.
 */
#include "base/wire.h"
#include "fuzz.h"
#include <sys/socket.h>
#include <unistd.h>

/* Reads as the bytes of `asked` say; false once the payload has lied. */
static void ask(tend_wire *wire, const uint8_t *asked, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        size_t length = 0;
        const char *text;
        tend_value value;

        switch (asked[i] % 5) {
        case 0:
            (void)tend_wire_get_u8(wire);
            break;
        case 1:
            (void)tend_wire_get_u32(wire);
            break;
        case 2:
            (void)tend_wire_get_i64(wire);
            break;
        case 3:
            text = tend_wire_get_text(wire, &length);
            FUZZ_EXPECT(text[length] == '\0', "a text without its NUL");
            break;
        default:
            value = tend_wire_get_value(wire);
            FUZZ_EXPECT(value.type <= TEND_REF, "type %d", value.type);
            FUZZ_EXPECT(value.type != TEND_TEXT || value.text[value.length] == '\0', "a text without its NUL");
            FUZZ_EXPECT(memchr(value.currency, '\0', sizeof value.currency), "a currency without its NUL");
            break;
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_input input = { data, size };
    const size_t wanted = fuzz_byte(&input), count = wanted < input.left ? wanted : input.left;
    const uint8_t *asked = input.at, *sent = asked + count;
    const size_t length = input.left - count;
    int ends[2];
    tend_wire *wire = NULL;
    tend_error error = { 0 };
    tend_status status;
    uint16_t type;

    if (length > 64 << 10)
        return 0;
    FUZZ_EXPECT(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0, "no sockets");
    FUZZ_EXPECT(length == 0 || send(ends[1], sent, length, MSG_NOSIGNAL) == (ssize_t)length, "nothing was sent");
    (void)close(ends[1]);
    FUZZ_EXPECT(tend_wire_open(ends[0], "peer", &wire, &error) == TEND_OK, "%s", error.text);
    while ((status = tend_wire_receive(wire, -1, &type, NULL, &error)) == TEND_OK) {
        ask(wire, asked, count);
        if (tend_wire_done(wire, &error) < 0)
            fuzz_sentence(&error);
    }
    FUZZ_EXPECT(status == TEND_ECLOSED || status == TEND_ECORRUPT, "status %d: %s", status, error.text);
    fuzz_sentence(&error);
    tend_wire_close(wire);
    return 0;
}
