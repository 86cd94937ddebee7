using RunnerScaler.GitHub;
using RunnerScaler.Scaling.Jobs;
using RunnerScaler.Scaling.Pools;

namespace RunnerScaler.Tests.GitHub;

/// <summary>Somebody said that something happened in a repository.</summary>
public sealed class HintTests
{
    private readonly GitHubRig bench = new(new GitHubOptions { ReadRetries = 0 });

    public HintTests()
    {
        for (var i = 0; i < 30; i++)
            bench.GitHub.Repositories.Add(new FakeRepository($"app{i}"));
    }

    [Fact]
    public async Task ItIsReadAtOnce()
    {
        await QuietAsync();
        bench.GitHub.AddRun("app7", 1, "queued", new FakeJob(1, "queued"));
        Assert.DoesNotContain(1, JobsOf(await bench.ReadAfterAsync(0.1)));

        Assert.True(Hint("app7"));

        Assert.Contains(1, JobsOf(await bench.ReadAfterAsync(0.1)));
    }

    [Fact]
    public async Task OnlyOneOfAThousandHintsCosts()
    {
        await QuietAsync();
        var before = Asked;
        for (var i = 0; i < 1000; i++)
        {
            Hint("app7");
            if (i % 100 == 0)
                await bench.ReadAfterAsync(0.001);
        }

        Assert.InRange(Asked - before, 1, 5);
    }

    [Fact]
    public async Task AListThatLagsIsLookedAtAgainSoon()
    {
        await QuietAsync();
        Hint("app7");
        await bench.ReadAfterAsync(0.1);
        bench.GitHub.AddRun("app7", 1, "queued", new FakeJob(1, "queued"));

        var seen = new List<long>();
        for (var i = 0; i < 5; i++)
            seen.AddRange(JobsOf(await bench.ReadAfterAsync(1)));

        Assert.Contains(1, seen);
    }

    [Fact]
    public async Task WhatIsNotWatchedIsNotAskedFor()
    {
        await QuietAsync();

        Assert.False(Hint("secret"));
        Assert.False(bench.Source.Hint(GitHubRig.Account, RepositoryKey.Of("https://evil.example", "acme", "app7")));
        Assert.False(bench.Source.Hint(GitHubRig.Account with { Secret = "other" }, GitHubRig.Repository("app7")));
        await bench.ReadAfterAsync(1);

        Assert.Equal(0, bench.GitHub.Count("/secret/"));
    }

    private bool Hint(string name) => bench.Source.Hint(GitHubRig.Account, GitHubRig.Repository(name));

    /// <summary>Until all have been read, and the one in question somewhat more than a second ago.</summary>
    private async Task QuietAsync()
    {
        for (var i = 0; i < 60; i++)
            await bench.ReadAfterAsync(Math.Max(0.1, bench.Wait.TotalSeconds));
        for (var before = Asked; Asked == before;)
            await bench.ReadAfterAsync(Math.Max(0.1, bench.Wait.TotalSeconds));
        for (var i = 0; i < 3; i++)
            await bench.ReadAfterAsync(0.5);
    }

    private int Asked => bench.GitHub.Count("/app7/");

    private static IEnumerable<long> JobsOf(JobObservation[] seen) =>
        seen.OfType<JobObservation.RepositoryRead>().SelectMany(r => r.Jobs).Select(j => j.Id);
}
