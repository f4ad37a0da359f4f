/* What stands in English already is said in the reader's language; names, values and conditions stay as they are. */
#include "query/result.h"
#include "query/words.h"
#include "tests.h"
#include <stdlib.h>
#include <string.h>

static const struct {
    const char *english, *korean;
} said[] = {
    { "due on 2027-07-28, 90 days before contract.ends_on 2027-10-26", "예정일 2027-07-28(contract.ends_on 2027-10-26의 90일 전)" },
    { "due since 2026-07-28, 1 day after contract.ends_on 2026-07-27; contract.status is renewed, wanted = active",
      "예정일 2026-07-28 지남(contract.ends_on 2026-07-27의 1일 후); contract.status 값 renewed, 필요한 값 = active" },
    { "due on 2027-07-28, 5 business days before contract.ends_on 2027-08-04; as things stand it would not start: seats is not "
      "known, "
      "wanted > 100",
      "예정일 2027-07-28(contract.ends_on 2027-08-04의 5영업일 전); 지금대로라면 시작하지 않음: seats 값 알 수 없음, 필요한 값 > "
      "100" },
    { "the condition has been met since 2026-03-05: seats is 200, wanted > 100",
      "2026-03-05부터 조건을 계속 충족: seats 값 200, 필요한 값 > 100" },
    { "the condition was met already when the playbook came or changed, so it was left out; tend playbook release red_flag starts "
      "it: "
      "health is 40, wanted < 50",
      "플레이북이 추가되거나 바뀌었을 때 이미 조건을 충족하고 있어 제외됨; tend playbook release red_flag 명령으로 시작할 수 있음: "
      "health 값 40, 필요한 값 < 50" },
    { "the condition held already", "이미 조건을 충족하고 있었음" }, /* as it was recorded once */
    { "seats > 100 (it is 200) and tier = gold (it is gold)", "seats > 100(현재 값 200) and tier = gold(현재 값 gold)" },
    { "run 12 is at work on it", "실행 12 진행 중" },
    { "the last run on it ended on 2026-03-01; it begins again 30 days later",
      "지난 실행이 2026-03-01에 끝남; 끝난 지 30일이 지나야 다시 시작함" },
    { "2 runs began on it within 365 days; it may not oftener", "365일 안에 2번 시작됨; 더 자주 시작할 수 없음" },
    { "starts 90 days before contract.ends_on, where status = active or tier = gold; what comes late starts at once",
      "시작: contract.ends_on 90일 전, 조건 status = active or tier = gold; 늦게 들어온 것은 바로 시작" },
    { "1 to high", "1 ~ high" },
    /* What nobody knows stays, in whole or in part; and so do names that look like words. */
    { "Jo moved from Seoul to Busan", "Jo moved from Seoul to Busan" },
    { "cannot reach erp; run tend once", "cannot reach erp; tend once를 실행하십시오" },
    { "run twelve is at work on it", "run twelve is at work on it" },
    { "waiting is held, wanted = open", "waiting 값 held, 필요한 값 = open" },
    { "", "" },
};

START_TEST(what_stands_in_english_is_said_in_korean)
{
    tend_arena *arena = tend_arena_new();

    ck_assert_str_eq(tend_say_found(arena, "ko", said[_i].english), said[_i].korean);
    ck_assert_str_eq(tend_say_found(arena, "en", said[_i].english), said[_i].english);
    ck_assert_str_eq(tend_say_found(arena, NULL, said[_i].english), said[_i].english);
    tend_arena_free(arena);
}
END_TEST

static const tend_heading headings[] = {
    { "name", NULL, TEND_TEXT, false },        { "state", NULL, TEND_TEXT, false }, { "what", "판단", TEND_TEXT, false },
    { "is_active", "활성", TEND_BOOL, false }, { "why", NULL, TEND_TEXT, false },
};

static char *show(tend_result *(*make)(FILE *out))
{
    const tend_value values[] = { tend_value_of("held"), tend_value_of("held"), tend_value_of("met_before"), tend_value_bool(true),
                                  tend_value_of("the row is gone") };
    tend_error error = { 0 };
    char *text = NULL;
    size_t length;
    FILE *out = open_memstream(&text, &length);
    tend_result *result = make ? make(out) : tend_result_text(out, NULL, "ko", 0);

    ck_assert_int_eq(result->section(result, "rows", NULL, headings, 5, false, &error), TEND_OK);
    ck_assert_int_eq(result->row(result, values, &error), TEND_OK);
    ck_assert_int_eq(result->end(result, &error), TEND_OK);
    result->free(result);
    ck_assert_int_eq(fclose(out), 0);
    return text;
}

START_TEST(tables_for_people_say_states_and_reasons_and_programs_read_keys)
{
    char *people = show(NULL), *programs = show(tend_result_csv);

    ck_assert_str_eq(people, "  name  state  판단       활성  why\n  held  보류   이미 충족  예    행이 삭제됨\n");
    ck_assert_str_eq(programs, "name,state,what,is_active,why\nheld,held,met_before,yes,the row is gone\n");
    free(people);
    free(programs);
}
END_TEST

TESTS_WITH("query/sentences", {
    tcase_add_loop_test(tcase, what_stands_in_english_is_said_in_korean, 0, (int)(sizeof said / sizeof *said));
    tcase_add_test(tcase, tables_for_people_say_states_and_reasons_and_programs_read_keys);
})
