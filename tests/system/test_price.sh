#!/bin/sh
# Prices as an administrator and an account manager meet them: the published vectors, a cliff and a shadowed rule in the sample, a tier
# that is taken away, and a configuration that is understood or refused.
. "$(dirname "$0")/lib.sh"
. "$tests/system/state.sh"
cd "$work" || exit 1

"$tend" -C w init >log 2>&1 || fail "a workspace is made" "$(cat log)"
cat >>w/tend.ini <<'INI'
[price.volume]
plugin = volume
[rule.storage]
price = volume
product = STORAGE
mode = graduated
currency = USD
up_to.10 = 0.50
up_to.60 = 0.45
above = 0.40
[rule.events]
price = volume
product = EVENTS
mode = volume
currency = USD
up_to.10000 = 0.0010 + 10
up_to.50000 = 0.0008 + 10
above = 0.0006 + 10
[rule.widget]
price = volume
product = WIDGET
mode = volume
currency = USD
up_to.100 = 10
up_to.200 = 9
above = 8
[price.commission]
plugin = rebate
[rule.commission]
price = commission
basis = incremental
period = year
currency = USD
up_to.100000 = 5 %
up_to.125000 = 6 %
above = 7 %
INI
for row in "account name=Acme currency=USD" "account name=Hanbit currency=KRW" "product name=Storage code=STORAGE list_price=0.60 currency=USD" \
    "product name=Events code=EVENTS list_price=0.001 currency=USD" "product name=Widget code=WIDGET list_price=12 currency=USD" \
    "rate from_currency=USD to_currency=KRW on_date=2026-01-01 rate=1386.5" \
    "invoice account=Acme number=1 issued_on=2026-02-01 amount=150000 currency=USD"; do
    # shellcheck disable=SC2086
    "$tend" -C w add $row >log 2>&1 || fail "a row is added: $row" "$(cat log)"
done

# net ACCOUNT ITEM…: the net of a quote, as JSON has it.
net() { "$tend" -C w --json price quote --on 2026-03-02 "$@" | sed -n 's/^    "net": \(.*\),$/\1/p' | head -n 1; }

equal "100 GB cost 43.50 as the example of Salesforce has it" 43.50 "$(net Acme STORAGE=100)"
equal "65,000 events cost 49.00 as the example of Lago has it" 49.00 "$(net Acme EVENTS=65000)"
equal "100 widgets cost 1,000.00" 1000.00 "$(net Acme WIDGET=100)"
equal "101 cost 909.00" 909.00 "$(net Acme WIDGET=101)"
equal "lines add up" 1952.50 "$(net Acme STORAGE=100 WIDGET=100 WIDGET=101)"
equal "43.50 USD are 60,313 won at 1,386.5 (60,312.75)" 60313 "$(net Hanbit STORAGE=100)"
has "150,000 of sales pay 8,250.00" "$("$tend" -C w price explain Acme --on 2026-12-31 | tr -s ' ')" "commission earned 8,250.00 USD"

"$tend" -C w --json price explain Acme STORAGE=100 WIDGET=100 --on 2026-03-02 >explained
has "a step names its rule" "$(cat explained)" '"rule": "storage"'
has "and its reason" "$(cat explained)" '"reason": "graduated: 10 at 0.50, 50 at 0.45, 40 at 0.40"'
has "the next threshold is told with what it costs there" "$(tr -d '\n' <explained | tr -s ' ')" \
    '"now": 100, "now_currency": null, "at": 101, "at_currency": null, "then": "each: 9 instead of 10", "net_now": 1000.00, "net_now_currency": "USD", "net_there": 909.00'

fails "price check ends with 1 when something is found" 1 "$tend" -C w price check --on 2026-03-02
has "it proves the cliff" "$(cat out)" "100 cost 1,000.00 USD and 101 cost 909.00 USD, 91.00 USD less: whoever wants 91 to 100 is better off with 101 (tried for "
hasnt "graduated prices have none" "$(cat out)" "storage"

fails "a product that is not there is refused" 2 "$tend" -C w price quote Acme NOPE=1
has "with what to do" "$(cat said)" "no product is called 'NOPE'; see tend list products"
fails "a quantity of nothing is refused" 2 "$tend" -C w price quote Acme WIDGET=0
fails "less than nothing is refused" 2 "$tend" -C w price quote Acme WIDGET=-5
has "it says how to write it" "$(cat said)" "'WIDGET=-5' names no product and quantity; write PRODUCT=100, or PRODUCT=100:box for a unit"
fails "a unit without a price is refused" 2 "$tend" -C w price quote Acme WIDGET=5:box --on 2026-03-02
has "with the row that would give it one" "$(cat said)" "product Widget: no list price on 2026-03-02 per box; add one with tend add price product=#3"
fails "an amount beyond 64 bits is refused" 2 "$tend" -C w price quote Acme WIDGET=9000000000000000000
fails "a currency without a rate is refused" 2 "$tend" -C w price quote Acme WIDGET=1 --currency EUR
has "and says what to import" "$(cat said)" "no rate from USD to EUR"

