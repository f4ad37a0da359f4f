/* confine.c: what the kernel lets the sandbox do, once it has started. */
#include "sandbox/sandbox.h"

#include <errno.h>
#include <seccomp.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>

/* Asked for with any arguments. The second half is what the memory allocator, the timer and (in test builds) sanitizers ask. */
static const int plain_calls[] = {
    SCMP_SYS(poll),         SCMP_SYS(ppoll),           SCMP_SYS(exit),           SCMP_SYS(exit_group),
    SCMP_SYS(rt_sigreturn), SCMP_SYS(restart_syscall),

    SCMP_SYS(brk),          SCMP_SYS(munmap),          SCMP_SYS(mremap),         SCMP_SYS(madvise),
    SCMP_SYS(futex),        SCMP_SYS(setitimer),       SCMP_SYS(clock_gettime),  SCMP_SYS(gettimeofday),
    SCMP_SYS(getpid),       SCMP_SYS(gettid),          SCMP_SYS(rt_sigprocmask), SCMP_SYS(sigaltstack),
    SCMP_SYS(sched_yield),  SCMP_SYS(getrandom),
};

static tend_status limit(__rlimit_resource_t resource, rlim_t most, const char *what, tend_error *reterr)
{
    struct rlimit pair = { .rlim_cur = most, .rlim_max = most };

    if (setrlimit(resource, &pair) < 0)
        return tend_fail(reterr, TEND_ERROR, "tend-sandbox: the limit of %s cannot be set: %s", what, strerror(errno));
    return TEND_OK;
}

/* 0 or a negative errno, as libseccomp does. */
static int allow_calls(scmp_filter_ctx filter)
{
    static const int on_channel[] = { SCMP_SYS(read), SCMP_SYS(recvmsg), SCMP_SYS(recvfrom), SCMP_SYS(sendmsg), SCMP_SYS(sendto) };
    static const int mapping[] = { SCMP_SYS(mmap), SCMP_SYS(mprotect) };
    static const struct scmp_arg_cmp channel = { .arg = 0, .op = SCMP_CMP_EQ, .datum_a = 3 };
    static const struct scmp_arg_cmp errors = { .arg = 0, .op = SCMP_CMP_EQ, .datum_a = 2 };
    static const struct scmp_arg_cmp no_code = { .arg = 2, .op = SCMP_CMP_MASKED_EQ, .datum_a = PROT_EXEC, .datum_b = 0 };
    int code = 0;

    for (size_t i = 0; code == 0 && i < sizeof plain_calls / sizeof *plain_calls; i++)
        code = seccomp_rule_add(filter, SCMP_ACT_ALLOW, plain_calls[i], 0);
    for (size_t i = 0; code == 0 && i < sizeof on_channel / sizeof *on_channel; i++)
        code = seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, on_channel[i], 1, &channel);
    if (code == 0)
        code = seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, SCMP_SYS(write), 1, &errors);
    for (size_t i = 0; code == 0 && i < sizeof mapping / sizeof *mapping; i++)
        code = seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, mapping[i], 1, &no_code);
    return code;
}

tend_status sandbox_confine(size_t address_bytes, tend_error *reterr)
{
    scmp_filter_ctx filter;
    tend_status status = limit(RLIMIT_NOFILE, 4, "open files", reterr);
    int code;

    if (status == TEND_OK)
        status = limit(RLIMIT_NPROC, 0, "processes", reterr);
    if (status == TEND_OK)
        status = limit(RLIMIT_FSIZE, 0, "file sizes", reterr);
    if (status == TEND_OK)
        status = limit(RLIMIT_CORE, 0, "core files", reterr);
    if (status == TEND_OK && address_bytes > 0)
        status = limit(RLIMIT_AS, address_bytes, "memory", reterr);
    if (status < 0)
        return status;
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
        return tend_fail(reterr, TEND_ERROR, "tend-sandbox: rights cannot be given up: %s", strerror(errno));
    filter = seccomp_init(SCMP_ACT_KILL_PROCESS);
    code = filter ? allow_calls(filter) : -ENOMEM;
    if (code == 0)
        code = seccomp_load(filter);
    seccomp_release(filter);
    if (code < 0)
        return tend_fail(reterr, TEND_ERROR, "tend-sandbox: system calls cannot be limited: %s; the kernel needs seccomp filters",
                         strerror(-code));
    return TEND_OK;
}
