using System.Globalization;

namespace RunnerScaler.Scaling.Pools;

/// <summary>
/// Names that follow from a slot. A pod's name is its slot, so that the API server itself refuses a second one; the
/// runner's name also holds the pod's uid, so that it is never used twice.
/// </summary>
internal static class Slot
{
    /// <summary>GitHub's historic limit for runner names is 64; pod names that are to be host names have 63.</summary>
    private const int LongestName = 63;

    /// <summary>
    /// Digits of a slot number (4), the uid's part (8), an attempt (2), and the hyphens between them.
    /// </summary>
    public const int LongestPoolName = LongestName - 4 - 8 - 2 - 3;

    public static string PodName(string pool, int slot) =>
        string.Create(CultureInfo.InvariantCulture, $"{pool}-{slot}");

    /// <param name="pool">The pool's name.</param>
    /// <param name="slot">The slot's number.</param>
    /// <param name="uid">The pod's uid.</param>
    /// <param name="attempt">1 for the first identity; a further one gets a suffix.</param>
    public static string RunnerName(string pool, int slot, string uid, int attempt)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"{pool}-{slot}-{UidPart(uid)}");
        return attempt <= 1 ? name : string.Create(CultureInfo.InvariantCulture, $"{name}-{attempt}");
    }

    /// <summary>Whether a runner at GitHub has the name of a runner of this pool.</summary>
    public static bool IsRunnerOf(string pool, string runnerName, out int slot, out string uidPart)
    {
        slot = -1;
        uidPart = "";
        if (!runnerName.StartsWith(pool + "-", StringComparison.Ordinal))
            return false;
        var parts = runnerName[(pool.Length + 1)..].Split('-');
        if (parts.Length is < 2 or > 3 || parts[1].Length != 8 || !parts[1].All(char.IsAsciiHexDigitLower))
            return false;
        if (!IsNumber(parts[0], out slot) || (parts.Length == 3 && !IsNumber(parts[2], out _)))
            return false;
        uidPart = parts[1];
        return true;
    }

    /// <summary>The names that the pool of a runner of this name may have: what is before the slot.</summary>
    public static IEnumerable<string> PoolNamesIn(string runnerName)
    {
        var end = runnerName.Length;
        for (var parts = 1; parts <= 3 && end > 0; parts++)
        {
            end = runnerName.LastIndexOf('-', end - 1);
            if (end > 0 && parts >= 2)
                yield return runnerName[..end];
        }
    }

    public static string UidPart(string uid) => uid.Replace("-", "", StringComparison.Ordinal).PadRight(8, '0')[..8];

    private static bool IsNumber(string text, out int number) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
}