# Ten widgets are 100.00 a year; at 10 % three payments of 100.00 are worth 248.69 today.
"$tend" -C w --csv price compare Acme WIDGET=10 --on 2026-03-02 --terms 12,36 --rate 10 >compared
equal "contracts are compared with their present value" "12,100.00,300.00,0.00,248.69,248.69" \
    "$(sed -n 2p compared | cut -d, -f1,2,4,6,8,10)"

# What is not understood is refused, every fault at once, and nothing is quoted.
cp w/tend.ini good.ini
sed -i 's/^above = 0.40/abov = 0.40/; s/^mode = volume/mode = volumes/; s/^period = year/period = decade/' w/tend.ini
fails "rules that are not understood are refused" 2 "$tend" -C w config check
has "a key with the nearest" "$(cat said)" "[rule.storage] abov: no such setting; did you mean above?"
has "a word with those there are" "$(cat said)" '[rule.widget] mode: "volumes" is none of: graduated volume package'
has "of every section" "$(cat said)" '[rule.commission] period: "decade" is none of: month quarter half year'
fails "and nothing is quoted by them" 2 "$tend" -C w price quote Acme STORAGE=1
cp good.ini w/tend.ini
ok "mended, it is understood" "$tend" -C w config check

# The example that is shipped is understood.
cp "$source/etc/tend.d/pricing.ini.example" example.ini
"$tend" -C x init >log 2>&1 && cp example.ini x/tend.d/pricing.ini
ok "the example is understood" "$tend" -C x config check
equal "and has its rules" 7 "$("$tend" -C x --csv price rules | tail -n +2 | wc -l | tr -d ' ')"

# A tier that is published moves at its evaluation, once, and whoever waits for it is told.
"$tend" -C t init >log 2>&1 || fail "a workspace is made" "$(cat log)"
cat >>t/tend.ini <<'INI'
[price.partner]
plugin = partner_tiers
publish = yes
[rule.gold]
price = partner
tier = gold
currency = USD
at_least = 1000
[segment.gold]
where = price.partner = gold
INI
(
    at "2026-03-02 09:00"
    "$tend" -C t add account name=Acme currency=USD && "$tend" -C t add account name=Bora currency=USD &&
        "$tend" -C t add invoice account=Acme number=1 issued_on=2026-03-01 amount=1000 currency=USD && "$tend" -C t once
) >log 2>&1 || fail "partners are kept" "$(cat log)"
moves() { sql t "SELECT count(*) FROM events WHERE topic = 'measure.price.partner'"; }
equal "before the evaluation nobody has a tier, and nobody is told" 0 "$(moves)"
(at "2026-04-01 09:00" && "$tend" -C t once && "$tend" -C t once) >log 2>&1 || fail "the day of the evaluation is worked through" "$(cat log)"
equal "at the evaluation the tier is told once" 1 "$(moves)"
equal "and filters know it" "Acme" "$("$tend" -C t --csv segment show gold | tail -n +2 | cut -d, -f2)"
(at "2027-04-02 09:00" && "$tend" -C t once) >log 2>&1 || fail "a year goes by" "$(cat log)"
equal "a tier that is lost is told, too" 2 "$(moves)"
equal "and is no more" "" "$("$tend" -C t --csv segment show gold | tail -n +2)"

# The sample company: a cliff, a shadowed rule, and Silver that ends with the quarter.
"$tend" -C s init --sample >log 2>&1 && "$tend" -C s import --mapping sample s/sample >>log 2>&1 || fail "the sample is made" "$(tail log)"
fails "the sample's rules have findings" 1 "$tend" -C s --csv price check
equal "a cliff at each bound of the training passes" 2 "$(grep -c '^cliff,volume,training,' out)"
has "and the rule that is never reached" "$(cat out)" "shadowed,volume,training_korea,training"
equal "and nothing else" 3 "$(tail -n +2 out | wc -l | tr -d ' ')"
silver=$(sql s "SELECT count(*) FROM accounts WHERE tier = 'silver'")
"$tend" -C s --csv price standing --then +3m --where 'tier = silver' >standing
equal "without Silver each of its $silver accounts has bronze" "$silver" "$(grep -c ',tiers,tier,silver,.*bronze,.*bronze,tier silver ended on' standing)"
"$tend" -C s --csv price standing --then +3m --where 'tier = gold' >standing
equal "and nobody else moves" 1 "$(grep -vc '^$' standing)"
finish
