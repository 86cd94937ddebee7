using System.Text.Json;

namespace RunnerScaler.Protocol;

/// <summary>
/// An image build of a job, as the program in the pod notes it: figures only. A job can write such notes: what cannot
/// be is no build, or is not known.
/// </summary>
/// <param name="Command">What was run.</param>
/// <param name="Result">How it ended.</param>
/// <param name="Time">How long it took, to the millisecond.</param>
/// <param name="Steps">How many steps it had; null if nobody knows.</param>
/// <param name="CachedSteps">How many of them came from the cache; null if nobody knows.</param>
internal readonly record struct Build(
    BuildCommand Command, BuildResult Result, TimeSpan Time, int? Steps, int? CachedSteps)
{
    private const int MostSteps = 100_000;

    /// <summary>When it began, by the pod's clock; null if nobody knows.</summary>
    public DateTimeOffset? BeganAt { get; init; }

    /// <summary>The build as it is told, by which pod and controller count alike; null if it cannot be.</summary>
    public Build? Bounded => !JsonSeconds.IsTold(Time) ? null
        : Steps is >= 0 and <= MostSteps && CachedSteps >= 0 && CachedSteps <= Steps ? this
        : this with { Steps = null, CachedSteps = null };

    /// <returns>The build that an object tells of; null if it is none.</returns>
    public static Build? Read(JsonElement build) =>
        Word.ReadLower<BuildCommand>(TolerantJson.Text(build, "command")) is { } command
        && Word.ReadLower<BuildResult>(TolerantJson.Text(build, "result")) is { } result
        && JsonSeconds.Read(build, "seconds") is { } time
            ? new Build(
                command, result, time, TolerantJson.Whole(build, "steps"), TolerantJson.Whole(build, "cachedSteps"))
            {
                BeganAt = JsonSeconds.ReadTime(build, "began"),
            }.Bounded
            : null;

    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("command", Word.Lower(Command));
        json.WriteString("result", Word.Lower(Result));
        JsonSeconds.Write(json, "seconds", Time);
        if (BeganAt is { } at)
            JsonSeconds.WriteTime(json, "began", at);
        WriteNumber(json, "steps", Steps);
        WriteNumber(json, "cachedSteps", CachedSteps);
        json.WriteEndObject();
    }

    private static void WriteNumber(Utf8JsonWriter json, string name, int? number)
    {
        if (number is { } value)
            json.WriteNumber(name, value);
        else
            json.WriteNull(name);
    }
}

internal enum BuildCommand
{
    Build,
    Bake,
}

internal enum BuildResult
{
    Success,
    Failure,
    Canceled,
}
