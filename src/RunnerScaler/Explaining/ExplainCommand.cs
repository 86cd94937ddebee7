namespace RunnerScaler.Explaining;

/// <summary>The command that explains something, as it can be pasted into a shell.</summary>
internal static class ExplainCommand
{
    /// <param name="what">A job's or run's address, a pool or a pod.</param>
    public static string For(string what) => $"runnerscaler explain {Word(what)}";

    /// <summary>
    /// One word for the shell, whatever is in it
    /// (<see href="https://pubs.opengroup.org/onlinepubs/9799919799/utilities/V3_chap02.html#tag_19_02_02">quoting</see>).
    /// </summary>
    private static string Word(string text) => text.All(c => char.IsAsciiLetterOrDigit(c) || "-._/:".Contains(c))
        ? text
        : $"'{text.Replace("'", @"'\''", StringComparison.Ordinal)}'";
}
