using System.Collections.Concurrent;
using RunnerScaler.GitHub;
using RunnerScaler.Scaling.Jobs;

namespace RunnerScaler.Tests.GitHub;

/// <summary>No repository waits for another one, nor for the list of all.</summary>
public sealed class JobSourceHangTests
{
    private readonly GitHubRig bench = new(new GitHubOptions { ReadRetries = 0, MinuteLimit = 100_000 });
    private readonly ConcurrentDictionary<string, List<DateTimeOffset>> read = new(StringComparer.Ordinal);

    public JobSourceHangTests()
    {
        foreach (var (id, name) in ((string[])["app", "lib", "tool", "web", "doc", "api"]).Index())
            bench.GitHub.AddRun(name, id + 1, "queued", new FakeJob(id + 10, "queued"));
    }

    [Theory]
    [InlineData("/orgs/acme/repos?")]
    [InlineData("/repos/acme/app/")]
    [InlineData("/repos/acme/app/actions/runs?exclude_pull_requests")]
    public async Task WhatHangsDelaysNothingElse(string part)
    {
        await PlayAsync(TimeSpan.FromSeconds(10));
        bench.GitHub.Hangs = path => path.StartsWith(part, StringComparison.Ordinal);

        await PlayAsync(TimeSpan.FromMinutes(3));

        Assert.InRange(LongestGap("lib"), TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(5));
        Assert.InRange(LongestGap("doc"), TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(5));
    }

    [Fact]
    public async Task SeveralThatHangTakeNoPlaceOfOthers()
    {
        await PlayAsync(TimeSpan.FromSeconds(10));
        bench.GitHub.Hangs = path => !path.Contains("/lib/", StringComparison.Ordinal);

        await PlayAsync(TimeSpan.FromMinutes(3));

        Assert.InRange(LongestGap("lib"), TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(6));
    }

    private TimeSpan LongestGap(string name)
    {
        var times = read[name];
        return times.Append(bench.Time.GetUtcNow()).Zip(times, (later, earlier) => later - earlier).Skip(1)
            .Concat(times.Skip(1).Zip(times, (later, earlier) => later - earlier)).Max();
    }

    /// <summary>Reads as the caller of the port does.</summary>
    private async Task PlayAsync(TimeSpan length)
    {
        var end = bench.Time.GetUtcNow() + length;
        while (bench.Time.GetUtcNow() < end)
        {
            var pass = bench.Source.ReadAsync(
                GitHubRig.Account,
                [GitHubRig.Scope("https://github.com/acme")],
                Note,
                GitHubRig.Cancel);
            bench.Time.Advance(await GitHubRig.PassTimeAsync(bench.Time, pass, TimeSpan.FromMilliseconds(50)));
        }
    }

    private void Note(JobObservation seen)
    {
        if (seen is JobObservation.RepositoryRead whole)
            read.GetOrAdd(whole.Repository.Name, _ => []).Add(bench.Time.GetUtcNow());
    }
}
