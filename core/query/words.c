/* words.c: texts by language. One line per text, sorted as they are met: lists, today, reports. */
#include "query/words.h"
#include "base/buffer.h"
#include <string.h>

typedef struct wording {
    const char *english, *korean;
} wording;

static const wording wordings[] = {
    /* Titles of sections and columns. */
    { "Who looks after it", "담당자" },
    { "Segments", "세그먼트" },
    { "Health", "건강도" },
    { "Why health is so", "건강도의 근거" },
    { "Money", "금액" },
    { "People", "고객 연락처" },
    { "Contracts", "계약" },
    { "Open opportunities", "진행 중인 기회" },
    { "open opportunities", "진행 중인 기회" },
    { "Open tickets", "미해결 티켓" },
    { "Open tasks", "진행 중인 할 일" },
    { "open tasks", "진행 중인 할 일" },
    { "Documents", "문서" },
    { "What happened, newest first", "최근 기록" },
    { "Tree", "고객사 구조" },
    { "Today", "오늘 할 일" },
    { "Portfolio", "포트폴리오" },
    { "In short", "한눈에 보기" },
    { "Accounts by health", "건강도별 고객사" },
    { "Most at risk", "위험이 가장 큰 고객사" },
    { "Renewals ahead", "다가오는 갱신" },
    { "Open tasks by person", "담당자별 할 일" },
    { "Recurring money by currency", "통화별 연간 반복 매출" },
    { "Accounts that look alike", "중복으로 보이는 고객사" },
    { "Batches", "일괄 작업" },
    { "id", "번호" },
    { "name", "이름" },
    { "kind", "종류" },
    { "stage", "단계" },
    { "stage since", "단계 시작일" },
    { "owner", "담당자" },
    { "tier", "등급" },
    { "region", "지역" },
    { "industry", "업종" },
    { "country", "국가" },
    { "part of", "상위 고객사" },
    { "accounts below", "하위 고객사" },
    { "customer since", "거래 시작일" },
    { "coverage", "관리 방식" },
    { "last touch", "마지막 접촉" },
    { "days since touch", "접촉 후 경과일" },
    { "touch every (days)", "접촉 주기(일)" },
    { "goals", "목표" },
    { "source", "출처" },
    { "age (days)", "확인 후 경과일" },
    { "role", "역할" },
    { "who", "담당" },
    { "since", "시작일" },
    { "share of time", "투입 비율" },
    { "recurring a year", "연간 반복 매출" },
    { "contracts running", "유효한 계약" },
    { "contracts", "계약" },
    { "at risk", "위험 금액" },
    { "invoices open", "미수금" },
    { "of that overdue", "그중 연체" },
    { "overdue invoices", "연체된 청구" },
    { "title", "제목" },
    { "power", "영향력" },
    { "stance", "태도" },
    { "status", "상태" },
    { "from", "시작" },
    { "to", "종료" },
    { "notice by", "해지 통보 기한" },
    { "days left", "남은 일수" },
    { "renews itself", "자동 갱신" },
    { "a year", "연간" },
    { "amount", "금액" },
    { "type", "유형" },
    { "close expected", "예상 종료일" },
    { "priority", "우선순위" },
    { "opened", "접수" },
    { "due", "기한" },
    { "reason", "이유" },
    { "playbook", "플레이북" },
    { "version", "버전" },
    { "link", "링크" },
    { "at", "시각" },
    { "what", "내용" },
    { "row", "행" },
    { "score", "점수" },
    { "band", "구간" },
    { "as of", "기준일" },
    { "published", "발표" },
    { "what it is", "설명" },
    { "accounts", "고객사" },
    { "customers looked after", "관리 중인 고객사" },
    { "{all} accounts in all; not counted here: {prospect} prospects, {former} former, {archived} archived",
      "전체 고객사 {all}곳 중 잠재 {prospect}곳, 이탈 {former}곳, 보관 {archived}곳은 제외" },
    { "Segment", "세그먼트" },
    { "Moved", "이동" },
    { "move", "이동" },
    { "segment", "세그먼트" },
    { "before", "이전" },
    { "after", "이후" },
    { "entered", "진입" },
    { "left", "이탈" },
    { "on", "날짜" },
    { "where", "조건" },
    { "there was no such account", "당시에는 없던 고객사" },
    { "there is no such account any more", "이제는 없는 고객사" },
    { "by the definition of today ({now}); on that day it was: {then}", "오늘의 정의({now}) 기준; 당시의 정의: {then}" },
    { "by the definition of today ({now}); that of that day was not written down",
      "오늘의 정의({now}) 기준; 당시의 정의는 기록되지 않음" },
    { "account", "고객사" },
    { "contract", "계약" },
    { "ends", "종료일" },
    { "days", "일수" },
    { "person", "담당자" },
    { "open", "진행 중" },
    { "overdue", "기한 초과" },
    { "currency", "통화" },
    { "in our currency", "기준 통화" },
    { "contracts without a rate", "환율 없는 계약" },
    { "why", "이유" },
    { "rank", "순위" },
    { "level", "수준" },
    { "with all below", "하위 포함" },
    { "urgency", "긴급도" },
    { "account id", "고객사 번호" },
    { "measure", "항목" },
    { "value", "값" },
    { "points of 100", "점수(100점 만점)" },
    { "part of the score", "점수 기여" },
    { "newest fact", "최근 자료" },
    { "month", "월" },
    { "uses", "사용" },
    { "errors", "오류" },
    { "Health over time", "건강도 추이" },
    { "Use by month", "월별 사용량" },
    { "none", "없음" },
    { "yes", "예" },
    { "no", "아니요" },
    { "by hand", "직접 입력" },
    { "As of {date}; made {time}", "기준일 {date}, 작성 {time}" },
    { "Money is in the company's currency by the rates of the day; what no rate is known for is left out of sums.",
      "금액은 당일 환율로 기준 통화로 바꾼 값이며, 환율을 모르는 금액은 합계에서 빠집니다." },
    /* Words of bands, priorities, stages, kinds. */
    { "normal", "보통" },
    { "prospect", "잠재 고객" },
    { "onboarding", "도입 중" },
    { "active", "활성" },
    { "leaving", "이탈 중" },
    { "former", "이전 고객" },
    { "archived", "보관" },
    { "signed", "서명" },
    { "offered", "제안" },
    { "agreed", "합의" },
    { "renewed", "갱신됨" },
    { "ended", "종료" },
    { "cancelled", "취소" },
    { "pending", "대기" },
    { "champion", "적극 지지" },
    { "supporter", "지지" },
    { "neutral", "중립" },
    { "sceptic", "회의적" },
    { "blocker", "반대" },
    { "medium", "중간" },
    { "decision_maker", "의사 결정자" },
    { "working_lead", "실무 책임자" },
    { "finance_owner", "재무 담당" },
    { "executive_sponsor", "경영진 후원자" },
    { "user", "사용자" },
    { "technical", "기술 담당" },
    { "call", "통화" },
    { "meeting", "회의" },
    { "mail", "메일" },
    { "visit", "방문" },
    { "note", "메모" },
    { "answer", "설문 응답" },
    { "usage", "사용" },
    { "change", "변경" },
    { "churn", "이탈" },
    { "order", "주문" },
    { "invoice", "청구" },
    { "invoice paid", "입금" },
    { "task opened", "할 일 등록" },
    { "task done", "할 일 완료" },
    { "ticket opened", "티켓 접수" },
    { "ticket closed", "티켓 종료" },
    { "contract ended", "계약 종료" },
    { "document", "문서" },
    { "run started", "플레이북 시작" },
    { "run ended", "플레이북 종료" },
    { "event told", "이벤트 알림" },
    { "company", "회사" },
    { "division", "사업부" },
    { "proposal", "제안서" },
    { "report", "보고서" },
    { "green", "양호" },
    { "yellow", "주의" },
    { "red", "위험" },
    { "unknown", "알 수 없음" },
    { "urgent", "긴급" },
    { "high", "높음" },
    { "low", "낮음" },
    /* Reasons. */
    { "{n} day", "{n}일" },
    { "{n} days", "{n}일" },
    { "no due day", "기한 없음" },
    { "due today", "오늘이 기한" },
    { "due {date}, {days} overdue", "기한 {date}, {days} 지남" },
    { "due {date}, in {days}", "기한 {date}, {days} 남음" },
    { "priority {word}", "우선순위 {word}" },
    { "{money} at stake", "걸린 금액 {money}" },
    { "Decide: {title}", "결정: {title}" },
    { "your decision is asked, {due}", "결정을 기다리고 있습니다({due})" },
    { "Read a note", "메모 읽기" },
    { "{author} mentions you: {text}", "{author} 님이 언급했습니다: {text}" },
    { "a colleague", "동료" },
    { "customer", "고객" },
    { "suitability", "적합성" },
    { "kyc", "고객확인" },
    { "tax", "세무" },
    { "Renew the {kind} profile of {whose}", "{whose}의 {kind} 정보 갱신" },
    { "profile expired {date}, {days} ago", "{date}에 만료, {days} 지남" },
    { "profile expires {date}, in {days}", "{date}에 만료, {days} 남음" },
    { "Renewal of {name}", "{name} 갱신" },
    { "notice possible until {date}, in {days}", "해지 통보 기한 {date}, {days} 남음" },
    { "contract ended {date}, {days} ago", "계약 종료 {date}, {days} 지남" },
    { "contract ends today", "계약이 오늘 끝남" },
    { "contract ends {date}, in {days}", "계약 종료 {date}, {days} 남음" },
    { "{money} a year", "연간 {money}" },
    { "no yearly amount known", "연간 금액 모름" },
    { "no renewal task", "갱신 할 일 없음" },
    { "Get in touch with {name}", "{name}에 연락하기" },
    { "{reason}; {n} more person waits", "{reason}; {n}명 더 기다림" },
    { "{reason}; {n} more people wait", "{reason}; {n}명 더 기다림" },
    { "never touched; agreed is every {limit}", "접촉한 적 없음, 약속은 {limit}마다" },
    { "last touch {days} ago; agreed is every {limit}", "마지막 접촉 후 {days}, 약속은 {limit}마다" },
    { "Look after {name}: health is red", "{name} 살피기: 건강도 위험" },
    { "health is red: {score} of 100 on {date}", "건강도 위험: {date} 100점 중 {score}점" },
    { "Urgent ticket: {title}", "긴급 티켓: {title}" },
    { "urgent ticket open for {days}", "긴급 티켓이 {days}째 열려 있음" },
    { "Collect overdue invoices", "연체된 청구 회수" },
    { "{n} invoice overdue, {money}, since {date} ({days})", "연체된 청구 {n}건, {money}, {date}부터({days})" },
    { "{n} invoices overdue, {money}, the oldest since {date} ({days})",
      "연체된 청구 {n}건, {money}, 가장 오래된 것은 {date}({days})" },
    { "health {band}: {score} of 100", "건강도 {band}: 100점 중 {score}점" },
    { "{n} urgent ticket open", "긴급 티켓 {n}건" },
    { "{n} urgent tickets open", "긴급 티켓 {n}건" },
    { "{money} overdue", "연체 {money}" },
    /* The digest. */
    { "{name}, this is for today:", "{name} 님, 오늘 할 일입니다." },
    { "And {n} more: tend today shows them.", "그 밖에 {n}건이 더 있습니다. tend today로 볼 수 있습니다." },
    { "{n} thing to do on {date}", "{date} 할 일 {n}건" },
    { "{n} things to do on {date}", "{date} 할 일 {n}건" },
    { "{shown} of {all} shown; --limit shows more.", "{all}건 중 {shown}건 표시, 더 보려면 --limit" },
};

