using System.Text.Json.Nodes;
using System.Threading.Channels;
using RunnerScaler.Sandbox.Cluster.Store;

namespace RunnerScaler.Sandbox.Cluster.Nodes;

/// <summary>
/// One pod on its node: does what <see cref="PodLife"/> decides, one thing after the other. What happens (the pod
/// changed, the program ended, somebody kills it) arrives in its mailbox.
/// </summary>
internal sealed class PodActor(
    JsonObject pod, PodTimeline timeline, KubeHttp http, NodeRequests requests, IPodProgram program, TimeProvider time)
    : IDisposable
{
    private static readonly TimeSpan ConfigRetry = TimeSpan.FromSeconds(2);
    private readonly Channel<Action> mailbox = Channel.CreateUnbounded<Action>();
    private readonly CancellationTokenSource stopped = new();
    private readonly CancellationTokenSource killed = new();
    private JsonObject pod = pod;
    private PodFacts facts = PodFacts.Of(pod);
    private PodTimeline timeline = timeline;
    private JsonObject? reported;
    private DateTimeOffset? reportAt;
    private bool isGone;

    public PodFacts Facts => facts;

    /// <summary>Whether the program runs now.</summary>
    public bool IsRunning => timeline is { Launched: not null, Exit: null };

    /// <summary>The pod object changed.</summary>
    public void Changed(JsonObject current) =>
        mailbox.Writer.TryWrite(() => (pod, facts) = (current, PodFacts.Of(current)));

    /// <summary>The pod object is gone.</summary>
    public void Gone() => mailbox.Writer.TryWrite(() => isGone = true);

    /// <summary>The program is ended from outside, such as out of memory.</summary>
    public void Kill(PodExit exit) => mailbox.Writer.TryWrite(() =>
    {
        if (IsRunning)
            End(exit);
    });

    /// <summary>The node throws the pod out.</summary>
    public void Evict(string why) => mailbox.Writer.TryWrite(() => timeline = timeline with { Evicted = why });

    /// <summary>Lives until the pod is gone, or until <paramref name="nodeLost"/>: then without a word.</summary>
    public async Task RunAsync(CancellationToken nodeLost)
    {
        try
        {
            while (!isGone)
            {
                var step = PodLife.Next(facts, timeline, time.GetUtcNow());
                if (!await ReportAsync(step, nodeLost) || !await ActAsync(step, nodeLost))
                    return;
                if (step.Act == PodAct.Wait)
                    await WaitAsync(reportAt < step.Again || step.Again is null ? reportAt : step.Again, nodeLost);
                while (mailbox.Reader.TryRead(out var happened))
                    happened();
            }
        }
        catch (OperationCanceledException) when (nodeLost.IsCancellationRequested)
        {
            // A lost node says nothing any more.
        }
        finally
        {
            await killed.CancelAsync();
        }
    }

    public void Dispose()
    {
        stopped.Dispose();
        killed.Dispose();
    }

    /// <summary>
    /// Reports what is new, when its time has come: a kubelet looks at its containers now and then, and tells at once
    /// all that has happened since. The last word is told before the pod goes.
    /// </summary>
    private async Task<bool> ReportAsync(PodStep step, CancellationToken nodeLost)
    {
        if (JsonNode.DeepEquals(step.Status, reported))
        {
            reportAt = null;
            return true;
        }
        reportAt ??= time.GetUtcNow() + timeline.Delays.Report;
        if (time.GetUtcNow() < reportAt && step.Act != PodAct.Remove)
            return true;
        reportAt = null;
        reported = step.Status;
        return await requests.ReportAsync(facts, step.Status, nodeLost);
    }

    /// <summary>Does what the step says; false when that was the last.</summary>
    private async Task<bool> ActAsync(PodStep step, CancellationToken nodeLost)
    {
        switch (step.Act)
        {
            case PodAct.Launch:
                await LaunchAsync(nodeLost);
                return true;
            case PodAct.Stop:
                timeline = timeline with { StopSent = true };
                await stopped.CancelAsync();
                return true;
            case PodAct.Kill:
                End(PodExit.Killed);
                return true;
            case PodAct.Remove:
                await requests.RemoveAsync(facts, nodeLost);
                return false;
            default:
                return true;
        }
    }

    private async Task LaunchAsync(CancellationToken nodeLost)
    {
        var files = new PodFiles(http, pod, facts.Program.Name);
        try
        {
            var env = await files.EnvironmentAsync(nodeLost);
            var account = pod.Text("spec", "serviceAccountName") ?? "default";
            var context = new PodContext(http, facts, account, files, env, time, killed.Token);
            timeline = timeline with { Launched = time.GetUtcNow(), ConfigError = null };
            _ = RunProgramAsync(context);
        }
        catch (Exception e) when (e is PodConfigException or KubeFailure or HttpRequestException)
        {
            timeline = timeline with { ConfigError = e.Message, RetryAt = time.GetUtcNow() + ConfigRetry };
        }
    }

    private async Task RunProgramAsync(PodContext context)
    {
        PodExit exit;
        try
        {
            exit = await program.RunAsync(context, stopped.Token);
        }
        catch (OperationCanceledException) when (stopped.IsCancellationRequested)
        {
            exit = PodExit.Terminated;
        }
        catch (Exception e) when (!killed.IsCancellationRequested)
        {
            // A model that crashes is a container that crashes; the type says enough, a message may hold a secret.
            exit = PodExit.Of(1, $"The program crashed: {e.GetType().Name}");
        }
        catch (Exception) when (killed.IsCancellationRequested)
        {
            exit = PodExit.Killed;
        }
        mailbox.Writer.TryWrite(() => timeline = timeline.WithExit(exit, time.GetUtcNow()));
    }

    private void End(PodExit exit)
    {
        timeline = timeline.WithExit(exit, time.GetUtcNow());
        killed.Cancel();
    }

    private async Task WaitAsync(DateTimeOffset? until, CancellationToken nodeLost)
    {
        var longest = until is null ? Timeout.InfiniteTimeSpan : until.Value - time.GetUtcNow();
        if (until is not null && longest <= TimeSpan.Zero)
            return;
        try
        {
            await mailbox.Reader.WaitToReadAsync(nodeLost).AsTask().WaitAsync(longest, time, nodeLost);
        }
        catch (TimeoutException)
        {
            // Time for the next step.
        }
    }
}
