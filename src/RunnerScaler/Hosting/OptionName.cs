namespace RunnerScaler.Hosting;

/// <summary>How an option is called where it can be set, and how its problems are told.</summary>
internal static class OptionName
{
    /// <summary>Its name and its environment variable, as every message shows them.</summary>
    /// <param name="path">Its path below <see cref="ScalerOptions.Root"/>: <c>Web:Port</c>.</param>
    public static string Describe(string path) => $"{path} ({Variable(path)})";

    public static string Variable(string path) =>
        $"{ScalerOptions.Root.ToUpperInvariant()}__{path.Replace(":", "__", StringComparison.Ordinal)}";

    public static string OutOfRange(string path, object? value, object? least, object? most) =>
        $"{Describe(path)} is {OptionValue.Show(value)}: set {OptionValue.Show(least)} to {OptionValue.Show(most)}.";
}
