using System.Diagnostics.CodeAnalysis;
using System.Net;
using RunnerScaler.GitHub.Client;
using RunnerScaler.GitHub.Responses;
using RunnerScaler.Scaling.Pools;

namespace RunnerScaler.GitHub.Accounts;

/// <summary>
/// Tokens of an App's installation at one owner, with no more permissions than the scope needs. One is kept for 55 of
/// its 60 minutes and shared by all requests: each new one costs the entity tags of all lists, should their prediction
/// fail.
/// </summary>
/// <param name="account">The account; named in sentences.</param>
/// <param name="app">The App.</param>
/// <param name="appApi">Requests as the App itself.</param>
/// <param name="owner">The organisation or user where the App is installed.</param>
/// <param name="ofOrganization">Whether runners are registered at the organisation, else at its repositories.</param>
/// <param name="time">The clock.</param>
[SuppressMessage("Design", "CA1001", Justification = "The semaphore holds nothing unless its wait handle is used")]
internal sealed class InstallationTokens(
    AccountKey account,
    GitHubCredential.App app,
    AppApi appApi,
    string owner,
    bool ofOrganization,
    TimeProvider time) : ITokenStore
{
    private static readonly TimeSpan Kept = TimeSpan.FromMinutes(55);
    private static readonly TimeSpan Margin = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan FailureKept = TimeSpan.FromSeconds(10);

    private readonly SemaphoreSlim single = new(1);
    private IssuedToken? current;
    private volatile bool refused;
    private (Problem Problem, DateTimeOffset Until)? failed;
    private long? installation;

    public async Task<GitHubAnswer<string>> TokenAsync()
    {
        if (Volatile.Read(ref current) is { } fresh && time.GetUtcNow() < fresh.RenewAt)
            return fresh.Token;
        var renewal = RenewedAsync();

        // Nobody waits for the renewal of a token that is still good.
        return !renewal.IsCompleted && Volatile.Read(ref current) is { } good && time.GetUtcNow() < good.ExpiresAt
            ? good.Token
            : await renewal;
    }

    public void Accepted() => Volatile.Read(ref current)?.Trial.Accepted();

    public TimeSpan? Refused(Failure refusal)
    {
        if (Volatile.Read(ref current) is not { } minted)
            return refusal.Kind == FailureKind.Unauthorized ? TimeSpan.Zero : null;
        var (pause, replace) = minted.Trial.Refused(refusal, time.GetUtcNow());
        if (replace && Interlocked.CompareExchange(ref current, null, minted) == minted)
            refused = true;
        return pause;
    }

    private async Task<GitHubAnswer<string>> RenewedAsync()
    {
        await single.WaitAsync();
        try
        {
            var now = time.GetUtcNow();
            if (current is { } other && now < other.RenewAt)
                return other.Token;
            return failed is { } failure && now < failure.Until
                ? OldOr(failure.Problem, now)
                : await RenewAsync(now);
        }
        finally
        {
            single.Release();
        }
    }

    private async Task<GitHubAnswer<string>> RenewAsync(DateTimeOffset now)
    {
        var minted = await MintAsync(now);
        if (minted.Ok)
        {
            (current, failed, refused) = (minted.Value, null, false);
            return minted.Value.Token;
        }
        var problem = ProblemOf(minted.Failure);
        failed = (problem, now + FailureKept);
        return OldOr(problem, now);
    }

    /// <summary>The token known before serves while what keeps a new one from being made may pass.</summary>
    private GitHubAnswer<string> OldOr(Problem problem, DateTimeOffset now) =>
        problem.Passes && current is { } old && now < old.ExpiresAt ? old.Token : Failure.Of(problem);

    private async Task<GitHubAnswer<IssuedToken>> MintAsync(DateTimeOffset now)
    {
        if (installation is null)
        {
            var found = await FindInstallationAsync();
            if (!found.Ok)
                return found.Failure;
            installation = found.Value;
        }
        var made = await appApi.CreateTokenAsync(installation.Value, new TokenRequest(Permissions()));
        if (!made.Ok)
            return made.Failure;
        var token = made.Value;
        if (!IsPossible(token))
            return Failure.NoAnswer("what was answered is no token");
        var renewAt = token.ExpiresAt - Margin < now + Kept ? token.ExpiresAt - Margin : now + Kept;
        return new IssuedToken(
            token.Token,
            renewAt < now + TokenTrial.Young ? now + TokenTrial.Young : renewAt,
            token.ExpiresAt,
            new TokenTrial(now, replaces: refused));
    }

    private async Task<GitHubAnswer<long>> FindInstallationAsync()
    {
        var found = await appApi.FindInstallationAsync($"{(ofOrganization ? "orgs" : "users")}/{owner}");
        if (!ofOrganization && IsNowhere(found))
            found = await appApi.FindInstallationAsync($"orgs/{owner}");
        if (IsNowhere(found))
            return Failure.Of(Problems.NoInstallation(account, owner, null));
        if (!found.Ok)
            return found.Failure;
        if (found.Value.SuspendedAt is not null)
            return Failure.Of(Problems.Suspended(account, owner));
        if (app.InstallationId is { } meant && meant != found.Value.Id)
            return Failure.Of(Problems.OtherInstallation(account, owner, meant, found.Value.Id));
        return found.Value.Id;
    }

    /// <summary>Whether it can be sent, and reckoned with.</summary>
    private static bool IsPossible(TokenData token) =>
        token.Token is { Length: > 0 } text
        && text.All(c => c is > ' ' and <= '~')
        && token.ExpiresAt.Year is > 2000 and < 3000;

    private static bool IsNowhere(GitHubAnswer<InstallationData> found) =>
        found.Failure is { Status: HttpStatusCode.NotFound, IsMissing: true };

    private Dictionary<string, string> Permissions() => new()
    {
        ["actions"] = "read",
        ["metadata"] = "read",
        [ofOrganization ? "organization_self_hosted_runners" : "administration"] = "write",
    };

    private Problem ProblemOf(Failure failure)
    {
        if (failure.Kind is FailureKind.NotFound)
            installation = null;
        return failure.Kind switch
        {
            FailureKind.Problem => failure.Problem!,
            FailureKind.Unauthorized => Problems.AppRefused(account, failure, time.GetUtcNow()),
            FailureKind.NotFound => Problems.NoInstallation(account, owner, failure),
            FailureKind.Forbidden or FailureKind.Invalid => Problems.AppLacks(account, owner, ofOrganization, failure),
            _ => Problems.Unreachable($"a token for '{owner}'", failure.Detail),
        };
    }

    private sealed record IssuedToken(string Token, DateTimeOffset RenewAt, DateTimeOffset ExpiresAt, TokenTrial Trial)
    {
        /// <summary>Without the secret.</summary>
        public override string ToString() => $"Minted {{ ExpiresAt = {ExpiresAt:O} }}";
    }
}
