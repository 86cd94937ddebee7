using System.Collections.Concurrent;
using RunnerScaler.Simulation.Running;

namespace RunnerScaler.Simulation.Tests;

/// <summary>The seeds that the tests run: each block once, whoever asks for it first.</summary>
public sealed class SeedRuns
{
    internal const int SeedsAtOnce = 50;
    internal const int Blocks = 11;

    private readonly ConcurrentDictionary<int, Lazy<Campaign>> blocks = new();

    internal static IEnumerable<int> Starts => Enumerable.Range(0, Blocks).Select(i => i * SeedsAtOnce);

    internal Campaign Of(int from) => blocks.GetOrAdd(from, _ => new(() => Run(from))).Value;

    private static Campaign Run(int from)
    {
        var campaign = new Campaign(new RunSettings());
        campaign.Run(from, SeedsAtOnce, Environment.ProcessorCount, stopAfter: 1);
        return campaign;
    }
}
