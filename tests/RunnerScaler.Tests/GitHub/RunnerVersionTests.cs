using System.Text.Json;
using RunnerScaler.Control.State;
using RunnerScaler.GitHub.Responses;
using RunnerScaler.GitHub.Runners;
using RunnerScaler.Scaling.Pools;
using RunnerScaler.Scaling.Status;

namespace RunnerScaler.Tests.GitHub;

public sealed class RunnerVersionTests
{
    private static readonly RegistrationTarget Acme = new(GitHubRig.Account, "acme", null);

    [Theory]
    [InlineData(null, null, "Ok", "has set no end to runners of 2.336.0.")]
    [InlineData(null, 40, "Ok", "takes runners of 2.336.0 until 2026-")]
    [InlineData(null, 13, "Warning", "gives jobs to no runners of 2.336.0 from 2026-")]
    [InlineData(13, null, "Warning", "registers no runners of 2.336.0 from 2026-")]
    [InlineData(13, 40, "Warning", "registers no runners of 2.336.0 from 2026-")]
    [InlineData(40, -1, "Failure", "gives jobs to no runners of 2.336.0 since 2026-")]
    public void WhatComesFirstIsTold(int? registration, int? jobs, string level, string says)
    {
        var now = new DateTimeOffset(2026, 6, 1, 0, 0, 0, TimeSpan.Zero);
        DateTimeOffset? In(int? days) => days is { } some ? now.AddDays(some) : null;
        var found = RunnerVersionCheck.Of("acme", "2.336.0", new(In(registration), In(jobs)), now);
        Assert.Equal(("runner version", level, "acme"), (found.Check, $"{found.Level}", found.About));
        Assert.Contains(says, found.Sentence, StringComparison.Ordinal);
        Assert.Equal(found.Level == CheckLevel.Ok, found.Remedy is null);
    }

    [Theory]
    [InlineData("""{"id":1,"name":"a","version":"2.336.0"}""", "2.336.0")]
    [InlineData("""{"id":1,"name":"a"}""", null)]
    [InlineData("""{"id":1,"name":"a","version":null}""", null)]
    [InlineData("""{"id":1,"name":"a","version":"../../../user"}""", null)]
    [InlineData("""{"id":1,"name":"a","version":".."}""", null)]
    [InlineData("""{"id":1,"name":"a","version":"1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1"}""", null)]
    [InlineData("""{"id":1,"name":"a","version":7}""", null)]
    public void AVersionIsDigitsAndDots(string runner, string? version) => Assert.Equal(
        version, Registrations.Read(RunnerData.Read(JsonDocument.Parse(runner).RootElement)!).Version);

    [Fact]
    public void TheVersionsSeenLastAreKnownUntilOthersAreSeen()
    {
        var versions = new RunnerVersions();
        versions.Saw(Acme, ["2.336.0", "2.335.0", "2.336.0"]);
        versions.Saw(Acme, []);
        Assert.Equal([(Acme, "2.335.0"), (Acme, "2.336.0")], versions.All);
        versions.Saw(Acme, ["2.337.0"]);
        Assert.Equal([(Acme, "2.337.0")], versions.All);
        versions.Keep(new HashSet<RegistrationTarget>());
        Assert.Empty(versions.All);
    }

    [Fact]
    public async Task GitHubIsAskedOnceAnHourAndItsSilenceIsNoFault()
    {
        var rig = new GitHubRig();
        const string path = "/orgs/acme/actions/runners/deprecations/2.336.0";
        rig.GitHub.Intercept = (_, asked) => asked != path || rig.GitHub.Count(path) == 1
            ? null
            : FakeGitHub.Json(new { runner_version = "2.336.0", runtime_deprecates_at = "2020-01-01T00:00:00Z" });
        var versions = new RunnerVersions();
        versions.Saw(Acme, ["2.336.0"]);
        var check = new RunnerVersionCheck(versions, rig.Accounts, rig.Time);
        async Task<CheckLevel> CheckAsync() => Assert.Single(await check.RunAsync([], GitHubRig.Cancel)).Level;
        Assert.Equal(CheckLevel.Ok, await CheckAsync());
        Assert.Equal(CheckLevel.Ok, await CheckAsync());
        rig.Time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(CheckLevel.Failure, await CheckAsync());
        rig.Time.Advance(TimeSpan.FromMinutes(59));
        Assert.Equal(CheckLevel.Failure, await CheckAsync());
        Assert.Equal(2, rig.GitHub.Count(path));
        rig.Time.Advance(TimeSpan.FromMinutes(1));
        await CheckAsync();
        Assert.Equal(3, rig.GitHub.Count(path));
    }
}
