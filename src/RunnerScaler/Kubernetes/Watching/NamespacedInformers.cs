using System.Text.Json;
using RunnerScaler.Kubernetes.Api;

namespace RunnerScaler.Kubernetes.Watching;

/// <summary>One kind of object in all configured namespaces: the cache, and the informers that fill it.</summary>
internal sealed class NamespacedInformers<T>
    where T : class
{
    private readonly Informer<T>[] informers;

    /// <param name="api">The API server.</param>
    /// <param name="namespaces">The namespaces to watch; empty for all.</param>
    /// <param name="target">Says what is watched in a namespace (null: in all).</param>
    /// <param name="decode">See <see cref="WatchStream{T}"/>.</param>
    /// <param name="settings">Times and sizes.</param>
    /// <param name="dependencies">What all informers share.</param>
    public NamespacedInformers(
        ApiServer api,
        IEnumerable<string> namespaces,
        Func<string?, WatchTarget> target,
        Func<JsonElement, T?> decode,
        WatchSettings settings,
        InformerDependencies dependencies)
    {
        var each = namespaces.Distinct().Cast<string?>().DefaultIfEmpty(null);
        informers = [.. each.Select(Start)];

        Informer<T> Start(string? only)
        {
            var what = target(only);
            var stream = new WatchStream<T>(api, what, decode, settings, dependencies.Random, dependencies.Time);
            return new Informer<T>(stream, what, only, Cache, settings, dependencies);
        }
    }

    public ObjectCache<T> Cache { get; } = new();

    /// <summary>Whether every namespace has been listed once.</summary>
    public bool Synced => informers.All(i => i.Synced);

    /// <summary>Runs all informers until it is cancelled; if one fails, all end.</summary>
    public async Task RunAsync(CancellationToken cancel)
    {
        using var together = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var running = informers.Select(i => i.RunAsync(together.Token)).ToList();
        await Task.WhenAny(running);
        await together.CancelAsync();
        await Task.WhenAll(running);
    }
}
