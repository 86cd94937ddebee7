using System.Diagnostics.CodeAnalysis;
using Octokit;
using RunnerScaler.Scaling;

namespace RunnerScaler.GitHub.Access;

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
    GitHubApi appApi,
    string owner,
    bool ofOrganization,
    TimeProvider time) : ITokenStore
{
    private static readonly TimeSpan Kept = TimeSpan.FromMinutes(55);
    private static readonly TimeSpan Margin = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan FailureKept = TimeSpan.FromSeconds(10);

    private readonly SemaphoreSlim single = new(1);
    private Minted? current;
    private volatile bool refused;
    private (Fault Fault, DateTimeOffset Until)? failed;
    private long? installation;

    /// <exception cref="FaultException">There is no token to be had.</exception>
    public async Task<Credentials> GetCredentials()
    {
        if (Volatile.Read(ref current) is { } fresh && time.GetUtcNow() < fresh.RenewAt)
            return fresh.Credentials;
        var renewal = RenewedAsync();

        // Nobody waits for the renewal of a token that is still good.
        return !renewal.IsCompleted && Volatile.Read(ref current) is { } good && time.GetUtcNow() < good.ExpiresAt
            ? good.Credentials
            : await renewal;
    }

    public void Accepted() => Volatile.Read(ref current)?.Trial.Accepted();

    public TimeSpan? Refused(ApiException refusal)
    {
        if (Volatile.Read(ref current) is not { } minted)
            return refusal is AuthorizationException ? TimeSpan.Zero : null;
        var (pause, replace) = minted.Trial.Refused(refusal, time.GetUtcNow());
        if (replace && Interlocked.CompareExchange(ref current, null, minted) == minted)
            refused = true;
        return pause;
    }

    private async Task<Credentials> RenewedAsync()
    {
        await single.WaitAsync();
        try
        {
            var now = time.GetUtcNow();
            if (current is { } other && now < other.RenewAt)
                return other.Credentials;
            if (failed is not { } failure || now >= failure.Until)
                return await RenewAsync(now);
            return current is { } old && now < old.ExpiresAt && failure.Fault.Passes
                ? old.Credentials
                : throw new FaultException(failure.Fault);
        }
        finally
        {
            single.Release();
        }
    }

    private async Task<Credentials> RenewAsync(DateTimeOffset now)
    {
        try
        {
            var minted = await MintAsync(now);
            (current, failed, refused) = (minted, null, false);
            return minted.Credentials;
        }
        catch (FaultException e)
        {
            failed = (e.Fault, now + FailureKept);
            if (e.Fault.Passes && current is { } old && now < old.ExpiresAt)
                return old.Credentials;
            throw;
        }
    }

    private async Task<Minted> MintAsync(DateTimeOffset now)
    {
        try
        {
            installation ??= await FindInstallationAsync();
            var token = await appApi.PostAsync<TokenData>(
                $"app/installations/{installation}/access_tokens", new TokenRequest(Permissions()), default);
            var renewAt = token.ExpiresAt - Margin < now + Kept ? token.ExpiresAt - Margin : now + Kept;
            return new Minted(
                new Credentials(token.Token, AuthenticationType.Bearer),
                renewAt < now + TokenTrial.Young ? now + TokenTrial.Young : renewAt,
                token.ExpiresAt,
                new TokenTrial(now, replaces: refused));
        }
        catch (Exception e) when (e is not FaultException)
        {
            throw new FaultException(FaultOf(Failure.Of(e)));
        }
    }

    private async Task<long> FindInstallationAsync()
    {
        var found = ofOrganization
            ? await AskAsync($"orgs/{owner}/installation")
            : await AskAsync($"users/{owner}/installation") ?? await AskAsync($"orgs/{owner}/installation");
        if (found is null)
            throw new FaultException(Faults.NoInstallation(account, owner, null));
        if (found.SuspendedAt is not null)
            throw new FaultException(Faults.Suspended(account, owner));
        if (app.InstallationId is { } meant && meant != found.Id)
            throw new FaultException(Faults.OtherInstallation(account, owner, meant, found.Id));
        return found.Id;
    }

    private async Task<InstallationData?> AskAsync(string path)
    {
        try
        {
            return await appApi.GetAsync<InstallationData>(path, default);
        }
        catch (NotFoundException e) when (Failure.Of(e).Remedy is null)
        {
            return null;
        }
    }

    private Dictionary<string, string> Permissions() => new()
    {
        ["actions"] = "read",
        ["metadata"] = "read",
        [ofOrganization ? "organization_self_hosted_runners" : "administration"] = "write",
    };

    private Fault FaultOf(Failure failure)
    {
        if (failure.Kind is FailureKind.NotFound)
            installation = null;
        return failure.Kind switch
        {
            FailureKind.Fault => failure.Fault!,
            FailureKind.Unauthorized => Faults.AppRefused(account, failure, time.GetUtcNow()),
            FailureKind.NotFound => Faults.NoInstallation(account, owner, failure),
            FailureKind.Forbidden or FailureKind.Invalid => Faults.AppLacks(account, owner, ofOrganization, failure),
            _ => Faults.Unreachable($"a token for '{owner}'", failure.Detail),
        };
    }

    private sealed record Minted(
        Credentials Credentials, DateTimeOffset RenewAt, DateTimeOffset ExpiresAt, TokenTrial Trial);
}
