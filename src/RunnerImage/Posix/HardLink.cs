using System.Runtime.InteropServices;

namespace RunnerImage.Posix;

/// <summary>A second name for a file.</summary>
internal static partial class HardLink
{
    // Of Linux's errno.h.
    private const int IsMissing = 2;
    private const int IsThere = 17;

    /// <summary>Makes it; a name that is there already stays what it is.</summary>
    /// <exception cref="FileNotFoundException">The file, or the name's folder, is not there.</exception>
    /// <exception cref="IOException">It could not be made.</exception>
    public static void Make(string existing, string name)
    {
        if (Link(existing, name) == 0)
            return;
        var number = Marshal.GetLastPInvokeError();
        if (number == IsThere)
            return;
        var problem = $"{name} could not be linked to {existing} (error {number})";
        throw number == IsMissing ? new FileNotFoundException(problem, existing) : new IOException(problem);
    }

    [LibraryImport("libc", EntryPoint = "link", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Link(string existing, string name);
}
