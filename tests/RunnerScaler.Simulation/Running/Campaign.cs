using System.Collections.Concurrent;
using System.Globalization;
using RunnerScaler.Simulation.World;

namespace RunnerScaler.Simulation.Running;

/// <summary>Many seeds, side by side, and what they add up to.</summary>
internal sealed class Campaign(RunSettings settings)
{
    private readonly Lock guard = new();
    private readonly ConcurrentBag<RunResult> broken = [];
    private readonly int[] seedsWith = new int[Enum.GetValues<FaultKind>().Length];
    private TimeSpan elapsed;
    private long steps;
    private (int Seeds, int Jobs, int Jit, int Pods, int Surplus, int Reused, int Faults) sum;

    /// <summary>The seeds that broke a promise, the lowest first.</summary>
    public IReadOnlyList<RunResult> Broken => [.. broken.OrderBy(b => b.Seed)];

    /// <summary>How many seeds were run.</summary>
    public int Done => sum.Seeds;

    /// <summary>In how many seeds this was met.</summary>
    public int SeedsWith(FaultKind kind) => seedsWith[(int)kind];

    /// <summary>Over the histories of all seeds, in whatever order they ran.</summary>
    public ulong Hash { get; private set; }

    /// <param name="from">The first seed.</param>
    /// <param name="count">How many.</param>
    /// <param name="parallel">How many at a time.</param>
    /// <param name="stopAfter">After so many broken seeds no further one is begun.</param>
    /// <param name="each">Told the number of seeds done.</param>
    public void Run(int from, int count, int parallel, int stopAfter, Action<int>? each = null)
    {
        var next = from - 1;
        var workers = Enumerable.Range(0, Math.Max(1, parallel)).Select(_ => new Thread(() =>
        {
            while (broken.Count < stopAfter && Interlocked.Increment(ref next) is var seed && seed < from + count)
            {
                var done = Add(SimRun.Of(seed, settings));
                each?.Invoke(done);
            }
        })).ToArray();
        foreach (var worker in workers)
            worker.Start();
        foreach (var worker in workers)
            worker.Join();
    }

    public string Summary(TimeSpan took) => string.Create(CultureInfo.InvariantCulture, $"""
        {sum.Seeds} seeds in {took.TotalSeconds:0.0} s: {sum.Seeds / took.TotalSeconds:0} a second
        {elapsed.TotalHours:0} simulated hours, {elapsed.TotalHours / took.TotalSeconds:0} a second; {steps} steps
        {sum.Faults} lost, refused or late requests
        {sum.Jobs} jobs run, {sum.Pods} pods made, {sum.Surplus} of them without a job
        {sum.Jit} JIT configs asked for, {sum.Reused} names used again
        {string.Join(", ", Enum.GetValues<FaultKind>().Select(k => $"{k} {SeedsWith(k)}"))}
        {broken.Count} seeds broke a promise; hash {Hash:x16}
        """);

    private int Add(RunResult result)
    {
        result = result with { Settings = settings with { Trace = null } };
        if (result.Failure is not null)
            broken.Add(result);
        lock (guard)
        {
            Hash ^= result.Hash;
            elapsed += result.Elapsed;
            steps += result.Steps;
            foreach (var kind in result.Kinds.Kinds)
                seedsWith[(int)kind]++;
            sum = (sum.Seeds + 1, sum.Jobs + result.Jobs, sum.Jit + result.JitCalls, sum.Pods + result.Pods,
                sum.Surplus + result.Surplus, sum.Reused + result.NamesReused, sum.Faults + result.Faults);
            return sum.Seeds;
        }
    }
}
