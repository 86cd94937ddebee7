namespace RunnerScaler.Protocol;

/// <summary>Values of enums as the words that stand for them.</summary>
internal static class Word
{
    /// <summary>The value's name in small letters.</summary>
    public static string Lower<T>(T value) where T : struct, Enum => value.ToString().ToLowerInvariant();

    /// <returns>The value of exactly this name; null if there is none.</returns>
    public static T? Read<T>(string? name) where T : struct, Enum =>
        Enum.TryParse<T>(name, out var value) && value.ToString() == name ? value : null;

    /// <returns>The value whose name in small letters this is; null if there is none.</returns>
    public static T? ReadLower<T>(string? name) where T : struct, Enum =>
        Enum.TryParse<T>(name, ignoreCase: true, out var value) && Lower(value) == name ? value : null;
}
