/* sample_words.c: the word lists of the sample, and its random numbers. */
#include "engine/sample_words.h"

#include <string.h>

uint64_t tend_dice_next(tend_dice *dice)
{
    uint64_t z = (dice->state += 0x9e3779b97f4a7c15u);

    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

int64_t tend_dice_between(tend_dice *dice, int64_t low, int64_t high)
{
    return low + (int64_t)(tend_dice_next(dice) % (uint64_t)(high - low + 1));
}

int tend_dice_percent(tend_dice *dice, int percent)
{
    return tend_dice_between(dice, 1, 100) <= percent;
}

const tend_sample_user tend_sample_users[] = {
    { "Seo Yuna", "yuna.seo@tend.example", "Asia/Seoul", "ko", NULL, "Korea", "director", "APAC" },
    { "Kim Minjun", "minjun.kim@tend.example", "Asia/Seoul", "ko", "Seo Yuna", "Korea", "key_account_manager", "APAC" },
    { "Park Jiwoo", "jiwoo.park@tend.example", "Asia/Seoul", "ko", "Seo Yuna", "Korea", "account_manager", "APAC" },
    { "Lee Hana", "hana.lee@tend.example", "Asia/Seoul", "ko", "Seo Yuna", "Korea", "customer_success", "APAC" },
    { "Choi Doyun", "doyun.choi@tend.example", "Asia/Seoul", "ko", "Seo Yuna", "Korea", "technical_account_manager", "APAC" },
    { "Grace Holt", "grace.holt@tend.example", "America/New_York", "en", NULL, "Americas", "director", "AMER" },
    { "Daniel Reyes", "daniel.reyes@tend.example", "America/New_York", "en", "Grace Holt", "Americas", "account_manager", "AMER" },
    { "Priya Nair", "priya.nair@tend.example", "America/Chicago", "en", "Grace Holt", "Americas", "customer_success", "AMER" },
    { "Tom Becker", "tom.becker@tend.example", "Europe/Berlin", "en", NULL, "Europe", "director", "EMEA" },
    { "Anna Vogel", "anna.vogel@tend.example", "Europe/Berlin", "en", "Tom Becker", "Europe", "key_account_manager", "EMEA" },
    { "Luc Martin", "luc.martin@tend.example", "Europe/Paris", "en", "Tom Becker", "Europe", "agency_lead", "EMEA" },
    { "Marta Silva", "marta.silva@tend.example", "Europe/Lisbon", "en", "Tom Becker", "Europe", "adviser", "EMEA" },
    /* Whom accounts are not given to: playbooks have work for these teams. */
    { "Nora Lind", "nora.lind@tend.example", "Europe/Berlin", "en", "Tom Becker", "strategy", "", "EMEA" },
    { "Paul Weiss", "paul.weiss@tend.example", "Europe/Berlin", "en", "Tom Becker", "creative", "", "EMEA" },
    { "Ines Costa", "ines.costa@tend.example", "Europe/Lisbon", "en", "Tom Becker", "media", "", "EMEA" },
    { "Han Jisu", "jisu.han@tend.example", "Asia/Seoul", "ko", "Seo Yuna", "product", "", "APAC" },
};
const size_t tend_sample_user_count = sizeof tend_sample_users / sizeof *tend_sample_users;

const tend_sample_product tend_sample_products[] = {
    { "TND-CORE", "Harbor Core", "platform", "8.2", 24000 },       { "TND-ANA", "Harbor Analytics", "platform", "5.1", 12000 },
    { "TND-EDGE", "Harbor Edge Gateway", "devices", "3.4", 9000 }, { "TND-SUP", "Premium Support", "services", NULL, 6000 },
    { "TND-TRN", "Training Pass", "services", NULL, 3000 },        { "TND-MED", "Media Desk", "services", NULL, 18000 },
};
const size_t tend_sample_product_count = sizeof tend_sample_products / sizeof *tend_sample_products;

const char *const tend_sample_korean_heads[] = { "한빛", "대성", "미래", "동해",   "서울",   "한울", "새봄",
                                                 "은하", "태백", "가람", "누리",   "청솔",   "백두", "금강",
                                                 "초록", "하늘", "바른", "온누리", "해맑은", "으뜸", NULL };
const char *const tend_sample_korean_tails[] = { "상사", "전자", "물산",   "테크",   "건설",   "화학", "식품",
                                                 "병원", "증권", "미디어", "로지스", "소프트", NULL };
const char *const tend_sample_english_heads[] = { "Alder",   "Beacon",    "Cedar",    "Delta",    "Ember",    "Falcon",
                                                  "Granite", "Harrow",    "Ivory",    "Juniper",  "Keystone", "Lakeside",
                                                  "Maple",   "Northgate", "Oakfield", "Pinnacle", "Quarry",   "Ridge",
                                                  "Summit",  "Tidewater", NULL };
const char *const tend_sample_english_tails[] = { "Logistics", "Health", "Foods",       "Systems",   "Media", "Capital",
                                                  "Retail",    "Energy", "Instruments", "Education", NULL };
const char *const tend_sample_german_tails[] = { "Maschinenbau GmbH", "Logistik GmbH",   "Kliniken AG", "Werkzeuge KG",
                                                 "Handel GmbH",       "Versicherung AG", NULL };
const char *const tend_sample_german_families[] = { "Keller", "Brandt", "Lindner", "Vogt", "Winkler", NULL };
const char *const tend_sample_korean_families[] = { "김", "이", "박", "최", "정", "강", "조", "윤", "장", "임", NULL };
const char *const tend_sample_korean_givens[] = { "민수", "서연", "지훈", "하은", "도현", "수빈", "예준",
                                                  "유진", "현우", "지민", "은서", "태윤", NULL };
const char *const tend_sample_english_families[] = { "Adams",  "Brooks", "Carter", "Dawson", "Ellis", "Foster", "Gibson",
                                                     "Hughes", "Jensen", "Keller", "Lopez",  "Meyer", NULL };
const char *const tend_sample_english_givens[] = { "Alex",  "Bianca", "Carl",  "Dana",  "Erik", "Fiona", "George",
                                                   "Helen", "Ian",    "Julia", "Karen", "Leo",  NULL };
const char *const tend_sample_industries[] = { "manufacturing", "retail",    "health", "finance", "media",
                                               "logistics",     "education", "energy", NULL };
const char *const tend_sample_features[] = { "dashboard", "export", "alerts", "api", "mobile", "planning", NULL };
const char *const tend_sample_ticket_titles[] = { "Login fails after the update",
                                                  "Export is slow",
                                                  "대시보드가 열리지 않음",
                                                  "Invoice shows the wrong seats",
                                                  "API returns an empty page",
                                                  "알림 메일이 오지 않음",
                                                  "Report numbers differ from last week",
                                                  "Gateway loses its connection",
                                                  NULL };
const char *const tend_sample_subjects[] = { "Monthly check-in", "정기 미팅",        "Roadmap preview",   "Training session",
                                             "분기 리뷰",        "Pricing question", "Support follow-up", NULL };
const char *const tend_sample_comments_good[] = { "Runs well for us", "지원이 빠릅니다", "The team likes it", NULL };
const char *const tend_sample_comments_bad[] = { "Too many open tickets", "가격이 부담됩니다", "We hardly use half of it", NULL };

static const char *const themes[] = { "login", "export", "dashboard", "invoices", "api", "alerts", "reports", "gateway" };

const char *tend_sample_theme(const char *title)
{
    size_t at = 0;

    while (at + 1 < sizeof themes / sizeof *themes && strcmp(tend_sample_ticket_titles[at], title) != 0)
        at++;
    return themes[at];
}

size_t tend_sample_count(const char *const *list)
{
    size_t count = 0;

    while (list[count])
        count++;
    return count;
}

const char *tend_sample_pick(tend_dice *dice, const char *const *list)
{
    return list[(size_t)tend_dice_next(dice) % tend_sample_count(list)];
}
