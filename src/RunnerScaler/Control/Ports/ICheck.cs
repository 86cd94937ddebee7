using System.Collections.Immutable;
using RunnerScaler.Scaling.Status;

namespace RunnerScaler.Control.Ports;

/// <summary>
/// Looks at something that serving jobs takes, and that is no single pool's: the cluster, rights, GitHub's servers.
/// </summary>
internal interface ICheck
{
    /// <param name="servers">The GitHub servers of all pools.</param>
    /// <param name="cancel">Ends it.</param>
    /// <returns>What was found; what cannot be looked at is found, too. Only cancellation throws.</returns>
    Task<ImmutableArray<CheckAnswer>> RunAsync(ImmutableArray<string> servers, CancellationToken cancel);
}
