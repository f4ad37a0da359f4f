#!/bin/sh
# tend playbook test: tests in Lua over a pretend world, as their author meets them.
. "$(dirname "$0")/lib.sh"
cd "$work" || exit 1
mkdir tmp
export TMPDIR="$work/tmp"
mkdir -p own/playbooks own/lib
cat >own/lib/greet.lua <<'END'
return { hello = function(name, is_late) return (is_late and "Late: " or "") .. "say hello to " .. name end }
END
cat >own/playbooks/welcome.lua <<'END'
local greet = lib "greet"
moves = (moves or 0) + 1

return playbook {
  name       = "welcome",
  summary    = "Say hello to a new account",
  api        = 1,
  subject    = "account",
  outcomes   = { "said", "forgotten" },
  settings   = { days = { type = "integer", default = 2, help = "days to say it" } },
  start_when = { event = "account.created" },

  steps = function(run)
    run:task("hello", { title = greet.hello("{account.name}", moves > 1), to = "owner", due = { days = run.settings.days } })
    local said = run:wait("said", { done = "hello", within = { days = run.settings.days } })
    if moves > 1 then error("this script remembers what an earlier move did") end
    if said.timed_out then
      run:notify("late", { to = "owner", text = "{account.name} waits for a hello" })
      return "forgotten"
    end
    return "said"
  end,
}
END
cat >own/playbooks/welcome_test.lua <<'END'
local function new_account(world)
  return world:account { name = "Acme", owner = world:user { name = "Kim" } }
end

test("a new account is greeted", function(world)
  new_account(world)
  local hello = world:expect_task { title = "say hello to Acme", assignee = "Kim", due_on = world:day "2 days" }
  world:answer(hello, { outcome = "they were glad" })
  world:expect_run { playbook = "welcome", state = "ended", outcome = "said" }
  world:expect_no_message()
end)

test("a hello that is forgotten is told", function(world)
  world:settings { days = 5 }
  new_account(world)
  world:advance { days = 5 }
  world:expect_no_message()
  world:advance "1 day"
  world:expect_message { to = "Kim", text = "Acme waits for a hello" }
end)
END
ok "tests beside their playbook pass" "$tend" playbook test own/playbooks
equal "each is named, in the order of the file" "own/playbooks/welcome_test.lua
  ok    a new account is greeted
  ok    a hello that is forgotten is told
2 tests in 1 file, 2 passed, 0 failed" "$(cat "$work/out")"
equal "nothing is said besides" "" "$(cat "$work/said")"
ok "a file can be named" "$tend" playbook test own/playbooks/welcome_test.lua
ok "and a part of a test's name" "$tend" playbook test own --filter forgotten
has "which leaves the others out" "$(cat "$work/out")" "1 test in 1 file, 1 passed, 0 failed"
fails "a name that no test has is a failure" 1 "$tend" playbook test own --filter nowhere
has "and is said" "$(cat "$work/said")" "no test has 'nowhere' in its name"

