using System.Globalization;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using RunnerScaler.Control.Ports;
using RunnerScaler.Control.Work;
using RunnerScaler.Kubernetes.Api;
using RunnerScaler.Protocol;
using RunnerScaler.Scaling.Pools;

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

    public void Publish(PoolKey pool, bool warning, string reason, string note)
    {
        var notice = new Notice(pool, warning, reason, PlainText.Line(note, LongestNote));
        if (leader.IsOpen && IsNew(notice))
            waiting.Writer.TryWrite(notice);
    }

    /// <summary>Sends what was published, until it is cancelled.</summary>
    public async Task RunAsync(CancellationToken cancel)
    {
        while (await waiting.Reader.WaitToReadAsync(cancel))
            while (waiting.Reader.TryRead(out var notice))
                await SendAsync(notice, cancel);
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
        if (uidOf(notice.Pool) is not { } uid || !leader.IsOpen)
            return;
        var answer = await api.SendAsync(
            HttpMethod.Post, ResourcePaths.Events(notice.Pool.Namespace), Write(notice, uid), cancel);
        if (!answer.Ok)
            LogFailed(notice.Reason, notice.Pool, answer.Why);
    }

    private JsonObject Write(Notice notice, string uid) => new()
    {
        ["apiVersion"] = "events.k8s.io/v1",
        ["kind"] = "Event",
        ["metadata"] = new JsonObject
        {
            ["name"] = string.Create(CultureInfo.InvariantCulture, $"{notice.Pool.Name}.{random.NextInt64():x16}"),
            ["namespace"] = notice.Pool.Namespace,
        },
        ["eventTime"] = time.GetUtcNow().UtcDateTime.ToString(MicroTime, CultureInfo.InvariantCulture),
        ["reportingController"] = $"{ResourcePaths.Group}/controller",
        ["reportingInstance"] = instance.Length <= LongestInstance ? instance : instance[..LongestInstance],
        ["action"] = "Reconcile",
        ["reason"] = notice.Reason,
        ["note"] = notice.Note,
        ["type"] = notice.Warning ? "Warning" : "Normal",
        ["regarding"] = new JsonObject
        {
            ["apiVersion"] = ResourcePaths.ApiVersion,
            ["kind"] = ResourcePaths.PoolKind,
            ["namespace"] = notice.Pool.Namespace,
            ["name"] = notice.Pool.Name,
            ["uid"] = uid,
        },
    };

    [LoggerMessage(
        Level = LogLevel.Debug, Message = "The Event {Reason} about pool {Pool} was not published: {Why}")]
    private partial void LogFailed(string reason, PoolKey pool, string why);

    private sealed record Notice(PoolKey Pool, bool Warning, string Reason, string Note);
}
