using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace RunnerImage.Posix;

/// <summary>The terminal that this process belongs to, if it does.</summary>
internal static partial class Terminal
{
    private const string Path = "/dev/tty";

    /// <summary>Whether this process is in the group that gets the signals of the terminal's keys.</summary>
    public static bool IsForeground()
    {
        try
        {
            using var terminal = File.OpenHandle(Path);
            return ForegroundGroup(terminal) == OwnGroup();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    [LibraryImport("libc", EntryPoint = "tcgetpgrp", SetLastError = true)]
    private static partial int ForegroundGroup(SafeFileHandle terminal);

    [LibraryImport("libc", EntryPoint = "getpgrp")]
    private static partial int OwnGroup();
}
