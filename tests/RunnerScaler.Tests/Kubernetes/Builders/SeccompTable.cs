using System.Text.Json.Nodes;

namespace RunnerScaler.Tests.Kubernetes.Builders;

/// <summary>
/// The system calls that a rootless BuildKit with the capabilities SETUID and SETGID may use: those of containerd's
/// default profile for such a process, and eight more. <c>deploy/builder</c> has this table as files.
/// </summary>
internal static class SeccompTable
{
    /// <summary>
    /// What builds need beyond the default profile: namespaces for each step (clone with any flags, unshare, setns),
    /// its file system (mount, umount2, pivot_root), its host name, and its own key ring. Found by taking away each in
    /// turn on a real node; nothing else was missing.
    /// </summary>
    public static readonly string[] Added =
        ["clone", "keyctl", "mount", "pivot_root", "sethostname", "setns", "umount2", "unshare"];

    /// <summary>The values of personality(2) that the default profile lets through.</summary>
    public static readonly ulong[] Personalities = [0x0, 0x0008, 0x20000, 0x20008, 0xffffffff];

    /// <summary>
    /// The address families that the default profile keeps from socket(2), which are all but neighbours: the kernel's
    /// cryptography (AF_ALG), and virtual machines (AF_VSOCK).
    /// </summary>
    private const ulong CryptographySockets = 38, VirtualSockets = 40;

    private const int NoSuchCall = 38;

    /// <summary>Allowed on every architecture and with all arguments; sorted.</summary>
    public static readonly string[] Default = Words("""
        _llseek _newselect accept accept4 access adjtimex alarm bind brk cachestat capget capset chdir chmod chown
        chown32 clock_adjtime clock_adjtime64 clock_getres clock_getres_time64 clock_gettime clock_gettime64
        clock_nanosleep clock_nanosleep_time64 close close_range connect copy_file_range creat dup dup2 dup3
        epoll_create epoll_create1 epoll_ctl epoll_ctl_old epoll_pwait epoll_pwait2 epoll_wait epoll_wait_old eventfd
        eventfd2 execve execveat exit exit_group faccessat faccessat2 fadvise64 fadvise64_64 fallocate fanotify_mark
        fchdir fchmod fchmodat fchmodat2 fchown fchown32 fchownat fcntl fcntl64 fdatasync fgetxattr flistxattr flock
        fork fremovexattr fsetxattr fstat fstat64 fstatat64 fstatfs fstatfs64 fsync ftruncate ftruncate64 futex
        futex_requeue futex_time64 futex_wait futex_waitv futex_wake futimesat get_robust_list get_thread_area getcpu
        getcwd getdents getdents64 getegid getegid32 geteuid geteuid32 getgid getgid32 getgroups getgroups32 getitimer
        getpeername getpgid getpgrp getpid getppid getpriority getrandom getresgid getresgid32 getresuid getresuid32
        getrlimit getrusage getsid getsockname getsockopt gettid gettimeofday getuid getuid32 getxattr getxattrat
        inotify_add_watch inotify_init inotify_init1 inotify_rm_watch io_cancel io_destroy io_getevents io_pgetevents
        io_pgetevents_time64 io_setup io_submit ioctl ioprio_get ioprio_set ipc kill landlock_add_rule
        landlock_create_ruleset landlock_restrict_self lchown lchown32 lgetxattr link linkat listen listmount listxattr
        listxattrat llistxattr lremovexattr lseek lsetxattr lsm_get_self_attr lsm_list_modules lsm_set_self_attr lstat
        lstat64 madvise map_shadow_stack membarrier memfd_create memfd_secret mincore mkdir mkdirat mknod mknodat mlock
        mlock2 mlockall mmap mmap2 mprotect mq_getsetattr mq_notify mq_open mq_timedreceive mq_timedreceive_time64
        mq_timedsend mq_timedsend_time64 mq_unlink mremap mseal msgctl msgget msgrcv msgsnd msync munlock munlockall
        munmap name_to_handle_at nanosleep newfstatat open openat openat2 pause pidfd_open pidfd_send_signal pipe pipe2
        pkey_alloc pkey_free pkey_mprotect poll ppoll ppoll_time64 prctl pread64 preadv preadv2 prlimit64
        process_mrelease process_vm_readv process_vm_writev pselect6 pselect6_time64 ptrace pwrite64 pwritev pwritev2
        read readahead readlink readlinkat readv recv recvfrom recvmmsg recvmmsg_time64 recvmsg remap_file_pages
        removexattr removexattrat rename renameat renameat2 restart_syscall rmdir rseq rt_sigaction rt_sigpending
        rt_sigprocmask rt_sigqueueinfo rt_sigreturn rt_sigsuspend rt_sigtimedwait rt_sigtimedwait_time64
        rt_tgsigqueueinfo sched_get_priority_max sched_get_priority_min sched_getaffinity sched_getattr sched_getparam
        sched_getscheduler sched_rr_get_interval sched_rr_get_interval_time64 sched_setaffinity sched_setattr
        sched_setparam sched_setscheduler sched_yield seccomp select semctl semget semop semtimedop semtimedop_time64
        send sendfile sendfile64 sendmmsg sendmsg sendto set_robust_list set_thread_area set_tid_address setfsgid
        setfsgid32 setfsuid setfsuid32 setgid setgid32 setgroups setgroups32 setitimer setpgid setpriority setregid
        setregid32 setresgid setresgid32 setresuid setresuid32 setreuid setreuid32 setrlimit setsid setsockopt setuid
        setuid32 setxattr setxattrat shmat shmctl shmdt shmget shutdown sigaltstack signalfd signalfd4 sigprocmask
        sigreturn socketcall socketpair splice stat stat64 statfs statfs64 statmount statx symlink symlinkat sync
        sync_file_range syncfs sysinfo tee tgkill time timer_create timer_delete timer_getoverrun timer_gettime
        timer_gettime64 timer_settime timer_settime64 timerfd_create timerfd_gettime timerfd_gettime64 timerfd_settime
        timerfd_settime64 times tkill truncate truncate64 ugetrlimit umask uname unlink unlinkat uretprobe utime
        utimensat utimensat_time64 utimes vfork vmsplice wait4 waitid waitpid write writev
        """);

