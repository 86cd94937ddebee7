namespace RunnerScaler.Tests.Tidy;

/// <summary>The repository that this assembly was built in.</summary>
internal static class Repository
{
    private static readonly HashSet<string> Skipped =
        ["artifacts", "node_modules", ".git", ".vs", ".idea", "bin", "obj", "TestResults", "BenchmarkDotNet.Artifacts"];

    /// <summary>How far a file is searched for what no text holds, as git does.</summary>
    private const int Sample = 8000;

    public static string Root { get; } = FindRoot();

    /// <summary>All text files, build output and installed packages left out, in order of their paths.</summary>
    public static IReadOnlyList<SourceFile> Files { get; } = [.. Read().OrderBy(f => f.Path, StringComparer.Ordinal)];

    public static IEnumerable<SourceFile> CSharp(string folder) =>
        Files.Where(f => f.IsCSharp && f.IsUnder(folder));

    public static bool Exists(string path) => Path.Exists(Path.Combine(Root, path));

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "RunnerScaler.sln")))
                return folder.FullName;
        throw new InvalidOperationException(
            $"No RunnerScaler.sln above {AppContext.BaseDirectory}: run the tests from the repository's own output.");
    }

    private static IEnumerable<SourceFile> Read()
    {
        var folders = new Stack<DirectoryInfo>([new DirectoryInfo(Root)]);
        while (folders.TryPop(out var folder))
        {
            foreach (var inner in folder.EnumerateDirectories())
                if (!Skipped.Contains(inner.Name))
                    folders.Push(inner);
            foreach (var file in folder.EnumerateFiles())
                if (File.ReadAllText(file.FullName) is var text && IsText(text))
                    yield return new SourceFile(Relative(file), text);
        }
    }

    private static bool IsText(string content) => !content.AsSpan(0, int.Min(content.Length, Sample)).Contains('\0');

    private static string Relative(FileInfo file) => Path.GetRelativePath(Root, file.FullName).Replace('\\', '/');
}
