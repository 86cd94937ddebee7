namespace RunnerScaler.Control.Ports;

/// <summary>Finds out which pod a projected service-account token was made for.</summary>
internal interface ITokenReviewer
{
    Task<ReviewResult> ReviewAsync(string token, CancellationToken cancel);
}

/// <summary>What became of a review.</summary>
internal abstract record ReviewResult
{
    /// <summary>The token is valid for our audience and bound to this pod.</summary>
    public sealed record Pod(PodIdentity Identity) : ReviewResult;

    /// <summary>The token is not valid, not for us, or bound to no pod.</summary>
    public sealed record Rejected : ReviewResult;

    /// <summary>No clear answer.</summary>
    public sealed record Unavailable : ReviewResult;
}

/// <summary>A pod as its token names it.</summary>
internal readonly record struct PodIdentity(string Namespace, string Name, string Uid);
