using RunnerScaler.Control.Ports;
using RunnerScaler.Control.Work;
using RunnerScaler.Kubernetes.Api;
using RunnerScaler.Scaling.Pools;

namespace RunnerScaler.Kubernetes.Watching;

/// <summary>
/// Keeps a cache as the API server shows it: a list, then a watch, and again from where the watch ended.
/// </summary>
/// <param name="stream">Lists and watches.</param>
/// <param name="target">What is watched.</param>
/// <param name="only">The namespace that is listed; null for all.</param>
/// <param name="cache">What is kept.</param>
/// <param name="settings">Times and sizes.</param>
/// <param name="dependencies">What all informers share.</param>
internal sealed partial class Informer<T>(
    WatchStream<T> stream,
    WatchTarget target,
    string? only,
    ObjectCache<T> cache,
    WatchSettings settings,
    InformerDependencies dependencies)
    where T : class
{
    /// <summary>A watch that lived for less tells of trouble, however it ended.</summary>
    private static readonly TimeSpan Brief = TimeSpan.FromSeconds(1);

    private readonly ILogger log = dependencies.Log;
    private readonly TimeProvider time = dependencies.Time;
    private readonly Backoff backoff = new(dependencies.Random);
    private readonly string loop = only is null ? $"watch {target.Resource}" : $"watch {target.Resource} in {only}";

    private bool hurried;

    /// <summary>The longest a turn can take: a whole silence, the longest pause, and a margin.</summary>
    private TimeSpan Within => settings.Silence + (4 * Backoff.Longest);

    /// <summary>Whether the cache has been filled once.</summary>
    public bool Synced { get; private set; }

    /// <summary>Runs until it is cancelled.</summary>
    public async Task RunAsync(CancellationToken cancel)
    {
        string? version = null;
        try
        {
            while (true)
            {
                Beat();
                version = version is null ? await ListAsync(cancel) : await WatchAsync(version, cancel);
            }
        }
        finally
        {
            dependencies.Heartbeats.Stop(loop);
        }
    }

    private async Task<string?> ListAsync(CancellationToken cancel)
    {
        ObjectList<T> list;
        using (dependencies.Heartbeats.Outside(loop, Within))
            list = await stream.ListAsync(cancel);
        if (list.Items is null)
        {
            LogListFailed(target.Resource, list.Why);
            await PauseAsync(list.RetryAfter, cancel);
            return null;
        }
        backoff.Reset();
        foreach (var item in list.Items)
            Tell(item);
        cache.Replace(only, list.Items);
        Synced = true;
        return list.ResourceVersion;
    }

    private async Task<string?> WatchAsync(string version, CancellationToken cancel)
    {
        var begun = time.GetTimestamp();
        var end = await stream.WatchAsync(version, Take, cancel, backoff.Reset);
        var lived = time.GetElapsedTime(begun);
        dependencies.Metrics.WatchRestarted(target.Resource, end.Reason);
        if (end.Reason is "ended" && lived >= Brief)
            LogEnded(target.Resource, lived);
        else
        {
            LogBroken(target.Resource, end.Reason, lived, end.Why);
            if (!MayHurry(end, lived))
                await PauseAsync(end.RetryAfter, cancel);
        }
        return end.Relist ? null : end.ResourceVersion;
    }

    // The cache is stale until the list: no pause before that, unless a watch that began where a list ended has just
    // expired as well.
    private bool MayHurry(WatchEnd end, TimeSpan lived)
    {
        if (lived >= Brief)
            hurried = false;
        if (end.Reason is not "expired" || hurried)
            return false;
        hurried = true;
        return true;
    }

    private void Take(Observed<T> seen)
    {
        Beat();
        Tell(seen);
        cache.Take(seen);
    }

    private void Tell(Observed<T> seen)
    {
        if (seen.Unreadable is not { } why)
            return;
        dependencies.Metrics.Ignored(target.Resource);
        LogUnreadable(target.Resource, seen.Namespace, seen.Name, why.Shown());
    }

    private Task PauseAsync(TimeSpan? atLeast, CancellationToken cancel) =>
        Task.Delay(backoff.Next(atLeast), time, cancel);

    private void Beat() => dependencies.Heartbeats.Beat(loop, Within);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Listing {Resource} failed, trying again: {Why}")]
    private partial void LogListFailed(string resource, string why);

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "Of {Resource}, '{Namespace}/{Name}' cannot be read and stays as it was known: {Why}")]
    private partial void LogUnreadable(string resource, string @namespace, string name, string why);

    [LoggerMessage(Level = LogLevel.Debug, Message = "The watch of {Resource} ended after {Lived}; opening it again")]
    private partial void LogEnded(string resource, TimeSpan lived);

    [LoggerMessage(
        Level = LogLevel.Information, Message = "The watch of {Resource} broke ({Reason}) after {Lived}: {Why}")]
    private partial void LogBroken(string resource, string reason, TimeSpan lived, string why);
}

/// <summary>What all informers share.</summary>
internal sealed record InformerDependencies(
    IScalerMetrics Metrics, Heartbeats Heartbeats, Random Random, TimeProvider Time, ILogger Log);
