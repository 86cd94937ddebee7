using System.Diagnostics;
using RunnerScaler.Simulation.Running;

namespace RunnerScaler.Simulation.Tests;

public sealed class DeterminismTests
{
    [Fact]
    public void ASeedTakesTheSameCourseAgain() =>
        Assert.Equal(HashesOf(Enumerable.Range(0, 10)), HashesOf(Enumerable.Range(0, 10).Reverse()).Reverse());

    [Fact]
    public void SeedsTakeDifferentCourses() =>
        Assert.Equal(10, HashesOf(Enumerable.Range(0, 10)).Distinct().Count());

    /// <summary>
    /// Strings hash differently in every process; nothing may depend on that, or no seed could be replayed.
    /// </summary>
    [Fact]
    public async Task ASeedTakesTheSameCourseInAnotherProcess()
    {
        const int seeds = 25;
        var campaign = new Campaign(new RunSettings());
        campaign.Run(0, seeds, Environment.ProcessorCount, stopAfter: 1);

        var self = typeof(DeterminismTests).Assembly.Location;
        using var other = Process.Start(new ProcessStartInfo("dotnet", [self, "--seeds", $"{seeds}"])
        {
            RedirectStandardOutput = true,
        })!;
        var output = await other.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await other.WaitForExitAsync(TestContext.Current.CancellationToken);

        Assert.Contains($"hash {campaign.Hash:x16}", output, StringComparison.Ordinal);
    }

    private static ulong[] HashesOf(IEnumerable<int> seeds) => [.. seeds.Select(s => SimRun.Of(s).Hash)];
}
