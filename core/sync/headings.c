#include "sync/headings.h"
#include "base/utf8.h"
#include <ctype.h>
#include <stdio.h>
#include <string.h>

/* What people call our fields, in English, German and Korean; `*` stands for the kind's own name. Bare words between blanks. */
static const struct {
    const char *field, *words;
} fields[] = {
    { "name", "*name name fullname title productname itemname displayname firma firmenname bezeichnung produktname vorname "
              "nachname 이름 성명 고객명 회사명 업체명 거래처명 법인명 상호 제품명 상품명 품명" },
    { "email", "email emailaddress mail emailadresse mailadresse 이메일 메일 이메일주소" },
    { "phone", "phone phonenumber telephone tel mobile telefon telefonnummer rufnummer handy 전화 전화번호 연락처 휴대폰" },
    { "address", "address street streetaddress billingaddress strasse straße adresse anschrift 주소" },
    { "postal_code", "postalcode zip zipcode postcode billingzippostalcode plz postleitzahl 우편번호" },
    { "city", "city town billingcity ort stadt 도시 시군구" },
    { "country", "country countryregion officelocation billingcountry land 국가 나라" },
    { "region", "region state stateprovince stateregion regionaloffice territory bundesland gebiet 지역 시도 권역" },
    { "industry", "industry sector vertical branch branche 업종 산업" },
    { "website", "website websiteurl url homepage companydomainname webseite internetseite 홈페이지 웹사이트" },
    { "employees", "employees employeecount numberofemployees headcount mitarbeiter mitarbeiterzahl 직원수 종업원수 임직원수" },
    { "founded", "founded yearestablished yearfounded gründungsjahr gegründet 설립연도 설립년도" },
    { "revenue", "revenue annualrevenue turnover umsatz jahresumsatz 매출 매출액 연매출" },
    { "seats", "seats licences licenses seatcount users lizenzen plätze 라이선스수 좌석수" },
    { "plan_name", "plan planname plantier edition package tarif paket 요금제 플랜" },
    { "customer_since", "customersince signupdate signup joined becameacustomerdate kundeseit 고객등록일 가입일" },
    { "acquired_by", "referralsource leadsource channel acquiredby" },
    { "parent",
      "parent parentid parentaccount parentaccountid subsidiaryof parentcompanyid muttergesellschaft konzern 모회사 상위고객" },
    { "owner", "owner accountowner companyowner owneremail salesrep salesagent dealowner opportunityowner rep betreuer "
               "kundenbetreuer zuständig verantwortlich vertriebsmitarbeiter 담당자 담당 영업담당 영업담당자" },
    { "manager", "manager reportsto manageremail supervisor vorgesetzter 상사 관리자" },
    { "account", "account accountid accountname company companyid companyname customer customerid customername client clientid "
                 "kunde kundennummer kundennr kundenname 고객 고객사 고객번호 고객코드 거래처 거래처코드 "
                 "firma firmenname 회사 회사명 업체명 거래처명 고객명" },
    { "contact", "contact contactid contactname person ansprechpartner kontakt 담당자명 연락담당자" },
    { "contract", "contract contractid subscription subscriptionid vertrag vertragsnummer vertragsnr 계약 계약번호" },
    { "product", "product productid productname item sku stockcode produkt artikel artikelnummer 제품 상품 품목 제품코드" },
    { "order", "order orderid ordernumber bestellung auftrag bestellnummer auftragsnummer 주문 주문번호" },
    { "invoice",
      "invoice invoiceid invoiceno invoicenumber rechnung rechnungsnummer rechnungsnr 송장 송장번호 청구서번호 계산서번호" },
    { "ticket", "ticket ticketid case caseid vorgang vorgangsnummer ticketnummer 문의번호 티켓번호" },
    { "currency", "currency currencycode amountcurrency währung 통화 통화코드" },
    { "number", "number no *number *no *id reference nummer nr *nummer *nr vertragsnummer rechnungsnummer bestellnummer "
                "auftragsnummer belegnummer 번호 계약번호 주문번호 송장번호 청구서번호" },
    { "code", "code sku partnumber stockcode itemcode artikelnummer artikelnr 코드 제품코드 상품코드 품번" },
    { "family", "family series category productline warengruppe produktgruppe 제품군 분류" },
    { "list_price", "listprice price salesprice unitprice listenpreis preis 정가 가격" },
    { "unit_price", "unitprice price einzelpreis stückpreis preis 단가" },
    { "quantity", "quantity qty units menge anzahl stückzahl 수량" },
    { "amount", "amount value total closevalue dealvalue linetotal invoiceamount betrag summe gesamtbetrag rechnungsbetrag wert "
                "금액 합계 총액 청구금액" },
    { "annual_amount", "annualamount arr arramount acv yearlyamount amount jahresbetrag jahreswert betragprojahr betragjahr "
                       "betragimjahr 연간금액 연계약금액" },
    { "starts_on",
      "startson startdate start begin begindate validfrom beginn vertragsbeginn gültigab startdatum von 시작일 계약시작일 개시일" },
    { "ends_on",
      "endson enddate end expiry expirydate expires validto vertragsende enddatum gültigbis ablaufdatum laufzeitende ende bis "
      "종료일 계약종료일 만료일" },
    { "signed_on", "signedon signdate signaturedate unterzeichnetam vertragsdatum 계약일 체결일" },
    { "is_trial", "istrial trial" },
    { "auto_renew", "autorenew autorenewflag autorenewal verlängertautomatisch 자동갱신 자동연장" },
    { "billing", "billing billingfrequency billingcycle abrechnung zahlweise 결제주기 청구주기" },
    { "stage", "stage dealstage status lifecyclestage phase phase 단계 진행단계" },
    { "status", "status state zustand 상태" },
    { "opened_on", "openedon engagedate created createdate createddate opendate angelegtam erstelltam eröffnetam 생성일 등록일" },
    { "close_on", "closeon expectedclose closedate expectedclosedate" },
    { "closed_on", "closedon closedate abgeschlossenam 종결일 완료일" },
    { "opened_at", "openedat submittedat createdat created opened angelegtam erstelltam eröffnetam 접수일시 접수일 생성일시" },
    { "closed_at", "closedat closed resolvedat solvedat geschlossenam gelöstam 처리일시 종료일시" },
    { "priority", "priority urgency priorität dringlichkeit 우선순위 긴급도" },
    { "satisfaction", "satisfaction satisfactionscore csat rating zufriedenheit 만족도" },
    { "escalated", "escalated escalationflag" },
    { "first_response_minutes", "firstresponsetimeminutes firstresponseminutes" },
    { "resolution_hours", "resolutiontimehours resolutionhours" },
    { "ordered_on", "orderedon orderdate date bestelldatum auftragsdatum datum 주문일 일자" },
    { "ordered_at", "orderedat orderdate invoicedate date bestelldatum auftragsdatum datum 주문일시 주문일" },
    { "required_on", "requiredon requireddate" },
    { "delivered_on", "deliveredon shippeddate deliverydate lieferdatum geliefertam 납품일 배송일" },
    { "issued_on", "issuedon issued invoicedate date rechnungsdatum belegdatum datum 발행일 청구일" },
    { "billed_on", "billedon invoicedate date rechnungsdatum belegdatum datum 청구일" },
    { "due_on", "dueon due duedate fällig fälligam fälligkeit 지급기한 납부기한 결제예정일" },
    { "paid_on", "paidon settleddate paiddate bezahltam zahlungsdatum 입금일 결제일" },
    { "used_on", "usedon usagedate date day datum tag 사용일 일자" },
    { "uses", "uses usagecount count anzahl nutzungen 사용횟수" },
    { "seconds", "seconds usagedurationsecs duration" },
    { "errors", "errors errorcount" },
    { "feature", "feature featurename" },
    { "is_beta", "isbeta isbetafeature beta" },
    { "churned_on", "churnedon churndate" },
    { "reason", "reason reasoncode grund 사유" },
    { "refund", "refund refundamount refundamountusd" },
    { "is_reactivation", "isreactivation reactivation" },
    { "comment", "comment feedback feedbacktext kommentar bemerkung 의견 코멘트" },
    { "on_date", "date ondate day datum stichtag 날짜 기준일" },
    { "from_currency", "from fromcurrency base" },
    { "to_currency", "to tocurrency quote" },
    { "rate", "rate exchangerate kurs wechselkurs 환율" },
    { "description", "description notes note beschreibung notiz bemerkung 설명 비고 메모" },
    { "team", "team department abteilung 팀 부서" },
    { "title", "title jobtitle contacttitle subject funktion position betreff 직함 직급 직책 제목" },
    { "happened_at", "happenedat date activitydate when at datum 일자 날짜 일시" },
    { "kind", "kind type *type *kind art 유형 구분" },
    { "subject", "subject summary betreff zusammenfassung 제목 요약" },
    { "tier", "tier customertier segmenttier stufe kundenstufe 등급 고객등급" },
    { "score", "score answer rating note bewertung 점수 평점" },
};