    /// <summary>
    /// Calls that only one of the two architectures has; the other ignores names that it does not know.
    /// </summary>
    public static readonly string[] OfOneArchitecture = Words(
        "arch_prctl arm_fadvise64_64 arm_sync_file_range breakpoint cacheflush modify_ldt set_tls sync_file_range2");

    private static readonly string[] Architectures =
        ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32", "SCMP_ARCH_AARCH64", "SCMP_ARCH_ARM"];

    /// <summary>The profile, as the
    /// <see href="https://github.com/opencontainers/runtime-spec/blob/main/config-linux.md#seccomp">runtime
    /// specification</see> has it. Everything else fails with EPERM.</summary>
    public static JsonObject Profile()
    {
        var rules = new JsonArray(
            Allow([.. Default.Concat(OfOneArchitecture).Concat(Added).Order(StringComparer.Ordinal)]),
            // Two rules "not this" would each allow what the other forbids: a call needs to match one rule only.
            Allow(["socket"], Argument(CryptographySockets, "SCMP_CMP_LT")),
            Allow(["socket"], Argument(CryptographySockets + 1, "SCMP_CMP_EQ")),
            Allow(["socket"], Argument(VirtualSockets, "SCMP_CMP_GT")));
        foreach (var value in Personalities)
            rules.Add((JsonNode)Allow(["personality"], Argument(value, "SCMP_CMP_EQ")));
        rules.Add((JsonNode)new JsonObject
        {
            // Programs fall back to clone when they are told that there is no such call, and only then.
            ["names"] = new JsonArray("clone3"),
            ["action"] = "SCMP_ACT_ERRNO",
            ["errnoRet"] = NoSuchCall,
        });
        return new JsonObject
        {
            ["defaultAction"] = "SCMP_ACT_ERRNO",
            ["architectures"] = new JsonArray([.. Architectures.Select(a => JsonValue.Create(a))]),
            ["syscalls"] = rules,
        };
    }

    private static JsonObject Allow(string[] names, params JsonObject[] arguments)
    {
        var rule = new JsonObject
        {
            ["names"] = new JsonArray([.. names.Select(n => JsonValue.Create(n))]),
            ["action"] = "SCMP_ACT_ALLOW",
        };
        if (arguments.Length > 0)
            rule["args"] = new JsonArray(arguments);
        return rule;
    }

    private static JsonObject Argument(ulong value, string comparison) =>
        new() { ["index"] = 0, ["value"] = value, ["op"] = comparison };

    private static string[] Words(string text) =>
        text.Split([' ', '\n', '\r'], StringSplitOptions.RemoveEmptyEntries);
}
