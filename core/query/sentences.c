/* sentences.c: sentences that stand somewhere in English already: recorded when something was decided, or made by a layer that
 * knows no reader. Tables for people say them in the reader's language; JSON and CSV have them as they are. */
#include "base/buffer.h"
#include "query/words.h"

#include <string.h>

enum { CAPTURES = 6, DEPTH_MAX = 4 };

/* The longer ones first, where one begins like another. {…} is anything; {why}, {rest} and {start} are said in turn. */
static const struct {
    const char *english, *korean;
} sentences[] = {
    /* Days that playbooks start on. */
    { "due on {date}, {n} business days before {field} {anchor}", "예정일 {date}({field} {anchor}의 {n}영업일 전)" },
    { "due on {date}, {n} business days after {field} {anchor}", "예정일 {date}({field} {anchor}의 {n}영업일 후)" },
    { "due on {date}, {n} days before {field} {anchor}", "예정일 {date}({field} {anchor}의 {n}일 전)" },
    { "due on {date}, {n} day before {field} {anchor}", "예정일 {date}({field} {anchor}의 {n}일 전)" },
    { "due on {date}, {n} days after {field} {anchor}", "예정일 {date}({field} {anchor}의 {n}일 후)" },
    { "due on {date}, {n} day after {field} {anchor}", "예정일 {date}({field} {anchor}의 {n}일 후)" },
    { "due since {date}, {n} business days before {field} {anchor}", "예정일 {date} 지남({field} {anchor}의 {n}영업일 전)" },
    { "due since {date}, {n} business days after {field} {anchor}", "예정일 {date} 지남({field} {anchor}의 {n}영업일 후)" },
    { "due since {date}, {n} days before {field} {anchor}", "예정일 {date} 지남({field} {anchor}의 {n}일 전)" },
    { "due since {date}, {n} day before {field} {anchor}", "예정일 {date} 지남({field} {anchor}의 {n}일 전)" },
    { "due since {date}, {n} days after {field} {anchor}", "예정일 {date} 지남({field} {anchor}의 {n}일 후)" },
    { "due since {date}, {n} day after {field} {anchor}", "예정일 {date} 지남({field} {anchor}의 {n}일 후)" },
    { "as things stand it would not start: {why}", "지금대로라면 시작하지 않음: {why}" },
    { "no engine has worked since", "그 뒤로 엔진이 작동하지 않음" },
    { "run tend once", "tend once를 실행하십시오" },
    { "that had passed when the row or the playbook came", "행이나 플레이북이 들어왔을 때 이미 지난 날이었음" },
    { "left out, tend playbook release {name} may start it", "제외됨, tend playbook release {name} 명령으로 시작할 수 있음" },
    { "left out for good", "완전히 제외됨" },
    { "it ran before the date moved", "날짜가 바뀌기 전에 실행됨" },
    { "its next day is {date}", "다음 날짜 {date}" },
    { "its day", "정해진 날" },
    { "it is in no segment that has a rhythm here", "여기에 주기가 정해진 세그먼트에 속하지 않음" },
    { "every {n} weeks in segment {segment}", "세그먼트 {segment}에서 {n}주마다" },
    { "every {n} months in segment {segment}", "세그먼트 {segment}에서 {n}개월마다" },
    { "every week in segment {segment}", "세그먼트 {segment}에서 매주" },
    { "every month in segment {segment}", "세그먼트 {segment}에서 매월" },
    { "every {n} weeks", "{n}주마다" },
    { "every {n} months", "{n}개월마다" },
    { "{n} days late", "{n}일 늦음" },
    { "{n} day late", "{n}일 늦음" },
    /* What starts a playbook. */
    { "{n} business days before {field}, {rest}", "{field} {n}영업일 전, {rest}" },
    { "{n} business days after {field}, {rest}", "{field} {n}영업일 후, {rest}" },
    { "{n} days before {field}, {rest}", "{field} {n}일 전, {rest}" },
    { "{n} days after {field}, {rest}", "{field} {n}일 후, {rest}" },
    { "{n} business days before {field}", "{field} {n}영업일 전" },
    { "{n} business days after {field}", "{field} {n}영업일 후" },
    { "{n} days before {field}", "{field} {n}일 전" },
    { "{n} day before {field}", "{field} {n}일 전" },
    { "{n} days after {field}", "{field} {n}일 후" },
    { "{n} day after {field}", "{field} {n}일 후" },
    { "at each {topic}", "{topic} 이벤트마다" },
    { "again and again, each row on days of its own", "주기적으로, 행마다 정해진 날에" },
    { "when its condition becomes true", "조건을 충족하게 될 때" },
    { "by hand, or by another playbook", "직접 또는 다른 플레이북이 시작" },
    /* Conditions. */
    { "the condition has been met since {date}: {why}", "{date}부터 조건을 계속 충족: {why}" },
    { "the condition was met already when the playbook came or changed, so it was left out",
      "플레이북이 추가되거나 바뀌었을 때 이미 조건을 충족하고 있어 제외됨" },
    { "tend playbook release {name} starts it: {why}", "tend playbook release {name} 명령으로 시작할 수 있음: {why}" },
    { "the condition was met already when the playbook came on {date}, so it is no news: {why}",
      "플레이북이 추가된 {date}에 이미 조건을 충족하고 있어 새로운 일이 아님: {why}" },
    { "the condition was met already, or has not met again_when since: {again}: {why}",
      "이미 조건을 충족하고 있었거나 그 뒤로 again_when({again})을 충족하지 않음: {why}" },
    { "the condition was met already: {why}", "이미 조건을 충족하고 있었음: {why}" },
    { "the condition held already: {why}", "이미 조건을 충족하고 있었음: {why}" },
    { "the condition was met already", "이미 조건을 충족하고 있었음" },
    { "the condition held already", "이미 조건을 충족하고 있었음" },
    { "its condition cannot be read any more: {why}", "조건을 더는 읽을 수 없음: {why}" },
    { "what is recorded now meets its condition", "지금의 기록은 조건을 충족함" },
    { "it did not when the event was delivered", "이벤트가 전달될 때는 충족하지 않았음" },
    { "when it was delivered, {why}", "전달될 당시 {why}" },
    { "segment {name}: {why}", "세그먼트 {name}: {why}" },
    { "{field}, wanted {wanted}, cannot be compared: {why}", "{field}: 필요한 값 {wanted}, 비교할 수 없음: {why}" },
    { "{field} is {value}, wanted {wanted}", "{field} 값 {value}, 필요한 값 {wanted}" },
    { "{field} is not known", "{field} 값을 알 수 없음" },
    /* Events. */
    { "no {topic} happened to it since the playbook came on {date}", "플레이북이 추가된 {date} 이후 {topic} 이벤트가 없었음" },
    { "no {topic} happened to it on {date}", "{date}에 {topic} 이벤트가 없었음" },
    { "no engine has looked at it yet", "아직 엔진이 살피지 않음" },
    { "it came as history, which starts nothing", "과거 기록으로 들어와 아무것도 시작하지 않음" },
    { "the row is gone", "행이 삭제됨" },
    /* How often. */
    { "run {n} is at work on it, {rest}", "실행 {n} 진행 중, {rest}" },
    { "run {n} is at work on it", "실행 {n} 진행 중" },
    { "a run was at work on the row already", "이미 진행 중인 실행이 있었음" },
    { "the last run on it ended on {date}", "지난 실행이 {date}에 끝남" },
    { "it begins again {n} days later", "끝난 지 {n}일이 지나야 다시 시작함" },
    { "it begins again {n} day later", "끝난 지 {n}일이 지나야 다시 시작함" },
    { "{n} runs began on it within {days} days", "{days}일 안에 {n}번 시작됨" },
    { "{n} run began on it within {days} days", "{days}일 안에 {n}번 시작됨" },
    { "{n} runs began on it", "{n}번 시작됨" },
    { "{n} run began on it", "{n}번 시작됨" },
    { "it may not oftener", "더 자주 시작할 수 없음" },
    { "too soon after the last run on the row (cool_down_days)", "지난 실행 뒤 쉬는 기간이 지나지 않음(cool_down_days)" },
    { "it began as often on the row as it may (at_most)", "허용된 횟수만큼 이미 시작됨(at_most)" },
    { "its day to start had passed", "시작할 날이 이미 지났음" },
    { "cancelled by {who}", "{who} 취소" },
    { "dropped by {who}", "{who} 제외" },
    /* Why there is nothing to say. */
    { "There was no playbook {name} on {day}; it came on {date}.", "{day}에는 플레이북 {name} 없음({date}에 추가됨)." },
    { "There was no playbook {name}; it came on {date}.", "당시에는 플레이북 {name} 없음({date}에 추가됨)." },
    { "Playbook {name} has not worked yet; see tend playbook list whether it is at work, then run tend once.",
      "플레이북 {name}: 아직 작동한 적이 없습니다. tend playbook list에 있는지 확인한 뒤 tend once를 실행하십시오." },
    { "Playbook {name} was switched off on {date}; nothing was put before it{when}.",
      "플레이북 {name}: {date}에 꺼졌으며 그 뒤로 아무것도 살피지 않았습니다." },
    { "Nothing but people and other playbooks starts {name}: it has no start_when.",
      "플레이북 {name}: start_when이 없어 사람이나 다른 플레이북만 시작할 수 있습니다." },
    { "Playbook {name} is about {what}, which belong to no account.",
      "플레이북 {name}의 대상({what})은 고객사에 속하지 않습니다." },
    { "The account was not known on {date}.", "{date}에는 알려지지 않은 고객사입니다." },
    { "The account was not known.", "알려지지 않은 고객사입니다." },
    { "The account had no {what} on {date}, so nothing could start.",
      "{date}에 고객사의 {what} 행이 없어 시작할 것이 없었습니다." },
    { "The account had no {what}, so nothing could start.", "고객사의 {what} 행이 없어 시작할 것이 없었습니다." },
    { "{date} is ahead: this is how things stand today.", "아직 오지 않은 날({date})이므로 오늘의 상태를 보여 줍니다." },
    { "{n} events shown, the newest; --limit shows more.", "최근 이벤트 {n}건 표시, 더 보려면 --limit" },
    /* Queues. */
    { "events for {who}", "{who}에 전달할 이벤트" },
    /* What settings may be. */
    { "at least {least}", "{least} 이상" },
    { "at most {most}", "{most} 이하" },
    { "{least} to {most}", "{least} ~ {most}" },
    { "Settings of [playbook.{name}]", "[playbook.{name}]의 설정" },
    /* Pictures of playbooks. */
    { "starts once {where} begins to hold, again after {again}",
      "시작: 다음 조건을 충족하게 될 때: {where} (다시 시작하려면 {again})" },
    { "starts once {where} begins to hold", "시작: 다음 조건을 충족하게 될 때: {where}" },
    { "starts at {topic}, where {where}", "시작: {topic} 이벤트, 조건 {where}" },
    { "starts at {topic}", "시작: {topic} 이벤트" },
    { "starts by hand or by another playbook", "시작: 직접 또는 다른 플레이북이 시작" },
    { "starts on {field}, where {where}", "시작: {field} 당일, 조건 {where}" },
    { "starts on {field}", "시작: {field} 당일" },
    { "starts {start}, where {where}", "시작: {start}, 조건 {where}" },
    { "starts {start}", "시작: {start}" },
    { "what comes late starts at once", "늦게 들어온 것은 바로 시작" },
    { "stops at {topic}", "중단: {topic} 이벤트" },
    { "if {condition}", "만일 {condition}" },
    { "else if {condition}", "아니면 만일 {condition}" },
    { "ends: {outcome}", "끝: {outcome}" },
    /* What commands to playbooks say. */
    { "{n} held run will go on when the engine works next (tend once); {left} more are held",
      "보류된 실행 {n}개가 엔진이 다음에 작동할 때(tend once) 계속됩니다. 남은 보류 {left}개" },
    { "{n} held runs will go on when the engine works next (tend once); {left} more are held",
      "보류된 실행 {n}개가 엔진이 다음에 작동할 때(tend once) 계속됩니다. 남은 보류 {left}개" },
    { "{n} held run would go on when the engine works next (tend once); {left} more are held",
      "보류된 실행 {n}개가 엔진이 다음에 작동할 때(tend once) 계속될 것입니다. 남은 보류 {left}개" },
    { "{n} held runs would go on when the engine works next (tend once); {left} more are held",
      "보류된 실행 {n}개가 엔진이 다음에 작동할 때(tend once) 계속될 것입니다. 남은 보류 {left}개" },
    { "{n} row that was left out will start when the engine works next (tend once); {left} more are left out",
      "제외되었던 행 {n}개가 엔진이 다음에 작동할 때(tend once) 시작됩니다. 아직 제외된 행 {left}개" },
    { "{n} rows that were left out will start when the engine works next (tend once); {left} more are left out",
      "제외되었던 행 {n}개가 엔진이 다음에 작동할 때(tend once) 시작됩니다. 아직 제외된 행 {left}개" },
    { "{n} row that was left out would start when the engine works next (tend once); {left} more are left out",
      "제외되었던 행 {n}개가 엔진이 다음에 작동할 때(tend once) 시작될 것입니다. 아직 제외된 행 {left}개" },
    { "{n} rows that were left out would start when the engine works next (tend once); {left} more are left out",
      "제외되었던 행 {n}개가 엔진이 다음에 작동할 때(tend once) 시작될 것입니다. 아직 제외된 행 {left}개" },
    { "{n} is left with less than half of the days that {name} takes: --late starts it too, tend playbook start {a} ROW one of "
      "them, "
      "tend playbook drop {b} leaves all of them out for good",
      "{n}개는 {name}에 필요한 날의 절반도 남지 않았습니다. --late를 쓰면 이것도 시작하고, tend playbook start {a} ROW는 하나만 "
      "시작하며, tend "
      "playbook drop {b} 명령은 모두 완전히 제외합니다" },
    { "{n} others are left with less than half of the days that {name} takes: --late starts them too, tend playbook start {a} ROW "
      "one "
      "of them, tend playbook drop {b} leaves all of them out for good",
      "다른 {n}개는 {name}에 필요한 날의 절반도 남지 않았습니다. --late를 쓰면 이것도 시작하고, tend playbook start {a} ROW는 "
      "하나만 시작하며, "
      "tend playbook drop {b} 명령은 모두 완전히 제외합니다" },
    { "{n} held run is ended without doing what it asked for; {left} more are held",
      "보류된 실행 {n}개를 요청한 일을 하지 않고 끝냈습니다. 남은 보류 {left}개" },
    { "{n} held runs are ended without doing what they asked for; {left} more are held",
      "보류된 실행 {n}개를 요청한 일을 하지 않고 끝냈습니다. 남은 보류 {left}개" },
    { "nothing of {name} is held or left out", "{name}에는 보류되거나 제외된 것이 없습니다" },
    { "{n} row is left out for good, until the condition begins to hold anew; {left} more can be released",
      "행 {n}개를 조건이 새로 충족될 때까지 완전히 제외했습니다. 시작할 수 있는 행 {left}개 남음" },
    { "{n} rows are left out for good, until the condition begins to hold anew; {left} more can be released",
      "행 {n}개를 조건이 새로 충족될 때까지 완전히 제외했습니다. 시작할 수 있는 행 {left}개 남음" },
    { "{n} row is left out for good, until its date moves; {left} more can be released",
      "행 {n}개를 날짜가 바뀔 때까지 완전히 제외했습니다. 시작할 수 있는 행 {left}개 남음" },
    { "{n} rows are left out for good, until their dates move; {left} more can be released",
      "행 {n}개를 날짜가 바뀔 때까지 완전히 제외했습니다. 시작할 수 있는 행 {left}개 남음" },
    { "{name} would begin on {kind} {row}, {what} (event {event})", "{name} 시작 예정: {kind} {row} {what}(이벤트 {event})" },
    { "{name} begins on {kind} {row}, {what} (event {event})", "{name} 시작: {kind} {row} {what}(이벤트 {event})" },
    { "when the engine works next (tend once); tend playbook why {name} ACCOUNT says what came of it",
      "엔진이 다음에 작동할 때(tend once) 시작되며, 결과는 tend playbook why {name} ACCOUNT로 볼 수 있습니다" },
    { "run {n} has {version} already", "실행 {n}: 이미 {version} 사용 중" },
    { "run {n} goes on with {to}, after {from}", "실행 {n}: {from} 대신 {to} 버전으로 계속" },
    { "run {n} could go on with {to}, after {from}", "실행 {n}: {from} 대신 {to} 버전으로 계속할 수 있음" },
    { "run {n} stays with {version}: {fault}", "실행 {n}: {version} 버전 유지: {fault}" },
    { "run {n} would stay with {version}: {fault}", "실행 {n}: {version} 버전을 유지하게 됨: {fault}" },
    { "no run of {name} waits", "{name}의 대기 중인 실행이 없습니다" },
    { "Tried on a private copy; no run was moved.", "사본에서 시험했으며 실행은 바뀌지 않았습니다." },
    { "No run was moved. Do it with --yes: {n} of {all}.", "실행은 바뀌지 않았습니다. --yes를 쓰면 {all}개 중 {n}개가 바뀝니다." },
    { "run {n} is stopped; its open tasks stay, see tend playbook show {m}",
      "실행 {n}번을 중단했습니다. 열린 할 일은 그대로 남으며 tend playbook show {m} 명령으로 볼 수 있습니다" },
    { "run {n} will be tried again with {script} as it is since {date} ({hash})",
      "실행 {n}번을 다시 시도합니다: {date}부터 쓰이는 {script}({hash})" },
    { "run {n} will be tried again with {script} as it was on {date} ({hash})",
      "실행 {n}번을 다시 시도합니다: {date} 당시의 {script}({hash})" },
    { "the script or its settings have changed since: tend playbook retry {n} --with-current-script takes them as they are now",
      "그 뒤로 스크립트나 설정이 바뀌었습니다. 지금 것을 쓰려면 tend playbook retry {n} --with-current-script" },
    { "What if: this was tried on a private copy, and nothing of it is stored.",
      "가정: 사본에서 시험했으며 아무것도 저장하지 않았습니다." },
    { "nothing that a run would meet has changed", "실행에 영향을 주는 변경이 없습니다" },
    { "{folder}: the configuration is understood", "{folder}: 설정에 잘못이 없습니다" },
    { "messages that wait: {n}, for no sink takes channel {channel}; see docs/outbox.md",
      "대기 중인 메시지 {n}건: 채널 {channel} 메시지를 받는 싱크가 없습니다(docs/outbox.md 참고)" },
    /* Settings that every playbook has. */
    { "whether it works; its runs stay while it does not", "작동 여부. 꺼져 있는 동안 실행은 그대로 유지됨" },
    { "the name it acts under; playbook:NAME when not written", "플레이북이 행동할 때 쓰는 이름. 적지 않으면 playbook:NAME" },
    { "yes: that it starts itself, or others that start it, is meant, and no fault of the check",
      "예: 자신이나 자신을 시작하는 플레이북을 시작하는 것이 의도된 것이며 검사에서 잘못으로 보지 않음" },
    { "instead of that of [playbooks]: effects after which its runs are held for approval; 0: any number",
      "[playbooks]의 값 대신: 효과가 이 수를 넘으면 실행을 보류하고 승인을 기다림. 0은 제한 없음" },
    { "instead of that of [playbooks]: the time in which they are counted", "[playbooks]의 값 대신: 효과를 세는 기간" },
};

