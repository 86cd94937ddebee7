using System.Text.Json.Nodes;
using RunnerScaler.Control.Ports;
using RunnerScaler.Control.State;
using RunnerScaler.Control.Work;
using RunnerScaler.Kubernetes.Pods;
using RunnerScaler.Sandbox.Cluster.Store;
using RunnerScaler.Scaling.Jobs;
using RunnerScaler.Scaling.Pools;
using RunnerScaler.Scaling.Runners;
using RunnerScaler.Simulation.Control;
using RunnerScaler.Simulation.Kernel;
using RunnerScaler.Simulation.Promises;
using RunnerScaler.Simulation.World;
using DeleteResult = RunnerScaler.Control.Ports.DeleteResult;

namespace RunnerScaler.Simulation.Cluster;

/// <summary>The pods as one replica reads and writes them.</summary>
internal sealed class SimPodStore(
    ReplicaDependencies around,
    SimApi api,
    SimProcess process,
    LeaderGate gate,
    IPoolStore pools,
    Func<PendingWrites?> pending) : IPodStore
{
    private readonly Env env = around.Env;
    private readonly SimCluster cluster = around.Cluster;
    private readonly Watchdog watchdog = around.Watchdog;
    private readonly Mutation mutation = around.Mutation;
    private readonly bool hasRandomNames =
        around.Mutation is Mutation.RandomPodNames or Mutation.RandomNamesRemembered;
    private readonly CreationJournal creations = new(around.Env, process);

    public PodCache Cache { get; } = new(
        around, api, process, around.Mutation is Mutation.RandomPodNames or Mutation.RandomNamesRemembered);

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
        var result = await api.SendAsync(
            Asked("create", pool.Namespace, name), () => Create(pool, slot, name), Uncreated, cancel);
        // One whose fate is not known is asked for again: the name makes that harmless.
        if (result is not CreateResult.Created)
            creations.Concluded(pool, slot);
        return result;
    }

    public async Task<SetGrantResult> SetGrantAsync(
        PodFacts pod, Grant? expected, Grant? grant, CancellationToken cancel)
    {
        ThrowIfClosed();
        return await api.SendAsync(
            Asked("patch", pod),
            () => Mark(pod, expected, grant),
            refusal => refusal.IsCertain ? SetGrantResult.Refused(refusal) : SetGrantResult.Unavailable,
            cancel);
    }

    public async Task<ProtectResult> ProtectAsync(PodFacts pod, CancellationToken cancel)
    {
        ThrowIfClosed();
        return await api.SendAsync(
            Asked("patch", pod),
            () => Merge(pod, PodPatches.Protect(pod.Uid)),
            refusal => refusal.IsCertain ? ProtectResult.Refused(refusal) : ProtectResult.Unavailable,
            cancel);
    }

    public async Task<ProtectResult> DescribeAsync(PodFacts pod, Job job, CancellationToken cancel)
    {
        ThrowIfClosed();
        return await api.SendAsync(
            Asked("patch", pod),
            () => Merge(pod, PodPatches.Describe(pod.Uid, job)),
            refusal => refusal.IsCertain ? ProtectResult.Refused(refusal) : ProtectResult.Unavailable,
            cancel);
    }

    public async Task<DeleteResult> DeleteAsync(PodFacts pod, bool onlyIfUnchanged, CancellationToken cancel)
    {
        ThrowIfClosed();
        return await api.SendAsync(
            Asked("delete", pod),
            () => Delete(pod, onlyIfUnchanged),
            refusal => refusal.IsCertain ? DeleteResult.Refused(refusal) : DeleteResult.Unavailable,
            cancel);
    }

    public Task<PodLookup> GetAsync(string podNamespace, string podName, CancellationToken cancel) => api.SendAsync(
        Asked("get", podNamespace, podName),
        () => new PodLookup(true, cluster.FindPod(podName) is { } pod ? PodObjects.Facts(pod, hasRandomNames) : null),
        _ => default,
        cancel);

    private static ApiRequest Asked(string verb, string ns, string name) => new(verb, "pods", ns, name);

    private static ApiRequest Asked(string verb, PodFacts pod) => Asked(verb, pod.Pool.Namespace, NameOf(pod));

    private static CreateResult Uncreated(Refusal refusal) =>
        refusal.IsDefinite ? new CreateResult.Refused(new(ProblemReason.PodRefused, refusal.Sentence))
        : refusal.IsCertain ? new CreateResult.NotNow(refusal.Message, refusal.RetryAfter)
        : new CreateResult.Unavailable(refusal.Message, refusal.RetryAfter);

    private CreateResult Create(PoolKey key, int slot, string name)
    {
        if (pools.Pools.FirstOrDefault(p => p.Key == key) is not { Pool: { } pool } found)
            return new CreateResult.Refused(PodRefusals.NoPool(key));
        try
        {
            var body = PodObjects.New(pool, found.Uid, slot, name);
            var made = cluster.Write(s => s.Create(KnownTypes.Pods, PodObjects.Namespace, body));
            env.Say(process.Name, $"created {name} {Slot.UidPart(made.Uid)}");
            if (around.Pools.IsGoing(key) || around.Pools.Find(key)?.Uid != found.Uid)
                CollectLater(name, made.Uid);
            watchdog.Created();
            return new CreateResult.Created(made.Uid);
        }
        catch (KubeFailure taken) when (taken.Reason == "AlreadyExists")
        {
            return cluster.FindPod(name) is { } other && PodObjects.PoolOf(other) is null
                ? new CreateResult.Foreign(new(ProblemReason.PodRefused, $"somebody else's pod is named {name}"))
                : new CreateResult.AlreadyExists();
        }
    }

    /// <summary>
    /// The pod's owner is gone or going, or another is named so now: the garbage collector removes the pod.
    /// https://kubernetes.io/docs/concepts/architecture/garbage-collection/#owners-dependents
    /// </summary>
    private void CollectLater(string name, string uid) => env.After(
        TimeSpan.FromSeconds(env.Random.NextDouble()), () => cluster.Delete(name, uid));

    private SetGrantResult Mark(PodFacts pod, Grant? expected, Grant? grant)
    {
        var patch = PodPatches.SetGrant(pod, expected, grant, null);
        watchdog.Written(patch.ToJsonString());
        if (Current(pod) is not { } found)
            return SetGrantResult.PodGone;
        if (mutation == Mutation.MarksBlindly)
            patch.RemoveAt(1);
        if (mutation == Mutation.KeepsOwner)
            patch.RemoveAt(patch.Count - 1);
        try
        {
            Change(found, PatchKind.Json, patch);
            return found.Value.IsDeleting() ? SetGrantResult.PodGone : SetGrantResult.Written;
        }
        catch (KubeFailure failed) when (failed.Code is 409 or 422)
        {
            return SetGrantResult.Conflict;
        }
    }

    private ProtectResult Merge(PodFacts pod, JsonObject patch)
    {
        if (Current(pod) is not { } found)
            return ProtectResult.PodGone;
        Change(found, PatchKind.Merge, patch);
        return ProtectResult.Protected;
    }

    private void Change(StoredObject pod, PatchKind kind, JsonNode patch) =>
        cluster.Write(s => s.Patch(KnownTypes.Pods, PodObjects.Namespace, pod.Name, new(kind, patch)));

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
