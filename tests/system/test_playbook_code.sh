#!/bin/sh
# What authors of playbooks do with their files: new, graph, diff.
. "$(dirname "$0")/lib.sh"
cd "$work" || exit 1

# new: a playbook that works, with its test.
fails "nothing is begun outside of a workspace" 2 "$tend" playbook new first_call
has "and where to is said" "$(cat "$work/said")" "playbook new: there is no workspace here or above, and no folder playbooks; make one with tend init"
"$tend" -C w init >/dev/null || exit 1
ok "a playbook is begun" "$tend" -C w playbook new first_call --pack care
equal "its files, and what comes next" "  playbooks/care/first_call.lua
  playbooks/care/first_call_test.lua
  tend.d/playbook-first_call.ini
first_call: a playbook of your own; it works as it is
  next: tend playbook test w/playbooks/care/first_call_test.lua
  then: change the two files, docs/playbooks.md says what they can do; tend playbook check and graph look at a script
  at last: enabled = yes in tend.d/playbook-first_call.ini, and tend once --dry-run shows what it would do" "$(cat "$work/out")"
next=$(sed -n 's/^  next: tend //p' "$work/out")
# shellcheck disable=SC2086
ok "what comes next works" "$tend" $next
has "with four tests" "$(cat "$work/out")" "4 tests in 1 file, 4 passed, 0 failed"
ok "with all of its branches" "$tend" -C w playbook test --coverage-at-least 100
ok "its script has no fault" "$tend" -C w playbook check w/playbooks/care/first_call.lua
ok "its section neither" "$tend" -C w config check
equal "it starts nothing yet" "" "$("$tend" -C w --csv playbook list | grep first_call)"
sed -i 's/^enabled = no/enabled = yes/' w/tend.d/playbook-first_call.ini
ok "until it is switched on" "$tend" -C w once
has "then it is at work" "$("$tend" -C w --csv playbook list)" "first_call"
fails "a name that is taken" 2 "$tend" -C w playbook new first_call
has "is refused" "$(cat "$work/said")" "first_call: there is a playbook of that name in"
fails "so is one that ships" 2 "$tend" -C w playbook new renewal
fails "a name that is none" 2 "$tend" -C w playbook new First
has "says what is one" "$(cat "$work/said")" "First: not a name for a playbook; begin with a small letter"
mkdir -p scripts/playbooks
(cd scripts && "$tend" playbook new in_git) >out 2>&1
equal "a folder of scripts needs no workspace" "in_git.lua in_git_test.lua" "$(ls scripts/playbooks/own | tr '\n' ' ' | sed 's/ $//')"
ok "and its tests run there" "$tend" playbook test scripts
has "the name of a playbook stands for its tests" "$("$tend" -C w playbook test first_call)" "4 tests in 1 file, 4 passed, 0 failed"
fails "a name that is none is said to be" 2 "$tend" -C w playbook test frst_call
has "in one sentence" "$(cat "$work/said")" "frst_call: neither a file or folder nor a playbook; see tend playbook list"

said=$(cd scripts && "$tend" playbook check in_git 2>&1)
has "by its name, too" "$said" "in_git: no fault"
has "and its settings are listed" "$(cd scripts && "$tend" playbook settings in_git --csv)" "call_days,integer,business days,3,3,"

# graph: a script with what there can be.
cat >all.lua <<'END'
local function remind(run, n)
  run:notify("reminder " .. n, { to = "owner", text = "do it" })
end

