using System.Collections.Concurrent;

namespace RunnerScaler.Sandbox.Cluster.Api;

/// <summary>What a counted request was.</summary>
/// <param name="User">Whose token it carried; tells the controller's requests from the nodes'.</param>
/// <param name="Agent">The first word of its User-Agent.</param>
/// <param name="Verb">get, list, watch, create, update, patch, delete or deletecollection.</param>
/// <param name="Resource">Plural with subresource, such as <c>pods/binding</c>.</param>
/// <param name="Code">The HTTP status code; 0 when the reply was lost.</param>
internal sealed record RequestKind(string User, string Agent, string Verb, string Resource, int Code);

/// <summary>How many requests of each kind the API server was asked.</summary>
internal sealed class RequestCounts
{
    private readonly ConcurrentDictionary<RequestKind, long> counts = new();

    public void Add(RequestKind kind) => counts.AddOrUpdate(kind, 1, static (_, count) => count + 1);

    /// <summary>A copy of the counts as they are now.</summary>
    public IReadOnlyDictionary<RequestKind, long> Snapshot() => new Dictionary<RequestKind, long>(counts);

    /// <summary>The sum over the kinds that a condition picks.</summary>
    public long Total(Func<RequestKind, bool>? condition = null) =>
        counts.Where(c => condition is null || condition(c.Key)).Sum(c => c.Value);

    /// <summary>The requests of one user, such as the controller.</summary>
    public long Of(string user) => Total(k => k.User == user);
}
