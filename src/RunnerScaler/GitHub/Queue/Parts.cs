using RunnerScaler.GitHub.Responses;
using RunnerScaler.Scaling.Pools;


namespace RunnerScaler.GitHub.Queue;

/// <summary>
/// Reads the parts of something each for itself: one that fails is put off alone, and named; the others go on.
/// </summary>
/// <param name="faultOf">What to tell of a failure when this was asked for.</param>
/// <param name="log">Told of defects.</param>
/// <param name="time">The clock.</param>
internal sealed class Parts(Func<Failure, string, Problem> faultOf, ReadingLog log, TimeProvider time)
{
    private volatile Problem? ofAccount;

    /// <summary>
    /// Why nothing more is read: what failed is the whole account's, and the others would fail as well. Null if nothing
    /// stands in the way.
    /// </summary>
    public Problem? OfAccount => ofAccount;

    /// <summary>Reads a part, unless it is put off.</summary>
    /// <param name="setback">The part's own.</param>
    /// <param name="what">The part, as in "the jobs of run 1 of 'acme/app'".</param>
    /// <param name="read">Reads it, or says why it cannot.</param>
    /// <returns>Whether it was read.</returns>
    public async Task<bool> TryAsync(Setback setback, string what, Func<Task<Failure?>> read)
    {
        var began = time.GetUtcNow();
        if (ofAccount is not null || began < setback.NotBefore)
            return false;
        if (await log.ContainAsync(what, read, defect => defect) is not { } failure)
        {
            setback.Over();
            return true;
        }
        var problem = faultOf(failure, what);
        if (IsOfAccount(problem))
            ofAccount = problem;
        else
            setback.Failed(began, problem);
        return false;
    }

    /// <summary>Whether a problem concerns everything that is read with the credential.</summary>
    public static bool IsOfAccount(Problem problem) => problem.Reason
        is ProblemReason.RateLimited or ProblemReason.ReadingPaused
        or ProblemReason.CredentialsInvalid or ProblemReason.CredentialsRefused;

    /// <summary>
    /// One problem for all parts that could not be read: names the gravest, and how many others there are.
    /// </summary>
    public static Problem? Sum(IEnumerable<Problem?> problems)
    {
        Problem[] all = [.. problems.OfType<Problem>()
            .OrderBy(f => f.Passes)
            .ThenBy(f => f.Message, StringComparer.Ordinal)];
        return all switch
        {
            [] => null,
            [var one] => one with { Message = $"{one.Message}; what was known of it before is kept" },
            [var first, ..] => first with
            {
                Message = $"{first.Message}, and {all.Length - 1} more; what was known of them before is kept",
            },
        };
    }
}