return playbook {
  name = "all", summary = "Has a branch, a loop & <a helper>", api = 1, subject = "contract", outcomes = { "done", "late" },
  start_when = { event = "contract.signed", where = "seats > 10" },
  stop_when = { event = "contract.cancelled" },
  steps = function(run)
    local title = "x"
    if run.contract.seats > 100 then title = "y" end
    run:task("plan", { title = title, to = "owner", due = { days = 3 } })
    for n = 1, 3 do
      remind(run, n)
      if run:wait("done " .. n, { done = "plan", within = { days = 1 } }).timed_out then
        run:log("slow", "still nothing")
      elseif n == 2 then
        break
      else
        return "done"
      end
    end
    return "late"
  end,
}
END
ok "a script as text" "$tend" playbook graph all.lua
equal "what starts it, and its way, without what only computes" 'all: Has a branch, a loop & <a helper>
starts at contract.signed, where seats > 10
stops at contract.cancelled
  12  task '"'plan'"': to = owner, due = { days = 3 }
  13  for n = 1, 3
   2    notify "reminder " .. n: to = owner
  15    wait "done " .. n: done = plan, within = { days = 1 }
  15    if run:wait("done " .. n, { done = "plan", within = { days = 1 } }).timed_out
  16      log '"'slow'"': still nothing
  17    else if n == 2
  18      leaves the loop
  19    else
  20      ends: done
  23  ends: late' "$(cat "$work/out")"
ok "for Mermaid" "$tend" playbook graph all.lua --format mermaid
has "a flow chart" "$(cat "$work/out")" "flowchart TD
  n0[/\"all<br/>at contract.signed, where seats #62; 10\"/]
  n1[\"task 'plan'<br/>to = owner, due = #123; days = 3 #125;\"]
  n0 --> n1"
has "with waits" "$(cat "$work/out")" "([\"wait #34;done #34; .. n<br/>done = plan"
equal "every node that an arrow names is there" "" "$(awk '/-->/ { gsub(/-->(\|"[^"]*"\|)?/, " "); for (i = 1; i <= NF; i++) named[$i] = 1; next }
    match($1, /^n[0-9]+/) { there[substr($1, 1, RLENGTH)] = 1 } END { for (n in named) if (!there[n]) print n }' "$work/out")"
for name in renewal version_lag profile_expiry pacing_watch; do
    "$tend" playbook graph $name --format svg >$name.svg 2>>svg.said
done
ok "as pictures" "$tend" playbook graph all.lua --format svg
cp "$work/out" all.svg
equal "without a word" "" "$(cat svg.said)"
if command -v python3 >/dev/null; then
    equal "which are XML, have their texts, and lie within their frame" "" "$(python3 - <<'END'
import re, xml.etree.ElementTree as tree
for name in ("all", "renewal", "version_lag", "profile_expiry", "pacing_watch"):
    root = tree.parse(name + ".svg").getroot()
    texts = [t.text for t in root.iter() if t.tag.endswith("}text")]
    width, height = int(root.get("width")), int(root.get("height"))
    if name not in texts: print(name, "has no name")
    for box in root.iter():
        if box.tag.endswith("}rect"):
            x, y = int(box.get("x", 0)), int(box.get("y", 0))
            if x < 0 or y < 0 or x + int(box.get("width")) > width or y + int(box.get("height")) > height: print(name, box.attrib)
    for path in root.iter():
        if path.tag.endswith("}path"):
            for x in re.findall(r"[HM](-?\d+)", path.get("d")):
                if not 0 <= int(x) <= width: print(name, path.get("d"))
END
)"
else
    skip "the pictures are XML" "there is no python3"
fi
fails "another format" 2 "$tend" playbook graph all.lua --format png
fails "a playbook that is not there" 2 "$tend" playbook graph renewl
has "is said to be none" "$(cat "$work/said")" "renewl: no playbook is called so; name its file, or see tend playbook list"
sed 's/api = 1/api = 7/' all.lua >broken.lua
fails "a script that cannot be used" 2 "$tend" playbook graph broken.lua
has "is left to check" "$(cat "$work/said")" "tend playbook check says why"

