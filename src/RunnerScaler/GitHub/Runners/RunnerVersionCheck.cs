using System.Collections.Immutable;
using System.Globalization;
using RunnerScaler.Control.Ports;
using RunnerScaler.Control.State;
using RunnerScaler.GitHub.Accounts;
using RunnerScaler.GitHub.Responses;
using RunnerScaler.Scaling.Pools;
using RunnerScaler.Scaling.Status;

namespace RunnerScaler.GitHub.Runners;

/// <summary>
/// Until when GitHub takes runners of the versions that the pools' runners have. GitHub Enterprise Cloud
/// <see href="https://docs.github.com/enterprise-cloud@latest/rest/actions/self-hosted-runners">tells</see>; others do
/// not, and need not.
/// </summary>
internal sealed class RunnerVersionCheck(RunnerVersions versions, GitHubAccounts accounts, TimeProvider time) : ICheck
{
    private const string Check = "runner version";
    private const int Most = 20;

    /// <summary>An end that is nearer is told of: an image is made and rolled out in less.</summary>
    private static readonly TimeSpan Near = TimeSpan.FromDays(14);

    /// <summary>What GitHub said is told again for so long: it moves once in weeks.</summary>
    private static readonly TimeSpan KeptFor = TimeSpan.FromHours(1);

    /// <summary>The same for what it did not say.</summary>
    private static readonly TimeSpan KeptUnknown = TimeSpan.FromMinutes(1);

    private ImmutableDictionary<(RegistrationTarget, string), (VersionEndData? End, long At)> kept =
        ImmutableDictionary<(RegistrationTarget, string), (VersionEndData?, long)>.Empty;

    public async Task<ImmutableArray<CheckAnswer>> RunAsync(ImmutableArray<string> servers, CancellationToken cancel)
    {
        // What GitHub says is the same for all repositories of an owner.
        var known = versions.All
            .GroupBy(v => (v.Target.Account.Credential, v.Target.Owner, v.Version), v => v.Target)
            .Select(same => (Target: same.MinBy(t => $"{t}", StringComparer.Ordinal), same.Key.Version))
            .OrderBy(v => v.Version, StringComparer.Ordinal).ThenBy(v => $"{v.Target}", StringComparer.Ordinal)
            .Take(Most)
            .ToArray();
        var found = await Task.WhenAll(known.Select(async v =>
            Of(v.Target.Owner, v.Version, await EndAsync(v.Target, v.Version, cancel), time.GetUtcNow())));
        return known.Length > 0
            ? [.. found]
            : [CheckAnswer.Fine(Check, null, "No registered runner has been looked at yet.")];
    }

    /// <param name="owner">Where such runners are registered.</param>
    /// <param name="version">Their version.</param>
    /// <param name="end">What GitHub says of it; null if it says nothing.</param>
    /// <param name="now">The time.</param>
    internal static CheckAnswer Of(string owner, string version, VersionEndData? end, DateTimeOffset now)
    {
        const string remedy = "Make the runner's image anew: docs/images.md.";
        if (end is null)
            return CheckAnswer.Fine(Check, owner, $"GitHub does not tell until when it takes runners of {version}.");
        var (what, at) = end.Registration < end.Jobs || end.Jobs is null
            ? ("registers", end.Registration)
            : ("gives jobs to", end.Jobs);
        if (at is not { } until)
            return CheckAnswer.Fine(Check, owner, $"GitHub has set no end to runners of {version}.");
        var day = until.UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        return until <= now
            ? new(Check, CheckLevel.Failure, owner, $"GitHub {what} no runners of {version} since {day}.", remedy)
            : until - now < Near
            ? new(Check, CheckLevel.Warning, owner, $"GitHub {what} no runners of {version} from {day} on.", remedy)
            : CheckAnswer.Fine(Check, owner, $"GitHub takes runners of {version} until {day}.");
    }

    private async Task<VersionEndData?> EndAsync(
        RegistrationTarget target, string version, CancellationToken cancel)
    {
        if (kept.TryGetValue((target, version), out var before)
            && time.GetElapsedTime(before.At) < (before.End is null ? KeptUnknown : KeptFor))
            return before.End;
        var (account, _) = await accounts.OpenAsync(target.Account, cancel);
        if (account is null)
            return null;
        var answer = await Registrations.Api(account, target).GetAsync<VersionEndData>(
            $"{Registrations.Path(target)}/deprecations/{version}", cancel);
        var read = (answer.Value, time.GetTimestamp());
        ImmutableInterlocked.Update(ref kept, all => all
            .RemoveRange(all.Where(k => time.GetElapsedTime(k.Value.At) >= KeptFor).Select(k => k.Key))
            .SetItem((target, version), read));
        return answer.Value;
    }
}
