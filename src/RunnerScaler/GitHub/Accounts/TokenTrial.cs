using System.Net;
using RunnerScaler.GitHub.Responses;

namespace RunnerScaler.GitHub.Accounts;

/// <summary>
/// What is known of a new token. GitHub needs some seconds until all its servers know one: until then they answer 401,
/// and 403 or 404 where only its permissions or a new installation have not arrived yet. One refusal is no proof.
/// Members may be called from any thread.
/// </summary>
/// <param name="mintedAt">When the token was made.</param>
/// <param name="replaces">Whether it was made because its predecessor was refused: then it is not replaced itself
/// before it is old.</param>
internal sealed class TokenTrial(DateTimeOffset mintedAt, bool replaces)
{
    /// <summary>A token that was refused when it was younger than this may not be known yet.</summary>
    public static readonly TimeSpan Young = TimeSpan.FromMinutes(1);

    /// <summary>When a refused token is tried again, after its first refusal: in 1, 2 and 3 seconds.</summary>
    private static readonly TimeSpan[] tries =
        [TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(6)];

    private readonly Lock guard = new();
    private bool proven;
    private DateTimeOffset? refusedAt;

    public void Accepted()
    {
        lock (guard)
            (proven, refusedAt) = (true, null);
    }

    /// <returns>What to do: try the same token after a pause, try another, or believe it.</returns>
    public (TimeSpan? Pause, bool Replace) Refused(Failure refusal, DateTimeOffset now)
    {
        lock (guard)
        {
            var old = now - mintedAt >= Young;
            var unknown = refusal.Kind == FailureKind.Unauthorized;
            if (old)
                return unknown ? (TimeSpan.Zero, true) : (null, false);
            if (!unknown && (proven || !MayBeLate(refusal)))
                return (null, false);
            var since = now - (refusedAt ??= now);
            foreach (var next in tries)
                if (since < next)
                    return (next - since, false);
            return unknown && !replaces ? (TimeSpan.Zero, true) : (null, false);
        }
    }

    private static bool MayBeLate(Failure refusal) => refusal.Status switch
    {
        HttpStatusCode.NotFound => true,
        HttpStatusCode.Forbidden => refusal.Said.StartsWith("Resource not accessible", StringComparison.Ordinal),
        _ => false,
    };
}
