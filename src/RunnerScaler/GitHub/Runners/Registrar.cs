using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Text.Json;
using RunnerScaler.Control.Ports;
using RunnerScaler.GitHub.Accounts;
using RunnerScaler.GitHub.Client;
using RunnerScaler.GitHub.Responses;
using RunnerScaler.Scaling.Pools;
using RunnerScaler.Scaling.Runners;

namespace RunnerScaler.GitHub.Runners;

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
        var (account, problem) = await accounts.OpenAsync(target.Account, cancel);
        if (account is null)
            return Answer(problem!);
        var made = await BoundedAsync(account, () => RegisterAsync(account, request, cancel), cancel);
        return made.Ok
            ? new JitResult.Registered(made.Value.RunnerId, made.Value.Config)
            : Answer(account, request, made.Failure);
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
                var removed = await Registrations.RemoveAsync(account, target, runnerName, id, cancel);
                if (!removed.Ok)
                    return await AnswerAsync(account, target, runnerName, removed.Failure, cancel);
                lost.Answered(target);
                return removed.Value;
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
        var (found, failure) = id is { } known ? await Registrations.FindByIdAsync(account, target, known, cancel)
            : default;
        if (found is null && failure is null)
            (found, failure) = await Registrations.FindByNameAsync(account, target, runnerName, cancel);
        if (failure is null)
        {
            lost.Answered(target);
            return new LookupResult(true, found);
        }
        LogFailed("look up", runnerName, target, failure.Detail);
        return new LookupResult(await IsGoneAsync(account, target, failure, cancel), null);
    }

    public async Task<IReadOnlyList<Registration>?> ListAsync(RegistrationTarget target, CancellationToken cancel)
    {
        if (await accounts.OpenForCleanUpAsync(target.Account, cancel) is not { } account)
            return null;
        var listing = await Registrations.Api(account, target).ListAsync<RunnerData>(
            Registrations.Path(target), ListBounds.None, cancel);
        var all = listing.Whole($"the runners of '{target}'");
        if (all.Ok)
        {
            RunnerData[] distinct = [.. all.Value.DistinctBy(r => r.Id)];
            return IsBelieved(target, distinct, listing.Value!.Total) ? [.. distinct.Select(Registrations.Read)] : null;
        }
        LogFailed("list", "all", target, all.Failure.Detail);
        return null;
    }

    public async Task<GroupRules?> GroupAsync(RegistrationTarget target, string? group, CancellationToken cancel)
    {
        var (account, _) = await accounts.OpenAsync(target.Account, cancel);
        if (account is null || target.Repository is not null || target.IsEnterprise)
            return null;
        var rules = await groups.RulesAsync(account, target, group, cancel);
        if (rules?.Failure is { } failure)
            LogFailed("look up the group of", "all", target, failure.Detail);
        return rules?.Value;
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

    private async Task<GitHubAnswer<JitData>> RegisterAsync(
        Account account, JitRequest request, CancellationToken cancel)
    {
        var group = await groups.FindAsync(account, request, cancel);
        if (!group.Ok)
            return group.Failure;
        var body = new JitBody(request.RunnerName, group.Value, [.. request.Labels], WorkFolder);
        return await Registrations.Api(account, request.Target).PostAsync<JitData>(
            $"{Registrations.Path(request.Target)}/generate-jitconfig",
            JsonSerializer.SerializeToUtf8Bytes(body, ApiJsonTypes.Default.JitBody),
            request.IsStillWanted,
            cancel);
    }

    private JitResult Answer(Account account, JitRequest request, Failure failure)
    {
        var target = request.Target;
        if (failure.Kind == FailureKind.Withdrawn)
            return new JitResult.Withdrawn();
        if (failure is { Kind: FailureKind.Conflict, Remedy: null })
            return new JitResult.NameTaken();
        if (failure.Kind is FailureKind.NotFound or FailureKind.Invalid)
            groups.Forget(target);
        var problem = Problems.Of(failure, account, $"the runners of '{target}'", target.Repository is null);
        LogFailed("register", request.RunnerName, target, failure.Detail);
        return Answer(problem);
    }

    private JitResult Answer(Problem problem)
    {
        if (!problem.Passes)
            return new JitResult.Refused(problem);
        var now = time.GetUtcNow();
        return new JitResult.Unavailable(problem, problem.Until > now ? problem.Until.Value - now : Soon());
    }

    private async Task<DeregisterResult> AnswerAsync(
        Account account, RegistrationTarget target, string runnerName, Failure failure, CancellationToken cancel)
    {
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
        if (!failure.IsMissing && Problems.Of(failure, account, $"the runners of '{target}'", false).Passes)
            return false;
        if (failure.IsMissing
            && await Registrations.Api(account, target)
                .GetAsync<PlaceData>(Registrations.Place(target), cancel) is { Failure.IsMissing: true })
            return lost.Missing(target, account.Version);
        lost.Refused(target, account.Version);
        return false;
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

    [LoggerMessage(LogLevel.Warning, "Could not {What} runner {Runner} of {Target}: {Detail}")]
    private partial void LogFailed(string what, string runner, RegistrationTarget target, string detail);
}
