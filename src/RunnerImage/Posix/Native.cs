using System.Runtime.InteropServices;

namespace RunnerImage.Posix;

/// <summary>The system calls that .NET has no name for.</summary>
internal static partial class Native
{
    private const int SetDumpable = 4;

    /// <summary>Replaces this process by another program: arguments, standard streams and signals stay its own.</summary>
    /// <param name="path">The program.</param>
    /// <param name="arguments">All arguments, the name first.</param>
    /// <returns>Only if it failed: the error's number.</returns>
    public static unsafe int Execute(string path, IReadOnlyList<string> arguments)
    {
        var list = stackalloc nint[arguments.Count + 1];
        for (var i = 0; i < arguments.Count; i++)
            list[i] = Marshal.StringToCoTaskMemUTF8(arguments[i]);
        list[arguments.Count] = 0;
        _ = ExecV(path, (nint)list);
        return Marshal.GetLastPInvokeError();
    }

    /// <summary>Sends a signal to a process, or to a group of processes if <paramref name="pid"/> is negative.</summary>
    /// <returns>Whether it was sent.</returns>
    public static bool Signal(int pid, int signal) => Kill(pid, signal) == 0;

    /// <summary>
    /// Keeps other processes of the same user from reading this one's memory, environment and open files. A program
    /// that is executed from here is not affected.
    /// </summary>
    /// <returns>Whether it was done.</returns>
    public static bool HideMemory() => ProcessControl(SetDumpable, 0, 0, 0, 0) == 0;

    /// <summary>
    /// Sets a variable for the libraries that this process uses. What .NET has read of the environment before stays,
    /// and so does what it gives to programs.
    /// </summary>
    /// <returns>Whether it was set.</returns>
    public static bool SetForLibraries(string name, string value) => SetVariable(name, value, 1) == 0;

    [LibraryImport("libc", EntryPoint = "execv", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int ExecV(string path, nint arguments);

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int Kill(int pid, int signal);

    [LibraryImport("libc", EntryPoint = "setenv", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetVariable(string name, string value, int overwrite);

    [LibraryImport("libc", EntryPoint = "prctl", SetLastError = true)]
    private static partial int ProcessControl(int option, nuint first, nuint second, nuint third, nuint fourth);
}
