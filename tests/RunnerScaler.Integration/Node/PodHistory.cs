using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using RunnerScaler.Sandbox.Box;
using RunnerScaler.Sandbox.Cluster.Nodes;
using RunnerScaler.Sandbox.Cluster.Store;

namespace RunnerScaler.Integration.Node;

/// <summary>What became of one pod, as the API server told it.</summary>
internal sealed class PodStory(string name, string uid)
{
    public string Name { get; } = name;

    public string Uid { get; } = uid;

    /// <summary>As it was last.</summary>
    public JsonObject Last { get; set; } = [];

    public DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset? RunningAt { get; set; }

    public DateTimeOffset? EndedAt { get; set; }

    public DateTimeOffset? GoneAt { get; set; }

    public string? Node => Last.Text("spec", "nodeName");

    public bool IsDeleting => Last.Text("metadata", "deletionTimestamp") is not null;

    /// <summary>How the runner container ended: its exit code, reason and message.</summary>
    public (long? Code, string? Reason, string? Message) End =>
        (Runner.Number("state", "terminated", "exitCode"), Runner.Text("state", "terminated", "reason"),
            Runner.Text("state", "terminated", "message"));

    private JsonObject Runner => Last.Objects("status", "containerStatuses").SingleOrDefault() ?? [];

    public bool Is(string state) => Runner.At("state", state) is not null;
}

/// <summary>Watches the pods, so that nothing short-lived is missed.</summary>
internal sealed class PodHistory(KubeHttp http) : IAsyncDisposable
{
    private readonly CancellationTokenSource stop = new();
    private readonly ConcurrentDictionary<string, PodStory> stories = [];
    private Task watching = Task.CompletedTask;

    public void Start() => watching = WatchAsync();

    /// <summary>All pods that a pool ever had, the oldest first.</summary>
    public IReadOnlyList<PodStory> Of(string pool) => [.. stories.Values
        .Where(s => s.Name.StartsWith($"{pool}-", StringComparison.Ordinal))
        .OrderBy(s => s.CreatedAt)];

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await watching;
        stop.Dispose();
    }

    private async Task WatchAsync()
    {
        var path = $"/api/v1/namespaces/{ClusterBox.Namespace}/pods?watch=true&timeoutSeconds=3600";
        try
        {
            await foreach (var change in http.WatchAsync(path, stop.Token))
                if (change["object"] is JsonObject pod && pod.Text("metadata", "uid") is { } uid)
                    Note(uid, pod, isGone: change.Text("type") == "DELETED");
        }
        catch (OperationCanceledException)
        {
            // The tests are over.
        }
    }

    private void Note(string uid, JsonObject pod, bool isGone)
    {
        var now = TimeProvider.System.GetUtcNow();
        var story = stories.GetOrAdd(
            uid, _ => new PodStory(pod.Text("metadata", "name")!, uid) { CreatedAt = now });
        story.Last = pod;
        if (story.Is("running"))
            story.RunningAt ??= now;
        if (story.Is("terminated"))
            story.EndedAt ??= now;
        if (isGone)
            story.GoneAt = now;
    }
}
