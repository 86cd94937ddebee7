using System.Text;
using System.Text.Json.Nodes;
using RunnerScaler.Protocol;
using RunnerScaler.Sandbox.Cluster.Store;
using RunnerScaler.Simulation.Cluster;
using RunnerScaler.Simulation.World;

namespace RunnerScaler.Simulation.Pods;

/// <summary>One pod from its creation to its end: scheduler, kubelet and container in one.</summary>
internal sealed class PodLife(Env env, SimCluster cluster, Nodes nodes, StoredObject pod)
{
    private readonly CancellationTokenSource terminate = new();
    private readonly CancellationTokenSource crash = new();
    private PodProgram? program;
    private ProgramEnd? imposed;
    private bool dark;
    private bool isDeleting;
    private bool isGone;
    private string startedAt = "";
    private bool hasEnded;

    public string Name => pod.Name;

    public string Uid => pod.Uid;

    public string? Pool { get; } = PodObjects.PoolOf(pod);

    public string? Node { get; private set; }

    private string NodesTime
    {
        get
        {
            if (env.Weather.NodesAhead != TimeSpan.Zero)
                env.Faults.Met(FaultKind.NodeClockWrong);
            return Meta.Stamp(env.Now + env.Weather.NodesAhead);
        }
    }

    /// <summary>Whether its program runs.</summary>
    public bool IsAlive { get; private set; }

    /// <summary>Whether it waits at the controller for an identity.</summary>
    public bool Claims => program?.Claims == true;

    public bool IsConnected => program?.IsConnected == true;

    public async Task<ProgramEnd?> RunAsync(PodProgram made)
    {
        program = made;
        ProgramEnd? end = null;
        try
        {
            await StartAsync();
            IsAlive = true;
            CrashSometimes();
            end = await made.RunAsync(crash.Token, terminate.Token);
        }
        catch (OperationCanceledException)
        {
            end = imposed;
        }
        IsAlive = false;
        if (!dark && !isGone)
            Finish(imposed ?? end);
        return end;
    }

    /// <summary>The store's state of it has changed.</summary>
    public void Observe(StoredObject now, bool removed)
    {
        isGone |= removed;
        if (removed && !dark)
            crash.Cancel();
        if (!now.Value.IsDeleting() || isDeleting)
            return;
        isDeleting = true;
        if (dark)
            return;
        env.After(env.Between(0, 1), terminate.Cancel);
        env.After(TimeSpan.FromSeconds(PodObjects.GraceSeconds), crash.Cancel);
    }

    /// <summary>Its program ends at once, like this.</summary>
    public void Crash(ProgramEnd how)
    {
        imposed = how;
        crash.Cancel();
    }

    /// <summary>The kubelet ends it to save its node.</summary>
    public void Evict() => Crash(new(137, "Evicted", null));

    /// <summary>Nobody hears of its node any more; its program runs on if the node is only cut off.</summary>
    public void LoseNode(bool programRunsOn)
    {
        dark = true;
        if (!programRunsOn || !IsAlive)
            crash.Cancel();
        else
            env.After(TimeSpan.FromMinutes(15), crash.Cancel);
    }

    private async Task StartAsync()
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(crash.Token, terminate.Token);
        await WaitAsync(0.1, 3, either.Token);
        if (isDeleting || isGone)
            throw new OperationCanceledException();
        Node = nodes.AnyNode();
        cluster.Write(s => s.Bind(PodObjects.Namespace, Name, Node));
        if (env.Chance(env.Weather.PodRejected))
        {
            env.Faults.Met(FaultKind.PodRejected);
            Status("Failed", null, "OutOfcpu");
            await Task.Delay(Timeout.InfiniteTimeSpan, env.World.Clock, either.Token);
        }
        await WaitAsync(0.5, 12, either.Token);
        startedAt = NodesTime;
        var running = new JsonObject { ["running"] = new JsonObject { ["startedAt"] = startedAt } };
        if (env.Weather.KubeletLag == TimeSpan.Zero)
            Status("Running", running);
        else
        {
            env.Faults.Met(FaultKind.ReportedLate);
            env.After(env.Weather.KubeletLag * env.Random.NextDouble(), () => ReportRunning(running));
        }
        await env.Delay(env.Between(0.2, 3), either.Token);
    }

    private Task WaitAsync(double from, double to, CancellationToken cancel)
    {
        if (!env.Chance(env.Weather.SlowPod))
            return env.Delay(env.Between(from, to), cancel);
        env.Faults.Met(FaultKind.PodSlow);
        return env.Delay(env.Between(30, 900), cancel);
    }

    private void CrashSometimes()
    {
        if (!env.Chance(env.Weather.PodCrash))
            return;
        env.Faults.Met(FaultKind.PodCrashed);
        env.After(env.Between(0, 1) * (env.Random.Next(2) == 0 ? 3 : 60), () => Crash(new(1, "Error", null)));
    }

    // By then it may have ended, which is told instead.
    private void ReportRunning(JsonObject running)
    {
        if (!hasEnded && !dark)
            Status("Running", running);
    }

    private void Finish(ProgramEnd? end)
    {
        hasEnded = true;
        if (end is not null)
        {
            var state = new JsonObject
            {
                ["exitCode"] = end.Code,
                ["reason"] = end.Reason == "Evicted" ? "Error" : end.Reason,
                ["startedAt"] = startedAt.Length > 0 ? startedAt : NodesTime,
                ["finishedAt"] = NodesTime,
            };
            if (end.Forged is { } words)
                state["message"] = words;
            else if (end.RanJob is { } ran)
                state["message"] = Encoding.UTF8.GetString(
                    new TerminationMessage { RanJob = ran, ExitCode = end.Code, Job = end.Job }.Write());
            Status(end.Code == 0 ? "Succeeded" : "Failed", new() { ["terminated"] = state }, end.Reason);
        }
        if (isDeleting)
            cluster.Delete(Name, Uid, grace: 0);
    }

    private void Status(string phase, JsonObject? state, string? reason = null)
    {
        if (cluster.FindPod(Name, Uid) is null)
            return;
        cluster.Write(s => s.Modify(KnownTypes.Pods, PodObjects.Namespace, Name, now =>
        {
            var status = now["status"]!.AsObject();
            status["phase"] = phase;
            if (reason == "Evicted" || state is null)
                status["reason"] = reason;
            status["containerStatuses"] = state is null
                ? null
                : new JsonArray(new JsonObject { ["name"] = "runner", ["state"] = state });
            return now;
        }, Part.Status));
        env.Say(Name, $"{phase} {reason}");
    }
}
