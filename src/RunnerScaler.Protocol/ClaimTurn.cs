namespace RunnerScaler.Protocol;

/// <summary>
/// What a pod does next after an answer to its claim: it goes on, or asks again after a pause. The one place that
/// decides it, for the program in the pod and for those that stand in for it.
/// </summary>
/// <param name="Failures">Answers in a row, up to now, that were none or that nobody can use.</param>
/// <param name="Refusals">Those at the end of them that refused.</param>
internal readonly record struct ClaimTurn(int Failures, int Refusals)
{
    /// <summary>"Ask again at once" from a server that does not hold claims would be a busy loop.</summary>
    private static readonly TimeSpan LeastBetween = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(0.5);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);

    /// <param name="answer">What the pod was told.</param>
    /// <param name="took">How long the answer took.</param>
    /// <param name="chance">From 0 up to 1: spreads the pods' claims.</param>
    /// <returns>
    /// The turn to go on with, and how long to wait before the next claim; null if the answer is the end: granted,
    /// retired, or refused for good.
    /// </returns>
    public (ClaimTurn Next, TimeSpan? Pause) After(ClaimAnswer answer, TimeSpan took, double chance)
    {
        var next = new ClaimTurn(
            answer is ClaimAnswer.Standby or ClaimAnswer.Unavailable ? 0 : Failures + 1,
            answer is ClaimAnswer.Refused ? Refusals + 1 : 0);
        return (next, answer switch
        {
            ClaimAnswer.Granted or ClaimAnswer.Retired => null,
            ClaimAnswer.Refused when next.Refusals >= ClaimProtocol.RefusalsToEnd => null,
            ClaimAnswer.Standby({ } after) => AsAsked(after, chance),
            ClaimAnswer.Standby => took < LeastBetween ? LeastBetween - took : TimeSpan.Zero,
            ClaimAnswer.Unavailable(var after) => AsAsked(after, chance),
            _ => Backoff(next.Failures, chance),
        });
    }

    /// <summary>The same for an answer to an identity that is given back.</summary>
    /// <param name="answer">What the pod was told.</param>
    /// <param name="tried">How often it has tried, this time included.</param>
    /// <param name="chance">From 0 up to 1.</param>
    /// <returns>How long to wait before it tries again; null if the answer is the end.</returns>
    public static TimeSpan? After(ReturnAnswer answer, int tried, double chance) => answer switch
    {
        ReturnAnswer.Unavailable(var after) => AsAsked(after, chance),
        ReturnAnswer.Unauthorized or ReturnAnswer.None => Backoff(tried, chance),
        _ => null,
    };

    private static TimeSpan AsAsked(TimeSpan after, double chance) => after * (1 + chance / 10);

    private static TimeSpan Backoff(int failures, double chance)
    {
        var full = FirstPause * Math.Pow(2, Math.Clamp(failures - 1, 0, 10));
        return (full < LongestPause ? full : LongestPause) * (0.5 + chance / 2);
    }
}
