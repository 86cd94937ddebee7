using RunnerScaler.Control.Ports;
using RunnerScaler.Sandbox.GitHub;
using RunnerScaler.Scaling.Pools;
using RunnerScaler.Scaling.Runners;
using RunnerScaler.Simulation.Promises;
using RunnerScaler.Simulation.World;
using JitRequest = RunnerScaler.Control.Ports.JitRequest;
using Runner = RunnerScaler.Sandbox.GitHub.Runner;

namespace RunnerScaler.Simulation.GitHub;

/// <summary>Registrations at the organisation, over a network.</summary>
internal sealed class SimRegistrar(
    Env env, Organization github, string who, Func<string, RunnerNote?> noteOf, Watchdog watchdog, Mutation mutation)
    : IRunnerRegistrar
{
    private static readonly TimeSpan AskAgain = TimeSpan.FromSeconds(10);

    public Task<JitResult> CreateJitConfigAsync(JitRequest request, CancellationToken cancel)
    {
        if (!request.IsStillWanted())
            return Task.FromResult<JitResult>(new JitResult.Withdrawn());
        watchdog.JitCalled();
        if (IsLimited())
        {
            var pause = env.LimitedUntil - env.Scheduler.Elapsed;
            return Task.FromResult<JitResult>(new JitResult.Unavailable(Limited, pause));
        }
        return env.Wire.SendAsync<JitResult>(
            w => w.GitHub, $"{who}: register {request.RunnerName}",
            () => Register(request), why => new JitResult.Unavailable(Outage(why), AskAgain), cancel);
    }

    public async Task<DeregisterResult> DeregisterAsync(
        RegistrationTarget target, string runnerName, long? id, CancellationToken cancel)
    {
        if (Pretends(target, runnerName))
            return DeregisterResult.Deleted;
        if (IsLimited())
            return DeregisterResult.Unavailable;
        if (id is null)
        {
            var found = await FindAsync(target, runnerName, null, cancel);
            if (!found.Known)
                return DeregisterResult.Unavailable;
            if (found.Registration is not { } registration)
                return DeregisterResult.Gone;
            id = registration.Id;
        }
        return await env.Wire.SendAsync(
            w => w.GitHub, $"{who}: deregister {runnerName}",
            () => Delete(target, runnerName, id.Value), _ => DeregisterResult.Unavailable, cancel);
    }

    public Task<LookupResult> FindAsync(
        RegistrationTarget target, string runnerName, long? id, CancellationToken cancel) =>
        IsLimited() ? Task.FromResult<LookupResult>(default) : env.Wire.SendAsync(
            w => w.GitHub, $"{who}: look up {runnerName}", () => Find(target, runnerName, id), _ => default, cancel);

    public Task<IReadOnlyList<Registration>?> ListAsync(RegistrationTarget target, CancellationToken cancel) =>
        IsLimited()
            ? Task.FromResult<IReadOnlyList<Registration>?>(null)
            : env.Wire.SendAsync<IReadOnlyList<Registration>?>(
                w => w.GitHub, $"{who}: list runners of {target}",
                () => [.. github.RunnersOf(target.ToString()).Select(Shown)], _ => null, cancel);

    public Task<GroupRules?> GroupAsync(RegistrationTarget target, string? group, CancellationToken cancel) =>
        target.Repository is not null || IsLimited()
            ? Task.FromResult<GroupRules?>(null)
            : env.Wire.SendAsync(
                w => w.GitHub, $"{who}: group of {target}", () => Rules(target.Owner, group), _ => null, cancel);

    private JitResult Register(JitRequest request)
    {
        if (env.Scheduler.Elapsed < env.Refuses.Until)
        {
            env.Faults.Met(FaultKind.RegistrationRefused);
            env.Wire.Mishap($"{who}: register {request.RunnerName}", "is refused by GitHub");
            return mutation == Mutation.BlursRegistrations
                ? new JitResult.Unavailable(Outage("no clear answer"), AskAgain)
                : new JitResult.Refused(new(ProblemReason.PermissionMissing, "the app may not administer runners"));
        }
        try
        {
            var scope = request.Target.ToString();
            var group = request.Target.Repository is not null
                ? RunnerGroup.RepositoryLevelId
                : github.RunnerGroupsOf(request.Target.Owner)
                    .First(g => g.Name == (request.RunnerGroup ?? RunnerGroup.DefaultName)).Id;
            var made = github.CreateJitConfig(scope, new(request.RunnerName, group, [.. request.Labels]));
            env.Say(who, $"registered {request.RunnerName} at {scope}");
            watchdog.Registered(made.Runner, made.EncodedJitConfig);
            return new JitResult.Registered(made.Runner.Id, made.EncodedJitConfig);
        }
        catch (GitHubRefusal refusal) when (refusal.StatusCode == 409)
        {
            return new JitResult.NameTaken();
        }
        catch (GitHubRefusal refusal)
        {
            return new JitResult.Refused(new(ProblemReason.RegistrationRefused, refusal.Message));
        }
    }

    private GroupRules? Rules(string owner, string? name)
    {
        var group = github.RunnerGroupsOf(owner).First(g => g.Name == (name ?? RunnerGroup.DefaultName));
        return new(
            group.Name, Enum.Parse<Scaling.Pools.GroupVisibility>($"{group.Visibility}"),
            group.AllowsPublicRepositories,
            group.Visibility == Sandbox.GitHub.GroupVisibility.Selected
                ? [.. group.Selected.Select(id => github.FindRepository(id)!.Name)]
                : null,
            null);
    }

    private bool IsLimited()
    {
        if (env.Scheduler.Elapsed >= env.LimitedUntil)
            return false;
        env.Faults.Met(FaultKind.LimitUsedUp);
        env.Wire.Mishap($"{who}: a request to GitHub", "is not sent: the limit is used up");
        return true;
    }

    private DeregisterResult Delete(RegistrationTarget target, string runnerName, long id)
    {
        try
        {
            github.DeleteRunner(target.ToString(), id);
            env.Say(who, $"deregistered {runnerName}");
            return DeregisterResult.Deleted;
        }
        catch (GitHubRefusal refusal)
        {
            env.Say(who, $"cannot deregister {runnerName}: {refusal.StatusCode}");
            return refusal.StatusCode switch
            {
                404 => DeregisterResult.Gone,
                422 => DeregisterResult.Busy,
                _ => DeregisterResult.Unavailable,
            };
        }
    }

    private LookupResult Find(RegistrationTarget target, string runnerName, long? id)
    {
        var scope = target.ToString();
        var runner = id is { } known
            ? github.FindRunner(scope, known)
            : github.RunnersOf(scope, runnerName).SingleOrDefault();
        return new(true, runner is null ? null : Shown(runner));
    }

    /// <summary>
    /// What three mutants do wrong: it says that the registration is gone, and it is not, or not yet.
    /// </summary>
    private bool Pretends(RegistrationTarget target, string runnerName)
    {
        if (mutation == Mutation.NoSweep)
            return noteOf(runnerName) is null;
        if (mutation is not (Mutation.PodBeforeRegistration or Mutation.RegrantKeepsRegistration))
            return false;
        var retires = noteOf(runnerName) is { Retiring: not null };
        if (retires != (mutation == Mutation.PodBeforeRegistration))
            return false;
        if (retires)
            env.After(TimeSpan.FromSeconds(5), () => DeleteByName(target, runnerName));
        return true;
    }

    private void DeleteByName(RegistrationTarget target, string runnerName)
    {
        if (Find(target, runnerName, null).Registration is { } registration)
            Delete(target, runnerName, registration.Id);
    }

    private static Problem Limited => new(ProblemReason.RateLimited, "GitHub's limit is used up");

    private static Problem Outage(string why) => new(ProblemReason.Unreachable, $"GitHub: {why}");

    private static Registration Shown(Runner runner) => new(runner.Id, runner.Name, runner.Online, runner.Busy);
}
