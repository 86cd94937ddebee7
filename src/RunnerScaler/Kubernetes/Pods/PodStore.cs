using System.Text.Json;
using System.Text.Json.Nodes;
using RunnerScaler.Control.Ports;
using RunnerScaler.Control.Work;
using RunnerScaler.Kubernetes.Api;
using RunnerScaler.Kubernetes.Builders;
using RunnerScaler.Kubernetes.Pools;
using RunnerScaler.Kubernetes.Watching;
using RunnerScaler.Scaling.Jobs;
using RunnerScaler.Scaling.Planning;
using RunnerScaler.Scaling.Pools;
using RunnerScaler.Scaling.Runners;

namespace RunnerScaler.Kubernetes.Pods;

/// <summary>Our pods at the API server.</summary>
internal sealed class PodStore : IPodStore
{
    private readonly ApiServer api;
    private readonly PoolStore pools;
    private readonly CacheVolumes caches;
    private readonly LeaderGate leader;
    private readonly TimeProvider time;
    private readonly NamespacedInformers<PodFacts> watched;
    private readonly PodIndex index = new();

    /// <param name="api">The API server.</param>
    /// <param name="namespaces">The namespaces to watch; empty for all.</param>
    /// <param name="pools">Knows the shape of each pool's pods.</param>
    /// <param name="caches">Makes the volumes that pods need.</param>
    /// <param name="leader">Nothing is written without it.</param>
    /// <param name="settings">Times and sizes of the watch.</param>
    /// <param name="dependencies">What all informers share.</param>
    public PodStore(
        ApiServer api,
        IEnumerable<string> namespaces,
        PoolStore pools,
        CacheVolumes caches,
        LeaderGate leader,
        WatchSettings settings,
        InformerDependencies dependencies)
    {
        this.api = api;
        this.pools = pools;
        this.caches = caches;
        this.leader = leader;
        time = dependencies.Time;
        watched = new NamespacedInformers<PodFacts>(
            api,
            namespaces,
            only => new WatchTarget("pods", ResourcePaths.Pods(only), PodLabels.Selector),
            Read,
            settings,
            dependencies);

        // Before anybody else is told.
        watched.Cache.Changed += index.Changed;
    }

    public event Action<PodFacts?, PodFacts?> Changed
    {
        add => watched.Cache.Changed += value;
        remove => watched.Cache.Changed -= value;
    }

    public bool Synced => watched.Synced;

    /// <summary>Keeps the cache until it is cancelled.</summary>
    public Task RunAsync(CancellationToken cancel) => watched.RunAsync(cancel);

    public IReadOnlyList<PodFacts> All => [.. watched.Cache.All];

    public IReadOnlyList<PodFacts> InPool(PoolKey pool) => index.Of(pool);

    public PodFacts? Find(string podNamespace, string podName) => watched.Cache.Find(podNamespace, podName);

    public async Task<PodLookup> GetAsync(string podNamespace, string podName, CancellationToken cancel)
    {
        var answer = await api.GetAsync(ResourcePaths.Pod(podNamespace, podName), cancel);
        return answer.Code == 404 ? new PodLookup(true, null)
            : answer.Ok ? new PodLookup(true, Read(answer.Root!.Value))
            : default;
    }

    public Task<CreateResult> CreateAsync(PoolKey pool, int slot, CancellationToken cancel) =>
        CreateAsync(pool, slot, PodPurpose.AskedAgain, cancel);

    public async Task<CreateResult> CreateAsync(
        PoolKey pool, int slot, PodPurpose purpose, CancellationToken cancel)
    {
        if (pools.ShapeOf(pool) is not { } shape)
            return new CreateResult.Refused(PodRefusals.NoPool(pool));
        leader.ThrowIfClosed();
        if (shape.Cache is { } cache && pools.UidOf(pool) is { } uid)
        {
            if (await caches.PrepareAsync(pool, uid, slot, cache, cancel) is { } refusal)
                return refusal;
            leader.ThrowIfClosed();
        }
        var answer = await api.SendAsync(
            HttpMethod.Post, ResourcePaths.Pods(pool.Namespace), shape.ForSlot(slot, purpose), cancel);
        if (answer.Ok)
            return new CreateResult.Created(answer.Metadata.Text("uid") ?? "");
        var name = Slot.PodName(pool.Name, slot);
        if (answer.Reason == "AlreadyExists")
            return await IsOursAsync(pool, name, cancel)
                ? new CreateResult.AlreadyExists()
                : new CreateResult.Foreign(PodRefusals.Foreign(pool, name));
        return PodRefusals.Read(answer);
    }

