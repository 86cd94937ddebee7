using RunnerScaler.GitHub.Client;
using RunnerScaler.GitHub.Responses;

namespace RunnerScaler.GitHub.Accounts;

/// <summary>
/// The web token of an App, for what is asked again and again: the same one for some minutes, because entity tags
/// depend on it. Members may be called from any thread.
/// </summary>
internal sealed class AppAssertions(GitHubCredential.App app, TimeProvider time) : ITokenStore
{
    /// <summary>Less than half of <see cref="AppJwt.Lifetime"/>: clocks differ.</summary>
    private static readonly TimeSpan Kept = TimeSpan.FromMinutes(4);

    private readonly Lock guard = new();
    private string? current;
    private DateTimeOffset madeAt;

    public Task<GitHubAnswer<string>> TokenAsync()
    {
        lock (guard)
        {
            var now = time.GetUtcNow();
            if (current is null || now - madeAt >= Kept || now < madeAt)
                (current, madeAt) = (AppJwt.Create(app, now), now);
            return Task.FromResult<GitHubAnswer<string>>(current);
        }
    }

    public void Accepted()
    {
    }

    /// <summary>One that is new is no better than one that was made a moment ago.</summary>
    public TimeSpan? Refused(Failure refusal)
    {
        lock (guard)
        {
            if (refusal.Kind != FailureKind.Unauthorized || time.GetUtcNow() - madeAt < TimeSpan.FromSeconds(10))
                return null;
            current = null;
            return TimeSpan.Zero;
        }
    }
}
