using System.Globalization;

namespace RunnerScaler.Sandbox.Cluster.Store;

/// <summary>resourceVersion as text: opaque to clients, a decimal number here as at the real server.</summary>
internal static class Versions
{
    public static string Write(long version) => version.ToString(CultureInfo.InvariantCulture);

    /// <summary>Reads a version; null and empty stand for "not given".</summary>
    /// <exception cref="KubeFailure">400 when the text is not a version of ours.</exception>
    public static long? Read(string? text)
    {
        if (string.IsNullOrEmpty(text))
            return null;
        return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var version)
            ? version
            : throw KubeFailure.BadRequest($"Invalid value: \"{text}\": resourceVersion must be a number");
    }
}
