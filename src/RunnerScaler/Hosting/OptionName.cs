namespace RunnerScaler.Hosting;

/// <summary>How an option is called where it can be set, and how its problems are told.</summary>
internal static class OptionName
{
    /// <summary>Its name and its environment variable, as every message shows them.</summary>
    /// <param name="path">Its path below <see cref="ScalerOptions.Root"/>: <c>Web:Port</c>.</param>
    public static string Describe(string path) => $"{path} ({Variable(path)})";

    public static string Variable(string path) =>
        $"{ScalerOptions.Root.ToUpperInvariant()}__{path.Replace(":", "__", StringComparison.Ordinal)}";

    /// <param name="path">As for <see cref="Describe"/>.</param>
    /// <param name="value">The value that it has.</param>
    /// <param name="wanted">What may be written instead.</param>
    public static string OutOfRange(string path, object? value, string wanted) =>
        $"{Describe(path)} is {OptionValue.Show(value)}: set {wanted}.";
}
