using System.Text.Json;
using System.Text.RegularExpressions;

namespace RunnerScaler.Protocol;

/// <summary>
/// The job that a pod has had, as its runner told the program in the pod
/// (<see href="https://docs.github.com/actions/reference/workflows-and-actions/variables">default variables</see>). A job
/// can write another: what cannot be is none.
/// </summary>
/// <param name="Repository">The repository, as <c>owner/name</c>.</param>
/// <param name="RunId">The workflow run.</param>
/// <param name="Time">From its start to the end of the pod's program, to the millisecond.</param>
internal sealed partial record JobReport(string Repository, long RunId, TimeSpan Time)
{
    /// <summary>The greatest number that every reader of JSON keeps.</summary>
    private const long MostRunId = 1L << 53;

    /// <summary>The job as it is told, by pod and controller alike; null if it cannot be.</summary>
    public JobReport? Bounded =>
        RunId is > 0 and <= MostRunId && JsonSeconds.IsTold(Time) && Names().IsMatch(Repository) ? this : null;

    /// <summary>Whether its repository is this one.</summary>
    public bool IsOf(string owner, string name) =>
        Repository.Equals($"{owner}/{name}", StringComparison.OrdinalIgnoreCase);

    /// <returns>The job that an object tells of; null if it tells of none.</returns>
    public static JobReport? Read(JsonElement job) =>
        TolerantJson.Text(job, "repository") is { } repository
        && TolerantJson.Long(job, "runId") is { } run
        && JsonSeconds.Read(job, "seconds") is { } time
            ? new JobReport(repository, run, time).Bounded
            : null;

    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("repository", Repository);
        json.WriteNumber("runId", RunId);
        JsonSeconds.Write(json, "seconds", Time);
        json.WriteEndObject();
    }

    [GeneratedRegex(@"^[A-Za-z0-9._-]{1,100}/[A-Za-z0-9._-]{1,100}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Names();
}