/* Words in file names that point to a kind. */
static const struct {
    tend_kind kind;
    const char *words;
} files[] = {
    { TEND_KIND_ACCOUNT, "account customer compan client kunde churn firm 고객 거래처 회사" },
    { TEND_KIND_CONTACT, "contact person people kontakt ansprechpartner 연락처 담당자" },
    { TEND_KIND_USER, "user employee team staff agent rep mitarbeiter benutzer 직원 사용자" },
    { TEND_KIND_PRODUCT, "product item track catalog produkt artikel 제품 상품" },
    { TEND_KIND_CONTRACT, "contract subscription vertrag verträge 계약" },
    { TEND_KIND_OPPORTUNITY, "opportunit deal pipeline chance 영업기회" },
    { TEND_KIND_INTERACTION, "interaction activit touchpoint 상담 활동" },
    { TEND_KIND_TICKET, "ticket case issue support anfrag 문의 티켓" },
    { TEND_KIND_ORDER, "order bestell auftrag aufträge 주문" },
    { TEND_KIND_ORDER_LINE, "orderdetail orderline orderitem transaction retail bestellposition auftragsposition 주문상세" },
    { TEND_KIND_INVOICE, "invoice rechnung 송장 청구서" },
    { TEND_KIND_INVOICE_LINE, "invoiceline invoiceitem rechnungsposition 청구상세" },
    { TEND_KIND_USAGE, "usage nutzung 사용량" },
    { TEND_KIND_CHURN, "churnevent" },
    { TEND_KIND_RATE, "rate kurse 환율" },
};

