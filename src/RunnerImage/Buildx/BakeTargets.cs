using System.Text.Json;
using RunnerImage.Posix;

namespace RunnerImage.Buildx;

/// <summary>
/// The targets of a bake. Where each goes stands in files that only buildx can read, so it is asked.
/// </summary>
internal static class BakeTargets
{
    /// <summary>Asks which target goes into Docker.</summary>
    /// <param name="buildx">The real buildx.</param>
    /// <param name="line">The call of <c>bake</c>.</param>
    /// <param name="scratch">A file to use.</param>
    /// <returns>Its name; null if there is none, or that cannot be known: a file that came as input is gone.</returns>
    /// <exception cref="IOException">The file cannot be used.</exception>
    /// <exception cref="UnauthorizedAccessException">The file cannot be used.</exception>
    public static string? AskThatLoads(string buildx, BuildxLine line, string scratch, CancellationToken cancel)
    {
        string[] question = [.. line.Arguments.Take(line.CommandAt + 1), "--print",
            .. line.Arguments.Skip(line.CommandAt + 1)];
        var end = new Child().Run(Environment.ProcessPath!, Kin.Arguments([], buildx, question, scratch), cancel);
        return end is (0, 0) ? ThatLoads(File.ReadAllBytes(scratch)) : null;
    }

    /// <param name="printed">What <c>bake --print</c> prints.</param>
    public static string? ThatLoads(byte[] printed)
    {
        try
        {
            using var json = JsonDocument.Parse(printed);
            return Property(json.RootElement, "target") is { ValueKind: JsonValueKind.Object } targets
                ? targets.EnumerateObject().Where(t => OneLoads(t.Value)).Select(t => t.Name).FirstOrDefault()
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static bool OneLoads(JsonElement target) =>
        Property(target, "output") is { ValueKind: JsonValueKind.Array } outputs && outputs.EnumerateArray().Any(Loads);

    /// <summary>Older releases print an output as the flag has it, newer ones its fields.</summary>
    private static bool Loads(JsonElement output) => output.ValueKind == JsonValueKind.String
        ? BuildCheck.LoadsIntoDocker(output.GetString())
        : BuildCheck.LoadsIntoDocker(Text(output, "type"), Text(output, "dest"));

    private static string? Text(JsonElement fields, string name) =>
        Property(fields, name) is { ValueKind: JsonValueKind.String } text ? text.GetString() : null;

    private static JsonElement? Property(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) ? value : null;
}
