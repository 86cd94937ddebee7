namespace RunnerScaler.Sandbox.GitHub;

/// <summary>A repository as it stands now; a change makes a new value.</summary>
internal sealed record Repository(long Id, Account Owner, string Name)
{
    public bool Private { get; init; } = true;

    /// <summary>Read-only: it can still be listed, but queues nothing.</summary>
    public bool Archived { get; init; }

    /// <summary>Switched off by GitHub: listed, but its workflow runs cannot be read.</summary>
    public bool Disabled { get; init; }

    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>The last push. Runs started by a schedule or by hand do not move it.</summary>
    public DateTimeOffset PushedAt { get; init; }

    public string FullName => $"{Owner.Login}/{Name}";
}
