/* sample_work.c: what the sample company has at hand besides its book: plans, campaigns, tenders, concessions, expectations,
 * wishes, handovers, proposals. Each playbook that ships has a row here, or in the other files, that it is about. Which account has
 * what hangs on its number alone, so that nothing else of the sample changes with it. */
#include "engine/sample_inside.h"
#include <string.h>

static bool is_korean(const sample_customer *account)
{
    return strcmp(account->language, "ko") == 0;
}

static const char *day(tend_date date, char buffer[TEND_DATE_ROOM])
{
    return tend_date_format(date, buffer);
}

void sample_work_begin(const sample_work *out, tend_date anchor)
{
    char from[TEND_DATE_ROOM], to[TEND_DATE_ROOM], said[TEND_DATE_ROOM];

    fprintf(out->plans, "id,account,name,type,horizon,status,starts_on,ends_on,goals,market,strategy,owner,written_on\n");
    fprintf(out->tenders, "id,account,name,kind,received_on,due_on,status,owner\n");
    fprintf(out->concessions, "id,account,opportunity,side,text,currency,value,status,said_on\n");
    fprintf(out->expectations, "id,account,contact,text,said_in,area,status,due_on,owner,said_on\n");
    fprintf(out->voices, "id,account,contact,text,theme,direction,status,currency,impact,said_on\n");
    fprintf(out->handovers, "id,account,from_user,to_user,status,on_date,promised,checklist,proposed_on\n");
    fprintf(out->documents, "id,account,title,link,kind,language,added_by,added_on\n");
    fprintf(out->programmes, "id,name,kind,starts_on,ends_on,owner,goal,planned_on\n");
    fprintf(out->programmes, "PG-1,Getting more out of Harbor Core,training,%s,", day(anchor + 45, from));
    fprintf(out->programmes, "%s,%s,more people who work with it every week,%s\n", from, tend_sample_users[3].name,
            day(anchor - 10, said));
    fprintf(out->programmes, "PG-2,Harbor Insight is out,promotion,%s,", day(anchor + 30, from));
    fprintf(out->programmes, "%s,%s,reports without a spreadsheet,%s\n", day(anchor + 90, to), tend_sample_users[3].name,
            day(anchor - 5, said));
}

static void write_plans(const sample_work *out, const sample_customer *account, tend_date anchor)
{
    char from[TEND_DATE_ROOM], to[TEND_DATE_ROOM], written[TEND_DATE_ROOM];

    (void)day(anchor - 3, written);
    if (account->number % 20 == 10)
        fprintf(out->plans, "%s-p,%s,%s,account,short,draft,%s,%s,,,,%s,%s\n", account->id, account->id,
                is_korean(account) ? "연간 계획" : "Plan of the year", day(anchor, from), day(anchor + 364, to),
                account->owner->name, written);
    if (account->number % 24 == 5) /* its brief is complete in every other one */
        fprintf(out->plans, "%s-c,%s,Autumn campaign,campaign,short,draft,%s,%s,%s,%s,,%s,%s\n", account->id, account->id,
                day(anchor + 90, from), day(anchor + 150, to), account->number % 48 == 5 ? "500 enquiries" : "",
                account->number % 48 == 5 ? "buyers in small firms" : "", account->owner->name, written);
    if (account->number % 24 == 17)
        fprintf(out->plans, "%s-c,%s,Spring campaign,campaign,short,running,%s,%s,300 enquiries,buyers in small firms,%s,%s,%s\n",
                account->id, account->id, day(anchor - 30, from), day(anchor + 30, to), "say what it saves them",
                account->owner->name, from);
}

static void write_talks(const sample_work *out, const sample_beside *beside, const sample_customer *account, tend_date anchor)
{
    char at[TEND_DATE_ROOM], due[TEND_DATE_ROOM];
    const char *who = account->owner->name;

    if (account->number % 30 == 0)
        fprintf(out->tenders, "%s-r,%s,%s,rfp,%s,%s,open,%s\n", account->id, account->id,
                is_korean(account) ? "차세대 플랫폼 제안 요청" : "Platform for three plants", day(anchor - 2, at),
                day(anchor + 21, due), who);
    if (account->number % 20 == 7) { /* the opportunity that is in negotiation */
        fprintf(out->concessions, "%s-g,%s,%s-x,give,%s,%s,", account->id, account->id, account->id,
                is_korean(account) ? "무상 교육 2일" : "two days of training for free", account->currency);
        sample_print_money(out->concessions, account->yearly / 50, account->currency);
        fprintf(out->concessions, ",offered,%s\n", day(anchor - 4, at));
    }
    if (account->number % 15 == 4)
        fprintf(out->expectations, "%s-w,%s,%s-c1,%s,meeting,service,open,%s,%s,%s\n", account->id, account->id, account->id,
                is_korean(account) ? "문의에 하루 안에 답변" : "an answer within a day", day(anchor + 40, due), who,
                day(anchor - 12, at));
    if (account->number % 12 == 1) {
        fprintf(out->voices, "%s-v,%s,%s-c1,%s,%s,in,open,%s,", account->id, account->id, account->id,
                is_korean(account) ? "보고서를 표로 내려받고 싶음" : "wants to take reports along as tables",
                account->number % 24 == 1 ? "roadmap" : "reports", account->currency);
        sample_print_money(out->voices, account->yearly / 10, account->currency);
        fprintf(out->voices, ",%s\n", day(anchor - 6, at));
    }
    if (account->number % 30 == 4) /* what was heard was not asked about any further */
        fprintf(beside->interactions, "%s-l,%s,%s-c0,%s,%sT06:00:00Z,meeting,%s,45,\"%s\"\n", account->id, account->id, account->id,
                who, day(anchor - 2, at), is_korean(account) ? "분기 리뷰" : "Quarterly talk",
                is_korean(account)
                    ? "경청: 다른 공장도 쓰고 싶어 함\n공감: 이유를 이해함\n탐색:\n응답: 일정을 보내기로 함"
                    : "Listen: another plant would like to have it\nAcknowledge: we see why\nExplore:\nRespond: we send dates");
    if (account->is_new || account->number % 40 == 3)
        fprintf(out->handovers, "%s-h,%s,%s,%s,proposed,%s,%s,%s,%s\n", account->id, account->id,
                account->owner->manager ? account->owner->manager : who, who, day(anchor + 7, due),
                account->number % 2 ? "first report after four weeks" : "",
                account->number % 2 ? "\"contract, people, open questions\"" : "", day(anchor - 1, at));
}

