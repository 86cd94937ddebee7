using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging.Abstractions;
using RunnerScaler.Sandbox.Cluster.Store;

namespace RunnerScaler.Sandbox.Cluster.Nodes;

/// <summary>
/// Nodes and a scheduler in a box. It speaks ordinary Kubernetes, so that it works at the sandbox's API server and
/// at a real one: binds pods that fit, starts them after the usual delays, runs their program as a model, reports
/// their status as kubelets do, and lets them go when they are deleted.
/// </summary>
internal sealed partial class NodeSimulator
{
    private readonly Lock gate = new();
    private readonly KubeHttp http;
    private readonly NodeRequests requests;
    private readonly NodeOptions options;
    private readonly IPodProgram program;
    private readonly TimeProvider time;
    private readonly SharedRandom dice;
    private readonly ILogger log;
    private readonly Placements placements;
    private readonly Dictionary<string, PodActor> actors = new(StringComparer.Ordinal);
    private readonly Dictionary<string, CancellationTokenSource> losses = new(StringComparer.Ordinal);
    private readonly HashSet<string> pulled = new(StringComparer.Ordinal);
    private readonly HashSet<Task> work = [];
    private CancellationToken stopping;

    public NodeSimulator(
        k8s.Kubernetes client, NodeOptions options, IPodProgram program, TimeProvider time, Random random,
        ILogger<NodeSimulator>? log = null)
    {
        http = new KubeHttp(client);
        dice = new SharedRandom(random);
        requests = new NodeRequests(http, time, dice);
        placements = new Placements(options.Nodes);
        this.options = options;
        this.program = program;
        this.time = time;
        this.log = log ?? NullLogger<NodeSimulator>.Instance;
    }

    /// <summary>How many programs run now.</summary>
    public int Running
    {
        get
        {
            lock (gate)
                return actors.Values.Count(a => a.IsRunning);
        }
    }