# What a failure reads like.
mkdir bad
cp -r own/* bad
cat >bad/playbooks/welcome_test.lua <<'END'
test("another day", function(world)
  world:account { name = "Acme", owner = world:user { name = "Kim" } }
  world:expect_task { step = "hello", due_on = "2026-03-09" }
end)
test("a word that is not there", function(world)
  world:expect_tsak { step = "hello" }
end)
test("a field that is not there", function(world)
  world:account { name = "Acme" }
  world:expect_task { titel = "hello" }
end)
test("an error of its own", function(world)
  local nothing
  return nothing.field
end)
test("a failure that is caught", function(world)
  pcall(function() world:expect_run { state = "held" } end)
end)
test("a run that is held", function(world)
  world:playbook("held")
  world:account { name = "Acme" }
  world:advance "3 days"
end)
test("a kind that is not there", function(world)
  world:acount { name = "Acme" }
end)
test("a name that a field does not take", function(world)
  world:account { name = "Acme", stage = "happy" }
end)
test("a world that reaches outside", function(world)
  world:configure { ["sink.mail"] = { plugin = "smtp" } }
end)
test("settings after the first row", function(world)
  world:account { name = "Acme" }
  world:settings { days = 1 }
end)
test("a test that does not end", function(world)
  while true do end
end)
test("the one after it", function(world)
  print("here", 1)
  world:expect_count(1, "account")
end)
test("what a run that is held did not do", function(world)
  world:playbook("held")
  world:account { name = "Acme" }
  world:advance "3 days"
  world:expect_note { text = "it came" }
end)
END
cat >bad/playbooks/held.lua <<'END'
return playbook {
  name = "held", summary = "Breaks later", api = 1, subject = "account", outcomes = { "done" },
  start_when = { event = "account.created" },
  steps = function(run)
    run:sleep("a while", { days = 2 })
    local name = run.account.name
    if name == "Acme" then error("it broke") end
    return "done"
  end,
}
END
fails "tests that fail" 1 "$tend" playbook test bad
said=$(cat "$work/out")
at=bad/playbooks/welcome_test.lua
has "what was expected, what is there, and where" "$said" "  FAIL  another day
        $at:3: expected an open task with due_on '2026-03-09' and step 'hello'; there is task 1 'say hello to Acme' (due_on '2026-03-04')"
has "a wrong expectation is named with the nearest" "$said" "$at:6: world has no 'expect_tsak'; did you mean expect_task?"
has "so is a wrong field" "$said" "$at:10: open task has nothing called 'titel'; did you mean title?"
has "an error of the test has its line" "$said" "$at:14: attempt to index a nil value (local 'nothing')"
has "a failure is not caught away" "$said" "  FAIL  a failure that is caught
        $at:17: expected a run with state 'held'; there is none"
has "a held run fails the test" "$said" "run 1 of held is held: playbooks/held.lua:7: it broke; a test that wants it so says world:expect_run{ state = 'held' }"
has "a wrong kind is named with the nearest" "$said" "$at:25: world has no 'acount'; did you mean account?"
has "what the schema refuses is refused" "$said" "$at:28: "
has "nothing that reaches outside can be configured" "$said" "$at:31: world:configure: [sink.mail] is not for a pretend world"
has "settings come first" "$said" "$at:35: world:settings: comes too late; say it before the first row"
has "a test that hangs is ended" "$said" "ran longer than 2000 ms"
has "the next one runs, and what it prints is shown" "$said" "  FAIL  the one after it
        line 41: here	1"
has "an expectation that is not met names the run that is held" "$said" "$at:48: expected a note with text 'it came'; there is none; run 1 of held is held: playbooks/held.lua:7: it broke"
has "an end that counts" "$said" "13 tests in 1 file, 0 passed, 13 failed"
echo 'test("x"' >bad/playbooks/other_test.lua
fails "a file that cannot be read" 1 "$tend" playbook test bad/playbooks/other_test.lua
has "is a failure with its line" "$(cat "$work/out")" "bad/playbooks/other_test.lua:2: ')' expected (to close '(' at line 1) near <eof>"
fails "no tests at all" 2 "$tend" playbook test own/lib
has "what to do" "$(cat "$work/said")" "tend playbook new NAME writes a playbook with its test"

# State that a script keeps is thrown away before each move: `moves` above stays 1. What is kept outside of it would show here.
sed 's/moves > 1 then error/moves > 0 then error/' own/playbooks/welcome.lua >bad/playbooks/welcome.lua
cp own/playbooks/welcome_test.lua bad/playbooks/welcome_test.lua
rm bad/playbooks/other_test.lua bad/playbooks/held.lua
fails "a script that counts its moves sees one each time" 1 "$tend" playbook test bad --filter greeted

# Coverage.
ok "which branches were gone" "$tend" playbook test own --coverage
has "by file" "$(cat "$work/out")" "own/playbooks/welcome.lua  5 of 6 branches, 83 %
  own/playbooks/welcome.lua:16: if: its condition never held"
has "libraries too" "$(cat "$work/out")" "own/lib/greet.lua  2 of 3 branches, 66 %
  own/lib/greet.lua:1: and: its right side was never asked for"
ok "enough is enough" "$tend" playbook test own --coverage-at-least 66
fails "too little is a failure" 1 "$tend" playbook test own --coverage-at-least 80
has "that names the file" "$(cat "$work/said")" "own/lib/greet.lua: 66 % of its branches were gone, less than 80"
equal "and only that" 1 "$(wc -l <"$work/said")"

# Golden traces.
cat >own/playbooks/trace_test.lua <<'END'
test("a run as it was", function(world)
  world:playbook("welcome")
  world:account { name = "Acme", owner = world:user { name = "Kim" } }
  world:advance "3 days"
  world:expect_trace "welcome.trace"
end)
END
fails "a trace that is not there" 1 "$tend" playbook test own --filter "as it was"
has "is asked for" "$(cat "$work/out")" "welcome.trace: is not there; tend playbook test --update writes it"
ok "and written" "$tend" playbook test own --filter "as it was" --update
has "as people can read it" "$(cat own/playbooks/welcome.trace)" "welcome on account 'Acme'
  2026-03-02 09:00  begins
  2026-03-02 09:00  task 'hello'"
has "with its end" "$(cat own/playbooks/welcome.trace)" "ended: forgotten"
ok "then it is what is expected" "$tend" playbook test own --filter "as it was"
sed -i 's/waits for a hello/is lonely/' own/playbooks/welcome.lua
fails "a change is a failure" 1 "$tend" playbook test own --filter "as it was"
has "with its line and both sides" "$(cat "$work/out")" "own/playbooks/trace_test.lua:5: welcome.trace:6: expected '"
sed -i 's/is lonely/waits for a hello/' own/playbooks/welcome.lua

# A playbook that somebody begins.
cat >own/playbooks/by_hand.lua <<'END'
return playbook {
  name = "by_hand", summary = "Only by hand", api = 1, subject = "account", outcomes = { "done" },
  steps = function(run) run:log("x", "y") return "done" end,
}
END
cat >own/playbooks/by_hand_test.lua <<'END'
test("somebody begins it", function(world)
  local account = world:account()
  world:expect_no_run()
  world:start(account)
  world:expect_run { playbook = "by_hand", state = "ended", subject = account }
end)
END
ok "a playbook that somebody begins" "$tend" playbook test own/playbooks/by_hand_test.lua
rm own/playbooks/by_hand*

# What a run asks for is answered: questions, calls of a connector, children, accounts in bulk.
cat >own/playbooks/asks.lua <<'END'
return playbook {
  name = "asks", summary = "Ask for everything", api = 1, subject = "account", outcomes = { "yes", "no", "refused", "late" },
  steps = function(run)
    local told = run:call("tell", { action = "case.close", fields = { word = "fixed" }, within = { days = 2 } })
    if told.timed_out then return "late" end
    if not told.done then return "refused" end
    local answer = run:ask("well", { question = "Is it well?", choices = { "yes", "not yet" }, within = { days = 5 } })
    if answer.choice == "yes" then return "yes" end
    local bulk = run:bulk("others", "small", "greets", { cap = 1 })
    run:log("count", bulk.started .. " of " .. bulk.matched)
    local child = run:child("greet", "greets", { args = { how = "warmly" }, within = { days = 30 } })
    return child.outcome == "greeted" and "yes" or "no"
  end,
}
END
cat >own/playbooks/greets.lua <<'END'
return playbook {
  name = "greets", summary = "Greet", api = 1, subject = "account", outcomes = { "greeted" },
  steps = function(run)
    run:task("greet", { title = "Greet {name} " .. (run.args.how or "") })
    run:wait("greeted", { done = "greet", within = { days = 90 } })
    return "greeted"
  end,
}
END
cat >own/playbooks/asks_test.lua <<'END'
local function begin(world)
  world:playbook "greets"
  world:segment("small", "tier = bronze")
  local account = world:account { name = "Acme" }
  world:start(account, "asks")
  return account
end

test("a call is taken and a question answered with a word", function(world)
  begin(world)
  local call = world:expect_call { action = "case.close", fields = { has = "fixed" }, state = "waiting", step = "tell" }
  world:answer(call)
  world:expect_no_call { state = "waiting" }
  world:answer(world:expect_task { step = "well" }, "yes")
  world:expect_run { playbook = "asks", outcome = "yes" }
end)

test("a call is refused", function(world)
  begin(world)
  world:answer(world:expect_call(), "no such case")
  world:expect_step { name = "tell", answer = { has = "no such case" } }
  world:expect_run { playbook = "asks", outcome = "refused" }
end)

test("a call comes to nothing", function(world)
  begin(world)
  world:advance "3 days"
  world:expect_run { playbook = "asks", outcome = "late" }
end)

test("accounts in bulk and a child", function(world)
  local account = begin(world)
  world:account { name = "One", tier = "bronze" }
  world:account { name = "Two", tier = "bronze" }
  world:answer(world:expect_call())
  world:answer(world:expect_task { step = "well" }, { outcome = "not yet" })
  world:expect_step { name = "count", arguments = { has = "1 of 2" } }
  world:expect_run { playbook = "greets", subject = account, state = "waiting" }
  world:answer(world:expect_task { title = "Greet Acme warmly" })
  world:expect_run { playbook = "asks", outcome = "yes" }
end)

test("a child that somebody stops", function(world)
  local account = begin(world)
  world:answer(world:expect_call())
  world:answer(world:expect_task { step = "well" }, "not yet")
  world:stop(world:expect_run { playbook = "greets", subject = account }, "wrong customer")
  world:expect_run { playbook = "greets", state = "stopped", reason = { has = "wrong customer" } }
  world:expect_run { playbook = "asks", outcome = "no" }
end)

test("another word", function(world)
  begin(world)
  world:answer(world:expect_call())
  local well = world:expect_task { step = "well" }
  local is_well, why = pcall(world.answer, world, well, "perhaps")
  assert(not is_well and why:find("'perhaps' is none of the choices; write one of yes | not yet", 1, true), why)
end)
END
fails "what is asked for can be answered" 1 "$tend" playbook test own/playbooks/asks_test.lua --coverage-at-least 100
has "all of it, and another word is refused even when the test catches it" "$(cat "$work/out")" "6 tests in 1 file, 5 passed, 1 failed"
has "in words" "$(cat "$work/out")" "world:answer: 'perhaps' is none of the choices; write one of yes | not yet"
rm own/playbooks/asks* own/playbooks/greets*

# For other programs.
"$tend" playbook test own --format tap >tap.out 2>&1
equal "TAP has its plan" "1..3" "$(tail -n 1 tap.out)"
if command -v prove >/dev/null; then
    ok "prove reads it" prove --exec cat tap.out
    "$tend" playbook test bad --format tap >bad.out 2>&1
    fails "and sees what failed" 1 prove --exec cat bad.out
else
    skip "prove reads the TAP" "there is no prove"
fi
"$tend" playbook test bad --format junit >junit.xml 2>&1
if command -v python3 >/dev/null; then
    equal "JUnit is XML, and counts" "testsuites 2 2 welcome_test.lua" "$(python3 - <<'END'
import xml.etree.ElementTree as tree
root = tree.parse("junit.xml").getroot()
cases = root.findall("testsuite/testcase")
print(root.tag, len(cases), sum(c.find("failure") is not None for c in cases), root.find("testsuite").get("name").split("/")[-1])
END
)"
else
    skip "JUnit is XML" "there is no python3"
fi
fails "another format" 2 "$tend" playbook test own --format taap
has "is refused with the nearest" "$(cat "$work/said")" "--format: 'taap' is not one; did you mean tap?"
equal "nothing is left behind" "" "$(ls tmp)"
finish