const char *tend_say(const char *language, const char *english)
{
    if (!language || strcmp(language, "ko") != 0)
        return english;
    for (size_t i = 0; i < sizeof wordings / sizeof *wordings; i++)
        if (strcmp(wordings[i].english, english) == 0)
            return wordings[i].korean;
    return english;
}

static void fill_one(tend_buffer *out, const char *name, size_t length, va_list pairs)
{
    const char *key;

    while ((key = va_arg(pairs, const char *)) != NULL) {
        const char *text = va_arg(pairs, const char *);

        if (strlen(key) == length && memcmp(key, name, length) == 0) {
            tend_buffer_text(out, text ? text : "");
            return;
        }
    }
}

const char *tend_say_with(tend_arena *arena, const char *language, const char *english, va_list pairs)
{
    const char *pattern = tend_say(language, english), *text = NULL;
    tend_buffer out = { 0 };

    while (*pattern) {
        size_t plain = strcspn(pattern, "{");

        tend_buffer_append(&out, pattern, plain);
        pattern += plain;
        if (*pattern) {
            size_t length = strcspn(pattern + 1, "}");
            va_list again;

            va_copy(again, pairs);
            fill_one(&out, pattern + 1, length, again);
            va_end(again);
            pattern += length + 1 + (pattern[length + 1] == '}');
        }
    }
    if (!out.failed)
        text = tend_arena_copy(arena, tend_buffer_string(&out), out.length);
    tend_buffer_clear(&out);
    return text;
}
