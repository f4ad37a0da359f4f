/* words.h: what the program says to people, in their language.
 *
 * The English text stands where it is used and is the key; other languages stand in a table. A text that the table lacks is said in
 * English. */
#ifndef TEND_QUERY_WORDS_H
#define TEND_QUERY_WORDS_H

#include "base/arena.h"
#include <stdarg.h>

/* `language` "en" or "ko"; NULL is "en". Borrowed constant, or `english` itself. */
const char *tend_say(const char *language, const char *english);
/* The same with "{name}" replaced by pairs of (const char *name, const char *text), ended by NULL. A NULL text is left out. From
 * the arena. */
const char *tend_say_with(tend_arena *arena, const char *language, const char *english, va_list pairs);
/* sentences.c: a sentence that stands in English already, for it was recorded or made by a layer that knows no reader. What is
 * not known stays as it is. Borrowed, or from the arena. */
const char *tend_say_found(tend_arena *arena, const char *language, const char *text);

#endif
