using RunnerScaler.Control.Ports;
using RunnerScaler.GitHub.Accounts;
using RunnerScaler.Scaling.Pools;

namespace RunnerScaler.Tests.GitHub;

public sealed class GitHubAccountsTests
{
    private readonly GitHubRig bench = new();

    [Fact]
    public async Task ARotatedCredentialIsNoticed()
    {
        var first = await OpenAsync();
        Assert.Equal("ghp_secret", Assert.IsType<GitHubCredential.Token>(first.Account!.Credential).Value);
        bench.Secrets.Set(("token", "ghp_new"));

        await OpenAsync();
        Assert.Equal(1, bench.Secrets.Reads);
        var later = await OpenAsync(31);

        Assert.Same(first.Account, later.Account);
        Assert.Equal("ghp_new", Assert.IsType<GitHubCredential.Token>(later.Account!.Credential).Value);
    }

    [Fact]
    public async Task WhileTheSecretCannotBeReadTheKnownCredentialServes()
    {
        await OpenAsync();
        bench.Secrets.Result = new SecretResult.Unavailable("timeout");

        Assert.NotNull((await OpenAsync(31)).Account);
    }

    [Fact]
    public async Task NobodyWaitsForALookAtAKnownSecret()
    {
        var known = await OpenAsync();
        bench.Secrets.Hangs = true;

        Assert.Same(known.Account, (await OpenAsync(31)).Account);
        Assert.Same(known.Account, (await OpenAsync(31)).Account);
        Assert.Equal(2, bench.Secrets.Reads);
    }

    [Fact]
    public async Task WithoutACredentialTheReasonIsSaid()
    {
        bench.Secrets.Result = new SecretResult.Unavailable("forbidden");
        var unread = (await OpenAsync()).Fault!;
        Assert.Equal((ProblemReason.Unreachable, true), (unread.Reason, unread.Passes));
        Assert.Contains("runners/github could not be read: forbidden", unread.Message, StringComparison.Ordinal);

        bench.Secrets.Result = new SecretResult.Missing();
        Assert.Contains("does not exist", (await OpenAsync(6)).Fault!.Message, StringComparison.Ordinal);

        bench.Secrets.Set(("tokn", "x"));
        Assert.Contains("unknown key 'tokn'", (await OpenAsync(6)).Fault!.Message, StringComparison.Ordinal);

        bench.Secrets.Set(("token", "ghp_new"));
        Assert.NotNull((await OpenAsync(6)).Account);
    }

    [Fact]
    public async Task ADeletedSecretEndsTheUseOfItsCredential()
    {
        await OpenAsync();
        bench.Secrets.Result = new SecretResult.Missing();

        Assert.Equal(ProblemReason.CredentialsInvalid, (await OpenAsync(31)).Fault!.Reason);
    }

    [Fact]
    public async Task WhatWasMadeWithADeletedSecretIsRemovedWithIt()
    {
        bench.Secrets.Result = new SecretResult.Missing();
        Assert.Null(await bench.Accounts.OpenForCleanUpAsync(GitHubRig.Account, GitHubRig.Cancel));
        bench.Secrets.Set(("token", "ghp_secret"));
        var account = (await OpenAsync(31)).Account;
        bench.Secrets.Result = new SecretResult.Missing();
        bench.Time.Advance(TimeSpan.FromSeconds(31));
        Assert.Same(account, await bench.Accounts.OpenForCleanUpAsync(GitHubRig.Account, GitHubRig.Cancel));
        bench.Secrets.Set(("tokn", "x"));
        bench.Time.Advance(TimeSpan.FromSeconds(31));
        Assert.Null(await bench.Accounts.OpenForCleanUpAsync(GitHubRig.Account, GitHubRig.Cancel));
    }

    [Fact]
    public async Task AForgottenAccountBeginsAnew()
    {
        var first = await OpenAsync();
        bench.Source.Forget(GitHubRig.Account);

        Assert.NotSame(first.Account, (await OpenAsync()).Account);
    }

    [Fact]
    public async Task AnAccountThatNobodyAsksForIsForgotten()
    {
        for (var i = 0; i < 50; i++)
        {
            await bench.Accounts.OpenAsync(GitHubRig.Account with { Secret = $"pool-{i}" }, GitHubRig.Cancel);
            await OpenAsync(after: 300);
        }

        Assert.InRange(bench.Accounts.Count, 2, 14);
    }

    [Fact]
    public async Task OwnersThatNobodyAsksForAreForgotten()
    {
        bench.UseApp();
        var (account, _) = await OpenAsync();
        for (var i = 0; i < 100; i++)
        {
            bench.Time.Advance(TimeSpan.FromMinutes(5));
            account!.Api($"owner-{i}", ofOrganization: true);
        }

        Assert.InRange(account!.Owners, 1, 30);
    }

    private Task<(RunnerScaler.GitHub.Accounts.Account? Account, Problem? Fault)> OpenAsync(double after = 0)
    {
        bench.Time.Advance(TimeSpan.FromSeconds(after));
        return bench.Accounts.OpenAsync(GitHubRig.Account, GitHubRig.Cancel);
    }
}
