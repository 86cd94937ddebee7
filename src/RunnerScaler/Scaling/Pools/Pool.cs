using System.Collections.Immutable;

namespace RunnerScaler.Scaling.Pools;

/// <summary>
/// The part of a <c>RunnerPool</c>'s spec that decisions depend on, valid by construction. The pod's shape is not in
/// it, only that shape's <see cref="Revision"/>.
/// </summary>
internal sealed record Pool
{
    public required PoolKey Key { get; init; }

    public required AccountKey Account { get; init; }

    /// <summary>Whether scale sets tell of the pool's jobs, and nobody else; else the queue is polled.</summary>
    public bool UsesScaleSets => Account.ScaleSetsOf is not null;

    /// <summary>What the pool serves; the first entry that covers a repository decides.</summary>
    public required ImmutableArray<Scope> Serves { get; init; }

    public required LabelSet Labels { get; init; }

    /// <summary>At least 0; slots are numbered below it.</summary>
    public required int MaxRunners { get; init; }

    /// <summary>At least 1; null means no limit but <see cref="MaxRunners"/>.</summary>
    public int? MaxRunnersPerRepository { get; init; }

    public WarmSettings Warm { get; init; } = WarmSettings.None;

    /// <summary>Among pools with equally few surplus labels the higher one serves the job.</summary>
    public int Priority { get; init; }

    public Deadlines Deadlines { get; init; } = new();

    /// <summary>Jobs of pull requests from forks are not served: they would share a builder with others.</summary>
    public bool RefusesForks { get; init; }

    /// <summary>The service account whose token the pool's jobs are given; null for none.</summary>
    public string? DeploysAs { get; init; }

    /// <summary>Names the shape of the pool's pods; a pod of another revision that has no job is replaced.</summary>
    public string Revision { get; init; } = "";

    /// <summary>The pool is being deleted: nothing new is made for it.</summary>
    public bool Deleting { get; init; }

    /// <summary>The entry of <see cref="Serves"/> that covers the repository, if any does.</summary>
    public Scope? ScopeFor(RepositoryKey repository)
    {
        foreach (var scope in Serves)
            if (scope.Covers(repository))
                return scope;
        return null;
    }

    /// <summary>
    /// Where runners that wait idle at GitHub are registered; null if only repositories of <c>owner/*</c> are served.
    /// </summary>
    public RegistrationTarget? IdleTarget
    {
        get
        {
            foreach (var scope in Serves)
                if (scope.Kind != ScopeKind.EachRepository)
                    return new RegistrationTarget(Account, scope.Owner, scope.Repository);
            return null;
        }
    }

    /// <summary>
    /// Where the pool registers runners for what somebody calls so; null if it registers none there.
    /// </summary>
    /// <param name="owner">In lower case.</param>
    /// <param name="repository">In lower case; null for the organisation.</param>
    public RegistrationTarget? TargetNamed(string owner, string? repository)
    {
        foreach (var scope in Serves)
            if (scope.Owner == owner && scope.RegistersAt(repository))
                return new RegistrationTarget(Account, scope.Owner, repository);
        return null;
    }

    /// <summary>The runner group that the pool uses at <paramref name="target"/>; null for the default one.</summary>
    public string? GroupAt(RegistrationTarget target)
    {
        foreach (var scope in Serves)
            if (scope.HasGroups && target.Repository is null && scope.Owner == target.Owner)
                return scope.RunnerGroup;
        return null;
    }
}

/// <summary>How long each part of a runner's life may take before something is done about it.</summary>
internal sealed record Deadlines
{
    /// <summary>From the pod's creation to its first claim.</summary>
    public TimeSpan Start { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>From the granted claim to the runner's being seen online at GitHub.</summary>
    public TimeSpan Register { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>
    /// How long a job may stay queued beside an idle online runner that matches it, before it is taken for one that
    /// GitHub does not give to these runners.
    /// </summary>
    public TimeSpan Assign { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How long a runner that nobody needs is kept for the next job.</summary>
    public TimeSpan Idle { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>
    /// After this, a running job is reported as overdue. It is not ended: only GitHub and its owner may do that.
    /// </summary>
    public TimeSpan Job { get; init; } = TimeSpan.FromHours(6);
}
