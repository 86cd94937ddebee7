using RunnerScaler.Control;
using RunnerScaler.Control.Ports;
using RunnerScaler.Simulation.Cluster;
using RunnerScaler.Simulation.Control;
using RunnerScaler.Simulation.Promises;
using RunnerScaler.Simulation.World;

namespace RunnerScaler.Simulation.Pods;

/// <summary>
/// The way of a claim from a pod to one of the replicas and back: it may reach nobody, or somebody who does not lead,
/// and its answer may be lost.
/// </summary>
internal sealed class Door(Env env, SimCluster cluster, Replicas replicas, Watchdog watchdog)
{
    /// <returns>The answer; null if none arrived.</returns>
    public async Task<ClaimAnswer?> ClaimAsync(PodIdentity pod, CancellationToken cancel)
    {
        var weather = env.Weather.Door;
        var dice = env.Random.NextDouble();
        await env.Delay(weather.Latency * env.Random.NextDouble(), cancel);
        if (dice < weather.Refused || replicas.Any() is not { } replica || cluster.FindPod(pod.Name, pod.Uid) is null)
            return null;
        var isLost = dice - weather.Refused < weather.ReplyLost;
        if (!isLost && dice - weather.Refused - weather.ReplyLost < weather.Stuck)
            await env.Delay(env.Between(1, 8), cancel);
        using var late = new CancellationTokenSource(weather.Timeout, env.World.Clock);
        using var hangUp = CancellationTokenSource.CreateLinkedTokenSource(cancel, late.Token);
        var answer = await Ask(replica, pod, hangUp.Token);
        cancel.ThrowIfCancellationRequested();
        if (answer is null)
            return null;
        await env.Delay(weather.Latency * env.Random.NextDouble(), cancel);
        if (!isLost)
            return answer;
        env.Wire.Mishap($"the answer to {pod.Name}", "is lost");
        return null;
    }

    /// <summary>
    /// Asks in the replica's process. Ends without an answer if that dies, or does not answer before the caller hangs
    /// up.
    /// </summary>
    private async Task<ClaimAnswer?> Ask(Replica replica, PodIdentity pod, CancellationToken hangUp)
    {
        var answer = new TaskCompletionSource<ClaimAnswer?>(TaskCreationOptions.RunContinuationsAsynchronously);
        using var interest = replica.Process.OnDeath(
            () => env.After(env.Between(0, 2), () => answer.TrySetResult(null)));
        using var ended = hangUp.UnsafeRegister(_ => answer.TrySetResult(null), null);
        replica.Process.Start("claim", () => AnswerAsync(replica, pod, answer, hangUp));
        return await answer.Task;
    }

    private async Task AnswerAsync(
        Replica replica, PodIdentity pod, TaskCompletionSource<ClaimAnswer?> answer, CancellationToken hangUp)
    {
        try
        {
            var told = await replica.Desk.ClaimAsync(pod, hangUp);
            if (told is ClaimAnswer.Granted granted)
                watchdog.HandedOut(pod.Uid, granted.RunnerName);
            answer.TrySetResult(told);
        }
        catch (OperationCanceledException) when (hangUp.IsCancellationRequested)
        {
            answer.TrySetResult(null);
        }
    }
}
