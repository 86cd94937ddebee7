using Microsoft.Extensions.Options;
using RunnerScaler.Control.Ports;
using RunnerScaler.Explaining;

namespace RunnerScaler.Web;

/// <summary>What became of a question about who asks.</summary>
internal abstract record CallerReview
{
    /// <summary>He may be told of this, which may be nothing.</summary>
    public sealed record Known(Reader Reader) : CallerReview;

    /// <summary>He is to be told nothing.</summary>
    /// <param name="Status">The HTTP status for that.</param>
    /// <param name="Why">What to do: a sentence.</param>
    public sealed record Refused(int Status, string Why) : CallerReview;
}

/// <summary>Finds out what those who ask may be told of: <c>docs/explain.md</c>, "Who may read what".</summary>
/// <remarks>No token is logged or kept.</remarks>
internal sealed class Callers(IAccessReviewer reviewer, IOptions<WebOptions> options)
{
    /// <param name="request">The question, with the caller's token.</param>
    /// <param name="known">What is known; null where this replica does not lead.</param>
    /// <param name="cancel">Ends the waiting.</param>
    public async Task<CallerReview> ReviewAsync(HttpRequest request, Knowledge? known, CancellationToken cancel)
    {
        if (options.Value.Anonymous)
            return new CallerReview.Known(Reader.OfAll);
        if (BearerToken.OfCaller(request) is not { } token)
            return new CallerReview.Refused(401, "Show who you are: send a token for the cluster as 'Authorization: "
                + "Bearer TOKEN', such as 'kubectl create token' gives.");
        var namespaces = known?.Pools.Select(p => p.Key.Namespace).Distinct() ?? [];
        return await reviewer.ReviewAsync(token, [.. namespaces], cancel) switch
        {
            AccessResult.Known(var reader) => new CallerReview.Known(reader),
            AccessResult.Unavailable(var why) => new CallerReview.Refused(503, why.Length > 0
                ? why
                : "The API server does not say now whose token it is; ask again."),
            _ => new CallerReview.Refused(401, "The API server does not take this token: it must be one for the "
                + "cluster itself, not run out, and whole."),
        };
    }
}
