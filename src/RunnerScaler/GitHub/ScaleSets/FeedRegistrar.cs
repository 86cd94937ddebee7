using System.Net;
using RunnerScaler.Control.Ports;
using RunnerScaler.GitHub.Accounts;
using RunnerScaler.GitHub.Responses;
using RunnerScaler.GitHub.Runners;
using RunnerScaler.Scaling.Pools;
using RunnerScaler.Scaling.Runners;

namespace RunnerScaler.GitHub.ScaleSets;

/// <summary>
/// Registers and removes the runners of scale sets at the Actions service, which costs nothing of the REST API's
/// limits, and all others through that API. Looking runners up, which is rare, takes the REST API for both: it alone
/// says whether a runner is online and has a job.
/// </summary>
internal sealed partial class FeedRegistrar(
    Registrar rest,
    GitHubAccounts accounts,
    ActionsApis services,
    Random random,
    ILogger<FeedRegistrar> logger) : IRunnerRegistrar
{
    private const string Agents = "_apis/distributedtask/pools/0/agents";
    private const string WorkFolder = "_work";

    public async Task<JitResult> CreateJitConfigAsync(JitRequest request, CancellationToken cancel)
    {
        var target = request.Target;
        if (target.Account.ScaleSetsOf is null)
            return await rest.CreateJitConfigAsync(request, cancel);
        var (account, problem) = await accounts.OpenAsync(target.Account, cancel);
        if (account is null)
            return Answer(problem!);
        var service = services.Of(target);
        if (service.ScaleSet is not { } set)
            return Answer(NotOpen(target));
        if (!request.IsStillWanted())
            return new JitResult.Withdrawn();
        var body = ActionsCall.Body(new(request.RunnerName, WorkFolder), ActionsJson.Default.JitRunnerBody);
        var made = await service.AskAsync<ActionsJit>(
            account,
            way => ActionsApi.Call(
                way, HttpMethod.Post, $"{ScaleSetSource.Sets}/{set}/generatejitconfig",
                $"{ScaleSetSource.Route}/{{id}}/generatejitconfig") with
            { Json = body },
            cancel);
        if (made.Ok)
            return new JitResult.Registered(made.Value.RunnerId, made.Value.Config);
        LogFailed("register", request.RunnerName, target, made.Failure.Detail);
        if (made.Failure.Kind == FailureKind.Conflict || Is(made.Failure, "AgentExists"))
            return new JitResult.NameTaken();
        if (made.Failure.Kind != FailureKind.NotFound)
            return Answer(ScaleSetProblems.Of(made.Failure, account, target, "the runners"));

        // It was deleted at GitHub: whoever listens to it finds out, and makes it again.
        service.ScaleSet = null;
        return Answer(NotOpen(target));
    }

    public async Task<DeregisterResult> DeregisterAsync(
        RegistrationTarget target, string runnerName, long? id, CancellationToken cancel)
    {
        if (target.Account.ScaleSetsOf is null)
            return await rest.DeregisterAsync(target, runnerName, id, cancel);
        if (await accounts.OpenForCleanUpAsync(target.Account, cancel) is not { } account)
            return DeregisterResult.Unavailable;
        var service = services.Of(target);
        var found = await FindAsync(account, service, runnerName, id, cancel);
        if (!found.Ok)
        {
            // Where the service cannot be reached at all, the REST API may still say that the place is gone.
            LogFailed("look up", runnerName, target, found.Failure.Detail);
            return found.Failure.IsMissing
                ? await rest.DeregisterAsync(Polled(target), runnerName, id, cancel)
                : DeregisterResult.Unavailable;
        }
        if (found.Value.Agent is not { } agent)
            return DeregisterResult.Gone;
        var removed = await service.AskAsync(
            account,
            way => ActionsApi.Call(way, HttpMethod.Delete, $"{Agents}/{agent.Id}", "/agents/{id}"),
            cancel);
        if (removed.Ok)
            return DeregisterResult.Deleted;
        if (IsNone(removed.Failure))
            return DeregisterResult.Gone;
        if (Is(removed.Failure, "JobStillRunning"))
            return DeregisterResult.Busy;
        LogFailed("remove", runnerName, target, removed.Failure.Detail);
        return DeregisterResult.Unavailable;
    }

    public Task<LookupResult> FindAsync(
        RegistrationTarget target, string runnerName, long? id, CancellationToken cancel) =>
        rest.FindAsync(Polled(target), runnerName, id, cancel);

    public Task<GroupRules?> GroupAsync(RegistrationTarget target, string? group, CancellationToken cancel) =>
        rest.GroupAsync(Polled(target), group, cancel);

    public Task<IReadOnlyList<Registration>?> ListAsync(RegistrationTarget target, CancellationToken cancel) =>
        rest.ListAsync(Polled(target), cancel);

    private static RegistrationTarget Polled(RegistrationTarget target) =>
        target with { Account = target.Account.Credential };

    /// <summary>
    /// The runner, or that there is none: a deletion does not tell the two apart, and whoever gets another identity
    /// must not have used its first.
    /// </summary>
    private static async Task<GitHubAnswer<Found>> FindAsync(
        Account account, ActionsApi service, string name, long? id, CancellationToken cancel)
    {
        if (id is { } known)
        {
            var byId = await service.AskAsync<AgentData>(
                account, way => ActionsApi.Call(way, HttpMethod.Get, $"{Agents}/{known}", "/agents/{id}"), cancel);
            if (byId.Ok)
                return new Found(byId.Value);
            if (!IsNone(byId.Failure))
                return byId.Failure;
        }
        var byName = await service.AskAsync<ActionsList<AgentData>>(
            account,
            way => ActionsApi.Call(
                way, HttpMethod.Get, Agents, "/agents", $"agentName={Uri.EscapeDataString(name)}"),
            cancel);
        return byName.Select(list => new Found(list.Value.FirstOrDefault(
            agent => string.Equals(agent.Name, name, StringComparison.OrdinalIgnoreCase))));
    }

    private static Problem NotOpen(RegistrationTarget target) => new(
        ProblemReason.Unreachable, $"the scale set of '{target}' is being opened; runners can be registered then");

    private JitResult Answer(Problem problem) =>
        problem.Passes ? new JitResult.Unavailable(problem, Soon()) : new JitResult.Refused(problem);

    /// <summary>A few seconds, never the same, so that those who wait do not come back together.</summary>
    private TimeSpan Soon()
    {
        lock (random)
            return TimeSpan.FromSeconds(1 + (2 * random.NextDouble()));
    }

    private static bool IsNone(Failure failure) =>
        failure.Status == HttpStatusCode.NotFound || Is(failure, "AgentNotFound");

    private static bool Is(Failure failure, string kind) => failure.Type.Contains(kind, StringComparison.Ordinal);

    private sealed record Found(AgentData? Agent);

    [LoggerMessage(LogLevel.Warning, "Could not {What} runner {Runner} of {Target}: {Detail}")]
    private partial void LogFailed(string what, string runner, RegistrationTarget target, string detail);
}
