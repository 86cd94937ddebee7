namespace RunnerScaler.Sandbox.GitHub;

/// <summary>The delays and deadlines of the model. The defaults are GitHub's documented or observed ones.</summary>
internal sealed record OrganizationSettings
{
    /// <summary>Least time between "a job and an idle runner match" and the assignment.</summary>
    public TimeSpan AssignmentDelayMin { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Greatest time until the assignment; each is drawn evenly between the two.</summary>
    public TimeSpan AssignmentDelayMax { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>An assigned job that is not picked up for this long returns to the queue.</summary>
    public TimeSpan PickUpDeadline { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>A job queued for longer fails.</summary>
    public TimeSpan QueueDeadline { get; init; } = TimeSpan.FromHours(24);

    /// <summary>An ephemeral runner that stays offline for longer is removed.</summary>
    public TimeSpan OfflineDeadline { get; init; } = TimeSpan.FromDays(1);

    /// <summary>
    /// When set, registrations that are online without a job for this long are dropped
    /// (https://github.com/actions/runner/issues/4726).
    /// </summary>
    public TimeSpan? IdleDeadline { get; init; }

    /// <summary>For how long a vanished runner is still seen as online, and given jobs.</summary>
    public TimeSpan SeenOnlineFor { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>The job of a vanished runner fails ("lost communication with the server") after this long.</summary>
    public TimeSpan LostContactDeadline { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>A cancelled job whose runner does not stop is ended after this long.</summary>
    public TimeSpan CancelDeadline { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How long a job for GitHub's own runners waits for one.</summary>
    public TimeSpan HostedStartDelay { get; init; } = TimeSpan.FromSeconds(8);

    /// <summary>How runner scale sets behave.</summary>
    public ScaleSetSettings ScaleSets { get; init; } = new();

    /// <summary>Labels of GitHub's own runners: jobs that ask for one of these need no self-hosted runner.</summary>
    public IReadOnlySet<string> HostedLabels { get; init; } = new HashSet<string>(StringComparer.OrdinalIgnoreCase)
    {
        "ubuntu-latest", "ubuntu-24.04", "ubuntu-22.04", "windows-latest", "macos-latest",
    };
}
