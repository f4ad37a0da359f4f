/* The right sides of a mapping's fields. */
#include "sync/expression.h"
#include "tests.h"
#include <string.h>

static tend_arena *arena;
static tend_columns columns;
static tend_error error;

static void set_up(void)
{
    arena = tend_arena_new();
    memset(&columns, 0, sizeof columns);
}

static void tear_down(void)
{
    tend_arena_free(arena);
}

static const struct {
    const char *name, *cell;
} cells[] = {
    { "Company", "" },  { "First Name", "Ann" },       { "Last Name", "Lee" },  { "mrr", "833.10" },
    { "qty", "12" },    { "price", "2.555" },          { "discount", "0.15" },  { "CustomerID", "17850.0" },
    { "months", "34" }, { "Amount (converted)", "7" }, { "other", "17850.05" }, { "empty", "  " },
};

/* What it says for the cells above; the sentence when it is refused, "(not named)" when a column is not there. */
static const char *say(const char *text)
{
    const tend_expression *expression;
    const char *rest;
    tend_cell row[32] = { 0 };
    tend_expressed said;

    if (tend_expression_parse(text, &columns, arena, &expression, &rest, &error) < 0)
        return error.text;
    for (size_t c = 0; c < columns.count; c++) {
        for (size_t i = 0; i < sizeof cells / sizeof cells[0]; i++) {
            if (strcmp(cells[i].name, columns.names[c]) == 0)
                row[c] = (tend_cell){ cells[i].cell, strlen(cells[i].cell) };
        }
    }
    if (tend_expression_say(expression, row, &tend_number_plain, arena, &said, &error) < 0)
        return error.text;
    return said.is_named ? tend_arena_copy(arena, said.text, said.length) : "(not named)";
}

static const char *const good[][2] = {
    { "Company", "" },
    { "First Name", "Ann" },
    { "\"say \"\"hi\"\"\"", "say \"hi\"" },
    { "First Name + \" \" + Last Name", "Ann Lee" },
    { "Company or (First Name + \" \" + Last Name)", "Ann Lee" },
    { "empty or Last Name", "Lee" },
    { "mrr * 12", "9997.2" },
    { "qty * price * (1 - discount)", "26.061" },
    { "mrr * -1", "-833.1" },
    { "without(CustomerID, \".0\")", "17850" },
    { "without(other, \".0\")", "17850.05" },
    { "months_before(\"2020-01-31\", months)", "2017-03-31" },
    { "[Amount (converted)] * 2", "14" },
    { "Nowhere", "(not named)" },
    { "Nowhere or Last Name", "Lee" },
    { "empty * 12", "" },
    { "Last Name * 2", "'Lee' is not a number to reckon with" },
    { "months_before(qty, months)", "'12' is not a day; write YYYY-MM-DD" },
};

START_TEST(expressions_say_what_they_should)
{
    ck_assert_str_eq(say(good[_i][0]), good[_i][1]);
}
END_TEST

static const char *const bad[][2] = {
    { "", "a column or a \"constant\" is missing here" },
    { "Company +", "a column or a \"constant\" is missing after '+'" },
    { "\"open", "the constant \"open has no closing quote" },
    { "(Company", "a closing parenthesis is missing" },
    { "[Company", "the column name [Company has no end; write [name]" },
    { "upper(Company)", "'upper(' is no function; write a column with signs in its name as [upper(…)]" },
    { "without(Company)", "without(…) takes two values with a comma between" },
    { "Company )", "')' is not understood here" },
};

START_TEST(what_is_not_understood_is_said)
{
    ck_assert_str_eq(say(bad[_i][0]), bad[_i][1]);
}
END_TEST

START_TEST(parentheses_have_a_depth)
{
    char text[400] = "";

    for (int i = 0; i < 100; i++)
        strcat(text, "(");
    strcat(text, "a");
    ck_assert_str_eq(say(text), "parentheses are more than 32 deep");
}
END_TEST

START_TEST(an_or_needs_one_side_only)
{
    const tend_expression *expression;
    const char *rest;
    bool is_there[4] = { false, true, false, false };
    size_t missing = 99;

    ck_assert_int_eq(tend_expression_parse("a or b", &columns, arena, &expression, &rest, &error), TEND_OK);
    ck_assert(tend_expression_can(expression, is_there, &missing));
    ck_assert_int_eq(tend_expression_parse("a + b", &columns, arena, &expression, &rest, &error), TEND_OK);
    ck_assert(!tend_expression_can(expression, is_there, &missing));
    ck_assert_uint_eq(missing, 0);
}
END_TEST

TESTS_WITH("sync/expression", {
    tcase_add_checked_fixture(tcase, set_up, tear_down);
    tcase_add_loop_test(tcase, expressions_say_what_they_should, 0, sizeof good / sizeof good[0]);
    tcase_add_loop_test(tcase, what_is_not_understood_is_said, 0, sizeof bad / sizeof bad[0]);
    tcase_add_test(tcase, parentheses_have_a_depth);
    tcase_add_test(tcase, an_or_needs_one_side_only);
})
