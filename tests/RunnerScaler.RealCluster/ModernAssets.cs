namespace RunnerScaler.RealCluster;

/// <summary>
/// Programs of newer releases than Debian 12 has, for what the release in <see cref="RealApiServer.AssetsVariable"/>
/// cannot do.
/// </summary>
internal static class ModernAssets
{
    /// <summary>The environment variable that names their folder.</summary>
    public const string Variable = "RUNNERSCALER_MODERN_ASSETS";

    /// <summary>The path of one.</summary>
    public static string PathOf(string program) => Path.Combine(Environment.GetEnvironmentVariable(Variable)!, program);

    /// <summary>Why they are not here; null when they are.</summary>
    /// <param name="programs">Those that are needed.</param>
    public static string? WhyNot(params IEnumerable<string> programs)
    {
        var folder = Environment.GetEnvironmentVariable(Variable);
        if (string.IsNullOrEmpty(folder))
            return $"set {Variable} to a folder with {string.Join(", ", programs)} to run this";
        var missing = programs.Where(p => !File.Exists(Path.Combine(folder, p))).ToList();
        return missing.Count == 0 ? null : $"{Variable}={folder} has no {string.Join(" and no ", missing)}";
    }
}
