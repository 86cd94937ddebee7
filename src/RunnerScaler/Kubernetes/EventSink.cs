using System.Globalization;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using RunnerScaler.Control.Ports;
using RunnerScaler.Control.Work;
using RunnerScaler.Kubernetes.Api;
using RunnerScaler.Protocol;
using RunnerScaler.Scaling.Pools;
using RunnerScaler.Scaling.Runners;

namespace RunnerScaler.Kubernetes;

/// <summary>
/// Publishes Events of
/// <see href="https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/event-v1/">events.k8s.io/v1</see>.
/// Publishing never waits: what is too much is dropped.
/// </summary>
/// <param name="api">The API server.</param>
/// <param name="instance">This process, as the Event's reporter.</param>
/// <param name="uidOf">The uid of a pool: <c>kubectl describe</c> shows only Events that name it.</param>
/// <param name="leader">Nothing is written without it.</param>
/// <param name="random">Makes the Events' names unique.</param>
/// <param name="time">The clock.</param>
/// <param name="log">Told of Events that could not be published.</param>
internal sealed partial class EventSink(
    ApiServer api,
    string instance,
    Func<PoolKey, string?> uidOf,
    LeaderGate leader,
    Random random,
    TimeProvider time,
    ILogger<EventSink> log) : IEventSink
{
    private const int MostWaiting = 256;
    private const int LongestNote = 1000;
    private const int LongestInstance = 128;
    private const string MicroTime = "yyyy-MM-ddTHH:mm:ss.ffffffZ";
    private static readonly TimeSpan Quiet = TimeSpan.FromMinutes(2);

    private readonly Channel<Notice> waiting =
        Channel.CreateBounded<Notice>(
            new BoundedChannelOptions(MostWaiting) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly Dictionary<Notice, long> published = [];
    private readonly Lock guard = new();

    public void Publish(PoolKey pool, bool warning, string reason, string note) =>
        Publish(new(pool, null, warning, reason, PlainText.Line(note, LongestNote)));

    public void Publish(PodFacts pod, bool warning, string reason, string note) =>
        Publish(new(
            pod.Pool, new(Slot.PodName(pod.Pool.Name, pod.Slot), pod.Uid), warning, reason,
            PlainText.Line(note, LongestNote)));

    /// <summary>Sends what was published, until it is cancelled.</summary>
    public async Task RunAsync(CancellationToken cancel)
    {
        while (await waiting.Reader.WaitToReadAsync(cancel))
            while (waiting.Reader.TryRead(out var notice))
                await SendAsync(notice, cancel);
    }

    private void Publish(Notice notice)
    {
        if (leader.IsOpen && IsNew(notice))
            waiting.Writer.TryWrite(notice);
    }

    private bool IsNew(Notice notice)
    {
        lock (guard)
        {
            foreach (var (old, at) in published.ToList())
                if (time.GetElapsedTime(at) >= Quiet)
                    published.Remove(old);
            return published.TryAdd(notice, time.GetTimestamp());
        }
    }

    private async Task SendAsync(Notice notice, CancellationToken cancel)
    {
        if (Regarding(notice) is not { } regarding || !leader.IsOpen)
            return;
        var answer = await api.SendAsync(
            HttpMethod.Post, ResourcePaths.Events(notice.Pool.Namespace), Write(notice, regarding), cancel);
        if (!answer.Ok)
            LogFailed(notice.Reason, notice.Pool, answer.Why);
    }

    private JsonObject? Regarding(Notice notice)
    {
        if (notice.Pod is { } pod)
            return Reference("v1", "Pod", notice.Pool.Namespace, pod.Name, pod.Uid);
        return uidOf(notice.Pool) is { } uid
            ? Reference(
                ResourcePaths.ApiVersion, ResourcePaths.PoolKind, notice.Pool.Namespace, notice.Pool.Name, uid)
            : null;
    }

    private static JsonObject Reference(string version, string kind, string ns, string name, string uid) => new()
    {
        ["apiVersion"] = version,
        ["kind"] = kind,
        ["namespace"] = ns,
        ["name"] = name,
        ["uid"] = uid,
    };

    private JsonObject Write(Notice notice, JsonObject regarding) => new()
    {
        ["apiVersion"] = "events.k8s.io/v1",
        ["kind"] = "Event",
        ["metadata"] = new JsonObject
        {
            ["name"] = string.Create(
                CultureInfo.InvariantCulture, $"{notice.Pod?.Name ?? notice.Pool.Name}.{random.NextInt64():x16}"),
            ["namespace"] = notice.Pool.Namespace,
        },
        ["eventTime"] = time.GetUtcNow().UtcDateTime.ToString(MicroTime, CultureInfo.InvariantCulture),
        ["reportingController"] = $"{ResourcePaths.Group}/controller",
        ["reportingInstance"] = instance.Length <= LongestInstance ? instance : instance[..LongestInstance],
        ["action"] = "Reconcile",
        ["reason"] = notice.Reason,
        ["note"] = notice.Note,
        ["type"] = notice.Warning ? "Warning" : "Normal",
        ["regarding"] = regarding,
    };

    [LoggerMessage(
        Level = LogLevel.Debug, Message = "The Event {Reason} about pool {Pool} was not published: {Why}")]
    private partial void LogFailed(string reason, PoolKey pool, string why);

    /// <param name="Pool">The pool that it is about, or whose pod.</param>
    /// <param name="Pod">The pod that it is about; null for the pool.</param>
    private sealed record Notice(PoolKey Pool, PodReference? Pod, bool Warning, string Reason, string Note);

    private sealed record PodReference(string Name, string Uid);
}
