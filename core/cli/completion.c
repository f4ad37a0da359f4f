/* completion.c: what shells offer while a command is typed, from the command table. */
#include "cli/command.h"
#include <string.h>

/* "list" of "list", "account" of "account show". */
static int head_length(const tend_command *command)
{
    const char *blank = strchr(command->name, ' ');

    return blank ? (int)(blank - command->name) : (int)strlen(command->name);
}

static bool has_head(const tend_command *command, const tend_command *of)
{
    return head_length(command) == head_length(of) && strncmp(command->name, of->name, (size_t)head_length(of)) == 0;
}

/* Whether no command before it has the same first word. */
static bool is_first_of_head(const tend_command *command)
{
    for (const tend_command *other = tend_commands; other < command; other++)
        if (has_head(other, command))
            return false;
    return true;
}

static bool has_other_words(const tend_command *command)
{
    for (const tend_command *other = tend_commands; other->name; other++)
        if (has_head(other, command) && strchr(other->name, ' '))
            return true;
    return false;
}

static void put_second_words(FILE *out, const tend_command *command)
{
    const char *before = "";

    for (const tend_command *other = tend_commands; other->name; other++) {
        if (!has_head(other, command) || !strchr(other->name, ' '))
            continue;
        fprintf(out, "%s%s", before, strchr(other->name, ' ') + 1);
        before = " ";
    }
}

static void put_options(FILE *out, const tend_command_option *options, bool only_with_values)
{
    for (; options && options->name; options++)
        if (!only_with_values || options->value)
            fprintf(out, " --%s", options->name);
}

/* Options that take a value, each once: what stands behind one is no word of the command. */
static void put_options_with_values(FILE *out)
{
    put_options(out, tend_global_options, true);
    for (const tend_command *command = tend_commands; command->name; command++)
        for (const tend_command_option *option = command->options; option && option->name; option++) {
            bool is_new = option->value != NULL;

            for (const tend_command *other = tend_commands; other < command && is_new; other++)
                for (const tend_command_option *same = other->options; same && same->name; same++)
                    is_new = is_new && strcmp(same->name, option->name) != 0;
            if (is_new)
                fprintf(out, " --%s", option->name);
        }
}

static void completion_bash(FILE *out)
{
    fprintf(out, "_tend() {\n"
                 "  local cur=${COMP_WORDS[COMP_CWORD]} first= second= options words= word i=1\n"
                 "  while [ $i -lt $COMP_CWORD ]; do\n"
                 "    word=${COMP_WORDS[i]}\n"
                 "    case \" -C");
    put_options_with_values(out);
    fprintf(out, " \" in\n"
                 "    *\" $word \"*)\n"
                 "      i=$((i + 1))\n"
                 "      [ \"${COMP_WORDS[i]}\" = = ] && i=$((i + 1))\n"
                 "      [ $i -eq $COMP_CWORD ] && { COMPREPLY=($(compgen -f -- \"${cur#=}\")); return; } ;;\n"
                 "    *) case \"$word\" in\n"
                 "      -*) ;;\n"
                 "      *) if [ -z \"$first\" ]; then first=$word; elif [ -z \"$second\" ]; then second=$word; fi ;;\n"
                 "      esac ;;\n"
                 "    esac\n"
                 "    i=$((i + 1))\n"
                 "  done\n"
                 "  options='-C");
    put_options(out, tend_global_options, false);
    fprintf(out, "'\n  case \"$first $second\" in\n");
    for (const tend_command *command = tend_commands; command->name; command++) {
        if (!command->options)
            continue;
        fprintf(out, "  '%s%s'*) options=\"$options", command->name, strchr(command->name, ' ') ? "" : " ");
        put_options(out, command->options, false);
        fprintf(out, "\" ;;\n");
    }
    fprintf(out, "  esac\n"
                 "  case \"$cur\" in\n"
                 "  -*) words=$options ;;\n"
                 "  *) if [ -z \"$first\" ]; then words='");
    for (const tend_command *command = tend_commands; command->name; command++)
        if (is_first_of_head(command))
            fprintf(out, "%s%.*s", command == tend_commands ? "" : " ", head_length(command), command->name);
    fprintf(out, "'; elif [ -z \"$second\" ]; then case \"$first\" in\n");
    for (const tend_command *command = tend_commands; command->name; command++) {
        if (!is_first_of_head(command) || !has_other_words(command))
            continue;
        fprintf(out, "    %.*s) words='", head_length(command), command->name);
        put_second_words(out, command);
        fprintf(out, "' ;;\n");
    }
    fprintf(out, "    esac; fi ;;\n"
                 "  esac\n"
                 "  COMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))\n"
                 "  [ -n \"$words\" ] || COMPREPLY=($(compgen -f -- \"$cur\"))\n"
                 "}\n"
                 "complete -o filenames -o nosort -F _tend tend 2>/dev/null || complete -F _tend tend\n");
}

