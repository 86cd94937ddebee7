using RunnerScaler.Control;
using RunnerScaler.Control.Ports;
using RunnerScaler.Sandbox.Cluster.Store;
using RunnerScaler.Scaling;
using RunnerScaler.Simulation.Kernel;
using RunnerScaler.Simulation.Promises;
using RunnerScaler.Simulation.World;
using DeleteResult = RunnerScaler.Control.Ports.DeleteResult;

namespace RunnerScaler.Simulation.Cluster;

/// <summary>The pods as one replica reads and writes them.</summary>
internal sealed class SimPodStore(
    Env env, SimCluster cluster, PoolObjects pools, SimProcess process, LeaderGate gate, Func<PendingWrites?> pending,
    Watchdog watchdog, Mutation mutation) : IPodStore
{
    private readonly bool hasRandomNames = mutation is Mutation.RandomPodNames or Mutation.RandomNamesRemembered;
    private readonly CreationLedger creations = new(env, process);

    public PodCache Cache { get; } = new(env, cluster, process);

    public bool Synced => Cache.Synced;

    public event Action<PodFacts?, PodFacts?> Changed
    {
        add => Cache.Changed += value;
        remove => Cache.Changed -= value;
    }

    public void Start(CancellationToken cancel)
    {
        Cache.Changed += (before, after) => creations.Seen((after ?? before)!);
        gate.Changed += _ => creations.Forget();
        process.Start("pod cache", () => UntilCancelled(Cache.RunAsync(cancel)));
    }

    public IReadOnlyList<PodFacts> All => [.. Cache.All];

    public IReadOnlyList<PodFacts> InPool(PoolKey pool) => [.. Cache.All.Where(p => p.Pool == pool)];

    public PodFacts? Find(string podNamespace, string podName) => hasRandomNames
        ? Cache.All.FirstOrDefault(p => Slot.PodName(p.Pool.Name, p.Slot) == podName)
        : Cache.Find(podName);

    public async Task<CreateResult> CreateAsync(PoolKey pool, int slot, CancellationToken cancel)
    {
        ThrowIfClosed();
        if (mutation is Mutation.NoPendingWrites or Mutation.RandomPodNames)
            foreach (var write in pending()!.Of(pool))
                pending()!.Failed(pool, write.Slot);
        if (creations.Ask(pool, slot) is { } twice && !hasRandomNames)
            env.Break("one request a slot", twice);
        var name = hasRandomNames
            ? $"{pool.Name}-{env.Random.GetHexString(5, true)}"
            : Slot.PodName(pool.Name, slot);
        var result = await env.Wire.SendAsync(
            w => w.Kubernetes, $"{process.Name}: create {name}",
            () => Create(pool, slot, name), why => new CreateResult.Unavailable(why), cancel);
        // One whose fate is not known is asked for again: the name makes that harmless.
        if (result is not CreateResult.Created)
            creations.Concluded(pool, slot);
        return result;
    }

    public async Task<MarkResult> MarkAsync(PodFacts pod, Grant? expected, Grant? grant, CancellationToken cancel)
    {
        ThrowIfClosed();
        return await env.Wire.SendAsync(
            w => w.Kubernetes, $"{process.Name}: mark {NameOf(pod)} {grant?.RunnerName ?? "(none)"}",
            () => Mark(pod, TextOf(pod, expected), PodObjects.Write(grant)), _ => MarkResult.Unavailable, cancel);
    }

    public async Task<ProtectResult> ProtectAsync(PodFacts pod, CancellationToken cancel)
    {
        ThrowIfClosed();
        return await env.Wire.SendAsync(
            w => w.Kubernetes, $"{process.Name}: protect {NameOf(pod)}",
            () => Protect(pod), _ => ProtectResult.Unavailable, cancel);
    }

    public async Task<DeleteResult> DeleteAsync(PodFacts pod, bool onlyIfUnchanged, CancellationToken cancel)
    {
        ThrowIfClosed();
        return await env.Wire.SendAsync(
            w => w.Kubernetes, $"{process.Name}: delete {NameOf(pod)}",
            () => Delete(pod, onlyIfUnchanged), _ => DeleteResult.Unavailable, cancel);
    }

    private static string TextOf(PodFacts pod, Grant? expected) =>
        expected is not null && pod.Mark is { } mark && mark.Attempt == expected.Attempt
            ? mark.Text
            : PodObjects.Write(expected);

    private CreateResult Create(PoolKey key, int slot, string name)
    {
        if (pools.Find(key)?.Pool is not { } pool)
            return new CreateResult.Refused(new(FaultReason.PodRefused, "the pool is gone"));
        try
        {
            var body = PodObjects.New(pool, slot, name);
            var made = cluster.Write(s => s.Create(KnownTypes.Pods, PodObjects.Namespace, body));
            env.Say(process.Name, $"created {name} {Slot.UidPart(made.Uid)}");
            watchdog.Created();
            return new CreateResult.Created(made.Uid);
        }
        catch (KubeFailure taken) when (taken.Reason == "AlreadyExists")
        {
            return cluster.FindPod(name) is { } other && PodObjects.PoolOf(other) is null
                ? new CreateResult.Foreign(new(FaultReason.PodRefused, $"somebody else's pod is named {name}"))
                : new CreateResult.AlreadyExists();
        }
    }

    private MarkResult Mark(PodFacts pod, string expected, string grant)
    {
        watchdog.Written(grant);
        if (Current(pod) is not { } found || found.Value.IsDeleting())
            return MarkResult.PodGone;
        if (found.Value.Text("metadata", "annotations", PodObjects.ClaimAnnotation) != expected
            && mutation != Mutation.MarksBlindly)
            return MarkResult.Conflict;
        Annotate(found, PodObjects.ClaimAnnotation, grant);
        return MarkResult.Marked;
    }

    private ProtectResult Protect(PodFacts pod)
    {
        if (Current(pod) is not { } found)
            return ProtectResult.PodGone;
        Annotate(found, PodObjects.ProtectAnnotation, "true");
        return ProtectResult.Protected;
    }

    private void Annotate(StoredObject pod, string annotation, string value) =>
        cluster.Write(s => s.Modify(KnownTypes.Pods, PodObjects.Namespace, pod.Name, current =>
        {
            current["metadata"]!["annotations"]![annotation] = value;
            return current;
        }));

    private DeleteResult Delete(PodFacts pod, bool onlyIfUnchanged)
    {
        if (Current(pod) is not { } found)
            return DeleteResult.Deleted;
        var hasChanged = Versions.Write(found.Version) != pod.ResourceVersion;
        if (onlyIfUnchanged && hasChanged && mutation != Mutation.DeletesWhateverChanged)
            return DeleteResult.Changed;
        watchdog.Deleting(found, process.Name);
        env.Say(process.Name, $"deletes {found.Name} {Slot.UidPart(found.Uid)}");
        cluster.Delete(found.Name, pod.Uid);
        return DeleteResult.Deleted;
    }

    private StoredObject? Current(PodFacts pod) => hasRandomNames
        ? cluster.Pods.FirstOrDefault(p => p.Uid == pod.Uid)
        : cluster.FindPod(NameOf(pod), pod.Uid);

    private static string NameOf(PodFacts pod) => Slot.PodName(pod.Pool.Name, pod.Slot);

    private void ThrowIfClosed()
    {
        if (mutation != Mutation.WritesWithoutLease)
            gate.ThrowIfClosed();
    }

    internal static async Task UntilCancelled(Task loop)
    {
        try
        {
            await loop;
        }
        catch (OperationCanceledException)
        {
            // Its process is stopping: that is how loops end.
        }
    }
}
