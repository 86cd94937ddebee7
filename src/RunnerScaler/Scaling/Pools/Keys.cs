namespace RunnerScaler.Scaling.Pools;

/// <summary>Names a <c>RunnerPool</c> object.</summary>
internal readonly record struct PoolKey(string Namespace, string Name) : IComparable<PoolKey>
{
    public int CompareTo(PoolKey other)
    {
        var byNamespace = string.CompareOrdinal(Namespace, other.Namespace);
        return byNamespace != 0 ? byNamespace : string.CompareOrdinal(Name, other.Name);
    }

    public override string ToString() => $"{Namespace}/{Name}";
}

/// <summary>
/// One credential at one GitHub server: the Secret that holds it, and the server's address as
/// <c>scheme://host[:port]</c>. All pools that name the same one share its reader, its token and its budget.
/// </summary>
internal readonly record struct AccountKey(string Namespace, string Secret, string Server)
{
    /// <summary>
    /// The pool of the namespace whose scale sets tell of the queue; null where the queue is polled. What one feed
    /// tells is kept apart from what another does.
    /// </summary>
    public string? ScaleSetsOf { get; init; }

    /// <summary>The credential alone, whoever learns of jobs with it and how.</summary>
    public AccountKey Credential => this with { ScaleSetsOf = null };

    public override string ToString() =>
        $"{Namespace}/{Secret}@{Server}{(ScaleSetsOf is null ? "" : $"#{ScaleSetsOf}")}";
}

/// <summary>
/// A repository at a GitHub server. GitHub compares owner and name without regard to case, so both are kept in lower
/// case: make one with <see cref="Of"/>.
/// </summary>
internal readonly record struct RepositoryKey(string Server, string Owner, string Name)
{
    public static RepositoryKey Of(string server, string owner, string name) =>
        new(server, Lower(owner), Lower(name));

    public override string ToString() => $"{Owner}/{Name}";

    internal static string Lower(string name) => name.ToLowerInvariant();
}

/// <summary>
/// Where a runner is registered: an organisation, or (<see cref="Repository"/> set) one repository, or an enterprise,
/// whose owner is <c>enterprises/NAME</c>. Owner and repository are in lower case.
/// </summary>
internal readonly record struct RegistrationTarget(AccountKey Account, string Owner, string? Repository)
{
    public bool IsEnterprise => Owner.StartsWith(Scope.Enterprises, StringComparison.Ordinal);

    public override string ToString() => Repository is null ? Owner : $"{Owner}/{Repository}";
}
