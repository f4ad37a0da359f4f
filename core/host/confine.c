#include "host/confine.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <seccomp.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define HAS_SHADOW_MEMORY 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define HAS_SHADOW_MEMORY 1
#endif
#endif

#define MOST_OPEN_FILES 256

/* Never a plugin's business. */
static const char *const administration[] = {
    "ptrace",
    "process_vm_readv",
    "process_vm_writev",
    "pidfd_getfd",
    "pidfd_send_signal",
    "kcmp",
    "mount",
    "umount",
    "umount2",
    "move_mount",
    "open_tree",
    "fsopen",
    "fsmount",
    "fsconfig",
    "fspick",
    "mount_setattr",
    "pivot_root",
    "chroot",
    "init_module",
    "finit_module",
    "delete_module",
    "kexec_load",
    "kexec_file_load",
    "reboot",
    "swapon",
    "swapoff",
    "sethostname",
    "setdomainname",
    "keyctl",
    "add_key",
    "request_key",
    "bpf",
    "perf_event_open",
    "userfaultfd",
    "io_uring_setup",
    "io_uring_enter",
    "io_uring_register",
    "setuid",
    "setgid",
    "setreuid",
    "setregid",
    "setresuid",
    "setresgid",
    "setgroups",
    "setfsuid",
    "setfsgid",
    "capset",
    "unshare",
    "setns",
    "acct",
    "quotactl",
    "quotactl_fd",
    "settimeofday",
    "clock_settime",
    "clock_settime64",
    "adjtimex",
    "clock_adjtime",
    "clock_adjtime64",
    "stime",
    "iopl",
    "ioperm",
    "open_by_handle_at",
    "name_to_handle_at",
    "vhangup",
    "syslog",
    "fanotify_init",
    "lookup_dcookie",
    "personality",
    "shmget",
    "msgget",
    "semget",
    "mq_open",
};

static const char *const network[] = {
    "socket", "socketpair", "connect", "bind", "listen", "accept", "accept4", "socketcall",
};

static const char *const programs[] = {
    "execve", "execveat", "fork", "vfork", "kill", "setpgid", "setsid",
};

static const char *const files[] = {
    "open",         "openat",        "openat2",
    "creat",        "unlink",        "unlinkat",
    "rename",       "renameat",      "renameat2",
    "mkdir",        "mkdirat",       "rmdir",
    "link",         "linkat",        "symlink",
    "symlinkat",    "mknod",         "mknodat",
    "truncate",     "truncate64",    "chmod",
    "fchmodat",     "fchmodat2",     "chown",
    "lchown",       "fchownat",      "utime",
    "utimes",       "utimensat",     "futimesat",
    "setxattr",     "lsetxattr",     "removexattr",
    "lremovexattr", "uselib",        "chdir",
    "inotify_init", "inotify_init1", "inotify_add_watch",
};

#define COUNT(list) (sizeof(list) / sizeof *(list))

static int refuse(scmp_filter_ctx filter, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        int number = seccomp_syscall_resolve_name(names[i]);
        int code = number == __NR_SCMP_ERROR ? 0 : seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), number, 0);

        if (code < 0 && code != -EDOM) /* EDOM: this processor has no such call */
            return code;
    }
    return 0;
}

/* While a plugin is loaded its constructors run: they may read, as the loader must, and change nothing. */
static int refuse_changes(scmp_filter_ctx filter)
{
    static const scmp_datum_t changing[] = { O_WRONLY, O_RDWR, O_CREAT, O_TRUNC };
    const int openat2 = seccomp_syscall_resolve_name("openat2"); /* hides its flags from a filter: libc does not need it */
    int code = openat2 == __NR_SCMP_ERROR ? 0 : seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), openat2, 0);

    for (size_t i = 0; code == 0 && i < COUNT(files); i++)
        if (strncmp(files[i], "open", 4) != 0 && strcmp(files[i], "chdir") != 0)
            code = refuse(filter, &files[i], 1);
    for (size_t i = 0; code == 0 && i < COUNT(changing); i++) {
        const scmp_datum_t mask = changing[i] <= O_RDWR ? O_ACCMODE : changing[i];
        const struct scmp_arg_cmp of_open = SCMP_A1(SCMP_CMP_MASKED_EQ, mask, changing[i]);
        const struct scmp_arg_cmp of_openat = SCMP_A2(SCMP_CMP_MASKED_EQ, mask, changing[i]);

        code = seccomp_rule_add_array(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(openat), 1, &of_openat);
        if (code == 0)
            code = seccomp_rule_add_array(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(open), 1, &of_open);
        if (code == -EDOM) /* this processor has no open */
            code = 0;
    }
    return code;
}

