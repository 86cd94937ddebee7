using System.Globalization;
using RunnerScaler.Control.Ports;
using RunnerScaler.Scaling;

namespace RunnerScaler.GitHub.Http;

/// <summary>
/// What one credential may still ask of GitHub: the hourly limits as its answers tell them, and the pauses that it
/// imposes.
/// </summary>
internal sealed class RequestBudget(
    AccountKey account, string holder, GitHubOptions options, IScalerMetrics metrics, TimeProvider time)
{
    private const string Core = "core";

    private readonly Lock guard = new();
    private readonly Dictionary<string, Quota> quotas = new(StringComparer.Ordinal);
    private DateTimeOffset pausedUntil;
    private string writeResource = Core;
    private int streak;

    /// <summary>Until when nothing at all is sent; null if there is no pause.</summary>
    public DateTimeOffset? PausedUntil
    {
        get
        {
            lock (guard)
                return pausedUntil > time.GetUtcNow() ? pausedUntil : null;
        }
    }

    /// <summary>
    /// By how much to stretch the periods of reading, so that the budget lasts until it is filled up: 1 to 20.
    /// </summary>
    public double Stretch
    {
        get
        {
            lock (guard)
                return quotas.TryGetValue(Core, out var quota) ? quota.Stretch(options, time.GetUtcNow()) : 1;
        }
    }

    /// <summary>
    /// Lets a request pass. Reads that cost something stop at the floor; those that may be answered "not modified" go
    /// on; writes may use all that is left.
    /// </summary>
    /// <exception cref="FaultException">It must wait: <see cref="Fault.Until"/> says how long.</exception>
    public void Admit(bool write, bool conditional)
    {
        lock (guard)
        {
            var now = time.GetUtcNow();
            if (pausedUntil > now)
                throw Paused($"GitHub asked {holder} to pause", pausedUntil);
            if (!quotas.TryGetValue(write ? writeResource : Core, out var quota) || quota.IsOver(now))
                return;
            if (write && quota.Remaining <= 0)
                throw Paused($"The hourly limit of {holder} at GitHub is used up", quota.Reset);
            if (!write && !conditional && quota.Remaining <= quota.Floor(options))
                throw Paused(
                    $"The part of the hourly limit that {holder} may use for reading the queue is used up "
                    + $"({quota.Remaining} of {quota.Limit} requests are left, for registrations and other users)",
                    quota.Reset);
        }
    }

    /// <summary>Notes what an answer says of the limits.</summary>
    public void Observe(HttpResponseMessage response, bool write)
    {
        if (LimitAnswer.Number(response, "x-ratelimit-limit") is not { } limit
            || LimitAnswer.Number(response, "x-ratelimit-remaining") is not { } remaining
            || LimitAnswer.Number(response, "x-ratelimit-reset") is not { } reset)
            return;
        var resource = response.Headers.TryGetValues("x-ratelimit-resource", out var named) ? named.First() : Core;
        var quota = new Quota((int)limit, (int)remaining, DateTimeOffset.FromUnixTimeSeconds(reset));
        lock (guard)
        {
            if (quotas.TryGetValue(resource, out var known))
                quota = known.With(quota);
            quotas[resource] = quota;
            if (write)
                writeResource = resource;
        }
        metrics.GitHubBudget(account, resource, quota.Remaining, quota.Limit);
    }

    /// <summary>An ordinary answer: the next pause starts small again.</summary>
    public void Passed()
    {
        lock (guard)
            streak = 0;
    }

    /// <summary>Reads a refusal, and pauses all requests if it is one of a limit.</summary>
    /// <returns>What to throw; null if the answer has nothing to do with limits.</returns>
    public FaultException? Refused(HttpResponseMessage response, string body)
    {
        lock (guard)
        {
            if (LimitAnswer.Read(response, body, streak, time.GetUtcNow()) is not { } limit)
                return null;
            if (!limit.Primary)
                streak++;
            if (limit.Until > pausedUntil)
                pausedUntil = limit.Until;
            return limit.Primary
                ? Paused($"The hourly limit of {holder} at GitHub is used up", pausedUntil)
                : Paused($"GitHub limits how fast {holder} asks", pausedUntil);
        }
    }

    private static FaultException Paused(string what, DateTimeOffset until) => new(new Fault(
        FaultReason.RateLimited,
        string.Create(
            CultureInfo.InvariantCulture,
            $"{what}; requests go on at {until:yyyy-MM-ddTHH:mm:ssZ}. If this recurs, serve fewer repositories with "
            + $"this credential, or read them less often: "
            + $"{GitHubOptions.Section}:{nameof(GitHubOptions.PointsPerMinute)}"),
        until));
}