typedef struct capture {
    const char *name, *text;
    size_t name_length, length;
} capture;

static bool is_named(const capture *taken, const char *const *names)
{
    while (*names && (strlen(*names) != taken->name_length || memcmp(*names, taken->name, taken->name_length) != 0))
        names++;
    return *names != NULL;
}

static bool is_sentence(const capture *taken)
{
    static const char *const names[] = { "why", "rest", "start", NULL };

    return is_named(taken, names);
}

/* Numbers are digits, bounds are one word, and only what is said in turn may hold several sentences. */
static bool may_be(const capture *taken)
{
    static const char *const numbers[] = { "n", "days", "left", NULL }, *const words[] = { "least", "most", NULL };
    static const char *const several[] = { "why", "rest", NULL };
    size_t digits = 0;

    while (digits < taken->length && taken->text[digits] >= '0' && taken->text[digits] <= '9')
        digits++;
    if (is_named(taken, numbers))
        return digits == taken->length;
    if (is_named(taken, words))
        return memchr(taken->text, ' ', taken->length) == NULL;
    return is_named(taken, several) || memmem(taken->text, taken->length, "; ", 2) == NULL;
}

/* Each placeholder takes as little as it can; the last one all that is left. */
static bool matches(const char *pattern, const char *text, size_t length, capture captures[CAPTURES], size_t *ret_count)
{
    const char *end = text + length;

    *ret_count = 0;
    for (;;) {
        size_t plain = strcspn(pattern, "{"), next;
        capture *taken;
        const char *found;

        if ((size_t)(end - text) < plain || memcmp(pattern, text, plain) != 0)
            return false;
        text += plain;
        pattern += plain;
        if (*pattern == '\0')
            return text == end;
        if (*ret_count == CAPTURES)
            return false;
        taken = &captures[(*ret_count)++];
        *taken = (capture){ .name = pattern + 1, .name_length = strcspn(pattern + 1, "}"), .text = text };
        pattern += taken->name_length + 2;
        next = strcspn(pattern, "{");
        found = next == 0 ? end : memmem(text, (size_t)(end - text), pattern, next);
        if (!found || found == text)
            return false;
        if (next > 0 && pattern[next] == '\0' && (size_t)(end - text) >= next) /* what the pattern ends with, the text does */
            found = end - next;
        taken->length = (size_t)(found - text);
        if (!may_be(taken))
            return false;
        text = found;
    }
}

