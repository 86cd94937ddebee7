using System.Collections.Concurrent;
using System.Net;
using System.Runtime.CompilerServices;
using Octokit;
using RunnerScaler.Control.Ports;
using RunnerScaler.GitHub.Http;
using RunnerScaler.Scaling;

namespace RunnerScaler.GitHub;

/// <summary>Registers and removes runners through GitHub's REST API.</summary>
internal sealed partial class Registrar(
    GitHubAccounts accounts, GitHubOptions options, TimeProvider time, Random random, ILogger<Registrar> logger)
    : IRunnerRegistrar
{
    private const string WorkFolder = "_work";

    private readonly RunnerGroups groups = new(time);
    private readonly LostTargets lost = new(time);

    /// <summary>They go with their accounts.</summary>
    private readonly ConditionalWeakTable<Account, SemaphoreSlim> gates = new();
    private readonly ConcurrentDictionary<RegistrationTarget, HashSet<long>> doubted = new();

    public async Task<JitResult> CreateJitConfigAsync(JitRequest request, CancellationToken cancel)
    {
        var target = request.Target;
        var (account, fault) = await accounts.OpenAsync(target.Account, cancel);
        if (account is null)
            return Answer(fault!);
        return await BoundedAsync(
            account,
            async () =>
            {
                try
                {
                    return await RegisterAsync(account, request, cancel);
                }
                catch (Exception e) when (Failure.IsOne(e, cancel))
                {
                    return Answer(account, request, e);
                }
            },
            cancel);
    }

    public async Task<DeregisterResult> DeregisterAsync(
        RegistrationTarget target, string runnerName, long? id, CancellationToken cancel)
    {
        if (await accounts.OpenForCleanUpAsync(target.Account, cancel) is not { } account)
            return DeregisterResult.Unavailable;
        if (lost.StateOf(target, account.Version) is var state and not TargetState.Open)
            return state == TargetState.Gone ? DeregisterResult.Gone : DeregisterResult.Unavailable;
        return await BoundedAsync(
            account,
            async () =>
            {
                try
                {
                    var result = await RemoveAsync(account, target, runnerName, id, cancel);
                    lost.Answered(target);
                    return result;
                }
                catch (Exception e) when (Failure.IsOne(e, cancel))
                {
                    return await AnswerAsync(account, target, runnerName, e, cancel);
                }
            },
            cancel);
    }

    public async Task<LookupResult> FindAsync(
        RegistrationTarget target, string runnerName, long? id, CancellationToken cancel)
    {
        if (await accounts.OpenForCleanUpAsync(target.Account, cancel) is not { } account)
            return new LookupResult(false, null);
        if (lost.StateOf(target, account.Version) is var state and not TargetState.Open)
            return new LookupResult(state == TargetState.Gone, null);
        try
        {
            var byId = id is { } known ? await FindByIdAsync(account, target, known, cancel) : null;
            var found = byId ?? await FindByNameAsync(account, target, runnerName, cancel);
            lost.Answered(target);
            return new LookupResult(true, found);
        }
        catch (Exception e) when (Failure.IsOne(e, cancel))
        {
            LogFailed("look up", runnerName, target, Failure.Of(e).Detail);
            return new LookupResult(await IsGoneAsync(account, target, Failure.Of(e), cancel), null);
        }
    }

    public async Task<IReadOnlyList<Registration>?> ListAsync(RegistrationTarget target, CancellationToken cancel)
    {
        if (await accounts.OpenForCleanUpAsync(target.Account, cancel) is not { } account)
            return null;
        try
        {
            var listing = await Api(account, target).ListAsync<RunnerData>(
                Runners(target), ListBounds.None, cancel);
            RunnerData[] distinct = [.. listing.OrThrow($"the runners of '{target}'").DistinctBy(r => r.Id)];
            return IsBelieved(target, distinct, listing.Total) ? [.. distinct.Select(Read)] : null;
        }
        catch (Exception e) when (Failure.IsOne(e, cancel))
        {
            LogFailed("list", "all", target, Failure.Of(e).Detail);
            return null;
        }
    }

    public async Task<GroupRules?> GroupAsync(RegistrationTarget target, string? group, CancellationToken cancel)
    {
        var (account, _) = await accounts.OpenAsync(target.Account, cancel);
        if (account is null || target.Repository is not null)
            return null;
        try
        {
            return await groups.RulesAsync(account, target, group, cancel);
        }
        catch (Exception e) when (Failure.IsOne(e, cancel))
        {
            LogFailed("look up the group of", "all", target, Failure.Of(e).Detail);
            return null;
        }
    }

    /// <summary>
    /// Runners that come and go while the pages are read shift others from page to page, so that some are missing; but
    /// if the same ones are shown the next time, it is the total that is wrong.
    /// </summary>
    private bool IsBelieved(RegistrationTarget target, RunnerData[] runners, double? total)
    {
        var shown = runners.Select(r => r.Id).ToHashSet();
        doubted.TryRemove(target, out var before);
        if (!(shown.Count < total) || before?.SetEquals(shown) == true)
            return true;
        doubted[target] = shown;
        return false;
    }

    private async Task<JitResult> RegisterAsync(Account account, JitRequest request, CancellationToken cancel)
    {
        var group = await groups.FindAsync(account, request, cancel);
        var body = new JitBody(request.RunnerName, group, [.. request.Labels], WorkFolder);
        var answer = await Api(account, request.Target).PostAsync<JitData>(
            $"{Runners(request.Target)}/generate-jitconfig", body, cancel);
        return answer is { Runner: { } runner, EncodedJitConfig: { Length: > 0 } config }
            ? new JitResult.Registered(runner.Id, config)
            : throw new UnusableAnswerException("a registration was answered without its configuration");
    }

    private JitResult Answer(Account account, JitRequest request, Exception thrown)
    {
        var failure = Failure.Of(thrown);
        var target = request.Target;
        if (failure is { Kind: FailureKind.Conflict, Remedy: null })
            return new JitResult.NameTaken();
        if (failure.Kind is FailureKind.NotFound or FailureKind.Invalid)
            groups.Forget(target);
        var fault = Faults.Of(failure, account, $"the runners of '{target}'", target.Repository is null);
        LogFailed("register", request.RunnerName, target, failure.Detail);
        return Answer(fault);
    }

    private JitResult Answer(Fault fault)
    {
        if (!fault.Passes)
            return new JitResult.Refused(fault);
        var now = time.GetUtcNow();
        return new JitResult.Unavailable(fault, fault.Until > now ? fault.Until.Value - now : Soon());
    }

    private async Task<DeregisterResult> AnswerAsync(
        Account account, RegistrationTarget target, string runnerName, Exception thrown, CancellationToken cancel)
    {
        var failure = Failure.Of(thrown);
        if (failure.Status == HttpStatusCode.UnprocessableEntity)
            return DeregisterResult.Busy;
        LogFailed("remove", runnerName, target, failure.Detail);
        return await IsGoneAsync(account, target, failure, cancel)
            ? DeregisterResult.Gone
            : DeregisterResult.Unavailable;
    }

    /// <summary>
    /// Whether a refusal means that the registration is gone because what it was registered at is: the credential still
    /// works, and the organisation or repository itself has not been there for some minutes. One that the credential
    /// may not see any more looks the same; what runs there is out of our hands as well.
    /// </summary>
    private async Task<bool> IsGoneAsync(
        Account account, RegistrationTarget target, Failure failure, CancellationToken cancel)
    {
        var isMissing = failure is { Kind: FailureKind.NotFound, Remedy: null };
        if (!isMissing && Faults.Of(failure, account, $"the runners of '{target}'", false).Passes)
            return false;
        try
        {
            if (isMissing)
                await Api(account, target).GetAsync<PlaceData>(Place(target), cancel);
            lost.Refused(target, account.Version);
            return false;
        }
        catch (Exception e) when (Failure.IsOne(e, cancel))
        {
            if (Failure.Of(e) is { Kind: FailureKind.NotFound, Remedy: null })
                return lost.Missing(target, account.Version);
            lost.Refused(target, account.Version);
            return false;
        }
    }

    /// <summary>
    /// Deletes by id, or by the id that the name has. A 404 alone does not prove that a registration is gone: a
    /// credential that may no longer see the repository gets the same. So the list has the last word, which then is
    /// refused as well.
    /// </summary>
    private static async Task<DeregisterResult> RemoveAsync(
        Account account, RegistrationTarget target, string name, long? id, CancellationToken cancel)
    {
        if (id is { } known && await DeleteAsync(account, target, known, cancel))
            return DeregisterResult.Deleted;
        if (await FindByNameAsync(account, target, name, cancel) is not { } found)
            return DeregisterResult.Gone;
        return await DeleteAsync(account, target, found.Id, cancel) ? DeregisterResult.Deleted : DeregisterResult.Gone;
    }

    /// <summary>False if there is none of that id.</summary>
    private static async Task<bool> DeleteAsync(
        Account account, RegistrationTarget target, long id, CancellationToken cancel)
    {
        try
        {
            await Api(account, target).DeleteAsync($"{Runners(target)}/{id}", cancel);
            return true;
        }
        catch (NotFoundException)
        {
            return false;
        }
    }

    private static async Task<Registration?> FindByIdAsync(
        Account account, RegistrationTarget target, long id, CancellationToken cancel)
    {
        try
        {
            return Read(await Api(account, target).ItemAsync<RunnerData>($"{Runners(target)}/{id}", cancel));
        }
        catch (NotFoundException)
        {
            return null;
        }
    }

    private static async Task<Registration?> FindByNameAsync(
        Account account, RegistrationTarget target, string name, CancellationToken cancel)
    {
        // Servers that do not know the parameter list all runners.
        var listing = await Api(account, target).ListAsync<RunnerData>(
            $"{Runners(target)}?name={Uri.EscapeDataString(name)}", ListBounds.None, cancel);
        return listing.OrThrow($"the runners named '{name}'")
            .Where(r => string.Equals(r.Name, name, StringComparison.OrdinalIgnoreCase))
            .Select(Read)
            .FirstOrDefault();
    }

    /// <summary>A few seconds, never the same, so that those who wait do not come back together.</summary>
    private TimeSpan Soon()
    {
        lock (random)
            return TimeSpan.FromSeconds(2 + (3 * random.NextDouble()));
    }

    private async Task<T> BoundedAsync<T>(Account account, Func<Task<T>> act, CancellationToken cancel)
    {
        var gate = gates.GetValue(account, _ => new SemaphoreSlim(options.RegisterParallelism));
        await gate.WaitAsync(cancel);
        try
        {
            return await act();
        }
        finally
        {
            gate.Release();
        }
    }

    private static GitHubApi Api(Account account, RegistrationTarget target) =>
        account.Api(target.Owner, target.Repository is null);

    private static string Runners(RegistrationTarget target) => $"{Place(target)}/actions/runners";

    private static string Place(RegistrationTarget target) => target.Repository is null
        ? $"orgs/{target.Owner}"
        : $"repos/{target.Owner}/{target.Repository}";

    private static Registration Read(RunnerData data) => new(data.Id, data.Name, data.Status == "online", data.Busy);

    [LoggerMessage(LogLevel.Warning, "Could not {What} runner {Runner} of {Target}: {Detail}")]
    private partial void LogFailed(string what, string runner, RegistrationTarget target, string detail);
}
