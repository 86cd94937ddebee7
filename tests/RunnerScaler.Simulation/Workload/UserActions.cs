using RunnerScaler.Sandbox.Cluster.Store;
using RunnerScaler.Sandbox.GitHub;
using RunnerScaler.Scaling.Pools;
using RunnerScaler.Simulation.Cluster;
using RunnerScaler.Simulation.World;

namespace RunnerScaler.Simulation.Workload;

/// <summary>Who pushes, cancels, runs again, approves, and changes pools.</summary>
internal sealed class UserActions(
    Env env, Scenario scenario, Organization github, SimCluster cluster, PoolObjects pools)
{
    private static readonly string[][] Wishes =
    [
        ["self-hosted"], ["self-hosted", "linux"], ["self-hosted", "linux", "x64"], ["self-hosted", "Linux"],
        ["self-hosted", "linux", "big"], ["self-hosted", "windows"], ["ubuntu-latest"],
    ];

    private readonly List<Run> runs = [];
    private int left = scenario.Jobs;

    public void Start()
    {
        var bursts = env.Random.Next(1, 5);
        for (var burst = 0; burst < bursts; burst++)
        {
            var size = burst == bursts - 1 ? left : env.Random.Next(0, left + 1);
            left -= size;
            var at = scenario.WorkEnds * env.Random.NextDouble();
            for (; size > 0; size -= 4)
            {
                var jobs = Math.Min(size, 4);
                env.After(at + env.Between(0, 5), () => Push(env.Random.Next(1, jobs + 1), jobs));
            }
        }
        if (scenario.Changes)
            for (var i = env.Random.Next(1, 5); i > 0; i--)
                env.After(scenario.WorkEnds * env.Random.NextDouble(), ChangePool);
        if (!scenario.Fine && env.Random.Next(10) == 0)
            env.After(scenario.WorkEnds * env.Random.NextDouble(), Squat);
        env.After(scenario.WorkEnds, ApproveAll);
    }

    private void Push(int matrix, int jobs)
    {
        var repository = scenario.Repositories[env.Random.Next(scenario.Repositories.Length)];
        var build = Job("build") with { Matrix = [.. Enumerable.Range(0, matrix).Select(i => $"{i}")] };
        var rest = Enumerable.Range(0, jobs - matrix)
            .Select(i => Job($"test{i}") with { Needs = env.Random.Next(2) == 0 ? ["build"] : [] });
        var run = github.QueueRun(repository, new WorkflowSpec("ci", [build, .. rest]));
        runs.Add(run);
        env.After(env.Between(5, 400), () => Approve(run));
        env.Say("people", $"push to {repository}: {jobs} jobs");
        if (env.Random.Next(6) == 0)
            env.After(env.Between(1, 90), () => Cancel(run));
        if (env.Random.Next(8) == 0)
            env.After(env.Between(1, 60), () => CancelOne(run));
        if (env.Random.Next(6) == 0)
            env.After(env.Between(60, 240), () => RunAgain(run));
        if (env.Random.Next(20) == 0)
            github.AddZombieRun(repository);
        if (env.Random.Next(20) == 0)
            github.AddGhostJob(repository, "self-hosted");
    }

    private JobSpec Job(string name) => env.Random.Next(25) == 0
        ? Plain(name) with { RunsOn = [], Group = "Default" }
        : Plain(name);

    private JobSpec Plain(string name) => new(name)
    {
        RunsOn = Wishes[env.Random.Next(6) == 0 ? env.Random.Next(Wishes.Length) : env.Random.Next(4)],
        Duration = env.Random.Next(10) == 0 ? env.Between(100, 300) : env.Between(1, 60),
        EndsAs = env.Random.Next(5) == 0 ? JobConclusion.Failure : JobConclusion.Success,
        InitialStatus = env.Chance(env.Weather.HeldJob) ? Held() : JobStatus.Queued,
        KillsRunner = env.Chance(env.Weather.KillingJob),
    };

    private JobStatus Held()
    {
        env.Faults.Met(FaultKind.JobHeld);
        return env.Random.Next(3) switch
        {
            0 => JobStatus.Waiting,
            1 => JobStatus.Pending,
            _ => JobStatus.Requested,
        };
    }

    private void Cancel(Run run) => Try("cancel a run", () => github.CancelRun(run.Id));

    private void CancelOne(Run run)
    {
        var jobs = github.JobsOf(run.Id);
        Try("cancel a job", () => github.CancelJob(jobs[env.Random.Next(jobs.Count)].Id));
    }

    private void RunAgain(Run run)
    {
        if (env.Scheduler.Elapsed < scenario.WorkEnds)
            Try("run again", () => github.RerunRun(run.Id, failedOnly: env.Random.Next(2) == 0));
    }

    private void ApproveAll()
    {
        foreach (var run in runs)
            Approve(run);

        // A job that another one needs may begin to wait later.
        if (env.Scheduler.Elapsed < scenario.CalmFrom + TimeSpan.FromMinutes(60))
            env.After(TimeSpan.FromSeconds(30), ApproveAll);
    }

    private void Approve(Run run)
    {
        foreach (var job in github.JobsOf(run.Id).ToArray())
            if (job.Status is JobStatus.Waiting or JobStatus.Pending or JobStatus.Requested)
                Try("approve", () => github.ReleaseJob(job.Id));
    }

    private void ChangePool()
    {
        if (pools.Specs.Count == 0)
            return;
        var pool = pools.Specs.Values.ElementAt(env.Random.Next(pools.Specs.Count));
        if (env.Random.Next(6) == 0)
        {
            Spoil(pool.Key);
            return;
        }
        pool = env.Random.Next(4) switch
        {
            0 or 1 => pool with { MaxRunners = env.Random.Next(1, 8) },
            2 => pool with { Warm = new(env.Random.Next(0, 3), env.Random.Next(0, 2), []) },
            _ => pool with { Revision = $"r{env.Random.Next(1, 4)}" },
        };
        var warm = $"{pool.Warm.Standby}+{pool.Warm.Idle}";
        env.Say("people", $"pool {pool.Key.Name}: max {pool.MaxRunners}, warm {warm}, {pool.Revision}");
        pools.Put(pool);
    }

    private void Spoil(PoolKey key)
    {
        env.Say("people", $"pool {key.Name}: a spec that breaks a rule");
        env.Faults.Met(FaultKind.SpecUnreadable);
        pools.Break(key);
        env.After(env.Between(5, 120), () =>
        {
            if (pools.Specs.TryGetValue(key, out var spec))
                pools.Put(spec);
        });
    }

    /// <summary>A pod of somebody else's takes the name of a slot for a while.</summary>
    private void Squat()
    {
        var pool = scenario.Pools[env.Random.Next(scenario.Pools.Length)].Key;
        var name = Slot.PodName(pool.Name, env.Random.Next(3));
        if (cluster.FindPod(name) is not null)
            return;
        env.Faults.Met(FaultKind.SlotSquatted);
        env.Say("people", $"a pod of their own named {name}");
        var body = PodObjects.Of(name, []);
        var pod = cluster.Write(s => s.Create(KnownTypes.Pods, PodObjects.Namespace, body));
        env.After(env.Between(20, 300), () => cluster.Delete(name, pod.Uid, grace: 0));
    }

    private void Try(string what, Action act)
    {
        try
        {
            act();
            env.Say("people", what);
        }
        catch (GitHubRefusal refusal)
        {
            env.Say("people", $"{what}: {refusal.StatusCode}");
        }
    }
}
