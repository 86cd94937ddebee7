using System.Globalization;
using System.Runtime.InteropServices;

namespace RunnerImage.Posix;

/// <summary>
/// The step between a parent and the program that it starts: what only the child itself can set before it becomes that
/// program.
/// </summary>
internal static partial class Kin
{
    /// <summary>The name of this step, as the program's first argument.</summary>
    public const string Name = "become";

    private const int SetDeathSignal = 1;
    private const int Kill = 9;

    /// <summary>The arguments that start a program as a child which dies with this process.</summary>
    /// <param name="variables">Variables (<c>NAME=VALUE</c>) to set for it.</param>
    /// <param name="path">The program.</param>
    /// <param name="arguments">Its arguments, without its name.</param>
    public static IReadOnlyList<string> Arguments(
        IReadOnlyList<string> variables, string path, IReadOnlyList<string> arguments) =>
        ["runnerscaler-pod", Name, Environment.ProcessId.ToString(CultureInfo.InvariantCulture),
            variables.Count.ToString(CultureInfo.InvariantCulture), .. variables, path, .. arguments];

    /// <summary>Becomes the program.</summary>
    /// <param name="arguments">What <see cref="Arguments"/> made, after the name.</param>
    /// <returns>Only if that failed: the exit code.</returns>
    public static int Run(IReadOnlyList<string> arguments, TextWriter error)
    {
        if (arguments.Count < 3 || !Number(arguments[0], out var parent) || !Number(arguments[1], out var count)
            || count < 0 || arguments.Count < count + 3)
            return Programs.CannotStart;
        _ = ProcessControl(SetDeathSignal, Kill, 0, 0, 0);
        // The parent may have ended before it was asked for the signal.
        if (Parent() != parent)
            return Programs.CannotStart;
        foreach (var variable in arguments.Skip(2).Take(count))
            if (variable.Split('=', 2) is [var name, var value])
                Native.SetVariable(name, value);
        return Programs.Become(arguments[count + 2], arguments.Skip(count + 3), error);
    }

    private static bool Number(string text, out int number) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);

    [LibraryImport("libc", EntryPoint = "prctl", SetLastError = true)]
    private static partial int ProcessControl(int option, nuint first, nuint second, nuint third, nuint fourth);

    [LibraryImport("libc", EntryPoint = "getppid")]
    private static partial int Parent();
}