static void say_part(tend_buffer *out, const char *language, const char *text, size_t length, int depth);

static void fill(tend_buffer *out, const char *language, const char *pattern, const capture *captures, size_t count, int depth)
{
    while (*pattern) {
        size_t plain = strcspn(pattern, "{"), name;

        tend_buffer_append(out, pattern, plain);
        pattern += plain;
        if (*pattern == '\0')
            return;
        name = strcspn(++pattern, "}");
        for (size_t i = 0; i < count; i++)
            if (captures[i].name_length != name || memcmp(captures[i].name, pattern, name) != 0)
                continue;
            else if (is_sentence(&captures[i]))
                say_part(out, language, captures[i].text, captures[i].length, depth + 1);
            else if (captures[i].length == strlen("not known") && memcmp(captures[i].text, "not known", captures[i].length) == 0)
                tend_buffer_text(out, tend_say(language, "not known"));
            else
                tend_buffer_append(out, captures[i].text, captures[i].length);
        pattern += name + 1;
    }
}

/* "seats > 100 (it is 200) and tier = gold (it is gold)": what started something. */
static bool say_values(tend_buffer *out, const char *language, const char *text, size_t length)
{
    static const char found[] = " (it is ";
    const char *at = memmem(text, length, found, strlen(found)), *end = text + length;

    if (!at)
        return false;
    while (at) {
        const char *value = at + strlen(found), *close = memchr(value, ')', (size_t)(end - value));

        if (!close)
            break;
        tend_buffer_append(out, text, (size_t)(at - text));
        tend_buffer_text(out, "(현재 값 ");
        if (close - value == 9 && memcmp(value, "not known", 9) == 0)
            tend_buffer_text(out, tend_say(language, "not known"));
        else
            tend_buffer_append(out, value, (size_t)(close - value));
        text = close;
        at = memmem(text, (size_t)(end - text), found, strlen(found));
    }
    tend_buffer_append(out, text, (size_t)(end - text));
    return true;
}

