using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using RunnerScaler.GitHub.Responses;
using RunnerScaler.Protocol;
using RunnerScaler.Scaling.Jobs;
using RunnerScaler.Scaling.Pools;

namespace RunnerScaler.GitHub.ScaleSets;

/// <summary>
/// Reads a message of a scale set's queue. What the message tells of single jobs may be of no known kind, or no JSON at
/// all: the totals beside it count all the same.
/// </summary>
internal sealed record MessageData(ScaleSetMessage Message, ImmutableArray<string> Unknown) : IFromJson<MessageData>
{
    private const string JobMessages = "RunnerScaleSetJobMessages";
    private const int MostLabels = 100;
    private const int LongestName = 200;
    private const int LongestLabel = 256;

    /// <summary>The service sends 50 at a time.</summary>
    private const int MostEvents = 1000;

    /// <summary>GitHub's own zero of time, and what is before it, means that nothing was said.</summary>
    private static readonly DateTimeOffset Earliest = new(2000, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public static MessageData? Read(JsonElement json)
    {
        if (json.Id("messageId") is not (>= 0 and { } id))
            return null;
        var statistics = StatisticsData.Read(json.Member("statistics"));
        if (json.Text("messageType") != JobMessages)
            return new(new(id, [], statistics), ["message type"]);
        var body = (json.Text("body") ?? "").TrimStart('\uFEFF');
        if (body.Length == 0)
            return new(new(id, [], statistics), []);
        var unknown = ImmutableArray.CreateBuilder<string>();
        return new(new(id, ReadEvents(body, unknown), statistics), unknown.ToImmutable());
    }

    private static ImmutableArray<ScaleSetEvent> ReadEvents(string body, ImmutableArray<string>.Builder unknown)
    {
        try
        {
            using var list = JsonDocument.Parse(body);
            if (list.RootElement.ValueKind != JsonValueKind.Array)
            {
                unknown.Add("message body");
                return [];
            }
            var events = ImmutableArray.CreateBuilder<ScaleSetEvent>();
            foreach (var entry in list.RootElement.EnumerateArray().Take(MostEvents))
                if (ReadEvent(entry) is { } said)
                    events.Add(said);
                else
                    unknown.Add("message entry");
            return events.ToImmutable();
        }
        catch (JsonException)
        {
            unknown.Add("message body");
            return [];
        }
    }

    private static ScaleSetEvent? ReadEvent(JsonElement entry)
    {
        var kind = entry.Text("messageType") switch
        {
            "JobAvailable" => ScaleSetEventKind.Available,
            "JobAssigned" => ScaleSetEventKind.Assigned,
            "JobStarted" => ScaleSetEventKind.Started,
            "JobCompleted" => ScaleSetEventKind.Completed,
            _ => (ScaleSetEventKind?)null,
        };
        var request = Math.Max(0, entry.Id("runnerRequestId") ?? 0);
        var job = Line(entry, "jobId") is { Length: > 0 } text ? text : $"{entry.Id("jobId")}";
        if (kind is null || (request == 0 && job.Length == 0))
            return null;

        // Where GitHub assigns jobs by itself there are no requests, and the job is named by its own id alone.
        var key = request > 0 ? $"request {request}" : job;
        return new()
        {
            Kind = kind.Value,
            Key = key,
            RequestId = request,
            JobId = entry.Id("jobId") is > 0 and { } id ? id : IdFor(key),
            RunId = entry.Id("workflowRunId") ?? 0,
            Owner = Line(entry, "ownerName"),
            Repository = Line(entry, "repositoryName"),
            Name = Line(entry, "jobDisplayName"),
            Labels = LabelSet.Of((entry.Texts("requestLabels") ?? [])
                .Take(MostLabels).Select(l => PlainText.Line(l, LongestLabel)).Where(l => l.Length > 0)),
            QueuedAt = Time(entry, "queueTime"),
            StartedAt = Time(entry, "runnerAssignTime"),
            EndedAt = Time(entry, "finishTime"),
            RunnerName = Line(entry, "runnerName") is { Length: > 0 } runner ? runner : null,
            Result = Line(entry, "result") is { Length: > 0 } result ? result : null,
        };
    }

    /// <summary>Stands for the id of a job that is named otherwise: less than 0, which no id of GitHub's is.</summary>
    private static long IdFor(string key)
    {
        var digest = SHA256.HashData(Encoding.UTF8.GetBytes(key));
        return -1 - (BinaryPrimitives.ReadInt64LittleEndian(digest) & (long.MaxValue >> 1));
    }

    private static string Line(JsonElement entry, string name) =>
        PlainText.Line(entry.Text(name) ?? "", LongestName);

    private static DateTimeOffset? Time(JsonElement entry, string name) =>
        entry.Time(name) is { } time && time > Earliest ? time : null;
}
