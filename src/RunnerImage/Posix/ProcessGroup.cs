using System.Runtime.InteropServices;

namespace RunnerImage.Posix;

/// <summary>
/// A child that leads a process group of its own, with default signal handling: what it starts is ended with it. The
/// environment is given too, other than to a <see cref="Child"/>.
/// </summary>
/// <remarks>
/// <c>System.Diagnostics.Process</c> knows neither groups nor which signal ended a process. Must not be used in a
/// process that also uses that class: it would take the child's end for itself.
/// </remarks>
internal sealed partial class ProcessGroup
{
    public const int Interrupt = 2;
    public const int Kill = 9;

    private const short SetGroup = 0x02;
    private const short SetDefaults = 0x04;
    private const short SetMask = 0x08;
    private const int InterruptedCall = 4;

    /// <summary>Larger than <c>posix_spawnattr_t</c>, <c>posix_spawn_file_actions_t</c> and <c>sigset_t</c>.</summary>
    private const int OpaqueSize = 1024;

    private ProcessGroup(int pid)
    {
        Pid = pid;
        Ended = Task.Factory.StartNew(() => WaitFor(pid), TaskCreationOptions.LongRunning);
    }

    public int Pid { get; }

    /// <summary>Completes when the child itself has ended; others of its group may live on.</summary>
    public Task<ProcessEnd> Ended { get; }

    /// <param name="path">The program.</param>
    /// <param name="arguments">Its arguments, without its name.</param>
    /// <param name="folder">Where it starts.</param>
    /// <param name="environment">All of its environment.</param>
    /// <param name="error">The error's number; 0 if it was started.</param>
    /// <returns>Null if it could not be started.</returns>
    public static ProcessGroup? Start(string path, IReadOnlyList<string> arguments, string folder,
        IReadOnlyDictionary<string, string> environment, out int error)
    {
        using var argumentList = new ArgumentList([path, .. arguments]);
        using var environmentList = new ArgumentList([.. environment.Select(v => $"{v.Key}={v.Value}")]);
        error = Spawn(path, folder, argumentList.Pointer, environmentList.Pointer, out var pid);
        return error == 0 ? new ProcessGroup(pid) : null;
    }

    /// <summary>Signals the child alone. Nothing happens once it has ended.</summary>
    public void Signal(int signal)
    {
        if (!Ended.IsCompleted)
            Native.Signal(Pid, signal);
    }

    /// <summary>Kills all of the group that is left.</summary>
    public void KillGroup() => Native.Signal(-Pid, Kill);

    private static unsafe int Spawn(string path, string folder, nint arguments, nint environment, out int pid)
    {
        var attributes = stackalloc byte[OpaqueSize];
        var actions = stackalloc byte[OpaqueSize];
        var signals = stackalloc byte[OpaqueSize];
        pid = 0;
        _ = AttributesInit((nint)attributes);
        _ = ActionsInit((nint)actions);
        try
        {
            // .NET ignores SIGPIPE; programs that a job starts must not inherit that.
            _ = FillSignals((nint)signals);
            _ = AttributesDefaults((nint)attributes, (nint)signals);
            _ = EmptySignals((nint)signals);
            _ = AttributesMask((nint)attributes, (nint)signals);
            _ = AttributesGroup((nint)attributes, 0);
            _ = AttributesFlags((nint)attributes, SetGroup | SetDefaults | SetMask);
            var error = ActionsFolder((nint)actions, folder);
            return error != 0
                ? error
                : SpawnProcess(out pid, path, (nint)actions, (nint)attributes, arguments, environment);
        }
        finally
        {
            _ = ActionsDestroy((nint)actions);
            _ = AttributesDestroy((nint)attributes);
        }
    }

    private static ProcessEnd WaitFor(int pid)
    {
        int result, status;
        do
            result = WaitPid(pid, out status, 0);
        while (result < 0 && Marshal.GetLastPInvokeError() == InterruptedCall);
        return result < 0 ? new ProcessEnd(1, 0) : ProcessEnd.OfStatus(status);
    }

    [LibraryImport("libc", EntryPoint = "posix_spawn", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SpawnProcess(
        out int pid, string path, nint actions, nint attributes, nint arguments, nint environment);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_init")]
    private static partial int AttributesInit(nint attributes);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_destroy")]
    private static partial int AttributesDestroy(nint attributes);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_setflags")]
    private static partial int AttributesFlags(nint attributes, short flags);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_setpgroup")]
    private static partial int AttributesGroup(nint attributes, int group);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_setsigdefault")]
    private static partial int AttributesDefaults(nint attributes, nint signals);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_setsigmask")]
    private static partial int AttributesMask(nint attributes, nint signals);

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_init")]
    private static partial int ActionsInit(nint actions);

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_destroy")]
    private static partial int ActionsDestroy(nint actions);

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_addchdir_np",
        StringMarshalling = StringMarshalling.Utf8)]
    private static partial int ActionsFolder(nint actions, string folder);

    [LibraryImport("libc", EntryPoint = "sigfillset")]
    private static partial int FillSignals(nint signals);

    [LibraryImport("libc", EntryPoint = "sigemptyset")]
    private static partial int EmptySignals(nint signals);

    [LibraryImport("libc", EntryPoint = "waitpid", SetLastError = true)]
    private static partial int WaitPid(int pid, out int status, int options);
}