/* In fish's single quotes. */
static void put_quoted(FILE *out, const char *text)
{
    fputc('\'', out);
    for (; *text; text++) {
        if (*text == '\'' || *text == '\\')
            fputc('\\', out);
        fputc(*text, out);
    }
    fputc('\'', out);
}

static void put_fish_options(FILE *out, const char *condition, const tend_command_option *options)
{
    for (; options && options->name; options++) {
        fprintf(out, "complete -c tend%s -l %s%s -d ", condition, options->name, options->value ? " -r" : "");
        put_quoted(out, options->help);
        fputc('\n', out);
    }
}

static void completion_fish(FILE *out)
{
    /* The words of the command so far, without options and what belongs to them. */
    fprintf(
        out,
        "function __tend_words\n  set -l skip 0\n  for word in (commandline -opc)[2..-1]\n    if test $skip = 1\n      set skip "
        "0\n    else if contains -- $word -C");
    put_options_with_values(out);
    fprintf(out, "\n      set skip 1\n    else if not string match -q -- '-*' $word\n      echo $word\n    end\n  end\nend\n"
                 "function __tend_is\n  test (string join ' ' (__tend_words)[1..2]) = \"$argv\"\nend\n"
                 "complete -c tend -s C -r -d 'the folder with tend.ini'\n");
    put_fish_options(out, "", tend_global_options);
    for (const tend_command *command = tend_commands; command->name; command++) {
        char condition[160];

        if (is_first_of_head(command)) {
            fprintf(out, "complete -c tend -f -n 'test (count (__tend_words)) -eq 0' -a '%.*s' -d ", head_length(command),
                    command->name);
            put_quoted(out, strchr(command->name, ' ') ? "several commands" : command->summary);
            fputc('\n', out);
        }
        if (strchr(command->name, ' ')) {
            fprintf(out, "complete -c tend -f -n '__tend_is %.*s' -a '%s' -d ", head_length(command), command->name,
                    strchr(command->name, ' ') + 1);
            put_quoted(out, command->summary);
            fputc('\n', out);
            (void)snprintf(condition, sizeof condition, " -n '__tend_is %s'", command->name);
        } else {
            (void)snprintf(condition, sizeof condition, " -n 'contains -- %s (__tend_words)[1]'", command->name);
        }
        put_fish_options(out, condition, command->options);
    }
}

tend_status tend_help_completion(FILE *out, const char *shell, tend_error *reterr)
{
    if (strcmp(shell, "fish") == 0) {
        completion_fish(out);
        return TEND_OK;
    }
    if (strcmp(shell, "zsh") == 0)
        fprintf(out, "#compdef tend\nautoload -U +X bashcompinit && bashcompinit\n");
    else if (strcmp(shell, "bash") != 0)
        return tend_fail(reterr, TEND_EINVAL, "tend completion: '%s' is not a shell it knows; write bash, zsh or fish", shell);
    completion_bash(out);
    return TEND_OK;
}
