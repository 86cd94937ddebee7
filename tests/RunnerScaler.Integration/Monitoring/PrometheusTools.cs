namespace RunnerScaler.Integration.Monitoring;

/// <summary>The real <c>prometheus</c> and <c>promtool</c>, where the machine has them on its PATH.</summary>
internal static class PrometheusTools
{
    /// <summary>The program's path; the test is skipped, with the reason, where there is none.</summary>
    public static string Server => Find("prometheus");

    /// <inheritdoc cref="Server"/>
    public static string Promtool => Find("promtool");

    private static string Find(string name)
    {
        var path = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
            .Select(folder => Path.Combine(folder, name)).FirstOrDefault(File.Exists);
        Assert.SkipWhen(path is null, $"{name} is not on PATH: on Debian, the package prometheus has it");
        return path!;
    }
}
