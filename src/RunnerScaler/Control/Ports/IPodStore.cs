using RunnerScaler.Control.Work;
using RunnerScaler.Scaling.Jobs;
using RunnerScaler.Scaling.Planning;
using RunnerScaler.Scaling.Pools;
using RunnerScaler.Scaling.Runners;


namespace RunnerScaler.Control.Ports;

/// <summary>
/// The pods of all pools: a cache that a watch keeps, and the few writes. Writes throw
/// <see cref="LeadershipLostException"/> before they are sent if leadership is lost; other failures are results.
/// </summary>
internal interface IPodStore
{
    /// <summary>Whether the cache has been filled once; before that, nothing may be concluded from it.</summary>
    bool Synced { get; }

    /// <summary>All pods now known, those of pools that are gone included.</summary>
    IReadOnlyList<PodFacts> All { get; }

    /// <summary>The pods of a pool now known, ended and terminating ones included.</summary>
    IReadOnlyList<PodFacts> InPool(PoolKey pool);

    /// <summary>The pod of that name in that namespace now known, if it is one of ours.</summary>
    PodFacts? Find(string podNamespace, string podName);

    /// <summary>The same, if it is still the one of this uid.</summary>
    PodFacts? Find(PodIdentity pod) =>
        Find(pod.Namespace, pod.Name) is { } found && found.Uid == pod.Uid ? found : null;

    /// <summary>
    /// Asks the API server for one pod. What the cache does not show may only not have come yet, so whoever wants to
    /// conclude something from that asks here first. A cache that is never behind need not.
    /// </summary>
    Task<PodLookup> GetAsync(string podNamespace, string podName, CancellationToken cancel) =>
        Task.FromResult(new PodLookup(true, Find(podNamespace, podName)));

    /// <summary>
    /// Tells of every pod that appeared, changed or vanished in the cache: before and after (null: none).
    /// </summary>
    event Action<PodFacts?, PodFacts?> Changed;

    /// <summary>Creates the pod of a slot in the shape that the pool has now.</summary>
    Task<CreateResult> CreateAsync(PoolKey pool, int slot, CancellationToken cancel);

    /// <summary>The same; a store that shows pods to people shows them why it was made.</summary>
    Task<CreateResult> CreateAsync(PoolKey pool, int slot, PodPurpose purpose, CancellationToken cancel) =>
        CreateAsync(pool, slot, cancel);

    /// <summary>
    /// Writes the grant on the pod if, and only if, the pod (by uid) still has the grant <paramref name="expected"/>:
    /// one atomic compare-and-swap, so that no two controllers can give one pod two identities. A pod with a grant is
    /// not deleted with its pool, and marked as not to be evicted; without one it is and is not.
    /// </summary>
    Task<SetGrantResult> SetGrantAsync(PodFacts pod, Grant? expected, Grant? grant, CancellationToken cancel);

    /// <summary>Marks the pod (by uid) as not to be evicted, and as one that has a job.</summary>
    Task<ProtectResult> ProtectAsync(PodFacts pod, CancellationToken cancel);

    /// <summary>Writes on the pod (by uid), for people, which job its runner has.</summary>
    Task<ProtectResult> DescribeAsync(PodFacts pod, Job job, CancellationToken cancel);

    /// <summary>Deletes the pod of this uid.</summary>
    /// <param name="pod">The pod as seen.</param>
    /// <param name="onlyIfUnchanged">
    /// Refuse if the pod has changed in any way since <see cref="PodFacts.ResourceVersion"/>: protects a pod that is
    /// being given an identity by another controller.
    /// </param>
    /// <param name="cancel">Ends the waiting, not the effect.</param>
    Task<DeleteResult> DeleteAsync(PodFacts pod, bool onlyIfUnchanged, CancellationToken cancel);
}

/// <summary>What the API server says of a pod: <see cref="Known"/> is false if there was no clear answer.</summary>
/// <param name="Known">Whether it answered.</param>
/// <param name="Pod">The pod; null if there is none, or none of ours.</param>
internal readonly record struct PodLookup(bool Known, PodFacts? Pod);

