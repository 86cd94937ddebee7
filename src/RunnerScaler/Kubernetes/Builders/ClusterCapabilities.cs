using System.Collections.Immutable;
using RunnerScaler.Control.Work;
using RunnerScaler.Kubernetes.Api;

namespace RunnerScaler.Kubernetes.Builders;

/// <summary>Looks at the start, and every few minutes, at what the cluster can do.</summary>
internal sealed partial class ClusterCapabilities(
    ApiServer api, Heartbeats heartbeats, Random random, TimeProvider time, ILogger<ClusterCapabilities> log)
{
    public static readonly TimeSpan Period = TimeSpan.FromMinutes(5);

    private const string Loop = "cluster facts";
    private const int PageSize = 200;

    private volatile ClusterFacts? current;

    /// <summary>What is known may be different now.</summary>
    public event Action? Changed;

    /// <exception cref="InvalidOperationException">Nothing was seen yet: see <see cref="EnsureAsync"/>.</exception>
    public ClusterFacts Current => current ?? throw new InvalidOperationException("The cluster was not looked at yet.");

    /// <summary>Looks until there is something to know.</summary>
    public async Task EnsureAsync(CancellationToken cancel)
    {
        var backoff = new Backoff(random);
        while (current is null)
            if (!await ReadAsync(cancel))
                await Task.Delay(backoff.Next(), time, cancel);
    }

    /// <summary>Looks from time to time, until it is cancelled.</summary>
    public async Task RunAsync(CancellationToken cancel)
    {
        using var timer = new PeriodicTimer(Period, time);
        heartbeats.Beat(Loop, Period * 3);
        while (await timer.WaitForNextTickAsync(cancel))
            using (heartbeats.Outside(Loop, Period * 3))
                await ReadAsync(cancel);
    }

    /// <returns>Whether anything could be seen.</returns>
    public async Task<bool> ReadAsync(CancellationToken cancel)
    {
        var version = await api.GetAsync("/version", cancel);
        var numbers = $"{version.Root.Text("major")}.{version.Root.Text("minor")}";
        if (!version.Ok || (Release.Parse(numbers) ?? Release.Parse(version.Root.Text("gitVersion"))) is not { } server)
        {
            LogFailed(version.Ok ? $"its release '{numbers}' is none" : version.Why);
            return false;
        }
        if (server < ClusterFacts.OldestServer && current?.Server != server)
            LogTooOld(server, ClusterFacts.OldestServer);
        current = new ClusterFacts(server, await NodesAsync(cancel));
        Changed?.Invoke();
        return true;
    }

    private async Task<NodeReading> NodesAsync(CancellationToken cancel)
    {
        var nodes = ImmutableArray.CreateBuilder<NodeFacts>();
        var more = "";
        do
        {
            var path = $"{ResourcePaths.Nodes}?limit={PageSize}{(more.Length > 0 ? "&continue=" : "")}"
                + Uri.EscapeDataString(more);
            var page = await api.GetAsync(path, cancel);
            if (!page.Ok)
                return Failed(page);
            nodes.AddRange(page.Root.Each("items").Select(NodeReader.Read));
            more = page.Metadata.Text("continue") ?? "";
        }
        while (more.Length > 0);
        return new NodeReading.Known(nodes.ToImmutable());
    }

    // What the nodes could do a moment ago, they can still do: a hiccup is no reason to replace pods.
    private NodeReading Failed(ApiAnswer answer)
    {
        LogNodesFailed(answer.Why);
        return answer.Unclear && current?.Nodes is NodeReading.Known known
            ? known
            : new NodeReading.Unknown($"the API server answered: {answer.Why.TrimEnd('.')}");
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The API server's release could not be read: {Why}")]
    private partial void LogFailed(string why);

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "The API server is Kubernetes {Release}, and {Oldest} is the oldest that is supported: pools with "
            + "sidecars are refused, and other things may fail; upgrade the cluster")]
    private partial void LogTooOld(Release release, Release oldest);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The nodes could not be read: {Why}")]
    private partial void LogNodesFailed(string why);
}
