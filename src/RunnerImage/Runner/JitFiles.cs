using System.Text.Json;
using RunnerImage.Posix;

namespace RunnerImage.Runner;

/// <summary>
/// A JIT config as the files that GitHub's runner makes of it: base64 of a JSON object from file names to contents,
/// which are base64 again (https://github.com/actions/runner/blob/main/src/Runner.Listener/Runner.cs).
/// </summary>
/// <remarks>
/// Given as an argument or in <c>ACTIONS_RUNNER_INPUT_JITCONFIG</c>, it would stay readable for every step in the
/// listener's <c>/proc/PID/cmdline</c> or <c>/proc/PID/environ</c> for as long as the job runs, even after the runner
/// has removed its files. So these files are written here, as <c>config.sh</c> does for a runner that is registered by
/// hand, and the listener finds itself configured.
/// </remarks>
internal static class JitFiles
{
    /// <summary>The variable that GitHub documents for the JIT config.</summary>
    public const string Variable = "ACTIONS_RUNNER_INPUT_JITCONFIG";

    /// <summary>Without it the listener would not think itself configured.</summary>
    private const string Settings = ".runner";

    /// <summary>Reads a JIT config.</summary>
    /// <returns>Null if it is of another form than described: a newer runner may know it.</returns>
    public static IReadOnlyDictionary<string, byte[]>? Decode(string jitConfig)
    {
        try
        {
            using var json = JsonDocument.Parse(Convert.FromBase64String(jitConfig));
            if (json.RootElement.ValueKind != JsonValueKind.Object)
                return null;
            var files = new Dictionary<string, byte[]>(StringComparer.Ordinal);
            foreach (var property in json.RootElement.EnumerateObject())
            {
                if (!IsPlainName(property.Name) || property.Value.ValueKind != JsonValueKind.String)
                    return null;
                files[property.Name] = property.Value.GetBytesFromBase64();
            }

            return files.ContainsKey(Settings) ? files : null;
        }
        catch (Exception error) when (error is FormatException or JsonException)
        {
            return null;
        }
    }

    /// <summary>Writes the files into the runner's folder, readable for this user alone.</summary>
    /// <exception cref="IOException">The folder cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder cannot be written.</exception>
    public static void Write(string folder, IReadOnlyDictionary<string, byte[]> files)
    {
        foreach (var (name, content) in files)
            PrivateFile.Write(Path.Combine(folder, name), content);
    }

    /// <summary>A hidden file of the folder itself, nothing above it or below.</summary>
    private static bool IsPlainName(string name) =>
        name.Length > 1 && name[0] == '.' && name != ".." && !name.Contains('/') && !name.Contains('\0');
}
