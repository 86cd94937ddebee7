using System.Runtime.InteropServices;

namespace RunnerImage.Posix;

/// <summary>A second name for a file.</summary>
internal static partial class HardLink
{
    private const int IsThere = 17;

    /// <summary>Makes it; a name that is there already stays what it is.</summary>
    /// <exception cref="IOException">It could not be made.</exception>
    public static void Make(string existing, string name)
    {
        if (Link(existing, name) != 0 && Marshal.GetLastPInvokeError() is not IsThere and var number)
            throw new IOException($"{name} could not be linked to {existing} (error {number})");
    }

    [LibraryImport("libc", EntryPoint = "link", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Link(string existing, string name);
}
