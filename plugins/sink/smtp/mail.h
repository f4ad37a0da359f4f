/* mail.h: a message as RFC 5322 and MIME want it on the wire. */
#ifndef TEND_SMTP_MAIL_H
#define TEND_SMTP_MAIL_H

#include <tend/plugin.h>

typedef struct mail_text {
    char *bytes; /* owned; CRLF line ends */
    size_t length, room;
    bool failed;
} mail_text;

/* An address that can stand in an envelope: one @, no blanks, brackets, control characters; at most 254 bytes. */
bool mail_address_valid(const char *address);

/* `name` (may be NULL) is shown beside the sender's address. The Message-ID follows from the once-key alone, so that every try of
 * one message carries the same. Texts may hold anything; none of them can add a header. */
void mail_write(mail_text *to, const char *from, const char *name, const tend_message *message, const char *once_key,
                tend_time now);
void mail_clear(mail_text *text);

#endif
