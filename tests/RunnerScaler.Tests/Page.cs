namespace RunnerScaler.Tests;

/// <summary>A page of <c>docs/</c>.</summary>
internal static class Page
{
    public static string Read(string name)
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "RunnerScaler.sln")))
            folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("No solution above.");
        return File.ReadAllText(Path.Combine(folder, "docs", name));
    }
}
