using RunnerScaler.Sandbox.GitHub;
using RunnerScaler.Simulation.Workload;

namespace RunnerScaler.Simulation.World;

/// <summary>What GitHub and the API server do not do for a while; all of it ends when all is calm.</summary>
internal sealed class Outages(Env env, Scenario scenario, Organization github)
{
    /// <summary>A permission is taken away, and given back.</summary>
    public void RefuseRegistrations()
    {
        var now = env.Scheduler.Elapsed;
        var from = now < env.Refuses.Until ? env.Refuses.From : now;
        env.Refuses = (from, Until(env.Between(30, 600), "refuses to register runners"));
    }

    /// <summary>Requests are taken and not answered.</summary>
    public void FallSilent() => env.SilentUntil = Until(env.Between(20, 240), "does not answer");

    public void UseUpLimit() => env.LimitedUntil = Until(env.Between(30, 400), "has no requests left for us");

    /// <summary>The default runner group is open to no repository.</summary>
    public void CloseGroup()
    {
        if (env.Scheduler.Elapsed < env.ClosedUntil)
            return;
        env.ClosedUntil = Until(env.Between(30, 900), "gives no job to the default group");
        env.Faults.Met(FaultKind.GroupClosed);
        Change(g => g with { Visibility = GroupVisibility.Selected, Selected = new HashSet<long>() });
        env.After(
            env.ClosedUntil - env.Scheduler.Elapsed,
            () => Change(g => g with { Visibility = GroupVisibility.All }));
    }

    /// <summary>The API server begins to refuse something.</summary>
    public void Obstruct()
    {
        var now = env.Scheduler.Elapsed;
        env.Api.Add(Obstacle.Drawn(env.Random, now, End(now + env.Between(2, 600))));
    }

    /// <summary>GitHub, or somebody there, removes the registration of an idle runner.</summary>
    public void RemoveRegistration()
    {
        var idle = github.AllRunners().Where(r => !r.Busy).ToArray();
        if (idle.Length == 0)
            return;
        var runner = idle[env.Random.Next(idle.Length)];
        var scope = runner.Scope.RepositoryId is { } id
            ? scenario.Repositories.First(r => github.FindRepository(r)!.Id == id)
            : Scenario.Organization;
        env.Faults.Met(FaultKind.RegistrationRemoved);
        env.Say("github", $"somebody deletes {runner.Name}");
        github.DeleteRunner(scope, runner.Id);
    }

    private void Change(Func<RunnerGroup, RunnerGroup> change) =>
        github.ChangeRunnerGroup(Scenario.Organization, RunnerGroup.DefaultName, change);

    private TimeSpan Until(TimeSpan length, string what)
    {
        var until = End(env.Scheduler.Elapsed + length);
        env.Say("github", $"{what} until {until:hh\\:mm\\:ss}");
        return until;
    }

    private TimeSpan End(TimeSpan until) => until < scenario.CalmFrom ? until : scenario.CalmFrom;
}