/// <summary>What became of a creation.</summary>
internal abstract record CreateResult
{
    public sealed record Created(string Uid) : CreateResult;

    /// <summary>The slot's pod is there already: as good as success.</summary>
    public sealed record AlreadyExists : CreateResult;

    /// <summary>Somebody else's pod bears the slot's name: the slot cannot be used while it is there.</summary>
    public sealed record Foreign(Problem Problem) : CreateResult;

    /// <summary>The API server refuses this pod: invalid, forbidden, quota; or its pool is gone.</summary>
    public sealed record Refused(Problem Problem) : CreateResult;

    /// <summary>
    /// There is no such pod, and it may be made at another time: the API server asks to be asked later, or a webhook of
    /// its cannot be asked.
    /// </summary>
    public sealed record NotNow(string Why, TimeSpan? RetryAfter = null) : CreateResult;

    /// <summary>No clear answer: the pod may or may not exist.</summary>
    public sealed record Unavailable(string Why, TimeSpan? RetryAfter = null) : CreateResult;
}

/// <summary>What became of <see cref="IPodStore.SetGrantAsync"/>.</summary>
internal sealed record SetGrantResult
{
    private SetGrantResult(string word, Refusal? refusal = null) => (Word, Why) = (word, refusal);

    public static SetGrantResult Written { get; } = new(nameof(Written));

    /// <summary>The pod is gone, is terminating, or is another one by now.</summary>
    public static SetGrantResult PodGone { get; } = new(nameof(PodGone));

    /// <summary>Somebody else gave it an identity.</summary>
    public static SetGrantResult Conflict { get; } = new(nameof(Conflict));

    /// <summary>No clear answer: the annotation may or may not be there.</summary>
    public static SetGrantResult Unavailable { get; } = new(nameof(Unavailable));

    /// <summary>The API server refuses it: the annotation is not there.</summary>
    public static SetGrantResult Refused(Refusal why) => new(nameof(Refused), why);

    public string Word { get; }

    /// <summary>Why it was refused; null if it was not.</summary>
    public Refusal? Why { get; }
}

/// <summary>
/// What became of <see cref="IPodStore.ProtectAsync"/> or <see cref="IPodStore.DescribeAsync"/>.
/// </summary>
internal sealed record ProtectResult
{
    private ProtectResult(string word, Refusal? refusal = null) => (Word, Why) = (word, refusal);

    public static ProtectResult Protected { get; } = new(nameof(Protected));

    /// <summary>The pod is gone, or another one by now.</summary>
    public static ProtectResult PodGone { get; } = new(nameof(PodGone));

    /// <summary>No clear answer.</summary>
    public static ProtectResult Unavailable { get; } = new(nameof(Unavailable));

    /// <summary>The API server refuses it.</summary>
    public static ProtectResult Refused(Refusal why) => new(nameof(Refused), why);

    public string Word { get; }

    /// <inheritdoc cref="SetGrantResult.Why"/>
    public Refusal? Why { get; }
}

/// <summary>What became of a deletion.</summary>
internal sealed record DeleteResult
{
    private DeleteResult(string word, Refusal? refusal = null) => (Word, Why) = (word, refusal);

    /// <summary>Gone, or on its way.</summary>
    public static DeleteResult Deleted { get; } = new(nameof(Deleted));

    /// <summary>The pod has changed since it was seen.</summary>
    public static DeleteResult Changed { get; } = new(nameof(Changed));

    /// <summary>No clear answer.</summary>
    public static DeleteResult Unavailable { get; } = new(nameof(Unavailable));

    /// <summary>The API server refuses it: the pod stays.</summary>
    public static DeleteResult Refused(Refusal why) => new(nameof(Refused), why);

    public string Word { get; }

    /// <inheritdoc cref="SetGrantResult.Why"/>
    public Refusal? Why { get; }
}