# check: what the way through a script says as it is written.
cat >faulty.lua <<'END'
return playbook {
  name = "faulty", summary = "Cannot work", api = 1, subject = "contract", outcomes = { "done" },
  start_when = { event = "contract.signed", where = "seats > 10 and (tier = gold or seats < 5) and seats between 20 and 30 and seats < 20" },
  steps = function(run)
    run:task("plan", { title = "x", to = "owner" })
    for n = 1, 3 do
      run:log("round", "again")
    end
    if run.contract.seats == 4711 then
      run:task("plan", { title = "x", to = "owner" })
    end
    run:approve("for ever", { title = "May we?", to = "owner" })
    if run.contract.seats == 17 then return "done" else return "done" end
    run:log("behind", "x")
  end,
}
END
sed -i 's/ and (tier = gold or seats < 5)//' faulty.lua
fails "faults of the way" 1 "$tend" -C w playbook check faulty.lua
said=$(cat "$work/out")
has "a condition that can never hold" "$said" "faulty.lua:3: start_when.where: can never hold: 'seats between 20 and 30' and 'seats < 20' exclude each other"
has "a name that every round uses" "$said" "faulty.lua:7: step 'round' is used twice in one run; give each step its own name"
has "a name that is used again where no walk comes by" "$said" "faulty.lua:10: step 'plan' is used twice in one run; give each step its own name"
has "an approval that waits for ever" "$said" "faulty.lua:12: approve 'for ever': waits without end; give it within or by"
has "a step that nothing leads to" "$said" "faulty.lua:14: log 'behind': no run comes here, every way before it has ended"
equal "each once" 5 "$(printf '%s\n' "$said" | wc -l)"
equal "in their order, the file named as it was given" "faulty.lua:3 faulty.lua:7 faulty.lua:10 faulty.lua:12 faulty.lua:14" "$(printf '%s\n' "$said" | cut -d: -f1,2 | tr '\n' ' ' | sed 's/ $//')"
mkdir -p w/playbooks/own
sed 's/"faulty"/"faulty2"/' faulty.lua >w/playbooks/own/faulty2.lua
has "by its name: where it is" "$("$tend" -C w playbook check faulty2)" "w/playbooks/own/faulty2.lua:3: start_when.where: can never hold"

# A fault of the configuration hides none of a script, and keeps nobody from seeing what can be set.
printf '[playbooks]\nmost_efects = 3\n' >w/tend.d/broken.ini
fails "a script and a configuration with faults" 1 "$tend" -C w playbook check faulty2
has "are both looked at: the one" "$(cat "$work/said")" "w/tend.d/broken.ini:2: [playbooks] most_efects: no such setting; did you mean most_effects?"
has "and the other" "$(cat "$work/out")" "w/playbooks/own/faulty2.lua:14: log 'behind'"
ok "settings are listed all the same" "$tend" -C w playbook settings renewal
fails "a script without a fault is no reason to forget the configuration" 1 "$tend" -C w playbook check renewal
has "the script is well" "$(cat "$work/out")" "renewal: no fault"
rm w/tend.d/broken.ini w/playbooks/own/faulty2.lua

# What can be set: its own settings, then those of every playbook; what is in force, and where that is written.
said=$("$tend" -C w playbook settings renewal --csv)
has "a default that holds" "$said" "lead_days,integer,days,90,90,1 to 1095,,days before the end at which the work starts"
has "its unit, where days are not all days" "$said" "plan_days,integer,business days,10,10,1 to 365,,"
has "what every playbook has" "$said" "principal,text,,,playbook:renewal,,,the name it acts under"
has "and what holds for all of them" "$said" "most_effects,integer,,,10000,,,"
printf '[playbook.renewal]\nlead_days = 60\n' >w/tend.d/sooner.ini
has "what is written, and where" "$("$tend" -C w playbook settings renewal --csv)" "lead_days,integer,days,90,60,1 to 1095,w/tend.d/sooner.ini:2,"
rm w/tend.d/sooner.ini

