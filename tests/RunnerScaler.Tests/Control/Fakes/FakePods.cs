using System.Collections.Concurrent;
using RunnerScaler.Control.Ports;
using RunnerScaler.Control.Work;
using RunnerScaler.Scaling.Jobs;
using RunnerScaler.Scaling.Planning;
using RunnerScaler.Scaling.Pools;
using RunnerScaler.Scaling.Runners;

namespace RunnerScaler.Tests.Control.Fakes;

/// <summary>
/// The pods of a cluster in memory: names are unique, a mark is a compare-and-swap, and the cache shows every write at
/// once, or, while <see cref="Lagging"/>, not until <see cref="CatchUp"/>.
/// </summary>
internal sealed class FakePods(Journal journal, TimeProvider time) : IPodStore
{
    private readonly ConcurrentDictionary<string, PodFacts> cluster = new();
    private readonly ConcurrentDictionary<string, PodFacts> cache = new();
    private int version;

    public event Action<PodFacts?, PodFacts?>? Changed;

    public bool Synced => true;

    public bool Lagging { get; set; }

    /// <summary>
    /// What the next writes answer instead of being done; <see cref="LeadershipLostException"/> if it throws.
    /// </summary>
    public Func<CreateResult>? OnCreate { get; set; }

    /// <summary>The same for the slots for which it answers.</summary>
    public Func<int, CreateResult?>? OnCreateOf { get; set; }

    /// <summary>What creations wait for before they are sent.</summary>
    public Func<Task>? BeforeCreate { get; set; }

    public Func<SetGrantResult?>? OnSetGrant { get; set; }

    public Func<DeleteResult?>? OnDelete { get; set; }

    /// <summary>Why the pod of a slot was asked for, the last time.</summary>
    public ConcurrentDictionary<int, PodPurpose> Purposes { get; } = [];

    public ProtectResult Protects { get; set; } = ProtectResult.Protected;

    public ProtectResult Describes { get; set; } = ProtectResult.Protected;

    public IReadOnlyList<PodFacts> All => [.. cache.Values.OrderBy(p => p.Slot)];

    /// <summary>What the API server says of a pod instead; null lets it say what is in the cluster.</summary>
    public Func<PodLookup?>? OnLook { get; set; }

    public IReadOnlyList<PodFacts> InPool(PoolKey pool) =>
        [.. cache.Values.Where(p => p.Pool == pool).OrderBy(p => p.Slot)];

    public PodFacts? Find(string podNamespace, string podName) => cache.GetValueOrDefault(podName);

    public Task<PodLookup> GetAsync(string podNamespace, string podName, CancellationToken cancel) =>
        Task.FromResult(OnLook?.Invoke() ?? new PodLookup(true, cluster.GetValueOrDefault(podName)));

    /// <summary>The pod as it stands in the cluster, whatever the cache shows.</summary>
    public PodFacts? InCluster(int slot) => cluster.GetValueOrDefault(Slot.PodName("linux", slot));

    public void Put(PodFacts pod)
    {
        cluster[Name(pod)] = pod with { ResourceVersion = $"{Interlocked.Increment(ref version)}" };
        Show(Name(pod));
    }

    public void Change(int slot, Func<PodFacts, PodFacts> change) => Put(change(InCluster(slot)!));

    public void Remove(int slot)
    {
        cluster.TryRemove(Slot.PodName("linux", slot), out _);
        Show(Slot.PodName("linux", slot));
    }

    public void CatchUp()
    {
        Lagging = false;
        foreach (var name in cluster.Keys.Union(cache.Keys).ToArray())
            Show(name);
    }

    public Task<CreateResult> CreateAsync(PoolKey pool, int slot, PodPurpose purpose, CancellationToken cancel)
    {
        Purposes[slot] = purpose;
        return CreateAsync(pool, slot, cancel);
    }

    public async Task<CreateResult> CreateAsync(PoolKey pool, int slot, CancellationToken cancel)
    {
        if (BeforeCreate is { } wait)
            await wait();
        journal.Add($"create {slot}");
        if ((OnCreate?.Invoke() ?? OnCreateOf?.Invoke(slot)) is { } instead)
            return instead;
        var pod = Given(pool, slot);
        if (!cluster.TryAdd(Name(pod), pod))
            return new CreateResult.AlreadyExists();
        Show(Name(pod));
        return new CreateResult.Created(pod.Uid);
    }

    public Task<SetGrantResult> SetGrantAsync(PodFacts pod, Grant? expected, Grant? grant, CancellationToken cancel)
    {
        if (OnSetGrant?.Invoke() is { } instead)
            return Task.FromResult(instead);
        if (cluster.GetValueOrDefault(Name(pod)) is not { DeletingSince: null } found || found.Uid != pod.Uid)
            return Task.FromResult(SetGrantResult.PodGone);
        if (found.ClaimAnnotation?.RunnerName != expected?.RunnerName)
            return Task.FromResult(SetGrantResult.Conflict);
        journal.Add($"mark {grant?.RunnerName ?? "nothing"}");
        Put(found with
        {
            ClaimAnnotation = grant is null ? null : Scaling.Given.AnnotationOf(grant),
            Protected = grant is not null,
            Released = grant is not null,
        });
        return Task.FromResult(SetGrantResult.Written);
    }

    public Task<ProtectResult> ProtectAsync(PodFacts pod, CancellationToken cancel)
    {
        journal.Add($"protect {pod.Slot}");
        return Task.FromResult(Protects);
    }

    public Task<ProtectResult> DescribeAsync(PodFacts pod, Job job, CancellationToken cancel)
    {
        journal.Add($"describe {pod.Slot} {job.Id}");
        return Task.FromResult(Describes);
    }

    public Task<DeleteResult> DeleteAsync(PodFacts pod, bool onlyIfUnchanged, CancellationToken cancel)
    {
        if (OnDelete?.Invoke() is { } instead)
            return Task.FromResult(instead);
        if (cluster.GetValueOrDefault(Name(pod)) is { } found && found.Uid == pod.Uid)
        {
            if (onlyIfUnchanged && found.ResourceVersion != pod.ResourceVersion)
                return Task.FromResult(DeleteResult.Changed);
            Put(found with { DeletingSince = time.GetUtcNow() });
        }
        journal.Add($"delete {pod.Slot}");
        return Task.FromResult(DeleteResult.Deleted);
    }

    private PodFacts Given(PoolKey pool, int slot) => Scaling.Given.Pod(slot, PodPhase.Pending) with
    {
        Pool = pool,
        CreatedAt = time.GetUtcNow(),
        Seen = new(time.GetUtcNow()),
        ResourceVersion = $"{Interlocked.Increment(ref version)}",
    };

    private void Show(string name)
    {
        if (Lagging)
            return;
        var (before, after) = (cache.GetValueOrDefault(name), cluster.GetValueOrDefault(name));
        if (after is not null)
            after = FirstSeen.Note(before ?? after, after, time.GetUtcNow());
        if (after is null)
            cache.TryRemove(name, out _);
        else
            cache[name] = after;
        if (before != after)
            Changed?.Invoke(before, after);
    }

    private static string Name(PodFacts pod) => Slot.PodName(pod.Pool.Name, pod.Slot);
}