    /// <summary>Runs nodes and scheduler until cancelled; programs that run then are killed.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        stopping = stop;
        try
        {
            foreach (var node in options.Nodes)
                await requests.AddNodeAsync(node, stop);
            await new PodWatch(http, options.Namespace, time, dice).RunAsync(Changed, Gone, stop);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The end of the simulation.
        }
        Task[] rest;
        lock (gate)
            rest = [.. work];
        await Task.WhenAll(rest);
    }

    /// <summary>
    /// Ends a pod's program, such as by <see cref="PodExit.OutOfMemory"/>; false when no node has the pod.
    /// </summary>
    public bool Kill(string ns, string name, PodExit exit) => With(ns, name, actor => actor.Kill(exit));

    /// <summary>Throws a pod out, as a node short of memory or disk does; false when no node has it.</summary>
    public bool Evict(string ns, string name, string why = "The node was low on resource: ephemeral-storage.") =>
        With(ns, name, actor => actor.Evict(why));

    /// <summary>
    /// A node dies: its programs end without a word, its pods become Unknown, and after a while node and pods are gone.
    /// </summary>
    public async Task LoseNodeAsync(string name, TimeSpan goneAfter, CancellationToken stop)
    {
        CancellationTokenSource loss;
        NodeShape? node;
        lock (gate)
        {
            node = placements.RemoveNode(name);
            loss = LossOf(name);
        }
        if (node is null)
            return;
        LogNodeLost(name);
        await loss.CancelAsync();
        await requests.SetNodeAsync(node, "Unknown", "NodeStatusUnknown", stop);
        var unknown = new JsonObject { ["phase"] = "Unknown", ["reason"] = "NodeLost" };
        Conditions.Set(unknown, "Ready", "Unknown", "NodeStatusUnknown", null, time.GetUtcNow());
        foreach (var pod in PodsOn(name).Where(p => !p.IsFinished))
            await requests.ReportAsync(pod, unknown, stop);
        await Task.Delay(goneAfter, time, stop);
        foreach (var pod in PodsOn(name))
            await requests.RemoveAsync(pod, stop);
        await requests.RemoveNodeAsync(name, stop);
    }

    private void Changed(JsonObject pod)
    {
        var facts = PodFacts.Of(pod);
        lock (gate)
        {
            var isNew = placements.Learn(facts);
            if (actors.TryGetValue(facts.Uid, out var actor))
                actor.Changed(pod);
            else if (isNew && !facts.IsFinished && placements.HasNode(facts.NodeName))
                Begin(pod, facts);
            Schedule();
        }
    }

    private void Gone(string uid)
    {
        lock (gate)
        {
            placements.Forget(uid);
            if (actors.Remove(uid, out var actor))
                actor.Gone();
            Schedule();
        }
    }

    private void Begin(JsonObject pod, PodFacts facts)
    {
        var node = facts.NodeName!;
        var isPulled = !pulled.Add($"{node} {facts.Program.Image}");
        var delays = new PodDelays(
            isPulled ? TimeSpan.Zero : dice.Draw(options.Pull),
            facts.InitContainers.Count == 0 ? TimeSpan.Zero : dice.Draw(options.Sidecars),
            dice.Draw(options.Start),
            facts.InitContainers.Any(c => c.IsSidecar) ? dice.Draw(options.Sidecars) : TimeSpan.Zero,
            dice.Hits(options.ImageMissingShare),
            dice.Draw(options.Report));
        var timeline = new PodTimeline(time.GetUtcNow(), delays)
        {
            Rejection = dice.Hits(options.RejectedShare) ? options.Rejection : null,
            ClockAhead = options.Nodes.FirstOrDefault(n => n.Name == node)?.ClockAhead ?? TimeSpan.Zero,
        };
        var actor = new PodActor(pod, timeline, http, requests, program, time);
        actors[facts.Uid] = actor;
        var nodeLost = LossOf(node).Token;
        Track(facts, async () =>
        {
            using (actor)
                await actor.RunAsync(nodeLost);
        });
    }

    private void Schedule()
    {
        foreach (var (pod, node) in placements.Schedule())
        {
            if (node is not null)
                Track(pod, () => BindAsync(pod, node));
            else
                Track(pod, () => RefuseAsync(pod));
        }
    }

    private async Task BindAsync(PodFacts pod, string node)
    {
        if (await requests.BindAsync(pod, node, stopping))
            return;
        lock (gate)
            placements.Unassume(pod.Uid);
    }

    private Task<bool> RefuseAsync(PodFacts pod)
    {
        var status = new JsonObject();
        Conditions.Set(status, "PodScheduled", "False", "Unschedulable",
            "no node is available that has room for the pod's requests", time.GetUtcNow());
        return requests.ReportAsync(pod, status, stopping);
    }

    private void Track(PodFacts pod, Func<Task> action)
    {
        var task = Task.Run(() => RunAsync(pod, action));
        work.Add(task);
        _ = task.ContinueWith(done =>
        {
            lock (gate)
                work.Remove(done);
        }, TaskScheduler.Default);
    }

    private async Task RunAsync(PodFacts pod, Func<Task> action)
    {
        try
        {
            await action();
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The end of the simulation.
        }
        catch (Exception e)
        {
            LogPodFailed(e, pod.Namespace, pod.Name);
        }
    }

    private CancellationTokenSource LossOf(string node)
    {
        if (!losses.TryGetValue(node, out var loss))
            losses[node] = loss = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        return loss;
    }

    private List<PodFacts> PodsOn(string node)
    {
        lock (gate)
            return placements.PodsOn(node);
    }

    private bool With(string ns, string name, Action<PodActor> action)
    {
        lock (gate)
        {
            var actor = actors.Values.FirstOrDefault(a => a.Facts.Namespace == ns && a.Facts.Name == name);
            if (actor is not null)
                action(actor);
            return actor is not null;
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Node {Node} is lost")]
    private partial void LogNodeLost(string node);

    [LoggerMessage(Level = LogLevel.Error, Message = "The node's part of pod {Namespace}/{Name} failed")]
    private partial void LogPodFailed(Exception e, string @namespace, string name);
}