# The same in Korean; what programs read stays as it is.
said=$("$tend" --language ko -C w playbook settings renewal)
has "headings" "$said" "허용 값"
has "types and units" "$(echo "$said" | tr -s ' ')" "lead_days 정수 일수 90 90 1 ~ 1095"
has "what every playbook has" "$said" "플레이북이 행동할 때 쓰는 이름"
has "what its own mean" "$said" "갱신 준비를 시작하는 시점, 계약 종료 며칠 전"
hasnt "and not in English as well" "$said" "days before the end at which the work starts"
json=$("$tend" --language ko -C w --json playbook settings renewal)
has "JSON has its meaning in English" "$json" '"meaning": "days before the end at which the work starts"'
has "and in Korean, whoever reads" "$json" '"meaning_ko": "갱신 준비를 시작하는 시점, 계약 종료 며칠 전"'
printf '[tend]\nlanguage = ko\n' >w/tend.d/korean.ini
has "the language of the workspace is read" "$("$tend" -C w playbook settings renewal)" "갱신 준비를 시작하는 시점"
has "but for who asks for another" "$("$tend" --language en -C w playbook settings renewal)" "days before the end at which the work starts"
rm w/tend.d/korean.ini
has "CSV has its keys" "$("$tend" --language ko -C w playbook settings renewal --csv)" "lead_days,integer,days,90,90,1 to 1095,"
has "what starts it" "$("$tend" --language ko -C w playbook graph renewal)" "시작: contract.ends_on 90일 전, 조건 contract.status = active"
has "and where it ends" "$("$tend" --language ko -C w playbook graph renewal)" "끝: not_renewed"
has "a configuration without faults" "$("$tend" --language ko -C w config check)" "설정에 잘못이 없습니다"

# Scripts that stand in git without a workspace.
mkdir -p git/playbooks git/lib
cat >git/lib/names.lua <<'END'
return { asked = function(run) local held = run:wait("held", { event = "account.updated", within = { days = 3 } }) return held.event_ end }
END
cat >git/playbooks/far.lua <<'END'
local names = lib "names"
return playbook {
  name = "far", summary = "Far from home", api = 1, subject = "account", outcomes = { "done" },
  start_when = { where = "segment = ours and health > 50 and teir = gold" },
  steps = function(run)
    local figure = run:measure("figure", "our_own")
    run:bulk("bulk", "ours", "other")
    run:notify("tell", { to = "owner", text = "x", channel = "pager" })
    if names.asked(run) or figure.valeu then return "done" end
    return "done"
  end,
}
END
(cd git && "$tend" playbook check playbooks/far.lua >"$work/out" 2>&1)
equal "a script is checked without a workspace" 1 $?
said=$(cat "$work/out")
has "its condition" "$said" "playbooks/far.lua:4: start_when.where: at 'teir': accounts have no field teir; did you mean tier?"
has "its answers" "$said" "playbooks/far.lua:9: the answer of run:measure has no 'valeu'; did you mean value?"
has "and those of its library" "$said" "lib/names.lua:1: the answer of run:wait has no 'event_'; did you mean event?"
has "and it says what was not looked for" "$said" "there is no workspace here: what only a workspace has"
equal "nothing else" 4 "$(printf '%s\n' "$said" | wc -l)"
sed -i 's/ and teir = gold//; s/ or figure.valeu//' git/playbooks/far.lua
sed -i 's/event_/event/' git/lib/names.lua
ok "a name that only a workspace can know is no fault there" sh -c "cd git && '$tend' playbook check playbooks/far.lua"
has "its settings are listed there" "$(cd git && "$tend" playbook settings playbooks/far.lua --csv)" "enabled,boolean,,yes,yes,yes or no,,"
has "and it is drawn" "$(cd git && "$tend" playbook graph playbooks/far.lua)" "bulk 'bulk': ours"
fails "where one is named it has to be there" 2 "$tend" -C nowhere playbook check git/playbooks/far.lua

