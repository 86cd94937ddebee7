using System.Collections.Immutable;
using RunnerScaler.Explaining;

namespace RunnerScaler.Control.Ports;

/// <summary>Finds out what the bearer of a token for the cluster may be told of.</summary>
internal interface IAccessReviewer
{
    /// <param name="token">What he showed.</param>
    /// <param name="namespaces">Where there are pools.</param>
    /// <param name="cancel">Ends the waiting.</param>
    Task<AccessResult> ReviewAsync(string token, ImmutableArray<string> namespaces, CancellationToken cancel);
}

/// <summary>What became of a review.</summary>
internal abstract record AccessResult
{
    /// <summary>The token is valid; its bearer may be told of this, which may be nothing.</summary>
    public sealed record Known(Reader Reader) : AccessResult;

    /// <summary>The token is not valid.</summary>
    public sealed record Rejected : AccessResult;

    /// <summary>No clear answer.</summary>
    /// <param name="Why">A sentence for a bearer whose token is valid; empty for others.</param>
    public sealed record Unavailable(string Why) : AccessResult;
}
