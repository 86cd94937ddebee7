using RunnerScaler.Scaling;

namespace RunnerScaler.GitHub.Queue;

/// <summary>
/// Reads the parts of something each for itself: one that fails is put off alone, and named; the others go on.
/// </summary>
/// <param name="faultOf">Reads what was thrown when this was asked for.</param>
/// <param name="time">The clock.</param>
internal sealed class Parts(Func<Exception, string, Fault> faultOf, TimeProvider time)
{
    /// <summary>Reads a part, unless it is put off.</summary>
    /// <param name="setback">The part's own.</param>
    /// <param name="what">The part, as in "the jobs of run 1 of 'acme/app'".</param>
    /// <param name="read">Reads it, or throws.</param>
    /// <param name="cancel">Ends the reading.</param>
    /// <returns>Whether it was read.</returns>
    /// <exception cref="FaultException">What failed is the whole account's: the others would fail as well.</exception>
    public async Task<bool> TryAsync(Setback setback, string what, Func<Task> read, CancellationToken cancel)
    {
        var began = time.GetUtcNow();
        if (began < setback.NotBefore)
            return false;
        try
        {
            await read();
            setback.Over();
            return true;
        }
        catch (Exception e) when (Failure.IsOne(e, cancel))
        {
            var fault = faultOf(e, what);
            if (IsOfAccount(fault))
                throw new FaultException(fault);
            setback.Failed(began, fault);
            return false;
        }
    }

    /// <summary>Whether a fault concerns everything that is read with the credential.</summary>
    public static bool IsOfAccount(Fault fault) => fault.Reason
        is FaultReason.RateLimited or FaultReason.ReadingPaused
        or FaultReason.CredentialsInvalid or FaultReason.CredentialsRefused;

    /// <summary>
    /// One fault for all parts that could not be read: names the gravest, and how many others there are.
    /// </summary>
    public static Fault? Sum(IEnumerable<Fault?> faults)
    {
        Fault[] all = [.. faults.OfType<Fault>()
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
