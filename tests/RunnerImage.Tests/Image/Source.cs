namespace RunnerImage.Tests.Image;

/// <summary>The repository that this assembly was built in.</summary>
internal static class Source
{
    public static string Root { get; } = FindRoot();

    public static string Path(string relative) => System.IO.Path.Combine(Root, relative);

    public static string Read(string relative) => File.ReadAllText(Path(relative));

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(System.IO.Path.Combine(folder.FullName, "RunnerScaler.sln")))
                return folder.FullName;
        throw new InvalidOperationException(
            $"No RunnerScaler.sln above {AppContext.BaseDirectory}: run the tests from the repository's own output.");
    }
}
