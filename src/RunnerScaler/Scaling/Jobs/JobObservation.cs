using System.Collections.Immutable;
using RunnerScaler.Scaling.Pools;

namespace RunnerScaler.Scaling.Jobs;

/// <summary>
/// One thing that was learned about the queue, or could not be. Observations state levels ("these are the jobs"), never
/// changes, so that a lost or repeated one does no harm.
/// </summary>
internal abstract record JobObservation(AccountKey Account, DateTimeOffset At)
{
    /// <summary>All jobs of a repository's live runs. Replaces what was known of that repository.</summary>
    /// <remarks><see cref="JobState.Completed"/> jobs may be among them, for the sake of their times.</remarks>
    public sealed record RepositoryRead(
        AccountKey Account, RepositoryKey Repository, ImmutableArray<Job> Jobs, DateTimeOffset At)
        : JobObservation(Account, At)
    {
        /// <summary>
        /// Why a part of it could not be read, whose jobs are among these as they were known before; null if all could.
        /// </summary>
        public Problem? Unread { get; init; }
    }

    /// <summary>A repository could not be read. What was known of it stays, and ages.</summary>
    public sealed record RepositoryUnread(
        AccountKey Account, RepositoryKey Repository, Problem Problem, DateTimeOffset At)
        : JobObservation(Account, At);

    /// <summary>
    /// The whole list of the repositories that this account watches. What is known of others is dropped.
    /// </summary>
    public sealed record AccountRead(
        AccountKey Account, ImmutableArray<RepositoryKey> Repositories, DateTimeOffset At)
        : JobObservation(Account, At)
    {
        /// <summary>Those of them that anyone can see, and fork.</summary>
        public ImmutableHashSet<RepositoryKey> Public { get; init; } = [];

        /// <summary>What cannot be read all the same, by owner.</summary>
        public ImmutableDictionary<string, Problem> Unread { get; init; } = ImmutableDictionary<string, Problem>.Empty;
    }

    /// <summary>
    /// The account, or only what belongs to <paramref name="Owner"/>, cannot be read: credentials, a scope, a limit.
    /// What was known stays, and ages. Holds until the next <see cref="AccountRead"/>.
    /// </summary>
    public sealed record AccountUnread(AccountKey Account, Problem Problem, DateTimeOffset At, string? Owner = null)
        : JobObservation(Account, At);

    /// <summary>No pool names this account any more.</summary>
    public sealed record AccountForgotten(AccountKey Account, DateTimeOffset At)
        : JobObservation(Account, At);
}