/* What was settled before. */
static void write_settled(const sample_work *out, const sample_customer *account, tend_date anchor)
{
    char at[TEND_DATE_ROOM], due[TEND_DATE_ROOM];
    const char *id = account->id, *who = account->owner->name;

    if (account->number % 50 != 22)
        return;
    fprintf(out->tenders, "%s-q,%s,Price of another year,rfq,%s,%s,answered,%s\n", id, id, day(anchor - 90, at),
            day(anchor - 76, due), who);
    fprintf(out->concessions, "%s-k,%s,,give,two more months to pay,%s,0,withdrawn,%s\n", id, id, account->currency,
            day(anchor - 80, at));
    fprintf(out->expectations, "%s-u,%s,%s-c1,a named person to call,contract,service,met,%s,%s,%s\n", id, id, id,
            day(anchor - 30, due), who, day(anchor - 100, at));
    fprintf(out->voices, "%s-y,%s,%s-c1,the manual in German,documents,in,told,%s,0,%s\n", id, id, id, account->currency,
            day(anchor - 150, at));
    fprintf(out->handovers, "%s-b,%s,%s,%s,done,%s,nothing beyond the contract,people and open questions,%s\n", id, id,
            account->owner->manager ? account->owner->manager : who, who, day(anchor - 193, due), day(anchor - 200, at));
    fprintf(out->documents, "%s-n,%s,Minutes of the first year,https://files.tend.example/%s-n,minutes,en,%s,%s\n", id, id, id, who,
            day(anchor - 60, at));
}

static void write_technical(const sample_beside *beside, const sample_customer *account, tend_date anchor)
{
    char from[TEND_DATE_ROOM], to[TEND_DATE_ROOM];

    if (account->number % 16 == 6) /* nobody has written down what runs there */
        fprintf(beside->environments, "%s-e2,%s,plant 2,,,,%s,live,\n", account->id, account->id, day(anchor - 200, from));
    if (account->number % 24 == 5) {
        fprintf(beside->media, "%s-m2,%s,Autumn flight %d,planned,%s,%s,%s,", account->id, account->id, account->number,
                day(anchor + 90, from), day(anchor + 150, to), account->currency);
        sample_print_money(beside->media, account->yearly / 3, account->currency);
        fprintf(beside->media, ",,,%s\n", tend_sample_users[10].name);
    }
}

/* The same thing at several customers within a few days. */
static void write_trend(const sample_beside *beside, const sample_customer *account, tend_date anchor)
{
    const char *title = tend_sample_ticket_titles[7];
    char at[TEND_DATE_ROOM];

    if (account->number % 16 == 3)
        fprintf(beside->tickets, "%s-g,%s,%s,open,low,4,%sT02:00:00Z,,%s\n", account->id, account->id, title,
                day(anchor - 1 - account->number / 16 % 4, at), tend_sample_theme(title));
}

/* A household: how its money stands, and what is proposed to it. */
static void write_household(const sample_work *out, const sample_beside *beside, const sample_customer *account, tend_date anchor)
{
    static const struct {
        const char *status, *complete, *drift;
    } profiles[] = { { "valid", "yes", "0.08" }, { "draft", "no", "" }, { "valid", "yes", "0.01" } };
    int which = account->number / 45 % 3;
    char a[TEND_DATE_ROOM], b[TEND_DATE_ROOM];

    fprintf(beside->profiles, "%s-p,%s,suitability,%s,%s,low,some,%s,%s,%s,%s\n", account->id, account->id, day(anchor - 100, a),
            day(anchor + 265, b), profiles[which].status, profiles[which].complete, profiles[which].drift, a);
    fprintf(beside->opportunities, "%s-s,%s,%s savings plan,2,proposal,one_off,,%s,", account->id, account->id, account->name,
            account->currency);
    sample_print_money(beside->opportunities, account->yearly / 5, account->currency);
    fprintf(beside->opportunities, ",%s,%s,%s\n", day(anchor - 9, a), day(anchor + 30, b), account->owner->name);
    fprintf(out->documents, "%s-d,%s,Proposal for %s,https://files.tend.example/%s,proposal,en,%s,%s\n", account->id, account->id,
            account->name, account->id, account->owner->name, day(anchor - 2, a));
}

void sample_work_write(const sample_work *out, const sample_beside *beside, const sample_customer *account, tend_date anchor)
{
    if (account->mood == MOOD_GONE)
        return;
    write_plans(out, account, anchor);
    write_talks(out, beside, account, anchor);
    write_settled(out, account, anchor);
    write_technical(beside, account, anchor);
    write_trend(beside, account, anchor);
    if (account->is_household)
        write_household(out, beside, account, anchor);
}
