using System.Collections.Immutable;
using System.Globalization;
using RunnerScaler.Control.Ports;
using RunnerScaler.Scaling.Pools;
using RunnerScaler.Scaling.Status;

namespace RunnerScaler.GitHub.Http;

/// <summary>
/// What one credential may still ask of GitHub: the hourly limits as its answers tell them, each for its own resource,
/// and the pauses that it imposes. A secondary limit is one of all requests, as
/// <see href="https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api#about-secondary-rate-limits">GitHub
/// documents</see>.
/// </summary>
/// <param name="account">Whose it is.</param>
/// <param name="holder">How a sentence names it.</param>
/// <param name="options">What of it is kept for what.</param>
/// <param name="metrics">Shows it.</param>
/// <param name="time">The clock.</param>
/// <param name="shownAs">The resource that is shown instead of GitHub's word; null for that.</param>
internal sealed class RequestBudget(
    AccountKey account,
    string holder,
    GitHubOptions options,
    IScalerMetrics metrics,
    TimeProvider time,
    string? shownAs = null)
{
    private readonly Lock guard = new();
    private readonly Dictionary<string, Quota> quotas = new(StringComparer.Ordinal);

    /// <summary>Resources of which GitHub said that nothing is left, and until when: not even "not modified".</summary>
    private readonly Dictionary<string, DateTimeOffset> used = new(StringComparer.Ordinal);

    /// <summary>The resource that requests of a route were counted under: routes and resources are few.</summary>
    private readonly Dictionary<string, string> resources = new(StringComparer.Ordinal);

    private DateTimeOffset pausedUntil;
    private string? ofRegistrations;
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

    /// <summary>What is read with it, as it was last; null if nothing is.</summary>
    public ReadingLoad? Load { get; set; }

    /// <summary>What GitHub said last of each limit whose hour is not over.</summary>
    public ImmutableArray<BudgetFigure> Figures
    {
        get
        {
            lock (guard)
                return
                [
                    .. quotas.Where(q => !q.Value.IsOver(time.GetUtcNow())).Select(q => new BudgetFigure(
                        account, holder, q.Key, q.Value.Remaining, q.Value.Limit, q.Value.Reset)
                    {
                        Stretch = q.Value.Stretch(options, time.GetUtcNow()),
                        ForReading = q.Value.ForReading(options),
                        Load = q.Key == LimitedResource.Core ? Load : null,
                    }),
                ];
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
                return quotas.TryGetValue(LimitedResource.Core, out var quota)
                    ? quota.Stretch(options, time.GetUtcNow())
                    : 1;
        }
    }

    /// <summary>
    /// Why a request must wait, and until when; null if it may pass. Reads of the queue that cost something stop at the
    /// floor; those that may be answered "not modified" go on; others may use all that is left. A registration of which
    /// GitHub has not yet told what it is counted under is tried.
    /// </summary>
    public Problem? Forbids(Ask ask)
    {
        lock (guard)
        {
            var now = time.GetUtcNow();
            if (pausedUntil > now)
                return Paused($"GitHub asked {holder} to pause", pausedUntil);
            if (ResourceOf(ask) is not { } resource)
                return null;
            if (used.TryGetValue(resource, out var until) && until > now)
                return UsedUp(ask, resource, until, now);
            if (ask.Conditional || !quotas.TryGetValue(resource, out var quota) || quota.IsOver(now))
                return null;
            if (quota.Remaining <= 0)
                return UsedUp(ask, resource, quota.Reset, now);
            return ask.For == AskFor.Reading && quota.Remaining <= quota.Floor(options) ? ShareUsed(quota) : null;
        }
    }

    /// <summary>Notes what an answer says of the limits.</summary>
    public void Observe(HttpResponseMessage response, Ask ask)
    {
        lock (guard)
        {
            if (LimitedResource.Of(response) is { } named)
                Learn(ask, named);
            if (Quota.Of(response, time.GetUtcNow()) is not { } quota)
                return;
            var resource = ResourceOf(ask) ?? LimitedResource.Core;
            if (quotas.TryGetValue(resource, out var known))
                quota = known.With(quota);
            quotas[resource] = quota;
            metrics.GitHubBudget(account, shownAs ?? resource, quota.Remaining, quota.Limit, quota.Reset);
        }
    }

    /// <summary>An ordinary answer: the next pause starts small again.</summary>
    public void Passed()
    {
        lock (guard)
            streak = 0;
    }

    /// <summary>
    /// Reads a refusal, and pauses the requests that it concerns if it is one of a limit: those of a resource, or all.
    /// </summary>
    /// <returns>Null if the answer has nothing to do with limits.</returns>
    public LimitRefusal? Refused(HttpResponseMessage response, string body, Ask ask)
    {
        lock (guard)
        {
            var now = time.GetUtcNow();
            if (LimitAnswer.Read(response, body, streak, now) is not { } limit)
                return null;
            streak++;
            if (!limit.Primary)
            {
                if (limit.Until > pausedUntil)
                    pausedUntil = limit.Until;
                return new(Paused($"GitHub limits how fast {holder} asks", pausedUntil), IsPrimary: false);
            }
            var resource = ResourceOf(ask) ?? LimitedResource.Core;
            Learn(ask, resource);
            used[resource] = limit.Until;
            return new(UsedUp(ask, resource, limit.Until, now), IsPrimary: true);
        }
    }

    /// <summary>Null for a registration before the first answer to one.</summary>
    private string? ResourceOf(Ask ask) =>
        ask.For == AskFor.Registration
            ? ofRegistrations
            : resources.GetValueOrDefault(ask.Route) ?? LimitedResource.Core;

    private void Learn(Ask ask, string resource)
    {
        if (ask.For == AskFor.Registration)
            ofRegistrations = resource;
        else if (resource != LimitedResource.Core || resources.ContainsKey(ask.Route))
            resources[ask.Route] = resource;
    }

    private bool MayRegister(DateTimeOffset now) =>
        ofRegistrations is not { } resource
        || (!(used.TryGetValue(resource, out var until) && until > now)
            && (!quotas.TryGetValue(resource, out var quota) || quota.IsOver(now) || quota.Remaining > 0));

    private Problem UsedUp(Ask ask, string resource, DateTimeOffset until, DateTimeOffset now)
    {
        var what = $"The hourly limit of {holder} at GitHub is used up (resource '{resource}')";
        return ask.For == AskFor.Reading && MayRegister(now)
            ? ReadsPaused(what, until)
            : Paused(what, until);
    }

    private Problem ShareUsed(Quota quota) => ReadsPaused(
        $"The part of the hourly limit that {holder} may use for reading the queue is used up "
            + $"({quota.Remaining} of {quota.Limit} requests are left, for registrations and other users)",
        quota.Reset);

    private static Problem ReadsPaused(string what, DateTimeOffset until) => new(
        ProblemReason.ReadingPaused,
        string.Create(
            CultureInfo.InvariantCulture,
            $"{what}; reading goes on at {until:yyyy-MM-ddTHH:mm:ssZ}, and known jobs get their runners meanwhile. If "
            + $"this recurs, serve fewer repositories with this credential, read them less often "
            + $"({GitHubOptions.Section}:{nameof(GitHubOptions.MinuteLimit)}), or leave less to others "
            + $"({GitHubOptions.Section}:{nameof(GitHubOptions.ReadShare)})"),
        until);

    private static Problem Paused(string what, DateTimeOffset until) => new(
        ProblemReason.RateLimited,
        string.Create(
            CultureInfo.InvariantCulture,
            $"{what}; requests go on at {until:yyyy-MM-ddTHH:mm:ssZ}. If this recurs, serve fewer repositories with "
            + $"this credential, or read them less often: "
            + $"{GitHubOptions.Section}:{nameof(GitHubOptions.MinuteLimit)}"),
        until);
}

/// <summary>That GitHub has refused a request because of a limit.</summary>
/// <param name="Problem">Which, until when, and what to do.</param>
/// <param name="IsPrimary">The hourly limit of a resource; else a secondary one, of how fast requests come.</param>
internal sealed record LimitRefusal(Problem Problem, bool IsPrimary);
