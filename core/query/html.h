/* html.h: pages that are safe whatever the texts hold: everything that is not a constant goes through an escape, nothing is a link,
 * and the page's own policy forbids scripts, images and styles but its one sheet. */
#ifndef TEND_QUERY_HTML_H
#define TEND_QUERY_HTML_H

#include <stdio.h>
#include <tend/value.h>

/* `text` (may be NULL) as text or inside a quoted attribute: & < > " ' are escaped, control characters become blanks. */
void html_text(FILE *out, const char *text);
void html_text_of(FILE *out, const char *text, size_t length);
/* The head with policy and style, and the page's title lines; all texts are escaped. `language` "en", "ko" … */
void html_begin(FILE *out, const char *language, const char *title, const char *above, const char *below);
void html_end(FILE *out, const char *footer);

#endif
