using System.Runtime.InteropServices;

namespace RunnerImage.Posix;

/// <summary>
/// A program that runs in this process's place as far as others can tell: it has the same standard streams, terminal,
/// process group and environment, gets the signals that this process gets, and is killed with it.
/// </summary>
/// <remarks>
/// <c>System.Diagnostics.Process</c> does not tell by which signal a child ended. It must not be used in the same
/// process: it takes the ends of all children for itself.
/// </remarks>
internal sealed partial class Child
{
    private const int ById = 1;
    private const int HasExited = 4;
    private const int LeaveForWait = 0x01000000;
    private const int InterruptedCall = 4;
    private const int SignalInformationSize = 128;
    private const int Kill = 9;

    private static readonly PosixSignal[] Passed =
        [PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGHUP, PosixSignal.SIGQUIT];

    private readonly Lock gate = new();
    private readonly List<int> early = [];
    private int pid;

    /// <summary>Whether a signal that asks to stop has come in since the child began to run.</summary>
    public bool WasSignalled { get; private set; }

    /// <summary>
    /// Runs it to its end. From then on the signals that it was passed do not end this process: one that ended the
    /// child may still be on its way here, and the child's end is what counts.
    /// </summary>
    /// <param name="path">The program.</param>
    /// <param name="arguments">All arguments, the name first.</param>
    /// <param name="cancel">Kills it.</param>
    /// <returns>How it ended; null if it could not be started.</returns>
    public ProcessEnd? Run(
        string path, IReadOnlyList<string> arguments, CancellationToken cancel = default)
    {
        foreach (var signal in Passed)
            Signals.Catch(signal, Pass);
        if (!Start(path, arguments))
            return null;
        using var killing = cancel.Register(() => Send(Kill));
        return Wait();
    }

    private unsafe bool Start(string path, IReadOnlyList<string> arguments)
    {
        using var list = new ArgumentList(arguments);
        var environment = *(nint*)NativeLibrary.GetExport(NativeLibrary.GetMainProgramHandle(), "environ");
        if (Spawn(out var started, path, 0, 0, list.Pointer, environment) != 0)
            return false;
        lock (gate)
        {
            pid = started;
            early.ForEach(s => Native.Signal(pid, s));
        }

        return true;
    }

    private unsafe ProcessEnd Wait()
    {
        var information = stackalloc byte[SignalInformationSize];
        while (WaitId(ById, pid, (nint)information, HasExited | LeaveForWait) != 0
            && Marshal.GetLastPInvokeError() == InterruptedCall)
        {
            // The wait was interrupted by a signal, which Pass takes care of.
        }

        lock (gate)
        {
            // Only after this is the number free for another process, which must not get our signals.
            _ = WaitPid(pid, out var status, 0);
            pid = 0;
            return ProcessEnd.OfStatus(status);
        }
    }

    private void Pass(PosixSignal signal)
    {
        lock (gate)
        {
            WasSignalled = true;
            // A terminal's keys signal the whole foreground group: the child has it already, and counts.
            if (signal is PosixSignal.SIGINT or PosixSignal.SIGQUIT && Terminal.IsForeground())
                return;
            Send(Number(signal));
        }
    }

    private void Send(int signal)
    {
        lock (gate)
        {
            if (pid > 0)
                Native.Signal(pid, signal);
            else
                early.Add(signal);
        }
    }

    private static int Number(PosixSignal signal) => signal switch
    {
        PosixSignal.SIGHUP => 1,
        PosixSignal.SIGINT => 2,
        PosixSignal.SIGQUIT => 3,
        _ => 15,
    };

    [LibraryImport("libc", EntryPoint = "posix_spawn", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Spawn(
        out int pid, string path, nint actions, nint attributes, nint arguments, nint environment);

    [LibraryImport("libc", EntryPoint = "waitid", SetLastError = true)]
    private static partial int WaitId(int type, int id, nint information, int options);

    [LibraryImport("libc", EntryPoint = "waitpid", SetLastError = true)]
    private static partial int WaitPid(int pid, out int status, int options);
}
