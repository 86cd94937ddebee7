using System.Buffers;
using System.Text;
using System.Text.Json;

namespace RunnerScaler.Sandbox.GitHub.Rest;

/// <summary>
/// Messages as a scale set gets them. A job that was assigned without having been offered has no request and no more
/// times than GitHub tells of it then; one that was offered has all, the year 1 for those that are not known yet.
/// </summary>
internal static class MessageJson
{
    public static void WriteMessage(this Utf8JsonWriter json, ScaleSetMessage message, ActionsCall call)
    {
        json.WriteStartObject();
        json.WriteNumber("messageId", message.Id);
        json.WriteString("messageType", "RunnerScaleSetJobMessages");
        json.WriteString("body", message.Entries.Count == 0 ? "" : Body(message.Entries, call));
        json.WritePropertyName("statistics");
        json.WriteStatistics(message.Statistics);
        json.WriteEndObject();
    }

    private static string Body(IReadOnlyList<ScaleSetEntry> entries, ActionsCall call)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        using (var json = new Utf8JsonWriter(buffer)) json.WriteArray(entries, entry => Write(json, entry, call));
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private static void Write(Utf8JsonWriter json, ScaleSetEntry entry, ActionsCall call)
    {
        var job = entry.Job;
        var repository = call.Organization.RepositoryOf(job);
        var run = call.Organization.FindRun(job.RunId)!;
        json.WriteStartObject();
        json.WriteString("messageType", $"{entry.Event}");
        json.WriteNumber("runnerRequestId", entry.IsRequest ? job.RequestId : 0);
        json.WriteString("repositoryName", repository.Name);
        json.WriteString("ownerName", repository.Owner.Login);
        json.WriteString("jobId", job.Guid);
        json.WriteString(
            "jobWorkflowRef", $"{repository.FullName}/{run.WorkflowPath}@refs/heads/{run.Branch}");
        json.WriteString("jobDisplayName", job.Name);
        json.WriteNumber("workflowRunId", job.RunId);
        json.WriteString("eventName", run.Event);
        json.WriteArray("requestLabels", job.Labels, json.WriteStringValue);
        WriteTimes(json, entry);
        WriteRest(json, entry, call);
        json.WriteEndObject();
    }

    private static void WriteTimes(Utf8JsonWriter json, ScaleSetEntry entry)
    {
        var job = entry.Job;
        void Time(string name, DateTimeOffset? time)
        {
            if (time is not null || entry.IsRequest) json.WriteTime(name, time ?? DateTimeOffset.MinValue);
        }

        Time("queueTime", entry.IsRequest ? job.QueuedAt : null);
        Time("scaleSetAssignTime", job.SetAssignedAt);
        Time("runnerAssignTime", job.StartedAt);
        Time("finishTime", entry.Event == ScaleSetEvent.JobCompleted ? entry.At : null);
    }

    private static void WriteRest(Utf8JsonWriter json, ScaleSetEntry entry, ActionsCall call)
    {
        if (entry.Event == ScaleSetEvent.JobAvailable)
            json.WriteString("acquireJobUrl", $"{call.Site}/acquire/{entry.Job.RequestId}");
        if (entry.Event is not (ScaleSetEvent.JobStarted or ScaleSetEvent.JobCompleted)) return;
        json.WriteNumber("runnerId", entry.Job.Runner?.Id ?? 0);
        json.WriteString("runnerName", entry.Job.Runner?.Name ?? "");
        if (entry.Result is { } result) json.WriteString("result", Word(result));
    }

    private static string Word(JobConclusion result) => result switch
    {
        JobConclusion.Success or JobConclusion.Neutral => "succeeded",
        JobConclusion.Cancelled => "canceled",
        JobConclusion.Skipped => "skipped",
        _ => "failed",
    };
}
