/* Tables for people. */
#include "query/result.h"
#include "tests.h"
#include <stdlib.h>
#include <string.h>

static const tend_heading headings[] = {
    { "position", NULL, TEND_INT, false }, { "step", NULL, TEND_TEXT, false },  { "arguments", NULL, TEND_TEXT, true },
    { "at", NULL, TEND_DATE, false },      { "answer", NULL, TEND_TEXT, true },
};

static tend_value word(const char *text)
{
    return (tend_value){ .type = TEND_TEXT, .text = text, .length = strlen(text) };
}

static void ask(const char *arguments, const char *answer, char **ret_text)
{
    const tend_value values[] = {
        { .type = TEND_INT, .integer = 1 }, word("plan"), word(arguments), { .type = TEND_DATE, .integer = 20000 }, word(answer),
    };
    tend_error error = { 0 };
    size_t length;
    FILE *out = open_memstream(ret_text, &length);
    tend_result *result = tend_result_text(out, NULL, NULL, 0);

    ck_assert_ptr_nonnull(result);
    ck_assert_int_eq(result->section(result, "steps", NULL, headings, 5, false, &error), TEND_OK);
    ck_assert_int_eq(result->row(result, values, &error), TEND_OK);
    ck_assert_int_eq(result->end(result, &error), TEND_OK);
    result->free(result);
    ck_assert_int_eq(fclose(out), 0);
}

START_TEST(packed_values_are_folded_and_nothing_of_them_is_cut)
{
    char *text = NULL;

    ask("{\"due\":{\"business_days\":15},\"title\":\"Write up what the customer got for all its money\",\"to\":\"csm\"}",
        "{\"timed_out\":false}", &text);
    ck_assert_str_eq(
        text, "  position  step  arguments                                         at          answer\n"
              "         1  plan  {\"due\":{\"business_days\":15},\"title\":\"Write up     2024-10-04  {\"timed_out\":false}\n"
              "                  what the customer got for all its money\",\"to\":\n"
              "                  \"csm\"}\n");
    free(text);
}
END_TEST

START_TEST(a_section_without_rows_says_so_unless_all_of_it_may_be_left_out)
{
    static const tend_heading may[] = { { "run", NULL, TEND_INT, true }, { "title", NULL, TEND_TEXT, true } };
    char *text = NULL;
    size_t length;
    tend_error error = { 0 };
    FILE *out = open_memstream(&text, &length);
    tend_result *result = tend_result_text(out, NULL, NULL, 0);

    ck_assert_ptr_nonnull(result);
    ck_assert_int_eq(result->section(result, "moved", "Moved", may, 2, false, &error), TEND_OK);
    ck_assert_int_eq(result->section(result, "steps", "Steps", headings, 5, false, &error), TEND_OK);
    ck_assert_int_eq(result->section(result, "moved", "Moved", may, 2, false, &error), TEND_OK);
    ck_assert_int_eq(result->section(result, "steps", "Again", headings, 5, false, &error), TEND_OK);
    ck_assert_int_eq(result->end(result, &error), TEND_OK);
    result->free(result);
    ck_assert_int_eq(fclose(out), 0);
    ck_assert_str_eq(text, "Steps\n  none\n\nAgain\n  none\n");
    free(text);
}
END_TEST

START_TEST(a_long_sentence_stays_on_its_line)
{
    char *text = NULL;

    ask("a sentence that somebody wrote, which is longer than what is packed may be, and is looked for with grep", "yes", &text);
    ck_assert_ptr_nonnull(
        strstr(text, "which is longer than what is packed may be, and is looked for with grep  2024-10-04  yes\n"));
    free(text);
    ask("[source.wire]: this workspace is simulated, so that no source is asked; import files by hand", "yes", &text);
    ck_assert_ptr_nonnull(
        strstr(text, "[source.wire]: this workspace is simulated, so that no source is asked; import files by hand"));
    free(text);
}
END_TEST

TESTS_WITH("query/result_text", {
    tcase_add_test(tcase, packed_values_are_folded_and_nothing_of_them_is_cut);
    tcase_add_test(tcase, a_section_without_rows_says_so_unless_all_of_it_may_be_left_out);
    tcase_add_test(tcase, a_long_sentence_stays_on_its_line);
})
