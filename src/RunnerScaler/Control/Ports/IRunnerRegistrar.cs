using RunnerScaler.Scaling.Pools;
using RunnerScaler.Scaling.Runners;


namespace RunnerScaler.Control.Ports;

/// <summary>Registers and removes runners at GitHub. Expected refusals are results; only cancellation throws.</summary>
internal interface IRunnerRegistrar
{
    /// <summary>
    /// Registers a runner for one job
    /// (<see href="https://docs.github.com/rest/actions/self-hosted-runners#create-configuration-for-a-just-in-time-runner-for-an-organization">generate-jitconfig</see>).
    /// Sent once, never repeated blindly: a repeated one would answer that the name exists.
    /// </summary>
    Task<JitResult> CreateJitConfigAsync(JitRequest request, CancellationToken cancel);

    /// <summary>
    /// Deletes a registration by <paramref name="id"/>, or, if that is not known, by looking its name up.
    /// </summary>
    Task<DeregisterResult> DeregisterAsync(
        RegistrationTarget target, string runnerName, long? id, CancellationToken cancel);

    /// <summary>Looks one registration up.</summary>
    Task<LookupResult> FindAsync(RegistrationTarget target, string runnerName, long? id, CancellationToken cancel);

    /// <summary>
    /// Who may use the organisation's runner group of this name (null: its default one). Null for a repository, which
    /// has none, and if it could not be read.
    /// </summary>
    Task<GroupRules?> GroupAsync(RegistrationTarget target, string? group, CancellationToken cancel);

    /// <summary>All registrations at a target, all pages; null if they could not all be read.</summary>
    Task<IReadOnlyList<Registration>?> ListAsync(RegistrationTarget target, CancellationToken cancel);
}

/// <param name="Target">Where to register.</param>
/// <param name="RunnerName">Unique at the target.</param>
/// <param name="RunnerGroup">The organisation's group by name; null for its default one. Ignored for
/// repositories.</param>
/// <param name="Labels">Exactly the labels that the runner will have: GitHub adds none.</param>
internal sealed record JitRequest(RegistrationTarget Target, string RunnerName, string? RunnerGroup, LabelSet Labels)
{
    private static readonly Func<bool> Always = static () => true;

    /// <summary>
    /// Asked when its turn has come, which may be a minute after it was decided on, and before anything is sent:
    /// whether it is still wanted. From the first yes on it counts as sent.
    /// </summary>
    public Func<bool> IsStillWanted { get; init; } = Always;
}

/// <summary>The answer to a <see cref="JitRequest"/>.</summary>
internal abstract record JitResult
{
    /// <param name="RunnerId">GitHub's id of the new registration.</param>
    /// <param name="Config">The identity itself: a secret, to be handed to the pod and forgotten.</param>
    public sealed record Registered(long RunnerId, string Config) : JitResult
    {
        /// <summary>Without the secret, so that no log can hold it.</summary>
        public override string ToString() => $"Registered {{ RunnerId = {RunnerId} }}";
    }

    /// <summary>It was not wanted any more when its turn came. Nothing was sent.</summary>
    public sealed record Withdrawn : JitResult;

    /// <summary>The name exists (409).</summary>
    public sealed record NameTaken : JitResult;

    /// <summary>GitHub refuses: an operator has to act.</summary>
    public sealed record Refused(Problem Problem) : JitResult;

    /// <summary>No registration now: a limit forbids it, or there was no clear answer.</summary>
    public sealed record Unavailable(Problem Problem, TimeSpan RetryAfter) : JitResult
    {
        /// <summary>Whether the registration may exist all the same. GitHub makes none that its limits
        /// forbid.</summary>
        public bool MayExist => Problem.Reason != ProblemReason.RateLimited;
    }
}

/// <summary>What became of a deregistration.</summary>
internal enum DeregisterResult
{
    /// <summary>It existed and is deleted.</summary>
    Deleted,

    /// <summary>There was none (404), or what it was registered at is gone for good.</summary>
    Gone,

    /// <summary>GitHub refuses because the runner has a job (422).</summary>
    Busy,

    /// <summary>No clear answer.</summary>
    Unavailable,
}

/// <summary>What became of a look-up: <see cref="Known"/> is false if there was no clear answer.</summary>
/// <param name="Known">Whether GitHub answered.</param>
/// <param name="Registration">The registration; null if there is none.</param>
internal readonly record struct LookupResult(bool Known, Registration? Registration);
