using System.Globalization;

namespace RunnerScaler.Simulation.Reading;

/// <summary>Many seeds of <see cref="ReadingRun"/>, side by side.</summary>
internal sealed class ReadingCampaign
{
    private readonly ReadingResult[] results;
    private readonly int first;

    private ReadingCampaign(int from, int count, int parallel)
    {
        first = from;
        results = [.. Enumerable.Range(from, count).AsParallel().AsOrdered()
            .WithDegreeOfParallelism(Math.Max(1, parallel)).Select(seed => ReadingRun.Of(seed))];
    }

    /// <summary>What was untrue, with its seed.</summary>
    public IEnumerable<string> Broken => results.Index().Where(r => r.Item.Broken is not null)
        .Select(r => string.Create(CultureInfo.InvariantCulture, $"reading seed {first + r.Index}: {r.Item.Broken}"));

    /// <summary>Of how many seeds something can be said.</summary>
    public int Concluded => results.Count(r => r.IsConcluded);

    public static ReadingCampaign Of(int from, int count, int parallel) => new(from, count, parallel);

    /// <summary>In how many seeds this was met.</summary>
    public int SeedsWith(ReadingFault fault) => results.Count(r => r.Met.Contains(fault));

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"""
        {results.Length} reading seeds, {Concluded} of them concluded
        {results.Sum(r => r.Elapsed.TotalHours):0} simulated hours
        {string.Join(", ", Enum.GetValues<ReadingFault>().Select(f => $"{f} {SeedsWith(f)}"))}
        {Broken.Count()} told something untrue
        """);
}
