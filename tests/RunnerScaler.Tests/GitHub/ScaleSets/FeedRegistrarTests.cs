using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using RunnerScaler.Control.Ports;
using RunnerScaler.GitHub.ScaleSets;
using RunnerScaler.Scaling.Pools;

namespace RunnerScaler.Tests.GitHub.ScaleSets;

/// <summary>Runners of a scale set are registered and removed at the Actions service.</summary>
public sealed class FeedRegistrarTests : IAsyncLifetime
{
    private const string Name = "linux-0-1a2b3c4d";

    private readonly GitHubRig bench = new();
    private readonly FakeActions actions;
    private readonly ActionsApis services;
    private readonly FeedRegistrar registrar;

    public FeedRegistrarTests()
    {
        actions = new(bench);
        services = new(bench.Time);
        registrar = new(
            bench.Registrar, bench.Accounts, services, new Random(1), NullLogger<FeedRegistrar>.Instance);
    }

    public async ValueTask InitializeAsync() => await OpenAsync();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task ARunnerIsRegisteredWithTheSetAndRemovedWithoutARequestOfTheApi()
    {
        var before = bench.GitHub.Count("/actions/runners");
        var made = Assert.IsType<JitResult.Registered>(await RegisterAsync());
        Assert.Equal((50L, "aml0"), (made.RunnerId, made.Config));
        Assert.Equal(Name, actions.Bodies[^1].GetProperty("name").GetString());
        Assert.Equal("_work", actions.Bodies[^1].GetProperty("workFolder").GetString());
        Assert.Equal(DeregisterResult.Deleted, await RemoveAsync(made.RunnerId));
        Assert.Empty(actions.Runners);
        Assert.Equal(before, bench.GitHub.Count("/actions/runners"));
    }

    [Fact]
    public async Task WhatIsNotWantedAnyMoreIsNotSent()
    {
        Assert.IsType<JitResult.Withdrawn>(await registrar.CreateJitConfigAsync(
            new(FakeActions.Acme, Name, null, LabelSet.Of("x64")) { IsStillWanted = () => false }, GitHubRig.Cancel));

        Assert.Empty(actions.Runners);
    }

    [Fact]
    public async Task ARunnerWhoseIdIsNotKnownIsFoundByItsName()
    {
        await RegisterAsync();
        Assert.Equal(DeregisterResult.Deleted, await RemoveAsync(null));
        Assert.Equal(DeregisterResult.Gone, await RemoveAsync(null));
    }

    [Fact]
    public async Task ADeletionThatIsAnsweredAlthoughThereIsNoRunnerIsNotTakenForOne()
    {
        Assert.Equal(DeregisterResult.Gone, await RemoveAsync(99));
        Assert.Equal(0, actions.Count("DELETE "));
    }

    [Fact]
    public async Task ARunnerWithAJobIsBusy()
    {
        await RegisterAsync();
        actions.Busy.Add(50);
        Assert.Equal(DeregisterResult.Busy, await RemoveAsync(50));
        Assert.Single(actions.Runners);
    }

    [Fact]
    public async Task ANameThatIsTakenIsToldAsSuch()
    {
        actions.Before = (_, path) => path.Contains("generatejitconfig", StringComparison.Ordinal)
            ? FakeActions.Refusal(HttpStatusCode.Conflict, "TaskAgentExistsException")
            : null;
        Assert.IsType<JitResult.NameTaken>(await RegisterAsync());
    }

    [Fact]
    public async Task ASetThatWasDeletedIsWaitedForUntilItIsOpenedAnew()
    {
        actions.Before = (_, path) => path.Contains("generatejitconfig", StringComparison.Ordinal)
            ? FakeActions.Refusal(HttpStatusCode.NotFound, "RunnerScaleSetNotFoundException")
            : null;
        Assert.IsType<JitResult.Unavailable>(await RegisterAsync());
        var asked = actions.Calls.Count;
        Assert.IsType<JitResult.Unavailable>(await RegisterAsync());
        Assert.Equal(asked, actions.Calls.Count);
        (actions.Before, actions.Owner) = ((_, _) => null, null);
        await OpenAsync();
        Assert.IsType<JitResult.Registered>(await RegisterAsync());
    }

    [Theory]
    [InlineData(HttpStatusCode.ServiceUnavailable)]
    [InlineData(HttpStatusCode.TooManyRequests)]
    public async Task WhatMayPassIsTriedAgainLater(HttpStatusCode status)
    {
        actions.Before = (_, path) => path.Contains("_apis", StringComparison.Ordinal)
            ? FakeGitHub.Refusal(status)
            : null;
        var result = Assert.IsType<JitResult.Unavailable>(await RegisterAsync());
        Assert.True(result.RetryAfter > TimeSpan.Zero);
        Assert.Equal(DeregisterResult.Unavailable, await RemoveAsync(50));
    }

    [Fact]
    public async Task TheConfigurationIsInNoTextThatCouldBeLogged() =>
        Assert.DoesNotContain("aml0", $"{await RegisterAsync()}", StringComparison.Ordinal);

    [Fact]
    public async Task RunnersOfPolledPoolsAreRegisteredByTheApi()
    {
        var asked = actions.Calls.Count;
        await registrar.CreateJitConfigAsync(
            new(new(GitHubRig.Account, "acme", null), Name, null, LabelSet.Of("linux")), GitHubRig.Cancel);
        await registrar.DeregisterAsync(new(GitHubRig.Account, "acme", null), Name, 5, GitHubRig.Cancel);
        Assert.All(
            actions.Calls.Skip(asked),
            c => Assert.Contains(" api.github.com/orgs/acme", c.Call, StringComparison.Ordinal));
    }

    private async Task OpenAsync() => Assert.IsType<OpenResult.Listening>(
        await new ScaleSetSource(bench.Accounts, services, bench.Time, NullLogger<ScaleSetSource>.Instance)
            .OpenAsync(new(FakeActions.Acme, "linux", null, LabelSet.Of("x64")), "me", GitHubRig.Cancel));

    private Task<JitResult> RegisterAsync() => registrar.CreateJitConfigAsync(
        new(FakeActions.Acme, Name, null, LabelSet.Of("x64")), GitHubRig.Cancel);

    private Task<DeregisterResult> RemoveAsync(long? id) =>
        registrar.DeregisterAsync(FakeActions.Acme, Name, id, GitHubRig.Cancel);
}