# diff: two versions, and the runs at work.
cat >w/playbooks/care/first_call.lua <<'END'
return playbook {
  name = "first_call", summary = "Call", api = 1, subject = "contract", outcomes = { "done", "late" },
  settings = { days = { type = "integer", default = 3, help = "days" }, old = { type = "text", default = "x", help = "gone" } },
  start_when = { event = "contract.signed" },
  steps = function(run)
    run:task("call", { title = "Call", to = "owner", due = { days = run.settings.days } })
    run:wait("called", { done = "call", within = { days = 3 } })
    run:log("called on", "x")
    run:task("visit", { title = "Visit", to = "owner" })
    run:wait("visited", { done = "visit", within = { days = 9 } })
    run:notify("last", { to = "owner", text = "over" })
    return "done"
  end,
}
END
cp w/playbooks/care/first_call.lua was.lua
ok "a script at work" "$tend" -C w once
"$tend" -C w add user name=Kim >/dev/null
"$tend" -C w add account name=Acme owner=Kim >/dev/null
"$tend" -C w add contract account=Acme name=Gold status=signed >/dev/null
"$tend" -C w add contract account=Acme name=Silver status=signed >/dev/null
ok "with two runs" "$tend" -C w once
"$tend" -C w task done 1 >/dev/null
ok "of which one has gone on" "$tend" -C w once
equal "that is so" "called visited" "$(sql w "SELECT group_concat(step, ' ') FROM (SELECT step FROM waits ORDER BY step)")"
ok "nothing has changed yet" "$tend" -C w playbook diff first_call
has "which is said" "$(cat "$work/out")" "nothing that a run would meet has changed"
sed -i -e 's/outcomes = { "done", "late" }/outcomes = { "done", "never" }/' -e 's/default = 3/default = 5/' -e 's/, old = .*}, *$/, new = { type = "boolean", default = true, help = "new" } },/' \
    -e 's/event = "contract.signed" }/event = "contract.signed", where = "seats > 1" }/' -e 's/within = { days = 3 }/within = { days = 4 }/' \
    -e 's/run:log("called on", "x")//' -e 's/"visited"/"was visited"/' -e 's/    return "done"/    run:log("end", "x")\n    return "done"/' w/playbooks/care/first_call.lua
sed -i 's/type = "integer", default = 5, help = "days" }$/&/' w/playbooks/care/first_call.lua
fails "a change" 1 "$tend" -C w --json playbook diff first_call
if command -v python3 >/dev/null; then
    equal "part by part" "start changed None: at contract.signed -> at contract.signed, where seats > 1
outcome removed late: None -> None
outcome added never: None -> None
setting changed days: integer, 3 -> integer, 5
setting removed old: text, \"x\" -> None
setting added new: None -> boolean, true
step renamed wait 'was visited': wait 'visited' -> wait 'was visited'
step removed log 'called on': x -> None
step changed wait 'called': done = call, within = { days = 3 } -> done = call, within = { days = 4 }
step added log 'end': None -> x
Gold visited False
Silver called True" "$(python3 - "$work/out" <<'END'
import json, sys
answer = json.load(open(sys.argv[1]))
for d in answer["differences"]: print(d["part"], d["what"], str(d["name"]) + ":", d["was"], "->", d["now"])
for r in sorted(answer["runs"], key=lambda r: r["about"]): print(r["about"], r["waits_for"], r["fits"])
END
)"
else
    skip "the parts of a difference" "there is no python3"
fi
has "why a run does not fit" "$(cat "$work/out")" "was visited"
fails "for people" 1 "$tend" -C w playbook diff first_call
has "with the line" "$(cat "$work/out")" "log 'end'"
fails "two files" 1 "$tend" playbook diff was.lua w/playbooks/care/first_call.lua
fails "moved steps" 1 sh -c "sed -e '/run:log(\"called on\"/d' -e 's/    return \"done\"/    run:log(\"called on\", \"x\")\n&/' was.lua >now.lua; '$tend' --csv playbook diff was.lua now.lua"
has "are moved, and nothing else" "$(cat "$work/out")" "step,moved,log 'called on',line 8,line 11,11"
equal "so one line" 2 "$(wc -l <"$work/out")"
ok "the same file" "$tend" playbook diff was.lua was.lua
hash=$(sql w "SELECT substr(hash, 1, 8) FROM bundles WHERE name = 'first_call' ORDER BY id LIMIT 1")
fails "an earlier version by its hash" 1 "$tend" -C w playbook diff first_call --against "$hash"
has "is that version" "$(cat "$work/out")" "call_days"
fails "a version that is not there" 2 "$tend" -C w playbook diff first_call --against 0000000000
has "is said" "$(cat "$work/said")" "--against: no version of first_call begins with '0000000000'; tend playbook show RUN names the version of a run"
finish