/* What an account's own name is called where the file is about accounts. */
static const char account_words[] =
    "account company companyname customer customername client clientname kunde kundenname unternehmen "
    "고객 고객사 회사 거래처 업체";

/* Of the account that a person belongs to, never the person's own. */
static const char company_words[] =
    "title productname itemname firma firmenname company companyname 고객명 회사명 업체명 거래처명 법인명 "
    "상호 제품명 상품명 품명";
static const char contact_words[] = "ansprechpartner kontaktperson contactname 담당자 담당자명";

static bool has_word(const char *words, const char *kind, const char *bare)
{
    size_t length = strlen(bare);

    for (const char *at = words; *at;) {
        size_t bytes = strcspn(at, " ");
        char word[128];

        if (*at == '*') { /* the kind's own name before it */
            (void)snprintf(word, sizeof word, "%s%.*s", kind, (int)bytes - 1, at + 1);
            if (strcmp(word, bare) == 0)
                return true;
        } else if (bytes == length && memcmp(at, bare, length) == 0) {
            return true;
        }
        at += bytes;
        at += *at == ' ';
    }
    return false;
}

const char *tend_heading_bare(tend_arena *arena, const char *name)
{
    const char *folded;
    size_t length, used = 0;
    char *bare;

    if (tend_utf8_fold(arena, name, strlen(name), &folded, &length) < 0 || !(bare = tend_arena_copy(arena, folded, length)))
        return NULL;
    for (size_t i = 0; i < length; i++) {
        if (isalnum((unsigned char)bare[i]) || (unsigned char)bare[i] >= 0x80)
            bare[used++] = bare[i];
    }
    bare[used] = '\0';
    return bare;
}

bool tend_heading_is(const tend_kind_schema *kind, const char *bare_kind, const char *field, const char *bare)
{
    if (kind->kind == TEND_KIND_CONTACT || kind->kind == TEND_KIND_USER) {
        bool is_company = has_word(company_words, bare_kind, bare);

        if (strcmp(field, "name") == 0 && (is_company || has_word(contact_words, bare_kind, bare)))
            return !is_company && kind->kind == TEND_KIND_CONTACT;
    }
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
        if (strcmp(fields[i].field, field) == 0 && has_word(fields[i].words, bare_kind, bare))
            return true;
    }
    return kind->kind == TEND_KIND_ACCOUNT && strcmp(field, "name") == 0 && has_word(account_words, bare_kind, bare);
}

bool tend_heading_is_key(const char *bare)
{
    static const char *const words[] = { "key", "number", "code", "nummer", "kennung", "번호", "코드", "아이디" };

    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (strstr(bare, words[i]))
            return true;
    }
    return false;
}

bool tend_heading_kind(size_t i, tend_kind *ret_kind, const char **ret_words)
{
    if (i >= sizeof files / sizeof files[0])
        return false;
    *ret_kind = files[i].kind;
    *ret_words = files[i].words;
    return true;
}
