using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace RunnerImage.Posix;

/// <summary>The standard input of this process, which the programs that it starts inherit.</summary>
internal static partial class StandardInput
{
    /// <summary>Reads it to its end into a file, which then takes its place.</summary>
    /// <exception cref="IOException">It cannot be read, or the file cannot be written.</exception>
    public static void MoveInto(string path)
    {
        using (var input = new FileStream(new SafeFileHandle(0, ownsHandle: false), FileAccess.Read))
        using (var copy = new FileStream(path, FileMode.Create))
            input.CopyTo(copy);
        using var file = File.OpenHandle(path);
        if (Duplicate(file, 0) < 0)
            throw new IOException($"{path} cannot be read as standard input (error {Marshal.GetLastPInvokeError()})");
    }

    [LibraryImport("libc", EntryPoint = "dup2", SetLastError = true)]
    private static partial int Duplicate(SafeFileHandle from, int to);
}
