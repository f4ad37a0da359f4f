/* The formula by itself: a batch made by hand, and what has to come out. `tend plugin check` tries the rest. */
#include <stdio.h>
#include <tend/plugin.h>

static int failed;

static void expect(const char *what, int64_t wanted, int64_t got)
{
    if (wanted == got)
        return;
    (void)printf("FAILED: %s: %lld instead of %lld\n", what, (long long)got, (long long)wanted);
    failed = 1;
}

int main(void)
{
    /* Three accounts: 8 of 10 and 3 of 5; nothing; one answer whose score is not known. */
    static const int64_t scores[] = { 8, 3, TEND_UNKNOWN }, highest[] = { 10, 5, 10 };
    static const uint32_t starts[] = { 0, 2, 2, 3 };
    const tend_column columns[] = { { .values = scores, .starts = starts }, { .values = highest, .starts = starts } };
    const tend_batch batch = { .size = sizeof batch, .accounts = 3, .inputs = 2, .columns = columns };
    const tend_plugin *plugin = tend_plugin_entry();
    const tend_kpi_ops *ops = plugin->capabilities[0].ops;
    tend_ratio values[3];
    tend_error error = { 0 };

    expect("it computes", TEND_OK, ops->compute(NULL, &batch, values, &error));
    expect("the numerator is the sum of scores", 11, values[0].numerator);
    expect("the denominator is the sum of the highest", 15, values[0].denominator);
    expect("without answers it is not defined", 0, values[1].denominator);
    expect("what is not known does not count", 0, values[2].denominator);
    return failed;
}
