using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace RunnerImage.Posix;

/// <summary>
/// The step between a parent and the program that it starts: what only the child itself can set before it becomes that
/// program.
/// </summary>
internal static partial class ChildLauncher
{
    /// <summary>The name of this step, as the program's first argument.</summary>
    public const string Name = "become";

    private const int SetDeathSignal = 1;
    private const int Kill = 9;

    /// <summary>The arguments that start a program as a child which dies with this process.</summary>
    /// <param name="variables">Variables (<c>NAME=VALUE</c>) to set for it.</param>
    /// <param name="path">The program.</param>
    /// <param name="arguments">Its arguments, without its name.</param>
    /// <param name="output">A file for its output; then it has no other stream. Empty: it has those of this
    /// process.</param>
    public static IReadOnlyList<string> Arguments(
        IReadOnlyList<string> variables, string path, IReadOnlyList<string> arguments, string output = "") =>
        ["runnerscaler-pod", Name, Environment.ProcessId.ToString(CultureInfo.InvariantCulture), output,
            variables.Count.ToString(CultureInfo.InvariantCulture), .. variables, path, .. arguments];

    /// <summary>Becomes the program.</summary>
    /// <param name="arguments">What <see cref="Arguments"/> made, after the name.</param>
    /// <returns>Only if that failed: the exit code.</returns>
    public static int Run(IReadOnlyList<string> arguments, TextWriter error)
    {
        if (arguments.Count < 4 || !Number(arguments[0], out var parent) || !Number(arguments[2], out var count)
            || arguments.Count - 4 < count || Parent() != parent)
            return Programs.CannotStart;
        _ = ProcessControl(SetDeathSignal, Kill, 0, 0, 0);
        // The parent may have ended before this asked for the signal.
        if (Parent() != parent)
            return Programs.CannotStart;
        if (arguments[1].Length > 0)
            Redirect(arguments[1]);
        foreach (var variable in arguments.Skip(3).Take(count))
            if (variable.Split('=', 2) is [var name, var value])
                Native.SetVariable(name, value);
        return Programs.Become(arguments[count + 3], arguments.Skip(count + 4), error);
    }

    private static void Redirect(string output)
    {
        using var nothing = File.OpenHandle("/dev/null", access: FileAccess.ReadWrite);
        using var file = File.OpenHandle(output, FileMode.Create, FileAccess.Write);
        _ = Duplicate(nothing, 0);
        _ = Duplicate(file, 1);
        _ = Duplicate(nothing, 2);
    }

    private static bool Number(string text, out int number) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);

    [LibraryImport("libc", EntryPoint = "prctl", SetLastError = true)]
    private static partial int ProcessControl(int option, nuint first, nuint second, nuint third, nuint fourth);

    [LibraryImport("libc", EntryPoint = "dup2", SetLastError = true)]
    private static partial int Duplicate(SafeFileHandle from, int to);

    [LibraryImport("libc", EntryPoint = "getppid")]
    private static partial int Parent();
}