static bool say_whole(tend_buffer *out, const char *language, const char *text, size_t length, int depth)
{
    capture captures[CAPTURES];
    size_t count;
    char word[64];

    if (depth == 0 && length < sizeof word) { /* within a sentence a word may be a name */
        const char *said;

        (void)snprintf(word, sizeof word, "%.*s", (int)length, text);
        said = tend_say(language, word);
        if (said != word) {
            tend_buffer_text(out, said);
            return true;
        }
    }
    for (size_t i = 0; i < sizeof sentences / sizeof *sentences; i++)
        if (matches(sentences[i].english, text, length, captures, &count)) {
            fill(out, language, sentences[i].korean, captures, count, depth);
            return true;
        }
    return say_values(out, language, text, length);
}

/* Several sentences are said one by one. */
static void say_part(tend_buffer *out, const char *language, const char *text, size_t length, int depth)
{
    const char *cut = memmem(text, length, "; ", 2);

    if (depth <= DEPTH_MAX && cut) {
        size_t first = (size_t)(cut - text);

        if (!say_whole(out, language, text, first, depth))
            tend_buffer_append(out, text, first);
        tend_buffer_text(out, "; ");
        say_part(out, language, cut + 2, length - first - 2, depth);
        return;
    }
    if (depth > DEPTH_MAX || !say_whole(out, language, text, length, depth))
        tend_buffer_append(out, text, length);
}

const char *tend_say_found(tend_arena *arena, const char *language, const char *text)
{
    tend_buffer out = { 0 };
    const char *said = NULL;

    if (!language || strcmp(language, "ko") != 0 || !text)
        return text;
    if (!say_whole(&out, language, text, strlen(text), 0))
        say_part(&out, language, text, strlen(text), 0);
    if (!out.failed)
        said = tend_arena_copy(arena, tend_buffer_string(&out), out.length);
    tend_buffer_clear(&out);
    return said ? said : text;
}
