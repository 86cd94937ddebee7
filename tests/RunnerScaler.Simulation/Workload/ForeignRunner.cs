using RunnerScaler.Sandbox.GitHub;
using RunnerScaler.Simulation.World;

namespace RunnerScaler.Simulation.Workload;

/// <summary>A runner of somebody else's, with our labels: it takes jobs that our runners were made for.</summary>
internal sealed class ForeignRunner(Env env, Organization github, string name, TimeSpan until)
{
    private int lives;

    public async Task RunAsync()
    {
        while (env.Scheduler.Elapsed < until)
        {
            await env.Delay(env.Between(5, 60));
            var group = github.RunnerGroupsOf(Scenario.Organization).First(g => g.Default).Id;
            var made = github.CreateJitConfig(
                Scenario.Organization, new($"{name}-{++lives}", group, ["self-hosted", "linux", "x64", "big"]));
            await ServeAsync(made);
            if (github.FindRunner(Scenario.Organization, made.Runner.Id) is { Busy: false })
                github.DeleteRunner(Scenario.Organization, made.Runner.Id);
        }
    }

    private async Task ServeAsync(JitRegistration made)
    {
        var session = github.Connect(made.EncodedJitConfig)!;
        while (env.Scheduler.Elapsed < until && github.StateOf(session) != SessionState.Gone)
        {
            await env.Delay(env.Between(0.5, 2));
            if (github.TryTake(session) is not { } job)
                continue;
            env.Say(name, $"takes job {job.Id} ({job.Name})");
            await env.Delay(job.Duration);
            github.Complete(session, job.EndsAs);
            return;
        }
        github.Disconnect(session, graceful: true);
    }
}