/* Threads stay possible; new processes and name spaces not. clone3 hides its flags from a filter: libc falls back to clone. */
static int refuse_processes(scmp_filter_ctx filter, bool may_start_programs)
{
    int clone3 = seccomp_syscall_resolve_name("clone3");
    int code = clone3 == __NR_SCMP_ERROR ? 0 : seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), clone3, 0);
    struct scmp_arg_cmp is_process = SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_THREAD, 0);
    static const scmp_datum_t spaces[] = { CLONE_NEWUSER, CLONE_NEWNS, CLONE_NEWPID, CLONE_NEWNET, CLONE_NEWIPC, CLONE_NEWUTS };

    if (code == 0 && !may_start_programs)
        return seccomp_rule_add_array(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(clone), 1, &is_process);
    for (size_t i = 0; code == 0 && i < COUNT(spaces); i++) {
        struct scmp_arg_cmp has_space = SCMP_A0(SCMP_CMP_MASKED_EQ, spaces[i], spaces[i]);

        code = seccomp_rule_add_array(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(clone), 1, &has_space);
    }
    return code;
}

/* Signals to others, and typing into the terminal we were started from. */
static int refuse_by_argument(scmp_filter_ctx filter, bool may_start_programs)
{
    struct scmp_arg_cmp other = SCMP_A0(SCMP_CMP_NE, (scmp_datum_t)getpid(), 0);
    struct scmp_arg_cmp types = SCMP_A1(SCMP_CMP_MASKED_EQ, 0xFFFFFFFFu, TIOCSTI);
    int code = seccomp_rule_add_array(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(ioctl), 1, &types);

    if (code == 0 && !may_start_programs)
        code = seccomp_rule_add_array(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(tgkill), 1, &other);
    return code;
}

static tend_status load(scmp_filter_ctx filter, int code, tend_error *reterr)
{
    if (code == 0)
        code = seccomp_load(filter);
    seccomp_release(filter);
    if (code < 0)
        return tend_fail(reterr, TEND_ERROR, "tend-host: cannot give up its rights: %s; seccomp is needed", strerrordesc_np(-code));
    return TEND_OK;
}

static tend_status limit(int64_t memory, tend_error *reterr)
{
    const struct rlimit none = { 0, 0 }, open_files = { MOST_OPEN_FILES, MOST_OPEN_FILES };
    bool is_done = setrlimit(RLIMIT_CORE, &none) == 0 && setrlimit(RLIMIT_NOFILE, &open_files) == 0;

#ifdef HAS_SHADOW_MEMORY
    (void)memory; /* the sanitizer reserves terabytes of addresses */
#else
    if (is_done && memory > 0) {
        const struct rlimit most = { (rlim_t)memory, (rlim_t)memory };

        is_done = setrlimit(RLIMIT_AS, &most) == 0;
    }
#endif
    if (!is_done || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
        return tend_fail(reterr, TEND_ERROR, "tend-host: cannot limit itself: %s", strerrordesc_np(errno));
    return TEND_OK;
}

tend_status confine_before_loading(unsigned granted, int64_t memory, tend_error *reterr)
{
    const bool may_start_programs = (granted & TEND_NEEDS_PROGRAMS) != 0;
    scmp_filter_ctx filter;
    tend_status status = limit(memory, reterr);
    int code;

    if (status < 0)
        return status;
    filter = seccomp_init(SCMP_ACT_ALLOW);
    if (!filter)
        return tend_fail(reterr, TEND_ENOMEM, "tend-host: no memory for its filter");
    code = refuse(filter, administration, COUNT(administration));
    if (code == 0)
        code = refuse_processes(filter, may_start_programs);
    if (code == 0)
        code = refuse_by_argument(filter, may_start_programs);
    if (code == 0 && !may_start_programs)
        code = refuse(filter, programs, COUNT(programs));
    if (code == 0 && !(granted & TEND_NEEDS_NETWORK))
        code = refuse(filter, network, COUNT(network));
    if (code == 0 && !(granted & TEND_NEEDS_FILES))
        code = refuse_changes(filter);
    return load(filter, code, reterr);
}

tend_status confine_after_loading(unsigned granted, tend_error *reterr)
{
    scmp_filter_ctx filter;

    tzset(); /* reads its file now, while it may */
    if (granted & TEND_NEEDS_FILES)
        return TEND_OK;
    filter = seccomp_init(SCMP_ACT_ALLOW);
    if (!filter)
        return tend_fail(reterr, TEND_ENOMEM, "tend-host: no memory for its filter");
    return load(filter, refuse(filter, files, COUNT(files)), reterr);
}
