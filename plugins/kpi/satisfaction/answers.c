#include "answers.h"
#include <string.h>

enum { SURVEY, SCORE, SCALE_MIN, SCALE_MAX, DIRECTION, ANSWERED_AT, INPUT_COUNT };

const asked_survey survey_nps = { "nps", 0, 10 };
const asked_survey survey_csat = { "csat", 1, 5 };
const asked_survey survey_ces = { "ces", 1, 7 };

const tend_input answers_inputs[] = {
    [SURVEY] = { "answer.survey", TEND_ALL },
    [SCORE] = { "answer.score", TEND_ALL },
    [SCALE_MIN] = { "answer.scale_min", TEND_ALL },
    [SCALE_MAX] = { "answer.scale_max", TEND_ALL },
    [DIRECTION] = { "answer.direction", TEND_ALL },
    [ANSWERED_AT] = { "answer.answered_at", TEND_ALL },
    { NULL, TEND_ALL },
};

static int64_t number_of(const tend_column *column, const char *word)
{
    for (uint32_t i = 0; i < column->word_count; i++)
        if (strcmp(column->words[i], word) == 0)
            return i;
    return -1;
}

tend_status answers_of(const tend_batch *batch, const asked_survey *survey, asked_answers *ret_answers, tend_error *reterr)
{
    if (batch->inputs != INPUT_COUNT)
        return tend_fail(reterr, TEND_EINVAL, "kpi satisfaction: a batch with %u inputs; it takes %d", batch->inputs, INPUT_COUNT);
    *ret_answers = (asked_answers){
        .survey = survey,
        .word = number_of(&batch->columns[SURVEY], survey->name),
        .high_is_bad = number_of(&batch->columns[DIRECTION], "high_is_bad"),
        .starts = tend_column_starts(batch, SURVEY),
        .surveys = tend_column_int(batch, SURVEY),
        .score = tend_column_int(batch, SCORE),
        .scale_min = tend_column_int(batch, SCALE_MIN),
        .scale_max = tend_column_int(batch, SCALE_MAX),
        .direction = tend_column_int(batch, DIRECTION),
        .answered_at = tend_column_int(batch, ANSWERED_AT),
        .from = batch->from,
        .to = batch->to,
    };
    return TEND_OK;
}

static bool is_within(const asked_answers *answers, int64_t at)
{
    const int64_t day_ms = INT64_C(86400000);

    if (at == TEND_UNKNOWN)
        return false;
    const int64_t day = at / day_ms - (at % day_ms < 0);

    return day > answers->from && day <= answers->to;
}

bool answer_counts(const asked_answers *answers, uint32_t row, int64_t *ret_score, char why[static ANSWERS_WHY_ROOM])
{
    const asked_survey *survey = answers->survey;
    const int64_t lowest = answers->scale_min[row] == TEND_UNKNOWN ? survey->lowest : answers->scale_min[row];
    const int64_t highest = answers->scale_max[row] == TEND_UNKNOWN ? survey->highest : answers->scale_max[row];
    const int64_t score = answers->score[row];

    why[0] = '\0';
    if (answers->word < 0 || answers->surveys[row] != answers->word || !is_within(answers, answers->answered_at[row]))
        return false;
    if (lowest != survey->lowest || highest != survey->highest)
        (void)snprintf(why, ANSWERS_WHY_ROOM, "left out: scale %lld to %lld, %s needs %lld to %lld", (long long)lowest,
                       (long long)highest, survey->name, (long long)survey->lowest, (long long)survey->highest);
    else if (score == TEND_UNKNOWN)
        (void)snprintf(why, ANSWERS_WHY_ROOM, "left out: no score");
    else if (score < lowest || score > highest)
        (void)snprintf(why, ANSWERS_WHY_ROOM, "left out: score %lld is not on the scale", (long long)score);
    if (why[0] != '\0')
        return false;
    *ret_score = answers->direction[row] == answers->high_is_bad && answers->high_is_bad >= 0 ? lowest + highest - score : score;
    return true;
}
