using System.Collections.Immutable;
using RunnerScaler.Control.Ports;
using RunnerScaler.Scaling.Jobs;
using RunnerScaler.Scaling.Pools;
using RunnerScaler.Scaling.Runners;

namespace RunnerScaler.Tests.Web;

/// <summary>A pod store of which only <see cref="Synced"/> is asked.</summary>
internal sealed class FakePodStore : IPodStore
{
    public bool Synced { get; set; }

    public event Action<PodFacts?, PodFacts?> Changed { add { } remove { } }

    public IReadOnlyList<PodFacts> All => [];

    public IReadOnlyList<PodFacts> InPool(PoolKey pool) => [];

    public PodFacts? Find(string podNamespace, string podName) => null;

    public Task<CreateResult> CreateAsync(PoolKey pool, int slot, CancellationToken cancel) =>
        throw new InvalidOperationException("Not asked in these tests.");

    public Task<SetGrantResult> SetGrantAsync(PodFacts pod, Grant? expected, Grant? grant, CancellationToken cancel) =>
        throw new InvalidOperationException("Not asked in these tests.");

    public Task<ProtectResult> ProtectAsync(PodFacts pod, CancellationToken cancel) =>
        throw new InvalidOperationException("Not asked in these tests.");

    public Task<ProtectResult> DescribeAsync(PodFacts pod, Job job, CancellationToken cancel) =>
        throw new InvalidOperationException("Not asked in these tests.");

    public Task<DeleteResult> DeleteAsync(PodFacts pod, bool onlyIfUnchanged, CancellationToken cancel) =>
        throw new InvalidOperationException("Not asked in these tests.");
}

/// <summary>A pool store of which only <see cref="Synced"/> is asked.</summary>
internal sealed class FakePoolStore : IPoolStore
{
    public bool Synced { get; set; }

    public ImmutableArray<PoolObject> Pools => [];

    public event Action<PoolKey> Changed { add { } remove { } }

    public Task<bool> ReportAsync(PoolKey pool, PoolReport report, CancellationToken cancel) => Task.FromResult(true);
}