    public async Task<SetGrantResult> SetGrantAsync(
        PodFacts pod, Grant? expected, Grant? grant, CancellationToken cancel)
    {
        leader.ThrowIfClosed();
        var answer = await api.SendAsync(
            HttpMethod.Patch, PathOf(pod),
            PodPatches.SetGrant(pod, expected, grant, grant is null ? pools.ShapeOf(pod.Pool)?.Annotations : null),
                cancel,
            ApiServer.JsonPatch);
        if (answer.Ok)
            return answer.Metadata.Text("deletionTimestamp") is null ? SetGrantResult.Written : SetGrantResult.PodGone;
        if (answer.Code == 404)
            return SetGrantResult.PodGone;
        // A failed test is a 422, a uid that changed meanwhile a 409: neither says which of the two it was.
        if (answer.Code is not (422 or 409))
            return answer.Refusal is { IsCertain: true } refusal
                ? SetGrantResult.Refused(refusal)
                : SetGrantResult.Unavailable;
        var (presence, annotation) = await GetPresenceAsync(pod, cancel);
        return presence switch
        {
            PodPresence.Gone or PodPresence.Leaving => SetGrantResult.PodGone,
            // All tests would hold: a rule of the server's denies it.
            PodPresence.There when answer.Code == 422 && annotation == PodPatches.TextOf(pod, expected) =>
                SetGrantResult.Refused(api.TellDenied(HttpMethod.Patch, PathOf(pod), answer)),
            PodPresence.There => SetGrantResult.Conflict,
            _ => SetGrantResult.Unavailable,
        };
    }

    public Task<ProtectResult> ProtectAsync(PodFacts pod, CancellationToken cancel) =>
        MergeAsync(pod, PodPatches.Protect(pod.Uid), cancel);

    public Task<ProtectResult> DescribeAsync(PodFacts pod, Job job, CancellationToken cancel) =>
        MergeAsync(pod, PodPatches.Describe(pod.Uid, job), cancel);

    private async Task<ProtectResult> MergeAsync(PodFacts pod, JsonObject patch, CancellationToken cancel)
    {
        leader.ThrowIfClosed();
        var answer = await api.SendAsync(HttpMethod.Patch, PathOf(pod), patch, cancel, ApiServer.MergePatch);
        return answer switch
        {
            { Ok: true } => ProtectResult.Protected,
            { Code: 404 or 409 } => ProtectResult.PodGone,

            // Servers differ in how they say that the name is another pod's by now.
            { Code: 422, Refusal.Message: var said } when IsOfAnother(said) => ProtectResult.PodGone,
            { Refusal: { IsCertain: true } refusal } => ProtectResult.Refused(refusal),
            _ => ProtectResult.Unavailable,
        };
    }

    private static bool IsOfAnother(string said) => said.Contains("metadata.uid", StringComparison.Ordinal);

    public async Task<DeleteResult> DeleteAsync(PodFacts pod, bool onlyIfUnchanged, CancellationToken cancel)
    {
        leader.ThrowIfClosed();
        var preconditions = new JsonObject { ["uid"] = pod.Uid };
        if (onlyIfUnchanged)
            preconditions["resourceVersion"] = pod.ResourceVersion;
        var options = new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "DeleteOptions",
            ["preconditions"] = preconditions,
        };
        var answer = await api.SendAsync(HttpMethod.Delete, PathOf(pod), options, cancel);
        if (answer.Ok || answer.Code == 404)
            return DeleteResult.Deleted;
        if (answer.Code != 409)
            return answer.Refusal is { IsCertain: true } refusal
                ? DeleteResult.Refused(refusal)
                : DeleteResult.Unavailable;
        // Another pod may bear the name by now: then the one that was meant is gone.
        return (await GetPresenceAsync(pod, cancel)).Presence switch
        {
            PodPresence.Gone => DeleteResult.Deleted,
            PodPresence.There or PodPresence.Leaving when onlyIfUnchanged => DeleteResult.Changed,
            _ => DeleteResult.Unavailable,
        };
    }

    private PodFacts? Read(JsonElement pod) => PodReader.Read(pod) is { } read
        ? FirstSeen.Note(Find(read.Pool.Namespace, Slot.PodName(read.Pool.Name, read.Slot)), read, time.GetUtcNow())
        : null;

    private async Task<(PodPresence Presence, string Annotation)> GetPresenceAsync(
        PodFacts pod, CancellationToken cancel)
    {
        var answer = await api.GetAsync(PathOf(pod), cancel);
        if (answer.Code == 404)
            return (PodPresence.Gone, "");
        if (!answer.Ok)
            return (PodPresence.None, "");
        var presence = answer.Metadata.Text("uid") != pod.Uid ? PodPresence.Gone
            : answer.Metadata.Text("deletionTimestamp") is null ? PodPresence.There
            : PodPresence.Leaving;
        return (presence, answer.Metadata.Member("annotations").Text(PodLabels.Claim) ?? "");
    }

    // The name is taken: by the slot's pod, which the cache may not show yet, or by somebody else's, which it never
    // will.
    private async Task<bool> IsOursAsync(PoolKey pool, string name, CancellationToken cancel)
    {
        if (Find(pool.Namespace, name) is not null)
            return true;
        var answer = await api.GetAsync(ResourcePaths.Pod(pool.Namespace, name), cancel);
        return !answer.Ok || PodReader.Read(answer.Root!.Value) is not null;
    }

    private static string PathOf(PodFacts pod) =>
        ResourcePaths.Pod(pod.Pool.Namespace, Slot.PodName(pod.Pool.Name, pod.Slot));

    /// <summary>What a second look at a pod showed.</summary>
    private enum PodPresence
    {
        /// <summary>No clear answer.</summary>
        None,
        Gone,
        Leaving,
        There,
    }
}
