using System.Collections.Concurrent;
using System.Net;
using RunnerScaler.Control.Ports;
using RunnerScaler.GitHub;
using RunnerScaler.Scaling.Jobs;
using RunnerScaler.Scaling.Pools;

namespace RunnerScaler.Tests.GitHub;

/// <summary>How fast many repositories are read, over virtual minutes.</summary>
public sealed class JobSourcePaceTests
{
    private readonly GitHubRig bench = new(new GitHubOptions { ReadRetries = 0 });
    private readonly ConcurrentQueue<DateTimeOffset> sent = new();

    [Theory]
    [InlineData(12, 12)]
    [InlineData(150, 60)]
    [InlineData(600, 5)]
    public async Task NoMinuteSeesMoreRequestsThanGitHubAllows(int repositories, int busy)
    {
        for (var i = 0; i < repositories; i++)
            bench.GitHub.Repositories.Add(new FakeRepository($"r{i}"));
        for (var i = 0; i < busy; i++)
            bench.GitHub.AddRun(
                $"r{i}", i + 1, "queued", new FakeJob(i + 1, "queued"), new FakeJob(1000 + i, "in_progress"));
        bench.GitHub.Intercept = (_, _) =>
        {
            sent.Enqueue(bench.Time.GetUtcNow());
            return null;
        };

        var read = await RunAsync(TimeSpan.FromMinutes(4));

        var times = sent.Order().ToArray();
        for (int first = 0, last = 0; last < times.Length; last++)
        {
            while (times[last] - times[first] >= TimeSpan.FromMinutes(1))
                first++;
            Assert.True(last - first < 900, $"{last - first + 1} requests in the minute to {times[last]:T}");
        }
        Assert.Equal(repositories, read.Count);
    }

    [Fact]
    public async Task AHotRepositoryIsReadWithinSecondsAmongHundredsOfColdOnes()
    {
        for (var i = 0; i < 400; i++)
            bench.GitHub.Repositories.Add(new FakeRepository($"r{i}"));
        await RunAsync(TimeSpan.FromMinutes(3));
        var run = bench.GitHub.AddRun("r7", 1, "queued", new FakeJob(1, "queued"));
        await RunAsync(TimeSpan.FromMinutes(3));
        run.Jobs.Add(new FakeJob(2, "queued"));
        run.UpdatedAt = run.UpdatedAt.AddSeconds(1);
        var since = bench.Time.GetUtcNow();

        var read = await RunAsync(TimeSpan.FromSeconds(30), stop: o => o.Jobs.Any(j => j.Id == 2));

        Assert.Contains(GitHubRig.Repository("r7"), read.Keys);
        Assert.InRange(bench.Time.GetUtcNow() - since, TimeSpan.Zero, TimeSpan.FromSeconds(12));
    }

    [Theory]
    [InlineData("Total", 200, 450)]
    [InlineData("Endpoint", 500, 730)]
    public async Task WhatIsRegisteredIsReadLessWhereBothShareALimit(string scope, int least, int most)
    {
        bench.Options.LimitScope = Enum.Parse<LimitScope>(scope);
        for (var i = 0; i < 400; i++)
            bench.GitHub.Repositories.Add(new FakeRepository($"r{i}"));
        await RunAsync(TimeSpan.FromMinutes(5));
        bench.GitHub.Intercept = (_, path) => Registered(path);
        var target = new RegistrationTarget(GitHubRig.Account, "acme", "r0");
        foreach (var name in Enumerable.Range(0, 60).Select(i => $"runner-{i}"))
            Assert.IsType<JitResult.Registered>(await GitHubRig.PassTimeAsync(
                bench.Time,
                bench.Registrar.CreateJitConfigAsync(
                    new(target, name, null, LabelSet.Of("self-hosted")), GitHubRig.Cancel),
                TimeSpan.FromMilliseconds(20)));
        var reads = 0;
        bench.GitHub.Intercept = (_, _) =>
        {
            Interlocked.Increment(ref reads);
            return null;
        };

        await RunAsync(TimeSpan.FromSeconds(30));

        Assert.InRange(reads * 2, least, most);
    }

    private static HttpResponseMessage? Registered(string path) =>
        path.EndsWith("/generate-jitconfig", StringComparison.Ordinal)
            ? FakeGitHub.Json(
                new { runner = new { id = 7 }, encoded_jit_config = "eyJhIjoxfQ==" }, HttpStatusCode.Created)
            : null;

    /// <summary>Reads as the caller of the port does: again after each wait.</summary>
    /// <returns>The last reading of each repository.</returns>
    private async Task<ConcurrentDictionary<RepositoryKey, JobObservation.RepositoryRead>> RunAsync(
        TimeSpan length, Func<JobObservation.RepositoryRead, bool>? stop = null)
    {
        var read = new ConcurrentDictionary<RepositoryKey, JobObservation.RepositoryRead>();
        var end = bench.Time.GetUtcNow() + length;
        var done = false;
        while (bench.Time.GetUtcNow() < end && !done)
        {
            var pass = bench.Source.ReadAsync(
                GitHubRig.Account,
                [GitHubRig.Scope("https://github.com/acme")],
                seen =>
                {
                    if (seen is not JobObservation.RepositoryRead whole)
                        return;
                    read[whole.Repository] = whole;
                    done |= stop?.Invoke(whole) ?? false;
                },
                GitHubRig.Cancel);
            bench.Time.Advance(await GitHubRig.PassTimeAsync(bench.Time, pass, TimeSpan.FromMilliseconds(20)));
        }
        return read;
    }
}
