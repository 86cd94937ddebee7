using System.Runtime.InteropServices;

namespace RunnerImage.Posix;

/// <summary>The system calls that .NET has no name for.</summary>
internal static partial class Native
{
    private const int BrokenPipe = 13;
    private const int ExecuteAccess = 1;
    private const int SetDumpable = 4;

    /// <summary>
    /// Replaces this process by another program: arguments, standard streams and signals stay its own.
    /// </summary>
    /// <param name="path">The program.</param>
    /// <param name="arguments">All arguments, the name first.</param>
    /// <returns>Only if it failed: the error's number.</returns>
    public static int Execute(string path, IReadOnlyList<string> arguments)
    {
        using var list = new ArgumentList(arguments);
        // .NET ignores this signal, and what is ignored stays so in the new program.
        _ = SetHandler(BrokenPipe, 0);
        _ = ExecV(path, list.Pointer);
        return Marshal.GetLastPInvokeError();
    }

    /// <summary>
    /// Sends a signal to a process, or to a group of processes if <paramref name="pid"/> is negative.
    /// </summary>
    /// <returns>Whether it was sent.</returns>
    public static bool Signal(int pid, int signal) => Kill(pid, signal) == 0;

    /// <summary>Ends this process by a signal, as if nobody had caught it.</summary>
    /// <returns>The exit code that means the same, if the process is still there.</returns>
    public static int DieOf(int signal)
    {
        _ = SetHandler(signal, 0);
        _ = Kill(Environment.ProcessId, signal);
        return 128 + signal;
    }

    /// <summary>Whether this process may execute a file.</summary>
    public static bool MayExecute(string path) => Access(path, ExecuteAccess) == 0;

    /// <summary>
    /// Sets a variable for the programs that this process becomes or starts and for the libraries it uses; .NET's own
    /// class does not do that. What .NET has read of the environment before stays.
    /// </summary>
    /// <param name="value">Null takes it away.</param>
    public static void SetVariable(string name, string? value) =>
        _ = value is null ? UnsetEnvironment(name) : SetEnvironment(name, value, 1);

    /// <summary>
    /// Keeps other processes of the same user from reading this one's memory, environment and open files. A program
    /// that is executed from here is not affected.
    /// </summary>
    /// <returns>Whether it was done.</returns>
    public static bool HideMemory() => ProcessControl(SetDumpable, 0, 0, 0, 0) == 0;

    [LibraryImport("libc", EntryPoint = "execv", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int ExecV(string path, nint arguments);

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int Kill(int pid, int signal);

    [LibraryImport("libc", EntryPoint = "access", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Access(string path, int mode);

    [LibraryImport("libc", EntryPoint = "setenv", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetEnvironment(string name, string value, int overwrite);

    [LibraryImport("libc", EntryPoint = "unsetenv", SetLastError = true,
        StringMarshalling = StringMarshalling.Utf8)]
    private static partial int UnsetEnvironment(string name);

    [LibraryImport("libc", EntryPoint = "signal", SetLastError = true)]
    private static partial nint SetHandler(int signal, nint handler);

    [LibraryImport("libc", EntryPoint = "prctl", SetLastError = true)]
    private static partial int ProcessControl(int option, nuint first, nuint second, nuint third, nuint fourth);
}
