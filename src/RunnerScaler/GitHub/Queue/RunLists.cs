using System.Collections.Concurrent;
using System.Collections.Immutable;
using RunnerScaler.GitHub.Client;
using RunnerScaler.GitHub.Responses;
using RunnerScaler.Scaling.Pools;

namespace RunnerScaler.GitHub.Queue;

/// <summary>
/// The live runs of one repository. GitHub lists runs by one status at a time, and a run has the status of one of its
/// jobs: <c>waiting</c> for an approval, or <c>pending</c>, while others of its jobs are queued
/// (<see href="https://github.com/cli/cli/issues/13972">it follows the least advanced one</see>). So the newest runs
/// are listed whatever their status, in one request; those of one status where a live run is not among them, and now
/// and then, because an old run can be run again.
/// </summary>
internal sealed class RunLists(
    GitHubApi api, PolledRepository repository, Parts parts, TimeSpan period, TimeProvider time, ReadingLog log)
{
    /// <summary>The list of the newest runs, of any status.</summary>
    private const string Newest = "newest";

    /// <summary>Few: each is ten kilobytes, and more are only needed where more came since the last reading.</summary>
    private const int NewestRuns = 10;

    /// <summary>How often the queued runs are listed where the newest ones are known: no more often than every other
    /// reading.</summary>
    private static readonly TimeSpan QueuedPeriod = TimeSpan.FromSeconds(30);

    /// <summary>GitHub answers a list of runs by status with 1,000 at most.</summary>
    private const int MostRuns = 1000;

    private const int ListsAtOnce = 4;

    /// <summary>Of those that are listed now and then, so many at a time.</summary>
    private const int InTurn = 2;

    private static readonly ImmutableArray<string> Others = [.. JobStates.LiveRuns.Except([JobStates.Queued])];

    private readonly ConcurrentDictionary<string, bool> whole = new(StringComparer.Ordinal);
    private readonly Dictionary<long, RunData> live = [];
    private readonly Dictionary<long, RunData> over = [];
    private int requests;
    private bool isCapped;
    private bool more;

    /// <summary>Requests that were needed.</summary>
    public int Requests => requests;

    public IEnumerable<RunData> Live => live.Values;

    /// <summary>The run as a list has it; null if it is in none.</summary>
    public RunData? Find(long run) => live.GetValueOrDefault(run);

    /// <summary>Whether a list shows that the run has ended.</summary>
    public bool IsOver(long run) => over.ContainsKey(run);

    /// <summary>Whether a run that no list shows has left them: those were read where it would be.</summary>
    public bool HasLeft(TrackedRun run) => !live.ContainsKey(run.Id)
        && (IsOver(run.Id)
            || (whole.ContainsKey(JobStates.Queued)
                && (run.Status is not { } status || !Others.Contains(status) || whole.ContainsKey(status))));

    /// <returns>Why nothing at all could be listed, or why the account must pause; null if neither is so.</returns>
    public async Task<Problem?> ReadAsync(CancellationToken cancel)
    {
        var (queued, newest) = (repository.ListOf(JobStates.Queued), repository.ListOf(Newest));
        var isListed = await TryAsync(Newest, cancel);
        if (!isListed && newest.Problem is not { Passes: false })
            isListed = await TryAsync(JobStates.Queued, cancel);
        if (parts.OfAccount is null && !isListed && (newest.Problem ?? queued.Problem) is { } problem)
        {
            // The repository as a whole is put off.
            queued.Over();
            newest.Over();
            return problem;
        }
        await BoundedParallel.ForEachAsync(Wanted(), ListsAtOnce, TryAsync, cancel);
        return parts.OfAccount;
    }

    /// <summary>Other lists where a run was, or may be, that those read so far do not show.</summary>
    private string[] Wanted()
    {
        var missing = repository.Runs.Values
            .Where(r => r.HasUnfinished && !live.ContainsKey(r.Id) && !over.ContainsKey(r.Id))
            .Select(r => r.Status)
            .ToHashSet();
        var now = time.GetUtcNow();
        var inTurn = Others.Where(s => isCapped && now - (repository.WasListed(s) ?? default) >= period).Take(InTurn);
        return [.. Others.Where(s =>
            more || missing.Contains(s) || repository.ListOf(s).Problem is not null || inTurn.Contains(s))
            .Concat(missing.Count > 0 || more || IsQueuedDue(now) ? [JobStates.Queued] : [])
            .Where(s => !whole.ContainsKey(s) || repository.ListOf(s).Problem is not null)];
    }

    private bool IsQueuedDue(DateTimeOffset now)
    {
        if (repository.ListOf(JobStates.Queued).Problem is not null)
            return true;
        var gap = 2 * (now - repository.ReadAt) ?? TimeSpan.Zero;
        return isCapped && !(now - repository.WasListed(JobStates.Queued) < (gap > QueuedPeriod ? gap : QueuedPeriod));
    }

    private Task<bool> TryAsync(string list, CancellationToken cancel) => parts.TryAsync(
        repository.ListOf(list), $"the {list} runs of '{repository.Key}'", () => ListAsync(list, cancel));

    private async Task<Failure?> ListAsync(string list, CancellationToken cancel)
    {
        var ofAll = list == Newest;
        var answer = await api.ListAsync<RunData>(
            $"repos/{repository.Key.Owner}/{repository.Key.Name}/actions/runs?"
            + (ofAll ? "" : $"status={list}&") + "exclude_pull_requests=true",
            ofAll ? new(NewestRuns, NewestRuns) : new(Items: MostRuns),
            cancel);
        Interlocked.Add(ref requests, answer.Value?.Requests ?? 1);
        if (!answer.Ok)
            return answer.Failure;
        var listing = answer.Value;
        lock (live)
            listing.Items.ForEach(Take);
        if (ofAll)
            (more, isCapped) = (!repository.ReachesBack(listing.Items) && listing.Capped, listing.Capped);
        else if (listing.Capped)
            log.Capped(repository.Key, list, listing.Total ?? MostRuns);
        if (listing.Problem($"the {list} runs") is { } problem)
            return problem;
        repository.NoteListed(list, time.GetUtcNow());
        if (listing.Unreadable > 0)
            log.Unknown("run", repository.Key, "without a readable id");
        else if (!ofAll)
            whole[list] = true;
        else if (!isCapped)
            foreach (var status in JobStates.LiveRuns)
                whole[status] = true;
        return null;
    }

    /// <summary>
    /// Of what two lists say of a run, the later is true: those by status come from an index that may lag.
    /// </summary>
    private void Take(RunData run)
    {
        var known = live.GetValueOrDefault(run.Id) ?? over.GetValueOrDefault(run.Id);
        if (known?.UpdatedAt > run.UpdatedAt || (IsOver(run.Id) && known!.UpdatedAt == run.UpdatedAt))
            return;
        live.Remove(run.Id);
        over.Remove(run.Id);
        (run.Status == JobStates.Completed ? over : live).Add(run.Id, run);
    }
}
