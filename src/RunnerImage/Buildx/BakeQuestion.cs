using RunnerImage.Posix;

namespace RunnerImage.Buildx;

/// <summary>Asks buildx what a bake is about to do.</summary>
/// <param name="buildx">The real buildx.</param>
/// <param name="scratch">A file to use.</param>
internal sealed class BakeQuestion(string buildx, string scratch)
{
    /// <summary>The answer.</summary>
    /// <param name="Targets">The targets.</param>
    /// <param name="Allows">What buildx must be told to allow, as flags; older releases know no such flag.</param>
    internal sealed record Answer(IReadOnlyList<BakeTarget> Targets, IReadOnlyList<string> Allows);

    /// <param name="line">The call of <c>bake</c>.</param>
    /// <param name="input">
    /// What stands for the standard input, which can be read only once; null if nothing does.
    /// </param>
    /// <param name="folder">A folder that the bake will have to read and write besides its own.</param>
    /// <returns>Without targets if buildx does not say: then it will say why when it is called.</returns>
    /// <exception cref="IOException">The file cannot be used.</exception>
    /// <exception cref="UnauthorizedAccessException">The file cannot be used.</exception>
    public Answer Ask(BuildxLine line, string? input, string folder, CancellationToken cancel)
    {
        string[] allows = [$"--allow=fs.read={folder}", $"--allow=fs.write={folder}"];
        return Ask(line, input, allows, cancel) ?? Ask(line, input, [], cancel) ?? new([], []);
    }

    private Answer? Ask(BuildxLine line, string? input, string[] allows, CancellationToken cancel)
    {
        string[] question = [.. line.Arguments.Take(line.CommandAt + 1), "--print", .. allows,
            .. input is null ? line.Arguments.Skip(line.CommandAt + 1) : WithInput(line, input)];
        var end = new Child()
            .Run(Environment.ProcessPath!, ChildLauncher.Arguments([], buildx, question, scratch), cancel);
        return end is (0, 0) ? new(BakeTargets.Parse(File.ReadAllBytes(scratch)), allows) : null;
    }

    /// <summary>The arguments with a file in the place of <c>-f -</c>.</summary>
    private static IEnumerable<string> WithInput(BuildxLine line, string input) =>
        BuildxFlags.Bake.Read(line.Arguments, line.CommandAt + 1).SelectMany(t =>
            t.Is("file") && t.Value == "-"
                ? [$"--file={input}"]
                : line.Arguments.Skip(t.Start).Take(t.Count));
}
